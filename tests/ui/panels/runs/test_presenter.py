"""The table of runs: none is lost, any comes back, runs again, serves as a pattern, or goes and is brought back."""

import gc
from weakref import ref

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeView
from pytestqt.qtbot import QtBot

from mnist_gui.runs.run import Run
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.services.run_controller import RunState
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for, wait_for_end
from tests.ui.person import button, click, retype_and_enter

LONG = {"training.epochs": 5000}


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("runs")


def train(qtbot: QtBot, window: MainWindow, settings: dict[str, object] | None = None) -> Run:
    """Train a new network with the form's settings and these."""
    window.controls_actions.new_network.trigger()
    window.controls.show_config(window.controls.config.with_settings(settings or {}))
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert window.run_controller.run
    return window.run_controller.run


def press(qtbot: QtBot, window: MainWindow, name: str, run: Run | None = None) -> None:
    """Show the panel, choose a run and click a button of it."""
    next(dock for dock in window._docks.docks if dock.windowTitle() == "Runs").raise_()
    if run:
        window.view("runs").select(run)
    assert button(window, name).isEnabled()
    click(qtbot, window, name)


def column(window: MainWindow, name: str) -> list[str]:
    headings, *rows = window.view("runs").table
    return [row[headings.index(name)] for row in rows]


def table(window: MainWindow) -> QTreeView:
    found = window.findChild(QTreeView, "runs")
    assert found
    return found


def tick(window: MainWindow, row: int, state: Qt.CheckState) -> None:
    model = table(window).model()
    model.setData(model.index(row, 0), state, Qt.ItemDataRole.CheckStateRole)


def test_before_the_first_run_the_panel_says_what_will_be_here(whole_window: MainWindow) -> None:
    assert whole_window.view("runs").table == [["run", "validation", "trained", "time", "state"]]
    for name in ("open_run", "run_again", "duplicate_run", "delete_run", "undo_delete"):
        assert not button(whole_window, name).isEnabled()


def test_the_table_tells_only_what_differs_and_how_well_each_did(qtbot: QtBot, window: MainWindow) -> None:
    first = train(qtbot, window)
    assert window.view("runs").table[0] == ["run", "validation", "trained", "time", "state"]
    second = train(qtbot, window, {"training.momentum": 0.5, "network.hidden": [8]})
    assert window.view("runs").table[0] == [
        "run",
        "validation",
        "Hidden layers",
        "Momentum",
        "trained",
        "time",
        "state",
    ]
    assert column(window, "run") == ["2", "1"]
    assert column(window, "Momentum") == ["0.5", "0.9"]
    assert column(window, "Hidden layers") == ["8", "16"]
    assert column(window, "state") == ["finished", "finished"]
    best = [run.best.validation_accuracy for run in (second, first) if run.best]
    assert column(window, "validation") == [f"{accuracy:.2%}" for accuracy in best]


def test_an_earlier_run_comes_back_with_its_curves_weights_settings_and_test(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    first = train(qtbot, whole_window)
    click(qtbot, whole_window, "test")
    qtbot.waitUntil(lambda: "asked once" in whole_window.controls.test_result, timeout=20_000)
    told, mistakes = whole_window.controls.test_result, whole_window.view("mistakes").digits
    train(qtbot, whole_window, {"network.hidden": [8]})
    assert whole_window.controls.test_result == ""
    press(qtbot, whole_window, "open_run", first)
    wait_for_end(qtbot, whole_window)
    assert whole_window.run_controller.history is first.history
    assert whole_window.curves.loss.drawn_minibatches == 24
    assert whole_window.controls.config.network.hidden == (16,)
    assert whole_window.controls.test_result == told
    assert whole_window.view("mistakes").digits == mistakes
    assert column(whole_window, "run") == ["2", "1"]


def test_an_earlier_run_is_trained_further_exactly_as_if_it_had_never_been_left(
    qtbot: QtBot, window: MainWindow
) -> None:
    learned = []
    for has_left in (False, True):
        run = train(qtbot, window, {"network.hidden": [16]})
        if has_left:
            train(qtbot, window, {"network.hidden": [8]})
            press(qtbot, window, "open_run", run)
        click(qtbot, window, "continue")
        wait_for_end(qtbot, window)
        assert run.best
        learned.append(run.history.losses.values.copy())
    assert len(learned[0]) == 48
    np.testing.assert_array_equal(*learned)


def test_a_run_that_was_changed_on_the_way_is_run_again_to_the_bit(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 3})
    for _ in range(3):
        click(qtbot, window, "step_batch")
    qtbot.waitUntil(
        lambda: window.run_controller.state is RunState.PAUSED and window.run_controller.history.last_step == 3
    )
    retype_and_enter(qtbot, window, "learning_rate", "0.02")
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    first = window.run_controller.run
    assert first
    window.controls_actions.train_on.trigger()  # a second schedule
    wait_for_end(qtbot, window)
    press(qtbot, window, "run_again", first)
    qtbot.waitUntil(
        lambda: window.run_controller.history.last_step == 72 and window.run_controller.state is RunState.ENDED
    )
    again = window.run_controller.run
    assert again is not first
    assert again
    np.testing.assert_array_equal(again.history.losses.values, first.history.losses.values)
    assert [(change.step, change.new) for change in again.history.changes] == [(3, 0.02)]
    assert window.overlays.ghosts == [first]


