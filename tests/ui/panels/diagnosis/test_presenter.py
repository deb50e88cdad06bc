"""The panel of the diagnosis: quiet when all is well, errors first and marked, and a change proved by running it."""

import dataclasses
import re
from html import escape
from threading import Event

import pytest
from PySide6.QtWidgets import QComboBox, QDockWidget, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from mnist_gui.casebook.posted_networks import CASES
from mnist_gui.config.presets import preset
from mnist_gui.diagnosis.preflight import Preflight, preflight
from mnist_gui.faults.registry import FAULTS
from mnist_gui.training.trainer import Trainer
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.diagnosis.finding_card import BY_NAME, FindingCard
from mnist_gui.ui.panels.diagnosis.view import NOTHING
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.person import button, click

ALIKE = {"network.init": "zeros", "training.epochs": 3, "training.learning_rate": 0.05}


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("units", "weights", "diagnosis", "runs")


def settle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=30_000)
    window.refresh_scheduler.draw_everything()


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    settle(qtbot, window)


def card(window: MainWindow, rule: str) -> FindingCard:
    found = window.view("diagnosis").card(rule)
    assert found, [each.rule.name for each in window.view("diagnosis").cards]
    return found


def dock_title(window: MainWindow) -> str:
    dock = window.findChild(QDockWidget, "dock_diagnosis")
    assert dock
    return dock.windowTitle().rstrip()


def test_before_a_run_the_panel_says_what_it_is_for(window: MainWindow) -> None:
    assert window.view("diagnosis").caption == NOTHING
    assert window.view("diagnosis").cards == []
    assert dock_title(window) == "Diagnosis"


