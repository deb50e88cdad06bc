"""The panel of scores: its table, its diagram, and what it says above a threshold."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QComboBox, QDockWidget, QLabel, QSlider
from pytestqt.qtbot import QtBot

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.calibration import reliability
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.scores.class_table import ClassTable
from mnist_gui.ui.panels.scores.reliability_diagram import ReliabilityDiagram
from mnist_gui.ui.panels.scores.view import NOTHING, ScoresView
from mnist_gui.ui.widgets.theme import DARK, LIGHT
from tests.ui.conftest import wait_for_end

NONE = "\N{EN DASH}"
AT = "At \N{GREATER-THAN OR EQUAL TO}"
NAMES = ("a", "b", "c")

# True class, predicted class, confidence: of class a two of three are found, of b all, and c has no digits.
ANSWERS = [(0, 0, 0.95), (0, 0, 0.85), (0, 1, 0.45), (1, 1, 0.92), (1, 1, 1.0)]


@pytest.fixture
def scores(qtbot: QtBot) -> ScoresView:
    view = ScoresView()
    qtbot.addWidget(view)
    view.resize(380, 300)
    view.show()
    return view


def answers(rows: list[tuple[int, int, float]] = ANSWERS) -> Predictions:
    labels, predicted, confidence = ([row[part] for row in rows] for part in range(3))
    sure = np.array(confidence, np.float32)
    return Predictions(np.array(labels, np.uint8), np.array(predicted, np.uint8), sure, sure, sure)


def split_of(predictions: Predictions) -> Split:
    count = len(predictions.labels)
    return Split("validation", np.zeros((count, 8, 8), np.uint8), np.arange(count), predictions.labels)


def show(view: ScoresView, predictions: Predictions, names: tuple[str, ...] = NAMES, when: str = "epoch 7") -> None:
    view.show_predictions(split_of(predictions), predictions, names, when)
    view.refresh()


def said(view: ScoresView, name: str) -> str:
    label = view.findChild(QLabel, name)
    assert label
    return label.text()


def table(view: ScoresView) -> ClassTable:
    found = view.findChild(ClassTable, "class_scores")
    assert found
    return found


def slider(view: ScoresView) -> QSlider:
    found = view.findChild(QSlider, "threshold")
    assert found
    return found


def choose_part(view: ScoresView, part: str) -> None:
    box = view.findChild(QComboBox, "scores_part")
    assert box
    box.setCurrentText(part)


# The table


def test_every_class_has_its_digits_precision_recall_f1_and_accuracy(scores: ScoresView) -> None:
    show(scores, answers())
    assert table(scores).rows == [
        ["a", "3", "100.0%", "66.7%", "80.0%", "80.0%"],
        ["b", "2", "66.7%", "100.0%", "80.0%", "80.0%"],
        ["c", "0", NONE, NONE, NONE, "100.0%"],
    ]
    assert said(scores, "scores_caption") == "4 of 5 validation digits right (80.0%). Weights of epoch 7."


def click_heading(qtbot: QtBot, view: ScoresView, column: int) -> None:
    header = table(view).header()
    place = QPoint(header.sectionViewportPosition(column) + 12, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_on_a_heading_sorts_and_another_turns_the_order_and_classes_without_a_value_stay_last(
    qtbot: QtBot, scores: ScoresView
) -> None:
    show(scores, answers())
    first = {column: [] for column in (0, 1, 2, 3)}
    for column, orders in first.items():
        for _ in range(2):
            click_heading(qtbot, scores, column)
            orders.append("".join(row[0] for row in table(scores).rows))
    assert set(first[0]) == {"abc", "cba"}
    assert set(first[1]) == {"cba", "abc"}
    assert set(first[2]) == {"bac", "abc"}
    assert set(first[3]) == {"abc", "bac"}


def test_the_order_stays_when_newer_scores_come(qtbot: QtBot, scores: ScoresView) -> None:
    show(scores, answers())
    table(scores).sortByColumn(3, Qt.SortOrder.AscendingOrder)
    show(scores, answers([(0, 0, 0.9), (1, 0, 0.9), (2, 2, 0.9), (2, 1, 0.9)]))
    assert [row[0] for row in table(scores).rows] == ["b", "c", "a"]


def test_other_classes_replace_those_before(scores: ScoresView) -> None:
    show(scores, answers())
    letters = tuple(chr(ord("A") + n) for n in range(26))
    show(scores, answers([(n, n, 0.5) for n in range(26)]), letters)
    assert [row[0] for row in table(scores).rows] == list(letters)
    show(scores, answers(), NAMES)
    assert len(table(scores).rows) == 3


# The diagram and what is said of it


def test_calibration_is_told_in_words(scores: ScoresView) -> None:
    show(scores, answers([(0, 0, 0.75)] * 3 + [(0, 1, 0.75)]))
    assert said(scores, "calibration") == (
        "On average it is as sure as it is right: 75.0% sure, 75.0% right. Expected calibration error 0.00%."
    )
    show(scores, answers([(0, 1, 1.0), (0, 0, 1.0)]))
    assert "surer than it is right: 100.0% sure, 50.0% right" in said(scores, "calibration")
    show(scores, answers([(0, 0, 0.25)]))
    assert "more often right than it is sure: 25.0% sure, 100.0% right" in said(scores, "calibration")


@pytest.fixture
def diagram(qtbot: QtBot) -> ReliabilityDiagram:
    widget = ReliabilityDiagram()
    qtbot.addWidget(widget)
    widget.resize(260, 200)
    widget.show()
    return widget


def test_a_bin_says_its_numbers_where_it_is_pointed_at(diagram: ReliabilityDiagram) -> None:
    diagram.show_reliability(reliability(answers([(0, 0, 0.75), (0, 0, 0.79), (0, 1, 0.74), (0, 1, 0.05)])))
    places = {diagram.bin_at(QPoint(x, 100)) for x in range(260)}
    assert places == {None, *range(10)}
    assert diagram.describe(7) == "3 answers are 70 to 80 % sure: 76.0% on average, and 66.7% right"
    assert diagram.describe(0) == "1 answer is 0 to 10 % sure: 5.0% on average, and 0.0% right"
    assert diagram.describe(5) == "No answer is 50 to 60 % sure"
    assert diagram.accessibleDescription() == f"{diagram.describe(0)}; {diagram.describe(7)}"


def column_of(image: QImage, x: int) -> list[QColor]:
    return [QColor(image.pixel(x, y)) for y in range(image.height())]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_bar_is_blue_to_its_accuracy_and_orange_to_its_confidence(diagram: ReliabilityDiagram, theme: object) -> None:
    diagram.show_theme(theme)  # type: ignore[arg-type]
    half_right = [(0, 0, 0.95)] * 10 + [(0, 1, 0.95)] * 10
    diagram.show_reliability(reliability(answers(half_right)))
    middle = next(x for x in range(260) if diagram.bin_at(QPoint(x, 50)) == 9) + 10
    colours = column_of(diagram.grab().toImage(), middle)
    blue = sum(colour.blue() > colour.red() + 40 for colour in colours)
    orange = sum(colour.red() > colour.blue() + 40 for colour in colours)
    assert blue > 30
    assert orange / blue == pytest.approx(0.9, abs=0.15)  # 0.45 of the height beside 0.5


# The threshold


def test_the_read_out_at_a_threshold_is_what_a_count_gives(scores: ScoresView) -> None:
    show(scores, answers())
    assert scores.threshold == 0.9
    assert said(scores, "answered") == (
        f"{AT} 90 %: 60.0% of the digits answered, 100.0% of them right; 0 of 1 mistakes left."
    )
    slider(scores).setValue(0)
    assert said(scores, "answered") == (
        f"{AT} 0 %: 100.0% of the digits answered, 80.0% of them right; 1 of 1 mistakes left."
    )


def test_the_slider_goes_from_0_to_just_below_100_percent_in_finer_steps_towards_the_end(scores: ScoresView) -> None:
    thresholds = []
    for place in range(slider(scores).minimum(), slider(scores).maximum() + 1):
        slider(scores).setValue(place)
        thresholds.append(scores.threshold)
    assert (thresholds[0], thresholds[-1]) == (0.0, 0.9999)
    steps = np.diff(thresholds)
    assert (steps > 0).all()
    assert (np.diff(steps) < 1e-9).all()


def test_the_threshold_stays_when_newer_answers_come(scores: ScoresView) -> None:
    show(scores, answers())
    slider(scores).setValue(50)
    show(scores, answers([(0, 0, 0.4), (0, 0, 0.6)]))
    assert scores.threshold == 0.5
    assert f"{AT} 50 %: 50.0% of the digits" in said(scores, "answered")
    scores.show_nothing()
    assert scores.threshold == 0.5


def test_a_threshold_that_nothing_reaches_says_so(scores: ScoresView) -> None:
    show(scores, answers([(0, 0, 0.4)]))
    assert said(scores, "answered") == f"{AT} 90 %: none of the digits is answered."


# States


def test_before_any_answers_it_says_what_to_do(scores: ScoresView) -> None:
    assert said(scores, "scores_caption") == NOTHING
    slider(scores).setValue(10)
    assert said(scores, "answered") == ""
    show(scores, answers())
    scores.show_nothing()
    assert said(scores, "scores_caption") == NOTHING
    assert (table(scores).rows, said(scores, "calibration"), said(scores, "answered")) == ([], "", "")


def test_a_split_without_digits_has_nothing_to_score(scores: ScoresView) -> None:
    show(scores, answers([]))
    assert said(scores, "scores_caption") == "This run has no validation digits, so there is nothing to score."
    assert table(scores).rows == [[name, "0", NONE, NONE, NONE, NONE] for name in NAMES]
    assert (said(scores, "calibration"), said(scores, "answered")) == ("", "")
    choose_part(scores, "confidence")
    scores.grab()


def test_answers_that_are_no_numbers_warn_of_nothing(scores: ScoresView) -> None:
    show(scores, answers([(0, 0, np.nan), (1, 0, np.nan)]))
    choose_part(scores, "confidence")
    scores.grab()
    assert "none of the digits is answered" in said(scores, "answered")


def test_nothing_is_drawn_out_of_sight_and_the_newest_once_it_is_seen(scores: ScoresView) -> None:
    scores.hide()
    scores.show_predictions(split_of(answers()), answers(), NAMES, "epoch 1")
    assert not scores.refresh()
    assert table(scores).rows == []
    scores.show()
    assert scores.refresh()
    assert not scores.refresh()
    assert len(table(scores).rows) == 3


def test_one_part_is_shown_where_there_is_little_room_and_both_where_there_is_more(scores: ScoresView) -> None:
    assert (table(scores).isVisible(), slider(scores).isVisible()) == (True, False)
    choose_part(scores, "confidence")
    assert (table(scores).isVisible(), slider(scores).isVisible()) == (False, True)
    for width, height in [(380, 700), (900, 300), (900, 700)]:
        scores.resize(width, height)
        assert (table(scores).isVisible(), slider(scores).isVisible()) == (True, True)
    scores.resize(380, 300)
    assert (table(scores).isVisible(), slider(scores).isVisible()) == (False, True)


# In the window


def bring_to_front(window: MainWindow, title: str) -> None:
    dock = next(dock for dock in window.findChildren(QDockWidget) if dock.windowTitle() == title)
    dock.raise_()


def test_the_window_scores_the_answers_that_the_mistakes_are_of(qtbot: QtBot, window: MainWindow) -> None:
    bring_to_front(window, "Scores")
    window.controls_actions.primary.trigger()
    wait_for_end(qtbot, window)
    scores, best = window.view("scores"), window.run_controller.best
    assert best is not None
    assert best.validation is not None
    assert f"({best.validation.accuracy:.1%}). Weights of epoch {best.epoch}, the best." in said(
        scores, "scores_caption"
    )
    assert len(table(scores).rows) == 10
    assert sum(int(row[1]) for row in table(scores).rows) == 200
    assert re.fullmatch(r"At . 90 %: [\d.]+% of the digits answered, .*", said(scores, "answered"))


def test_test_digits_are_not_scored_before_they_are_revealed(qtbot: QtBot, window: MainWindow) -> None:
    bring_to_front(window, "Scores")
    window.controls_actions.primary.trigger()
    wait_for_end(qtbot, window)
    window.view("mistakes").choices.choose("test", "mistakes")
    window.refresh_scheduler.draw_everything()
    assert "not revealed" in said(window.view("scores"), "scores_caption")
    assert table(window.view("scores")).rows == []
    window.prediction_service.reveal_test()
    qtbot.waitUntil(lambda: "test digits right" in _drawn(window), timeout=20_000)


def _drawn(window: MainWindow) -> str:
    window.refresh_scheduler.draw_everything()
    return said(window.view("scores"), "scores_caption")
