"""The panel of the diagnosis: quiet when all is well, errors first and marked, and a change proved by running it."""

import pytest
from PySide6.QtWidgets import QDockWidget, QToolButton
from pytestqt.qtbot import QtBot

from mnist_gui.ui.diagnosis_view import NOTHING
from mnist_gui.ui.finding_card import FindingCard
from mnist_gui.ui.main_window import MainWindow
from tests.ui.conftest import AnsweringDialogs, MakeWindow, wait_for_end
from tests.ui.person import button, click

ALIKE = {"network.init": "zeros", "training.epochs": 3, "training.learning_rate": 0.05}


def settle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.bridge.is_busy, timeout=30_000)
    window.frames.draw_everything()


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    settle(qtbot, window)


def card(window: MainWindow, rule: str) -> FindingCard:
    found = window.panels.diagnosis.card(rule)
    assert found, [each.rule.name for each in window.panels.diagnosis.cards]
    return found


def dock_title(window: MainWindow) -> str:
    dock = window.findChild(QDockWidget, "dock_diagnosis")
    assert dock
    return dock.windowTitle()


def test_before_a_run_the_panel_says_what_it_is_for(window: MainWindow) -> None:
    assert window.panels.diagnosis.caption == NOTHING
    assert window.panels.diagnosis.cards == []
    assert dock_title(window) == "Diagnosis"


def test_a_healthy_run_is_told_so_and_marks_nothing(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.train": 3000, "network.hidden": [32], "training.epochs": 3})
    train(qtbot, window)
    found = window.diagnosis_desk.diagnosis
    assert found
    assert not found.has_errors
    assert len(found.healthy) > 10
    assert window.curves.loss.marks == []
    assert dock_title(window) == "Diagnosis"


def test_an_error_is_told_first_marked_in_the_curves_and_counted(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    told: list[str] = []
    window.diagnosis_desk.error_found.connect(told.append)
    train(qtbot, window)
    first = window.panels.diagnosis.cards[0]
    assert first.rule.name == "units_are_copies"
    assert first.finding
    assert first.finding.severity == "error"
    assert "units are copies of each other" in window.curves.loss.marks
    assert dock_title(window).startswith("Diagnosis (")
    assert (
        sum(text.startswith("Units are copies of each other") for text in told) == 1
    )  # once, however often it is judged


def test_show_shades_the_steps_of_a_finding_and_again_does_not(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    click(qtbot, window, "show_units_are_copies")
    window.curves.loss.refresh()
    shaded = [mark for mark in window.curves.loss._marks._lines.marks if mark.until is not None]
    assert [mark.text for mark in shaded] == ["units are copies of each other"]
    click(qtbot, window, "show_units_are_copies")
    window.curves.loss.refresh()
    assert not [mark for mark in window.curves.loss._marks._lines.marks if mark.until is not None]


def test_why_explains_with_a_source(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    first = card(window, "units_are_copies")
    assert not first._why_text.isVisibleTo(first)
    why = window.findChild(QToolButton, "why_units_are_copies")
    assert why
    why.click()
    assert first._why_text.isVisibleTo(first)
    assert "Source" in first._why_text.text()


def test_a_fix_is_proved_by_a_run_of_the_same_digits_and_seed(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    before = window.bridge.run
    assert before
    window._layout.bring("Diagnosis")
    click(qtbot, window, "prove_units_are_copies")
    assert window.bridge.run is not before
    wait_for_end(qtbot, window)
    settle(qtbot, window)
    after = window.bridge.run
    assert after
    assert after.begun_as.differences(before.begun_as) == ("network.init",)
    assert after.splits.train.rows.tolist() == before.splits.train.rows.tolist()
    assert window.run_desk.ghosts == [before]
    assert window.panels.diagnosis.verdict.startswith("Units are copies of each other: fixed. Accuracy ")
    assert window.controls.config.network.init == "auto"
    assert window.panels.diagnosis.card("units_are_copies") is None


def test_the_settings_of_the_form_are_checked_before_any_run(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.scaling": "raw"})
    window._layout.bring("Diagnosis")
    click(qtbot, window, "check_before_training")
    settle(qtbot, window)
    assert card(window, "input_range").finding
    assert "before the first step" in window.panels.diagnosis.caption
    assert window.bridge.run is None


def test_settings_that_cannot_be_checked_are_named(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs
) -> None:
    window = make_window({"data.train": 60_000, "data.validation": 50_000})
    window._layout.bring("Diagnosis")
    click(qtbot, window, "check_before_training")
    settle(qtbot, window)
    assert dialogs.errors[0].startswith("These settings cannot be checked: data.")


def test_another_run_begins_without_the_findings_of_the_last(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    window.controls_actions.new_network.trigger()
    assert window.panels.diagnosis.caption == NOTHING
    assert window.panels.diagnosis.cards == []
    assert dock_title(window) == "Diagnosis"


@pytest.mark.parametrize("settings", [{"network.hidden": []}, {"data.validation": 0}, {"network.hidden": [1]}])
def test_any_network_is_judged(qtbot: QtBot, make_window: MakeWindow, settings: dict[str, object]) -> None:
    window = make_window(settings)
    train(qtbot, window)
    assert window.diagnosis_desk.diagnosis
    assert button(window, "check_before_training").isEnabled()


def test_a_check_after_a_run_returns_to_its_findings(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    window._layout.bring("Diagnosis")
    window.controls.show_config(window.controls.config.with_settings({"network.init": "auto"}))
    click(qtbot, window, "check_before_training")
    settle(qtbot, window)
    assert "before the first step" in window.panels.diagnosis.caption
    assert window.panels.diagnosis.card("units_are_copies") is None
    assert button(window, "check_before_training").text() == "Back to run 1"
    click(qtbot, window, "check_before_training")
    assert card(window, "units_are_copies").finding
    assert button(window, "check_before_training").text() == "Check before training"


def test_a_rule_that_fails_is_told_once_and_the_window_goes_on(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(evidence: object) -> None:
        raise ValueError("a rule that was never tried")

    monkeypatch.setattr("mnist_gui.ui.diagnosis_desk.diagnose", fail)
    window = make_window()
    train(qtbot, window)
    assert dialogs.errors == ["The diagnosis failed: ValueError: a rule that was never tried"]
    assert window.bridge.best


def test_cards_are_scrolled_and_not_squeezed(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    window.resize(1000, 700)
    window._layout.bring("Diagnosis")
    train(qtbot, window)
    qtbot.waitUntil(lambda: bool(window.panels.diagnosis.cards) and window.panels.diagnosis.cards[0].isVisible())
    for each in window.panels.diagnosis.cards:
        needed = each._text.heightForWidth(each._text.width())
        qtbot.waitUntil(lambda each=each, needed=needed: each._text.height() >= needed)