def test_a_run_that_runs_again_can_be_stopped_for_good(qtbot: QtBot, window: MainWindow) -> None:
    first = train(qtbot, window, {"training.epochs": 2})
    window.controls.show_config(window.controls.config.with_settings(LONG))
    click(qtbot, window, "continue")  # a second schedule, a long one
    qtbot.waitUntil(lambda: window.run_controller.history.last_step > 30)
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)
    first_end = first.history.last_step
    press(qtbot, window, "run_again", first)
    click(qtbot, window, "stop")
    qtbot.waitUntil(lambda: not window.run_controller.is_running, timeout=20_000)
    assert window.run_controller.run
    assert not window.run_controller.run.to_replay
    assert window.run_controller.history.last_step < first_end


def test_a_duplicate_fills_the_form_and_trains_a_new_network_beside_the_old_curve(
    qtbot: QtBot, window: MainWindow
) -> None:
    first = train(qtbot, window, {"training.momentum": 0.3})
    train(qtbot, window, {"training.momentum": 0.9, "network.hidden": [8]})
    press(qtbot, window, "duplicate_run", first)
    assert window.controls.config.training.momentum == 0.3
    assert window.controls.config.network.hidden == (16,)
    assert window.run_controller.run is None
    assert window.overlays.ghosts == [first]
    retype_and_enter(qtbot, window, "learning_rate", "0.05")
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    third = window.run_controller.run
    assert third
    assert third.number == 3
    assert third.begun_as.differences(first.begun_as) == ("training.learning_rate",)


def test_a_new_network_has_the_one_before_as_its_ghost_and_only_that(qtbot: QtBot, window: MainWindow) -> None:
    first = train(qtbot, window)
    assert window.overlays.ghosts == []
    second = train(qtbot, window, {"network.hidden": [8]})
    assert window.overlays.ghosts == [first]
    train(qtbot, window, {"network.hidden": [4]})
    assert window.overlays.ghosts == [second]


def test_a_tick_overlays_a_run_and_stays_when_others_come(qtbot: QtBot, window: MainWindow) -> None:
    first, second = train(qtbot, window), train(qtbot, window, {"network.hidden": [8]})
    tick(window, 1, Qt.CheckState.Unchecked)
    assert window.overlays.ghosts == []
    tick(window, 1, Qt.CheckState.Checked)
    assert window.overlays.ghosts == [first]
    train(qtbot, window, {"network.hidden": [4]})
    assert window.overlays.ghosts == [first, second]


def test_a_deleted_run_is_gone_and_undo_brings_it_back(qtbot: QtBot, window: MainWindow) -> None:
    first, second = train(qtbot, window), train(qtbot, window, {"network.hidden": [8]})
    press(qtbot, window, "delete_run", first)
    assert column(window, "run") == ["2"]
    assert window.overlays.ghosts == []
    press(qtbot, window, "delete_run", second)
    assert (window.run_controller.run, window.run_controller.state, len(window.run_controller.history)) == (
        None,
        RunState.NEW,
        0,
    )
    press(qtbot, window, "undo_delete")
    press(qtbot, window, "undo_delete")
    assert column(window, "run") == ["2", "1"]
    press(qtbot, window, "open_run", second)
    assert window.run_controller.history is second.history
    assert not button(window, "undo_delete").isEnabled()


def test_a_window_keeps_nothing_of_a_run_that_cannot_be_brought_back(qtbot: QtBot, window: MainWindow) -> None:
    runs = [ref(train(qtbot, window, {"network.hidden": [hidden]})) for hidden in (8, 9)]
    for _ in runs:
        window.presenter("runs").delete(next(iter(window.run_controller.runs)))
    assert all(run() for run in runs)
    window.run_controller.runs._deleted.clear()
    window.run_controller.runs_changed.emit()
    qtbot.waitUntil(lambda: not window.run_controller.is_busy)
    gc.collect()
    assert [run() for run in runs] == [None, None]


