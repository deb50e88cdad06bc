"""The weight pictures and the gallery of mistakes on their own, for networks and digits of every size."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QListView, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.data.splits import Split
from mnist_gui.engine.evaluation import Predictions
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.mistakes_view import MistakesView
from mnist_gui.ui.theme import DARK
from mnist_gui.ui.weights_view import MOST_PIXELS, SMALLEST_CELL, WeightsView
from tests.support import make_trainer, small_config

ARROW = "\N{RIGHTWARDS ARROW}"


def snapshot_of(hidden: list[int], image_shape: tuple[int, int] = (28, 28), classes: int = 10) -> Snapshot:
    """A network of random weights for pictures of any size."""
    config = small_config({"network.hidden": hidden})
    sizes = (image_shape[0] * image_shape[1], *hidden, classes)
    count = sum((before + 1) * after for before, after in pairwise(sizes))
    weights = np.random.default_rng(0).normal(0, 0.05, count).astype(np.float32)
    names = tuple(chr(ord("a") + number) for number in range(classes))
    return Snapshot.of(weights, config=config, image_shape=image_shape, class_names=names, step=7, epoch=3)


@pytest.fixture
def weights(qtbot: QtBot) -> WeightsView:
    view = WeightsView()
    qtbot.addWidget(view)
    view.resize(380, 400)
    view.show()
    qtbot.waitExposed(view)
    return view


def canvas(view: QWidget) -> QWidget:
    found = view.findChild(QWidget, "weights")
    assert found
    return found


def texts(view: QWidget) -> str:
    return "\n".join(label.text() for label in view.findChildren(QLabel))


def colours(image: QImage) -> set[int]:
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("hidden", [[1], [2], [10], [64], [300], [20, 5]])
@pytest.mark.parametrize("image_shape", [(28, 28), (8, 8), (5, 9), (1, 1)])
def test_every_unit_has_one_picture_of_the_size_of_the_digits(
    weights: WeightsView, hidden: list[int], image_shape: tuple[int, int]
) -> None:
    weights.show_snapshot(snapshot_of(hidden, image_shape))
    assert weights.refresh()
    picture = weights.mosaic
    assert picture
    assert (picture.units, picture.cell) == (hidden[0], image_shape)
    assert len(colours(canvas(weights).grab().toImage())) > 1
    assert not weights.refresh()


def test_a_network_without_a_hidden_layer_shows_its_classes(weights: WeightsView) -> None:
    weights.show_snapshot(snapshot_of([]))
    weights.refresh()
    assert weights.mosaic
    assert weights.mosaic.units == 10
    assert "10 classes (no hidden layer)" in texts(weights)


def test_more_units_than_can_be_told_apart_are_cut_off_and_said_to_be(weights: WeightsView) -> None:
    weights.show_snapshot(snapshot_of([8192]))
    weights.refresh()
    assert weights.mosaic
    assert weights.mosaic.indices.size < 1.2 * MOST_PIXELS
    assert f"First {weights.mosaic.units:,} of 8,192 units" in texts(weights)


def test_many_units_are_scrolled_and_not_shrunk_beyond_recognition(weights: WeightsView) -> None:
    weights.show_snapshot(snapshot_of([512]))
    weights.refresh()
    assert weights.mosaic
    assert canvas(weights).width() / weights.mosaic.columns >= SMALLEST_CELL - 1
    assert canvas(weights).height() > weights.height()


def test_the_caption_says_which_weights_are_shown(weights: WeightsView) -> None:
    weights.show_snapshot(snapshot_of([16]), ", the best")
    weights.refresh()
    assert "16 units of the first hidden layer. Weights of epoch 3, step 7, the best." in texts(weights)
    weights.show_nothing()
    assert "No network yet" in texts(weights)
    assert weights.mosaic is None


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, np.inf, -1e38])
def test_constant_and_ruined_weights_are_drawn_without_a_warning(weights: WeightsView, value: float) -> None:
    snapshot = snapshot_of([4])
    weights.show_snapshot(dataclasses.replace(snapshot, parameters=np.full_like(snapshot.parameters, value)))
    assert weights.refresh()
    weights.grab()


def test_pictures_fit_the_room_after_every_change_of_size_and_theme(weights: WeightsView) -> None:
    weights.show_snapshot(snapshot_of([16]))
    weights.refresh()
    for width, height in ((150, 900), (1600, 150), (20, 20), (380, 400)):
        weights.resize(width, height)
        assert weights.refresh()
        assert canvas(weights).width() <= weights.width()
        weights.grab()
    weights.show_theme(DARK)
    assert weights.refresh()


def test_pictures_that_nobody_sees_are_not_made(weights: WeightsView) -> None:
    weights.hide()
    weights.show_snapshot(snapshot_of([16]))
    assert not weights.refresh()
    weights.show()
    assert weights.refresh()


# Mistakes


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
    return Predictions(split.labels, predicted, np.full(len(split), 0.75, np.float32), found)


def gallery(view: MistakesView) -> QListView:
    found = view.findChild(QListView, "mistakes")
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


def test_a_chosen_mistake_is_told_of_and_forgotten_when_it_is_learned(mistakes: MistakesView, split: Split) -> None:
    mistakes.show_mistakes(split, wrong_about(split, {3: 1.0, 7: 5.0}), NAMES, "epoch 1")
    gallery(mistakes).selectionModel().setCurrentIndex(
        gallery(mistakes).model().index(1, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect
    )
    assert "validation digit 3:" in texts(mistakes)
    mistakes.show_mistakes(split, wrong_about(split, {3: 9.0, 7: 5.0}), NAMES, "epoch 2")
    assert "validation digit 3:" in texts(mistakes)
    assert gallery(mistakes).currentIndex().row() == 0
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
    mistakes.show_mistakes(split, Predictions(split.labels, predicted, nothing, nothing), NAMES, "epoch 1")
    mistakes.grab()
    assert len(mistakes.digits) == len(split)
