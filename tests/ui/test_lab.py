"""The lab: posted networks with their numbers as dots, bugs put in on purpose, and one that is to be found."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.lab.cases import CASES
from mnist_gui.lab.faults import FAULTS
from mnist_gui.ui.bridge import RunState
from mnist_gui.ui.lab_desk import NO_DIGITS
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.preferences import Preferences
from tests.ui.conftest import MakeWindow, wait_for_end
from tests.ui.person import button, click


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    window._layout.bring("Lab")
    assert button(window, name).isEnabled()
    button(window, name).click()


def dots(window: MainWindow, name: str) -> list[tuple[float, float]]:
    widget = window.curves.findChild(QWidget, name)
    assert isinstance(widget, pg.PlotWidget)
    (item,) = (each for each in widget.items() if isinstance(each, pg.ScatterPlotItem) and each.opts["symbol"] == "d")
    return [(point.pos().x(), point.pos().y()) for point in item.points()]


def test_every_posted_network_has_a_page_to_read(window: MainWindow) -> None:
    box, page = window.findChild(QComboBox, "lab_case"), window.findChild(QTextBrowser, "lab_page")
    assert box
    assert page
    for place, case in enumerate(CASES.values()):
        box.setCurrentIndex(place)
        assert len(page.toPlainText()) > 500
        assert all(remark.title in page.toPlainText() for remark in case.remarks)


def test_a_posted_network_runs_as_it_was_and_its_numbers_are_dots_on_the_curve(
    qtbot: QtBot, window: MainWindow
) -> None:
    box = window.findChild(QComboBox, "lab_case")
    assert box
    box.setCurrentIndex(list(CASES).index("case-c"))
    press(qtbot, window, "lab_run_posted")
    wait_for_end(qtbot, window)
    assert window.controls.config.training.l2 == 1.0
    case = CASES["case-c"]
    expected = [
        pair
        for series in case.series
        if series.curve.endswith("loss")
        for pair in zip(series.epochs, series.values, strict=True)
    ]
    np.testing.assert_allclose(dots(window, "loss"), expected)
    assert window.bridge.history.epochs[-1].train_loss < 3.26
    window.controls_actions.new_network.trigger()
    window.frames.draw_everything()
    assert dots(window, "loss") == []


def test_ticked_bugs_are_in_the_next_run_and_said(qtbot: QtBot, window: MainWindow) -> None:
    window.panels.lab.bugs.tick(["momentum_on_weights", "frozen_layer"])
    press(qtbot, window, "lab_train")
    wait_for_end(qtbot, window)
    run = window.bridge.run
    assert run
    assert set(run.begun_as.lab.faults) == {"momentum_on_weights", "frozen_layer"}
    assert window.controls.note.startswith("Wrong on purpose: ")
    window.panels.lab.bugs.tick([])
    press(qtbot, window, "lab_train")
    wait_for_end(qtbot, window)
    assert window.bridge.run
    assert window.bridge.run.begun_as.lab.faults == ()


def test_a_bug_shows_its_wrong_lines_beside_the_right_ones(window: MainWindow) -> None:
    lines = window.findChild(QPlainTextEdit, "lab_lines")
    assert lines
    for fault in FAULTS.values():
        window.panels.lab.bugs.show_fault(fault)
        assert fault.wrong in lines.toPlainText()
        assert fault.right in lines.toPlainText()
        assert fault.text in window.panels.lab.bugs.text


def secret_name(window: MainWindow) -> str:
    assert window.bridge.run
    (name,) = window.bridge.run.begun_as.lab.faults
    return str(name)


def answer(qtbot: QtBot, window: MainWindow, name: str) -> None:
    box = window.findChild(QComboBox, "lab_guess")
    assert box
    box.setCurrentIndex(1 + list(FAULTS).index(name))
    press(qtbot, window, "lab_answer")


def test_a_hidden_bug_is_told_nowhere_until_it_is_guessed_and_the_score_is_kept(
    qtbot: QtBot, window: MainWindow, preferences: Preferences
) -> None:
    press(qtbot, window, "lab_mystery")
    wait_for_end(qtbot, window)
    title = FAULTS[secret_name(window)].title
    assert title not in window.controls.note
    window.run_desk._refresh()
    assert not any(secret_name(window) in cell for row in window.panels.runs.table for cell in row)
    answer(qtbot, window, secret_name(window))
    assert window.panels.lab.bugs.text.startswith("Right: ")
    assert window.panels.lab.bugs.text.endswith("Found 1 of 1.")
    assert not button(window, "lab_answer").isEnabled()
    press(qtbot, window, "lab_mystery")
    wait_for_end(qtbot, window)
    other = next(name for name in FAULTS if name != secret_name(window))
    answer(qtbot, window, other)
    assert window.panels.lab.bugs.text.startswith("No, not ")
    assert preferences.mysteries == (1, 2)
    press(qtbot, window, "lab_reset")
    assert preferences.mysteries == (0, 0)


def test_a_mystery_that_is_left_is_over(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, "lab_mystery")
    wait_for_end(qtbot, window)
    run = window.bridge.run
    assert run
    window.controls_actions.new_network.trigger()
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert not button(window, "lab_answer").isEnabled()
    assert not run.is_secret


def test_before_the_digits_are_read_the_lab_says_so(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(loaded=False)
    if window.bridge.dataset is None:
        press(qtbot, window, "lab_train")
        assert window.panels.lab.bugs.text == NO_DIGITS
    assert window.bridge.state is RunState.NEW
