"""The panel of mistakes on its own: the matrix, the gallery, and what they say of each other."""

from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.ui.panels.mistakes.confusion_matrix import ConfusionMatrix
from mnist_gui.ui.panels.mistakes.view import MistakesView
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from mnist_gui.ui.widgets.theme import DARK
from tests.support import make_trainer
from tests.ui.person import click, retype_and_enter

ARROW = "\N{RIGHTWARDS ARROW}"
NAMES = tuple("0123456789")


@pytest.fixture
def mistakes(qtbot: QtBot) -> MistakesView:
    view = MistakesView()
    qtbot.addWidget(view)
    view.resize(380, 330)
    view.show()
    return view


@pytest.fixture(scope="module")
def split() -> Split:
    return make_trainer().splits.validation


def wrong_about(split: Split, losses: dict[int, float]) -> Predictions:
    """Answers that are right but for these digits, which are taken for the next class, with these losses."""
    predicted = split.labels.copy()
    found = np.zeros(len(split), np.float32)
    for digit, loss in losses.items():
        predicted[digit] = (predicted[digit] + 1) % 10
        found[digit] = loss
    confidence = np.full(len(split), 0.75, np.float32)
    return Predictions(split.labels, predicted, confidence, found, confidence / 2)


def random_answers(split: Split, seed: int = 1) -> Predictions:
    """Wrong about a third of the digits, with values of all sizes."""
    rng = np.random.default_rng(seed)
    predicted = np.where(rng.random(len(split)) < 0.3, rng.integers(0, 10, len(split)), split.labels)
    confidence, losses, margins = rng.random((3, len(split))).astype(np.float32)
    return Predictions(split.labels, predicted.astype(np.uint8), confidence, losses, margins)


def gallery(view: MistakesView) -> DigitGallery:
    found = view.findChild(DigitGallery, "mistakes")
    assert found
    return found


def matrix(view: MistakesView) -> ConfusionMatrix:
    found = view.findChild(ConfusionMatrix, "confusion")
    assert found
    return found


def choose(view: MistakesView, name: str, entry: str) -> None:
    box = view.findChild(QComboBox, name)
    assert box
    index = box.findText(entry)
    assert index >= 0, entry
    box.setCurrentIndex(index)


def click_cell(qtbot: QtBot, view: MistakesView, true: int, predicted: int) -> None:
    place = matrix(view).place_of(true, predicted)
    qtbot.mouseClick(matrix(view), Qt.MouseButton.LeftButton, pos=place)


def click_digit(qtbot: QtBot, view: MistakesView, position: int) -> None:
    shown = gallery(view)
    columns = shown.model().columnCount()
    index = shown.model().index(position // columns, position % columns)
    shown.scrollTo(index)
    qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=shown.visualRect(index).center())


def test_mistakes_are_shown_worst_first_with_true_and_predicted_class_and_confidence(
    mistakes: MistakesView, split: Split
) -> None:
    mistakes.show_answers(split, wrong_about(split, {3: 1.0, 150: 9.0, 7: 5.0}), NAMES, "epoch 4")
    assert mistakes.digits == [150, 7, 3]
    model = gallery(mistakes).model()
    true = int(split.labels[150])
    assert model.index(0, 0).data() == f"{true} {ARROW} {(true + 1) % 10}  75%"
    tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == (
        f"validation digit 150: a {true}, taken for a {(true + 1) % 10} with 75.0% confidence, loss 9, margin 37.5%"
    )
    assert mistakes.caption == "3 of 200 validation digits wrong (1.5%). Weights of epoch 4. 3 shown."


def test_the_picture_of_a_mistake_is_the_digit_itself(mistakes: MistakesView, split: Split) -> None:
    mistakes.show_answers(split, wrong_about(split, {42: 1.0}), NAMES, "epoch 1")
    image = gallery(mistakes).model().index(0, 0).data(Qt.ItemDataRole.DecorationRole)
    pixels = [[image.pixelColor(x, y).red() for x in range(28)] for y in range(28)]
    np.testing.assert_array_equal(pixels, split.image(42))


def test_every_cell_row_and_column_of_the_matrix_shows_just_its_digits(
    qtbot: QtBot, mistakes: MistakesView, split: Split
) -> None:
    answers = random_answers(split)
    mistakes.show_answers(split, answers, NAMES, "epoch 1")
    choose(mistakes, "mistakes_kind", "all digits")
    for true, predicted in product(range(10), range(10)):
        click_cell(qtbot, mistakes, true, predicted)
        expected = {
            digit for digit in range(len(split)) if (split.labels[digit], answers.predicted[digit]) == (true, predicted)
        }
        assert set(mistakes.digits) == expected
        assert len(mistakes.digits) == len(expected)
    middle = matrix(mistakes).place_of(3, 5)
    qtbot.mouseClick(matrix(mistakes), Qt.MouseButton.LeftButton, pos=QPoint(2, middle.y()))
    assert set(mistakes.digits) == set(np.flatnonzero(split.labels == 3).tolist())
    qtbot.mouseClick(matrix(mistakes), Qt.MouseButton.LeftButton, pos=QPoint(middle.x(), 2))
    assert set(mistakes.digits) == set(np.flatnonzero(answers.predicted == 5).tolist())
    click(qtbot, mistakes, "mistakes_clear")
    assert len(mistakes.digits) == len(split)