def test_a_healthy_run_is_told_so_and_marks_nothing(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.train": 3000, "network.hidden": [32], "training.epochs": 3})
    train(qtbot, window)
    found = window.diagnosis.diagnosis
    assert found
    assert not found.has_errors
    assert len(found.healthy) > 10
    assert window.curves.loss.marks == []
    assert dock_title(window) == "Diagnosis"


def test_an_error_is_told_first_marked_in_the_curves_and_counted(qtbot: QtBot, make_whole_window: MakeWindow) -> None:
    window = make_whole_window(ALIKE)
    told: list[str] = []
    window.diagnosis.error_found.connect(told.append)
    train(qtbot, window)
    first = window.view("diagnosis").cards[0]
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
    window.curves.show()
    train(qtbot, window)
    click(qtbot, window, "show_units_are_copies")
    window.curves.loss.refresh()
    shaded = [mark for mark in window.curves.loss._marks._lines.marks if mark.until is not None]
    assert [mark.text for mark in shaded] == ["units are copies of each other"]
    click(qtbot, window, "show_units_are_copies")
    window.curves.loss.refresh()
    assert not [mark for mark in window.curves.loss._marks._lines.marks if mark.until is not None]


def test_show_outlines_the_units_of_a_finding_and_says_what_the_outline_means(
    qtbot: QtBot, make_whole_window: MakeWindow
) -> None:
    window = make_whole_window({**ALIKE, "network.hidden": [12, 6]})
    window._docks.bring("Layers")
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    units = window.view("units")
    click(qtbot, window, "show_units_are_copies")
    window.refresh_scheduler.draw_everything()
    qtbot.waitUntil(lambda: not units.visibleRegion().isEmpty())
    window.refresh_scheduler.draw_everything()
    assert units._mosaic._canvas.marked == set(range(12))
    last = window.run_controller.history.layers[-1].step
    assert units._marks.text == f"Outlined: 12 units (units are copies of each other; step {last})"
    assert button(window, "show_units_are_copies").isChecked()


@pytest.mark.parametrize("name", ["weights_unmark", "show_units_are_copies"])
def test_outlines_are_taken_off_in_units_as_well_as_in_the_diagnosis(
    name: str, qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(ALIKE)
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    click(qtbot, window, "show_units_are_copies")
    window.refresh_scheduler.draw_everything()
    qtbot.waitUntil(lambda: bool(window.view("units")._marks.text))
    button(window, name).click()
    assert window.view("units")._marks.text == ""
    assert window.view("units")._mosaic._canvas.marked == frozenset()
    assert not button(window, "show_units_are_copies").isChecked()
    window.curves.loss.refresh()
    assert not [mark for mark in window.curves.loss._marks._lines.marks if mark.until is not None]


def test_units_are_outlined_only_where_their_layer_is_shown(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({**ALIKE, "network.hidden": [12, 6]})
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    click(qtbot, window, "show_units_are_copies")
    window.refresh_scheduler.draw_everything()
    layer = window.findChild(QComboBox, "weights_layer")
    assert layer
    for index, is_marked in ((1, False), (0, True)):
        layer.setCurrentIndex(index)
        qtbot.waitUntil(
            lambda index=index: window.refresh_scheduler.draw_everything() or window.view("units").layer == index
        )
        assert bool(window.view("units")._marks.text) == is_marked
        assert bool(window.view("units")._mosaic._canvas.marked) == is_marked


def test_another_run_is_shown_without_the_outlines_of_the_last(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    click(qtbot, window, "show_units_are_copies")
    window.controls_actions.new_network.trigger()
    assert window.view("units")._mosaic._canvas.marked == frozenset()
    assert window.view("units")._marks.text == ""


def test_lost_classes_are_outlined_among_the_outputs(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.train": 3000, "training.epochs": 4, "lab.faults": ["relu_on_output"]})
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    lost = window.run_controller.history.layers[-1].silent_classes
    assert lost
    click(qtbot, window, "show_rectified_output")
    qtbot.waitUntil(lambda: window.refresh_scheduler.draw_everything() or window.view("units").layer == 1)
    assert window.view("units")._mosaic._canvas.marked == set(lost)
    assert f"Outlined: {len(lost)} class" in window.view("units")._marks.text


def test_consequences_are_folded_under_their_cause_and_shown_from_there(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    window.curves.show()
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    found = window.diagnosis.diagnosis
    copies = card(window, "units_are_copies")
    assert found
    assert copies.finding
    follows = found.consequences(copies.finding)
    fold = copies._consequences
    assert fold.title == f"and {len(follows)} consequences"
    assert not fold.is_open
    click(qtbot, window, "consequences_units_are_copies")
    assert fold.is_open
    for each in follows:
        assert f"<b>{BY_NAME[each.rule].title}.</b>" in fold.text
        assert escape(each.text) in fold.text
    fold.link_followed.emit("knows_only_base_rates")
    window.curves.loss.refresh()
    shaded = [mark.text for mark in window.curves.loss._marks._lines.marks if mark.until is not None]
    assert shaded == ["knows only how frequent each class is"]


def test_what_is_open_stays_open_while_the_run_is_judged_again(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    click(qtbot, window, "consequences_units_are_copies")
    click(qtbot, window, "diagnosis_healthy")
    window.diagnosis._judge()
    assert card(window, "units_are_copies")._consequences.is_open
    assert window.view("diagnosis")._healthy.is_open


def test_no_text_names_a_rule_as_the_code_does(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    click(qtbot, window, "prove_units_are_copies")
    wait_for_end(qtbot, window)
    settle(qtbot, window)
    view = window.view("diagnosis")
    read = " ".join(label.text() for label in view.findChildren(QLabel)) + view.verdict + view.healthy
    names = [name for name in BY_NAME if "_" in name and name in re.sub(r"href='\w+'", "", read)]
    assert names == []


def test_the_findings_of_case_c_are_its_true_causes_in_order_and_its_penalty_is_not_blamed(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    posted = preset("case-c").config.settings()
    window = make_window({**posted, "data.train": 3000, "data.validation": 500})
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    view = window.view("diagnosis")
    assert [each.rule.name for each in view.cards] == ["units_are_copies", "too_few_steps"]
    assert "knows_only_base_rates" in (view.cards[0].finding.cause_of if view.cards[0].finding else ())
    assert "penalty_dominates" not in view.cards[0]._consequences.text
    assert "The penalty is weak beside what the digits say." in view.healthy
    assert all("training.l2" not in each.finding.changes for each in view.cards if each.finding)


def test_case_bs_harmless_oddities_are_said_to_be_harmless(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({**preset("case-b").config.settings(), "training.epochs": 1})
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    view = window.view("diagnosis")
    assert {each.rule.name for each in view.cards} >= {"validation_is_trained_on", "rectified_output"}
    for remark in CASES["case-b"].remarks:
        assert (remark.title in view.harmless) != remark.matters
    click(qtbot, window, "diagnosis_harmless")
    assert view._harmless.is_open


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
    assert "Ruled out: A lack of units" in first._why_text.text()


def test_a_fix_is_proved_by_a_run_of_the_same_digits_and_seed(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    before = window.run_controller.run
    assert before
    window._docks.bring("Diagnosis")
    click(qtbot, window, "prove_units_are_copies")
    assert window.run_controller.run is not before
    wait_for_end(qtbot, window)
    settle(qtbot, window)
    after = window.run_controller.run
    assert after
    assert after.begun_as.differences(before.begun_as) == ("network.init",)
    assert after.splits.train.rows.tolist() == before.splits.train.rows.tolist()
    assert window.overlays.ghosts == [before]
    assert window.view("diagnosis").verdict.startswith("Units are copies of each other: fixed. Validation accuracy ")
    assert window.controls.config.network.init == "auto"
    assert window.view("diagnosis").card("units_are_copies") is None


def prove(qtbot: QtBot, window: MainWindow, rule: str) -> str:
    """Fix and prove, to the end; the verdict."""
    window._docks.bring("Diagnosis")
    click(qtbot, window, f"prove_{rule}")
    wait_for_end(qtbot, window)
    settle(qtbot, window)
    return window.view("diagnosis").verdict


def test_a_verdict_waits_until_it_is_known_what_the_run_was_before_its_first_step(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, may_answer = make_window(ALIKE), Event()
    train(qtbot, window)

    def slow(trainer: Trainer) -> Preflight:
        may_answer.wait(30)
        return preflight(trainer)

    monkeypatch.setattr("mnist_gui.ui.services.judgement.preflight", slow)
    window._docks.bring("Diagnosis")
    click(qtbot, window, "prove_units_are_copies")
    qtbot.waitUntil(lambda: not window.run_controller.is_running)
    window.refresh_scheduler.draw_everything()
    assert "fixed" not in window.view("diagnosis").verdict
    may_answer.set()
    settle(qtbot, window)
    assert "copies of each other: fixed. " in window.view("diagnosis").verdict


def test_a_verdict_is_told_again_when_a_person_comes_back_to_its_run(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    verdict = prove(qtbot, window, "units_are_copies")
    before, proof = window.run_controller.runs
    window.run_controller.show_run(before)
    settle(qtbot, window)
    assert window.view("diagnosis").verdict == ""
    assert card(window, "units_are_copies").finding
    window.run_controller.show_run(proof)
    settle(qtbot, window)
    assert window.view("diagnosis").verdict == verdict


def test_a_verdict_is_dated_as_soon_as_its_run_is_trained_on(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    verdict = prove(qtbot, window, "units_are_copies")
    assert verdict.startswith("Units are copies of each other: fixed. ")
    step = window.run_controller.history.last_step
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    settle(qtbot, window)
    assert window.run_controller.history.last_step > step
    assert window.view("diagnosis").verdict == f"Until step {step:,}, before it was trained on: {verdict}"


def test_the_proof_of_a_network_that_was_trained_twice_trains_it_twice(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    settle(qtbot, window)
    before = window.run_controller.run
    assert before
    verdict = prove(qtbot, window, "units_are_copies")
    proof = window.run_controller.run
    assert proof
    assert proof is not before
    assert len(proof.segments) == len(before.segments) == 2
    assert len(proof.history) == len(before.history)
    assert ": fixed. Validation accuracy " in verdict


def test_a_proof_on_whose_way_a_setting_was_changed_proves_nothing(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({**ALIKE, "training.epochs": 60})
    train(qtbot, window)
    window._docks.bring("Diagnosis")
    window.run_controller.set_pace(10.0)  # or its last step may be over before this thread sees the first
    click(qtbot, window, "prove_units_are_copies")
    qtbot.waitUntil(lambda: window.run_controller.is_running and len(window.run_controller.history) > 0)
    window.run_controller.change_setting("training.learning_rate", 0.04)
    window.run_controller.set_pace(None)
    wait_for_end(qtbot, window)
    settle(qtbot, window)
    assert "not proved, as learning rate was changed on the way" in window.view("diagnosis").verdict


def test_a_proof_that_was_stopped_at_once_is_not_judged(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({**ALIKE, "data.train": 2000, "training.batch_size": 2, "training.epochs": 3})
    train(qtbot, window)
    window._docks.bring("Diagnosis")
    window.run_controller.set_pace(1.0)  # minibatches a second: it is stopped at once, however busy this thread is
    click(qtbot, window, "prove_units_are_copies")
    window.run_controller.stop()
    qtbot.waitUntil(lambda: not window.run_controller.is_running)
    settle(qtbot, window)
    assert "too early for a verdict" in window.view("diagnosis").verdict


def test_weights_of_a_file_cannot_prove_what_needs_others(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs
) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    run = window.run_controller.run
    assert run
    run.start = run.best
    window._docks.bring("Diagnosis")
    click(qtbot, window, "prove_units_are_copies")
    assert window.run_controller.run is run
    assert "a change of initialisation needs new ones" in dialogs.errors[0]


def test_the_settings_of_the_form_are_checked_before_any_run(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.scaling": "raw"})
    window._docks.bring("Diagnosis")
    click(qtbot, window, "check_before_training")
    settle(qtbot, window)
    assert card(window, "input_range").finding
    assert "before training" in window.view("diagnosis").caption
    assert window.run_controller.run is None


def test_settings_that_cannot_be_checked_are_named(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs
) -> None:
    window = make_window({"data.train": 60_000, "data.validation": 50_000})
    window._docks.bring("Diagnosis")
    click(qtbot, window, "check_before_training")
    settle(qtbot, window)
    assert dialogs.errors[0].startswith("These settings cannot be checked: data.")


def test_another_run_begins_without_the_findings_of_the_last(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    window.controls_actions.new_network.trigger()
    assert window.view("diagnosis").caption == NOTHING
    assert window.view("diagnosis").cards == []
    assert dock_title(window) == "Diagnosis"


@pytest.mark.parametrize("settings", [{"network.hidden": []}, {"data.validation": 0}, {"network.hidden": [1]}])
def test_any_network_is_judged(qtbot: QtBot, make_window: MakeWindow, settings: dict[str, object]) -> None:
    window = make_window(settings)
    train(qtbot, window)
    assert window.diagnosis.diagnosis
    assert button(window, "check_before_training").isEnabled()


def test_a_check_after_a_run_returns_to_its_findings(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    train(qtbot, window)
    window._docks.bring("Diagnosis")
    window.controls.show_config(window.controls.config.with_settings({"network.init": "auto"}))
    click(qtbot, window, "check_before_training")
    settle(qtbot, window)
    assert "before training" in window.view("diagnosis").caption
    assert window.view("diagnosis").card("units_are_copies") is None
    assert button(window, "check_before_training").text() == "Back to run 1"
    click(qtbot, window, "check_before_training")
    assert card(window, "units_are_copies").finding
    assert button(window, "check_before_training").text() == "Check before training"


def test_a_rule_that_fails_is_told_once_and_the_window_goes_on(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(evidence: object) -> None:
        raise ValueError("a rule that was never tried")

    monkeypatch.setattr("mnist_gui.ui.services.judgement.diagnose", fail)
    window = make_window()
    train(qtbot, window)
    assert dialogs.errors == ["The diagnosis failed: ValueError: a rule that was never tried"]
    assert window.run_controller.best


def test_cards_are_scrolled_and_not_squeezed(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    window.resize(1000, 700)
    window._docks.bring("Diagnosis")
    train(qtbot, window)
    qtbot.waitUntil(lambda: bool(window.view("diagnosis").cards) and window.view("diagnosis").cards[0].isVisible())
    for each in window.view("diagnosis").cards:
        needed = each._text.heightForWidth(each._text.width())
        qtbot.waitUntil(lambda each=each, needed=needed: each._text.height() >= needed)


def test_a_check_of_the_form_offers_to_show_nothing_of_the_run_on_the_screen(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(ALIKE)
    window._docks.bring("Diagnosis")
    click(qtbot, window, "check_before_training")
    settle(qtbot, window)
    copies = card(window, "units_are_copies")
    assert copies.finding
    assert copies.finding.units
    assert not button(window, "show_units_are_copies").isVisibleTo(copies)
    assert "href" not in copies._consequences.text


def test_the_number_of_errors_moves_no_tab(window: MainWindow) -> None:
    dock = window.findChild(QDockWidget, "dock_diagnosis")
    assert dock
    none, one = dock.windowTitle(), "Diagnosis (1)"
    advance = window.fontMetrics().horizontalAdvance
    assert advance(none) == pytest.approx(advance(one), abs=8)
    window._docks.count("Diagnosis", 1)
    assert dock.windowTitle() == one


def test_what_was_found_in_the_form_is_said_no_more_when_the_form_is_changed(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(ALIKE)
    window._docks.bring("Diagnosis")
    click(qtbot, window, "check_before_training")
    qtbot.waitUntil(lambda: bool(window.view("diagnosis").cards), timeout=30_000)
    assert "Diagnosis (1)" in [dock.windowTitle() for dock in window._docks.docks]
    window.controls.show_config(window.controls.config.with_settings({"network.init": "auto"}))
    assert window.view("diagnosis").cards == []
    assert button(window, "check_before_training").text() == "Check before training"
    click(qtbot, window, "check_before_training")
    qtbot.waitUntil(lambda: "checks passed" in window.view("diagnosis").caption, timeout=30_000)
    assert window.view("diagnosis").caption.startswith("Nothing wrong that shows so early")
    assert "Diagnosis (1)" not in [dock.windowTitle() for dock in window._docks.docks]


def test_a_check_of_the_form_ends_with_the_digits_that_it_was_made_on(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(ALIKE)
    window._docks.bring("Diagnosis")
    click(qtbot, window, "check_before_training")
    qtbot.waitUntil(lambda: bool(window.view("diagnosis").cards), timeout=30_000)
    assert window.run_controller.dataset
    window.run_controller.use_dataset(dataclasses.replace(window.run_controller.dataset, name="others"), "")
    assert window.view("diagnosis").cards == []


@pytest.mark.parametrize(("fault", "is_cause"), [("climbs_uphill", True), ("trains_on_validation", False)])
def test_only_what_led_to_long_steps_is_the_cause_of_an_end_by_them(
    qtbot: QtBot, make_window: MakeWindow, fault: str, is_cause: bool
) -> None:
    settings = {"lab.faults": [fault], "training.learning_rate": 0.5 if is_cause else 0.01, "training.epochs": 3}
    window = make_window(settings)
    window._docks.bring("Diagnosis")
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    run = window.run_controller.run
    assert run
    qtbot.waitUntil(
        lambda: window.refresh_scheduler.draw_everything() or run in window.diagnosis._starts, timeout=20_000
    )
    qtbot.waitUntil(
        lambda: (
            window.refresh_scheduler.draw_everything() or window.view("diagnosis").card(FAULTS[fault].rule) is not None
        ),
        timeout=20_000,
    )
    assert bool(window.diagnosis.cause) == is_cause
