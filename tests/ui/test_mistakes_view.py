"""The gallery of mistakes on its own."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.data.splits import Split
from mnist_gui.engine.evaluation import Predictions
from mnist_gui.ui.digit_gallery import DigitGallery
from mnist_gui.ui.mistakes_view import MistakesView
from tests.support import make_trainer

ARROW = "\N{RIGHTWARDS ARROW}"
SECOND = 110  # pixels from the left: within the second digit of the first row


def texts(widget: QWidget) -> str:
    """All that labels say."""
    return " ".join(label.text() for label in widget.findChildren(QLabel))


@pytest.fixture
def mistakes(qtbot: QtBot) -> MistakesView:
    view = MistakesView()
    qtbot.addWidget(view)
    view.resize(380, 400)
    view.show()
    return view


@pytest.fixture(scope="module")
def split() -> Split:
    return make_trainer().splits.validation


NAMES = tuple("0123456789")


def wrong_about(split: Split, losses: dict[int, float]) -> Predictions:
    """Answers that are right but for these digits, which are taken for the next class, with these losses."""
    predicted = split.labels.copy()
    found = np.zeros(len(split), np.float32)
    for digit, loss in losses.items():
        predicted[digit] = (predicted[digit] + 1) % 10
        found[digit] = loss
    confidence = np.full(len(split), 0.75, np.float32)
    return Predictions(split.labels, predicted, confidence, found, confidence / 2)


def gallery(view: MistakesView) -> DigitGallery:
    found = view.findChild(DigitGallery, "mistakes")
    assert found
    return found


def test_mistakes_are_shown_worst_first_with_true_and_predicted_class_and_confidence(
    mistakes: MistakesView, split: Split
) -> None:
    mistakes.show_mistakes(split, wrong_about(split, {3: 1.0, 150: 9.0, 7: 5.0}), NAMES, "epoch 4")
    assert mistakes.digits == [150, 7, 3]
    model = gallery(mistakes).model()
    true = int(split.labels[150])
    assert model.index(0, 0).data() == f"{true} {ARROW} {(true + 1) % 10}  75%"
    tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == f"validation digit 150: a {true}, taken for a {(true + 1) % 10} with 75.0% confidence"
    assert "3 of 200 validation digits wrong (1.5%)" in texts(mistakes)
    assert "epoch 4" in texts(mistakes)


def test_the_picture_of_a_mistake_is_the_digit_itself(mistakes: MistakesView, split: Split) -> None:
    mistakes.show_mistakes(split, wrong_about(split, {42: 1.0}), NAMES, "epoch 1")
    image = gallery(mistakes).model().index(0, 0).data(Qt.ItemDataRole.DecorationRole)
    pixels = [[image.pixelColor(x, y).red() for x in range(28)] for y in range(28)]
    np.testing.assert_array_equal(pixels, split.image(42))


def test_a_chosen_mistake_is_told_of_and_forgotten_when_it_is_learned(
    qtbot: QtBot, mistakes: MistakesView, split: Split
) -> None:
    mistakes.show_mistakes(split, wrong_about(split, {3: 1.0, 7: 5.0}), NAMES, "epoch 1")
    qtbot.mouseClick(gallery(mistakes).viewport(), Qt.MouseButton.LeftButton, pos=QPoint(SECOND, 20))
    assert "validation digit 3:" in texts(mistakes)
    mistakes.show_mistakes(split, wrong_about(split, {3: 9.0, 7: 5.0}), NAMES, "epoch 2")
    assert "validation digit 3:" in texts(mistakes)
    assert gallery(mistakes).currentIndex().column() == 0
    mistakes.show_mistakes(split, wrong_about(split, {7: 5.0}), NAMES, "epoch 3")
    assert "validation digit 3:" not in texts(mistakes)


def test_the_gallery_stays_where_it_was_scrolled_to(mistakes: MistakesView, split: Split) -> None:
    everything = {digit: float(digit) for digit in range(200)}
    mistakes.show_mistakes(split, wrong_about(split, everything), NAMES, "epoch 1")
    mistakes.grab()
    bar = gallery(mistakes).verticalScrollBar()
    assert bar.maximum() > 500
    bar.setValue(321)
    mistakes.show_mistakes(split, wrong_about(split, everything), NAMES, "epoch 2")
    assert bar.value() == 321


def test_predictions_that_are_no_numbers_are_shown_without_a_warning(mistakes: MistakesView, split: Split) -> None:
    nothing = np.full(len(split), np.nan, np.float32)
    predicted = (split.labels + 1) % 10
    mistakes.show_mistakes(split, Predictions(split.labels, predicted, nothing, nothing, nothing), NAMES, "epoch 1")
    mistakes.grab()
    assert len(mistakes.digits) == len(split)