def test_a_digit_is_two_clicks_away_from_the_matrix(qtbot: QtBot, mistakes: MistakesView, split: Split) -> None:
    answers = wrong_about(split, {int(digit): 1.0 for digit in np.flatnonzero(split.labels == 4)})
    mistakes.show_answers(split, answers, NAMES, "epoch 1")
    click_cell(qtbot, mistakes, 4, 5)
    with qtbot.waitSignal(mistakes.digit_chosen) as told:
        click_digit(qtbot, mistakes, 2)
    assert told.args == [split, mistakes.digits[2]]
    assert split.labels[mistakes.digits[2]] == 4


def test_a_second_click_on_a_cell_shows_all_cells_again(qtbot: QtBot, mistakes: MistakesView, split: Split) -> None:
    mistakes.show_answers(split, random_answers(split), NAMES, "epoch 1")
    everything = mistakes.digits
    click_cell(qtbot, mistakes, 0, 0)
    assert mistakes.digits == []
    click_cell(qtbot, mistakes, 0, 0)
    assert mistakes.digits == everything


def test_the_matrix_is_reached_with_keys(qtbot: QtBot, mistakes: MistakesView, split: Split) -> None:
    answers = wrong_about(split, {int(digit): 1.0 for digit in np.flatnonzero(split.labels == 1)})
    mistakes.show_answers(split, answers, NAMES, "epoch 1")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(matrix(mistakes), key)
    assert matrix(mistakes).accessibleDescription().endswith("100.0% of the class, 50.0% of those taken for it") or (
        "digits that are a 1 were taken for a 2" in matrix(mistakes).accessibleDescription()
    )
    qtbot.keyClick(matrix(mistakes), Qt.Key.Key_Return)
    assert matrix(mistakes).chosen == (1, 2)
    assert set(mistakes.digits) == set(np.flatnonzero(split.labels == 1).tolist())
    qtbot.keyClick(matrix(mistakes), Qt.Key.Key_Escape)
    assert matrix(mistakes).chosen == (None, None)


def test_the_gallery_is_in_the_order_that_is_chosen(mistakes: MistakesView, split: Split) -> None:
    answers = random_answers(split)
    mistakes.show_answers(split, answers, NAMES, "epoch 1")
    for entry, values in (
        ("largest loss first", -answers.losses),
        ("surest first", -answers.confidence),
        ("least sure first", answers.confidence),
        ("smallest margin first", answers.margins),
        ("by number", np.arange(len(split))),
    ):
        choose(mistakes, "mistakes_order", entry)
        assert (np.diff(values[mistakes.digits]) >= 0).all()


def test_unsure_digits_are_right_ones(mistakes: MistakesView, split: Split) -> None:
    answers = random_answers(split)
    mistakes.show_answers(split, answers, NAMES, "epoch 1")
    choose(mistakes, "mistakes_kind", "right but unsure")
    assert mistakes.digits
    assert (answers.predicted[mistakes.digits] == split.labels[mistakes.digits]).all()
    assert (answers.confidence[mistakes.digits] < 0.8).all()


def test_a_digit_is_found_by_its_number_also_where_it_was_not_shown(
    qtbot: QtBot, mistakes: MistakesView, split: Split
) -> None:
    mistakes.show_answers(split, wrong_about(split, {3: 1.0}), NAMES, "epoch 1")
    with qtbot.waitSignal(mistakes.digit_chosen) as told:
        retype_and_enter(qtbot, mistakes, "mistakes_number", "77")
    assert told.args == [split, 77]
    assert len(mistakes.digits) == 200
    assert gallery(mistakes).currentIndex().data().startswith(str(split.labels[77]))
    retype_and_enter(qtbot, mistakes, "mistakes_number", "200")
    assert mistakes.caption == "There is no validation digit 200: the last is 199."
    retype_and_enter(qtbot, mistakes, "mistakes_number", "1,500")  # as numbers are written everywhere in the window
    assert mistakes.caption == "There is no validation digit 1,500: the last is 199."


def test_what_is_chosen_survives_new_answers(qtbot: QtBot, mistakes: MistakesView, split: Split) -> None:
    mistakes.show_answers(split, random_answers(split, 1), NAMES, "epoch 1")
    choose(mistakes, "mistakes_order", "smallest margin first")
    click_cell(qtbot, mistakes, 7, 7)
    choose(mistakes, "mistakes_kind", "all digits")
    click_digit(qtbot, mistakes, 1)
    chosen = gallery(mistakes).chosen
    mistakes.show_answers(split, random_answers(split, 2), NAMES, "epoch 2")
    assert gallery(mistakes).chosen == chosen
    assert matrix(mistakes).chosen == (7, 7)
    answers = random_answers(split, 2)
    assert (np.diff(answers.margins[mistakes.digits]) >= 0).all()
    assert set(answers.predicted[mistakes.digits]) == {7}