def test_the_del_key_deletes_the_chosen_run(qtbot: QtBot, window: MainWindow) -> None:
    run = train(qtbot, window)
    window.view("runs").select(run)
    qtbot.keyClick(table(window), Qt.Key.Key_Delete)
    assert len(window.run_controller.runs) == 0


def test_a_double_click_comes_back_to_a_run(qtbot: QtBot, window: MainWindow) -> None:
    first = train(qtbot, window)
    train(qtbot, window, {"network.hidden": [8]})
    next(dock for dock in window._docks.docks if dock.windowTitle() == "Runs").raise_()
    view = table(window)
    place = view.visualRect(view.model().index(1, 1)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.run_controller.run is first


def test_while_a_network_trains_others_can_be_compared_and_deleted_but_not_opened(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    first = train(qtbot, window)
    window.controls.show_config(window.controls.config.with_settings({**LONG, "network.hidden": [8]}))
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history) > 0)
    assert column(window, "state") == ["training", "finished"]
    window.view("runs").select(first)
    enabled = {
        name: button(window, name).isEnabled() for name in ("open_run", "run_again", "duplicate_run", "delete_run")
    }
    assert enabled == {"open_run": False, "run_again": False, "duplicate_run": False, "delete_run": True}
    assert window.run_controller.run
    window.view("runs").select(window.run_controller.run)
    assert not button(window, "delete_run").isEnabled()
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)


def test_a_run_that_never_learned_anything_leaves_no_row(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"network.hidden": [1024]})
    click(qtbot, window, "primary")
    window.controls_actions.new_network.trigger()
    qtbot.waitUntil(lambda: not window.run_controller.is_ending, timeout=20_000)
    assert [run for run in window.run_controller.runs if run.is_empty] == []


def test_running_to_an_epoch_holds_there_from_the_start_and_from_a_pause(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs
) -> None:
    window = make_window({"training.epochs": 8})
    dialogs.epoch = 2
    window.controls_actions.run_to_epoch.trigger()
    wait_for(qtbot, window, RunState.PAUSED)
    assert window.run_controller.history.last_step == 24
    dialogs.epoch = 5
    window.controls_actions.run_to_epoch.trigger()
    qtbot.waitUntil(
        lambda: window.run_controller.state is RunState.PAUSED and window.run_controller.history.last_step == 60
    )
    assert dialogs.test_evaluation == ["0 of 8 epochs done", "2 of 8 epochs done"]
    dialogs.epoch = None
    window.controls_actions.run_to_epoch.trigger()
    assert window.run_controller.state is RunState.PAUSED


def test_an_epoch_that_was_reached_while_the_question_was_open_is_not_trained_again(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window({"training.epochs": 3})
    click(qtbot, window, "primary")

    def answer_late(done: int, planned: int) -> int:
        wait_for_end(qtbot, window)
        return 2

    monkeypatch.setattr(dialogs, "ask_epoch", answer_late)
    window.controls_actions.run_to_epoch.trigger()
    assert window.run_controller.state is RunState.ENDED
    assert window.run_controller.history.last_step == 36
    assert window.controls.note == "Epoch 2 is done already: the network has trained 3."


def test_while_a_run_is_run_again_the_form_says_what_is_in_force(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 2, "training.learning_rate": 0.1})
    click(qtbot, window, "step_batch")
    wait_for(qtbot, window, RunState.PAUSED)
    retype_and_enter(qtbot, window, "learning_rate", "0.05")
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    assert window.run_controller.run
    first = window.run_controller.run
    window.controls.show_config(window.controls.config.with_settings({"training.learning_rate": 0.5}))
    press(qtbot, window, "run_again", first)
    wait_for_end(qtbot, window)
    assert window.run_controller.run is not first
    assert window.controls.config.training.learning_rate == 0.05
    assert window.run_controller.run.config.training.learning_rate == 0.05
    assert window.controls.note.startswith("Continue trains run 2 ")


def test_a_duplicate_is_compared_with_its_pattern_not_with_the_run_that_was_shown(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({"training.epochs": 1})
    first = train(qtbot, window)
    train(qtbot, window, {"training.learning_rate": 0.2})
    press(qtbot, window, "duplicate_run", first)
    assert [ghost is first for ghost in window.overlays.ghosts] == [True]
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert [ghost is first for ghost in window.overlays.ghosts] == [True]