def test_a_cell_stays_chosen_while_it_is_empty_and_other_digits_belong_to_it_later(
    qtbot: QtBot, mistakes: MistakesView, split: Split
) -> None:
    third = int(np.flatnonzero(split.labels == 3)[0])
    mistakes.show_answers(split, wrong_about(split, {}), NAMES, "epoch 1")
    click_cell(qtbot, mistakes, 3, 4)
    assert mistakes.digits == []
    assert "None of the 200 validation digits is wrong" in mistakes.caption
    mistakes.show_answers(split, wrong_about(split, {third: 2.0, third + 1: 3.0}), NAMES, "epoch 2")
    assert mistakes.digits == [third]


def test_the_gallery_stays_where_it_was_scrolled_to(mistakes: MistakesView, split: Split) -> None:
    everything = {digit: float(digit) for digit in range(200)}
    mistakes.show_answers(split, wrong_about(split, everything), NAMES, "epoch 1")
    mistakes.grab()
    bar = gallery(mistakes).verticalScrollBar()
    assert bar.maximum() > 500
    bar.setValue(321)
    mistakes.show_answers(split, wrong_about(split, everything), NAMES, "epoch 2")
    assert bar.value() == 321


def test_answers_that_are_no_numbers_are_shown_without_a_warning(mistakes: MistakesView, split: Split) -> None:
    nothing = np.full(len(split), np.nan, np.float32)
    predicted = (split.labels + 1) % 10
    mistakes.show_answers(split, Predictions(split.labels, predicted, nothing, nothing, nothing), NAMES, "epoch 1")
    mistakes.grab()
    assert len(mistakes.digits) == len(split)


def test_a_run_without_such_digits_says_so(mistakes: MistakesView, split: Split) -> None:
    none = np.empty(0, np.float32)
    labels = none.astype(np.uint8)
    empty = Split("validation", split.source, np.empty(0, np.intp), labels)
    mistakes.show_answers(empty, Predictions(labels, labels, none, none, none), NAMES, "epoch 1")
    mistakes.grab()
    assert mistakes.caption.startswith("This run has no validation digits")
    assert mistakes.digits == []


@pytest.mark.parametrize("classes", [2, 47, 256])
@pytest.mark.parametrize("measure", ["counts", "% of true class", "% of predicted class"])
def test_the_matrix_is_painted_for_any_number_of_classes(
    qtbot: QtBot, mistakes: MistakesView, split: Split, classes: int, measure: str
) -> None:
    rng = np.random.default_rng(3)
    labels, predicted = rng.integers(0, classes, (2, len(split))).astype(np.uint8)
    values = np.ones(len(split), np.float32)
    names = tuple(chr(0x100 + number) for number in range(classes))
    choose(mistakes, "mistakes_measure", measure)
    mistakes.resize(900, 500)  # else the cells of 256 classes are smaller than pixels
    mistakes.show_theme(DARK)
    mistakes.show_answers(split, Predictions(labels, predicted, values, values, values), names, "epoch 1")
    mistakes.grab()
    wrong = next(digit for digit in range(len(split)) if labels[digit] != predicted[digit])
    click_cell(qtbot, mistakes, int(labels[wrong]), int(predicted[wrong]))
    assert wrong in mistakes.digits


def test_mistakes_are_coloured_by_how_many_there_are_however_many_are_right(
    mistakes: MistakesView, split: Split
) -> None:
    fours, sevens = (np.flatnonzero(split.labels == label)[:10] for label in (4, 7))
    losses = {int(digit): 1.0 for digit in (*fours, *sevens[:1])}
    mistakes.show_answers(split, wrong_about(split, losses), NAMES, "epoch 1")
    view = matrix(mistakes)
    image = view.grab().toImage()

    def saturation(true: int, predicted: int) -> float:
        return image.pixelColor(view.place_of(true, predicted) + QPoint(-6, -6)).hsvSaturationF()

    assert saturation(4, 5) > saturation(7, 8) > saturation(1, 2) == 0
    assert saturation(1, 1) > 0


def test_hidden_test_digits_are_offered_with_what_revealing_means(
    qtbot: QtBot, mistakes: MistakesView, split: Split
) -> None:
    mistakes.show_hidden()
    with qtbot.waitSignal(mistakes.reveal_asked):
        click(qtbot, mistakes, "reveal")
    assert mistakes.digits == []


def test_every_control_explains_itself(mistakes: MistakesView) -> None:
    controls = [child for kind in (QComboBox, QToolButton, QPushButton) for child in mistakes.findChildren(kind)]
    named = [control for control in controls if not control.objectName().startswith("qt_")]
    assert len(named) >= 6
    for control in named:
        assert control.objectName()
        assert control.toolTip()
        assert control.accessibleName() or control.text()
