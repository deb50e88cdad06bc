"""Steering a run by the controls in any order: what acts and when, and what the window says it can do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QSlider, QSpinBox
from pytestqt.qtbot import QtBot

from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.preflight import preflight
from mnist_gui.training.commands import ChangeSetting
from mnist_gui.training.trainer import Trainer
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.services import judgement
from mnist_gui.ui.services import run_controller as run_controller_module
from mnist_gui.ui.services.run_controller import RunState
from tests.support import make_trainer, run
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for, wait_for_end
from tests.ui.person import as_read, button, click, line_edit, retype, retype_and_enter

ARROW = "\N{RIGHTWARDS ARROW}"
Click = Callable[[str], None]
LONG = {"training.epochs": 5000, "training.schedule": "constant"}


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("none")


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow) -> Iterator[MainWindow]:
    """A window whose run would go on for a long time, at a constant rate."""
    window: MainWindow = make_window(LONG)
    yield window
    end(qtbot, window)


@pytest.fixture
def whole_window(qtbot: QtBot, make_whole_window: MakeWindow) -> Iterator[MainWindow]:
    """The same of the whole window."""
    window: MainWindow = make_whole_window(LONG)
    yield window
    end(qtbot, window)


def end(qtbot: QtBot, window: MainWindow) -> None:
    if window.run_controller.is_running:
        click(qtbot, window, "stop")
        wait_for_end(qtbot, window)


@pytest.fixture
def clicks(qtbot: QtBot, window: MainWindow) -> Click:
    return partial(click, qtbot, window)


def begin(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history) > 0)


def hold(qtbot: QtBot, window: MainWindow) -> int:
    """Pause; the step that it holds after."""
    click(qtbot, window, "pause")
    wait_for(qtbot, window, RunState.PAUSED)
    return window.run_controller.history.last_step


def wait_for_step(qtbot: QtBot, window: MainWindow, step: int) -> None:
    """Until a held run has gone to exactly this step."""
    qtbot.waitUntil(
        lambda: window.run_controller.state is RunState.PAUSED and window.run_controller.history.last_step >= step,
        timeout=20_000,
    )
    assert window.run_controller.history.last_step == step


def enabled(window: MainWindow) -> set[str]:
    names = ("primary", "pause", "continue", "step_batch", "step_epoch", "stop", "new_network", "test")
    return {name for name in names if button(window, name).isEnabled()}


# What can be done, and what the buttons say


def test_before_a_network_there_is_nothing_to_stop_test_save_or_leave(window: MainWindow) -> None:
    assert enabled(window) == {"primary", "step_batch", "step_epoch"}
    assert not window.controls_actions.save_model.isEnabled()


def test_a_run_under_way_can_be_stopped_and_left_and_the_test_waits_for_weights(
    qtbot: QtBot, window: MainWindow
) -> None:
    begin(qtbot, window)
    assert enabled(window) - {"test"} == {"pause", "step_batch", "step_epoch", "stop", "new_network"}
    hold(qtbot, window)
    assert enabled(window) - {"test"} == {"primary", "continue", "step_batch", "step_epoch", "stop", "new_network"}
    assert ("test" in enabled(window)) == (window.run_controller.best is not None)


def test_a_stopped_run_can_be_trained_more_tested_and_left(qtbot: QtBot, window: MainWindow, clicks: Click) -> None:
    begin(qtbot, window)
    clicks("stop")
    wait_for_end(qtbot, window)
    assert enabled(window) == {"primary", "continue", "step_batch", "step_epoch", "new_network", "test"}


def test_what_a_button_is_called_never_changes_so_that_no_click_does_what_it_did_not_say(
    qtbot: QtBot, window: MainWindow, clicks: Click
) -> None:
    called = {"primary": "Train new network", "pause": "Pause", "continue": "Continue"}

    def texts() -> dict[str, str]:
        return {name: button(window, name).text() for name in called}

    assert texts() == called
    begin(qtbot, window)
    assert texts() == called
    hold(qtbot, window)
    assert texts() == called
    clicks("stop")
    wait_for_end(qtbot, window)
    assert texts() == called


@pytest.mark.parametrize("name", ["primary", "continue"])
def test_after_a_run_one_button_trains_a_new_network_and_the_other_this_one_on_with_the_new_rate(
    qtbot: QtBot, make_window: MakeWindow, name: str
) -> None:
    window = make_window({"training.schedule": "constant"})
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    first = window.run_controller.run
    assert first
    assert window.controls.note == "Continue trains run 1 from epoch 2 to 4."
    retype_and_enter(qtbot, window, "learning_rate", "0.03")
    assert window.controls.note == "Changed: Learning rate. Both Train new network and Continue use it."
    click(qtbot, window, name)
    wait_for(qtbot, window, RunState.TRAINING)
    wait_for_end(qtbot, window)
    assert (window.run_controller.run is first) == (name == "continue")
    assert window.run_controller.history.last_step == (48 if name == "continue" else 24)
    assert window.run_controller.history.rates[-1] == np.float32(0.03)
    assert len(first.history) == (48 if name == "continue" else 24)


def test_continue_never_takes_what_describes_another_network(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    retype(qtbot, window, "hidden", "8, 4")
    box = window.findChild(QSpinBox, "epochs")
    assert box
    assert window.controls.note == "Changed for a new network: Hidden layers. Continue goes on without."
    box.setValue(1)
    assert window.controls.note == "Changed for a new network: Hidden layers. Continue takes only: Epochs."
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    assert window.run_controller.best
    assert window.run_controller.best.sizes == (784, 16, 10)
    assert window.run_controller.history.last_step == 36
    assert window.controls.config.network.hidden == (8, 4)
    assert len(window.run_controller.runs) == 1


def test_a_step_after_a_run_is_one_of_the_network_that_is_shown_whatever_the_form_says(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    retype(qtbot, window, "hidden", "8, 4")
    assert button(window, "step_batch").toolTip() == (
        "Train run 1 from epoch 2 to 4 for one minibatch, then hold (Ctrl+B)"
    )
    click(qtbot, window, "step_batch")
    wait_for_step(qtbot, window, 25)
    assert len(window.run_controller.runs) == 1


def test_a_new_network_in_place_of_a_paused_one_leaves_it_among_the_runs(
    qtbot: QtBot, window: MainWindow, clicks: Click
) -> None:
    begin(qtbot, window)
    hold(qtbot, window)
    clicks("primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history) > 0 and not window.run_controller.is_ending)
    first, second = window.run_controller.runs
    assert window.run_controller.run is second
    assert first.ended
    assert first.best


def test_weights_can_be_tested_and_saved_as_soon_as_an_epoch_has_given_some(
    qtbot: QtBot, window: MainWindow, clicks: Click
) -> None:
    clicks("step_epoch")
    wait_for_step(qtbot, window, 12)
    assert window.run_controller.best
    assert "test" in enabled(window)
    assert window.controls_actions.save_model.isEnabled()


# Pause and steps


def test_a_held_run_makes_no_step_until_it_is_told_to(qtbot: QtBot, window: MainWindow, clicks: Click) -> None:
    begin(qtbot, window)
    held_at = hold(qtbot, window)
    clicks("step_batch")
    wait_for_step(qtbot, window, held_at + 1)
    clicks("step_batch")
    wait_for_step(qtbot, window, held_at + 2)


def test_step_epoch_goes_from_within_an_epoch_to_its_end_and_then_a_whole_one(
    qtbot: QtBot, window: MainWindow, clicks: Click
) -> None:
    for steps in range(1, 6):
        clicks("step_batch")
        wait_for_step(qtbot, window, steps)
    clicks("step_epoch")
    wait_for_step(qtbot, window, 12)
    clicks("step_epoch")
    wait_for_step(qtbot, window, 24)
    assert [epoch.epoch for epoch in window.run_controller.history.epochs] == [1, 2]


def test_a_step_while_training_holds_the_run(qtbot: QtBot, window: MainWindow, clicks: Click) -> None:
    begin(qtbot, window)
    clicks("step_epoch")
    wait_for(qtbot, window, RunState.PAUSED)
    assert window.run_controller.history.last_step % 12 == 0


def test_a_run_begun_by_a_step_can_be_resumed_to_its_end(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    click(qtbot, window, "step_batch")
    wait_for_step(qtbot, window, 1)
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    alone = make_trainer()
    run(alone)
    assert window.run_controller.best
    assert alone.best
    np.testing.assert_array_equal(window.run_controller.best.parameters, alone.best.parameters)


def test_stopping_a_held_run_ends_it_and_keeps_its_weights(qtbot: QtBot, window: MainWindow, clicks: Click) -> None:
    clicks("step_batch")
    wait_for_step(qtbot, window, 1)
    clicks("stop")
    wait_for_end(qtbot, window)
    assert window.run_controller.best
    assert window.run_controller.best.step == 1


def test_a_step_before_the_digits_are_read_is_made_when_they_are(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(loaded=False)
    click(qtbot, window, "step_batch")
    wait_for_step(qtbot, window, 1)


def test_a_click_on_train_before_the_digits_are_read_is_counted_once(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(loaded=False)
    click(qtbot, window, "primary")
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert len(window.run_controller.runs) == 1


def test_a_new_network_with_the_old_settings_learns_exactly_the_same(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    learned = []
    for _ in range(2):
        click(qtbot, window, "primary")
        wait_for_end(qtbot, window)
        assert window.run_controller.best
        learned.append(window.run_controller.best.parameters)
        click(qtbot, window, "new_network")
    np.testing.assert_array_equal(*learned)


def test_training_more_goes_on_bit_equal_to_training_more_without_a_window(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    for name in ("primary", "continue"):
        click(qtbot, window, name)
        wait_for_end(qtbot, window)
    alone = make_trainer()
    run(alone)
    alone.train_on(alone.config)
    run(alone)
    assert window.run_controller.best
    assert alone.best
    assert window.run_controller.best.step == alone.best.step
    np.testing.assert_array_equal(window.run_controller.best.parameters, alone.best.parameters)


# Live settings


def test_a_rate_set_by_the_slider_acts_at_the_next_minibatch_and_leaves_a_mark(
    qtbot: QtBot, window: MainWindow, clicks: Click
) -> None:
    window.curves.show()
    begin(qtbot, window)
    slider = window.findChild(QSlider, "learning_rate_slider")
    assert slider
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    new = float(line_edit(window, "learning_rate").text())
    assert new < 0.1
    qtbot.waitUntil(lambda: bool(window.run_controller.history.changes))
    (change,) = window.run_controller.history.changes
    assert (change.old, change.new) == (0.1, new)
    qtbot.waitUntil(lambda: window.run_controller.history.last_step > change.step)
    assert set(window.run_controller.history.rates[change.step :]) == {np.float32(new)}
    clicks("stop")
    wait_for_end(qtbot, window)
    assert window.curves.loss.marks == window.curves.accuracy.marks == [f"learning rate 0.1 {ARROW} {new:.4g}"]


def test_a_live_change_while_held_acts_at_the_next_step_and_does_not_resume(
    qtbot: QtBot, window: MainWindow, clicks: Click
) -> None:
    clicks("step_batch")
    wait_for_step(qtbot, window, 1)
    retype_and_enter(qtbot, window, "learning_rate", "0.025")
    qtbot.waitUntil(lambda: bool(window.run_controller.history.changes))
    assert window.run_controller.state is RunState.PAUSED
    clicks("step_batch")
    wait_for_step(qtbot, window, 2)
    np.testing.assert_array_equal(window.run_controller.history.rates, np.float32([0.1, 0.025]))


def test_a_live_change_is_no_reason_for_a_new_network_and_the_next_training_uses_it(
    qtbot: QtBot, window: MainWindow, clicks: Click
) -> None:
    begin(qtbot, window)
    retype_and_enter(qtbot, window, "learning_rate", "0.04")
    retype_and_enter(qtbot, window, "momentum", "0.5")
    qtbot.waitUntil(lambda: len(window.run_controller.history.changes) == 2)
    clicks("stop")
    wait_for_end(qtbot, window)
    assert window.controls.note.startswith("Continue trains run 1 ")
    ended_at = window.run_controller.history.last_step
    clicks("step_batch")
    qtbot.waitUntil(lambda: window.run_controller.history.last_step > ended_at)
    assert window.run_controller.history.rates[-1] == np.float32(0.04)
    assert window.run_controller.history.starts[-1].config.training.momentum == 0.5


def test_a_rate_that_is_still_being_typed_does_not_act(qtbot: QtBot, window: MainWindow, clicks: Click) -> None:
    begin(qtbot, window)
    retype(qtbot, window, "learning_rate", "0.07")
    reached = window.run_controller.history.last_step
    qtbot.waitUntil(lambda: window.run_controller.history.last_step > reached + 12)
    assert window.run_controller.history.changes == []


def test_a_rate_that_is_illegal_changes_nothing_and_is_named(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window)
    retype_and_enter(qtbot, window, "learning_rate", "0")
    assert "Learning rate 0.0: expected a number from 1e-07 to 100" in window.controls.note
    reached = window.run_controller.history.last_step
    qtbot.waitUntil(lambda: window.run_controller.history.last_step > reached + 12)
    assert window.run_controller.history.changes == []


def test_entering_the_same_rate_again_is_no_change(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window)
    retype_and_enter(qtbot, window, "learning_rate", "0.1")
    retype_and_enter(qtbot, window, "momentum", "0.5")
    qtbot.waitUntil(lambda: bool(window.run_controller.history.changes))
    assert [change.key for change in window.run_controller.history.changes] == ["training.momentum"]


def test_a_run_with_live_changes_equals_the_same_changes_without_a_window(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({"training.schedule": "constant"})
    click(qtbot, window, "step_batch")
    wait_for_step(qtbot, window, 1)
    retype_and_enter(qtbot, window, "learning_rate", "0.03")
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    alone = make_trainer({"training.schedule": "constant"})
    alone.train_minibatch()
    run(alone, ChangeSetting("training.learning_rate", 0.03))
    assert window.run_controller.best
    assert alone.best
    np.testing.assert_array_equal(window.run_controller.best.parameters, alone.best.parameters)


# Settings of the next training, and of a new network


def test_a_structural_edit_while_training_says_so_and_leaves_the_run_alone(
    qtbot: QtBot, window: MainWindow, clicks: Click
) -> None:
    begin(qtbot, window)
    box = window.findChild(QComboBox, "activation")
    assert box
    box.setCurrentText("tanh")
    assert window.controls.note == "Changed for a new network: Activation."
    hold(qtbot, window)
    assert window.controls.note == "Changed for a new network: Activation. Continue goes on without."
    clicks("stop")
    wait_for_end(qtbot, window)
    assert window.run_controller.best
    assert window.run_controller.best.config.network.activation == "relu"


def test_a_structural_edit_that_is_taken_back_is_not_told_any_more(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    retype(qtbot, window, "hidden", "8, 4")
    click(qtbot, window, "more_network")
    box = window.findChild(QComboBox, "init")
    assert box
    box.setCurrentText("he_normal")
    assert window.controls.note.startswith("Changed for a new network: Hidden layers, Initialisation.")
    retype(qtbot, window, "hidden", "16")
    box.setCurrentText("auto")
    assert window.controls.note == "Continue trains run 1 from epoch 2 to 4."


def test_more_epochs_are_for_the_next_training_of_the_same_network(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 1})
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    box = window.findChild(QSpinBox, "epochs")
    assert box
    box.setValue(3)
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    assert [epoch.epoch for epoch in window.run_controller.history.epochs] == [1, 2, 3, 4]


def test_a_number_typed_into_a_spin_box_holds_without_return(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 1})
    box = window.findChild(QSpinBox, "batch_size")
    assert box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "100")
    qtbot.mouseClick(button(window, "primary"), Qt.MouseButton.LeftButton)
    wait_for_end(qtbot, window)
    assert window.run_controller.history.last_step == 6


def test_an_illegal_field_does_not_keep_the_buttons_from_telling_that_the_run_has_ended(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    click(qtbot, window, "primary")
    retype(qtbot, window, "hidden", "many")
    wait_for_end(qtbot, window)
    assert "Hidden layers 'many'" in window.controls.note
    assert not {"pause", "stop"} & enabled(window)
    assert "test" in enabled(window)


def test_an_illegal_field_does_not_keep_the_buttons_from_telling_that_the_run_is_held(
    qtbot: QtBot, window: MainWindow
) -> None:
    begin(qtbot, window)
    retype(qtbot, window, "hidden", "many")
    hold(qtbot, window)
    assert "continue" in enabled(window)
    assert "primary" not in enabled(window)


def test_a_legal_value_takes_the_error_away(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    retype(qtbot, window, "hidden", "9000")
    assert "expected a list of 0 to 20 whole numbers from 1 to 8,192" in window.controls.note
    assert not button(window, "primary").isEnabled()  # a click could do nothing
    retype(qtbot, window, "hidden", "9")
    assert window.controls.note == ""
    assert button(window, "primary").isEnabled()


def test_what_looks_like_markup_in_a_field_is_named_as_it_was_typed(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(loaded=False)
    retype(qtbot, window, "hidden", "<b>16</b>")
    label = next(label for label in window.controls.findChildren(QLabel) if label.text() == window.controls.note)
    assert "Hidden layers '<b>16</b>'" in as_read(label.text(), label.textFormat())


def test_more_digits_than_there_are_is_refused_and_the_network_stays(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs
) -> None:
    window = make_window()
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    best = window.run_controller.best
    retype(qtbot, window, "train", "70,000")
    assert window.controls.note.startswith("Training digits 70000: expected a whole number from 1 to ")
    for name in ("primary", "continue"):
        click(qtbot, window, name)
    assert dialogs.errors == []
    assert window.run_controller.state is RunState.ENDED
    assert window.run_controller.best is best


# The test digits


class WatchedSplit:
    """A split that keeps count of who looks into it."""

    def __init__(self, split: Any) -> None:
        self._split = split
        self.touched: list[str] = []

    def __len__(self) -> int:
        return len(self._split)

    def __getattr__(self, name: str) -> Any:
        if name != "source":  # which file they come from is asked, to see that they are not those trained on
            self.touched.append(name)
        return getattr(self._split, name)


def test_nothing_looks_at_the_test_digits_until_a_person_asks(
    qtbot: QtBot, make_whole_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[WatchedSplit] = []
    split_dataset = run_controller_module.split_dataset

    def deal_and_watch(*arguments: Any) -> Any:
        splits = split_dataset(*arguments)
        watched.append(WatchedSplit(splits.test))
        return replace(splits, test=watched[-1])

    monkeypatch.setattr(run_controller_module, "split_dataset", deal_and_watch)
    window = make_whole_window()
    for name in ("primary", "continue"):
        click(qtbot, window, name)
        wait_for_end(qtbot, window)
    click(qtbot, window, "new_network")
    click(qtbot, window, "step_epoch")
    wait_for(qtbot, window, RunState.PAUSED)
    assert [split.touched for split in watched] == [[], []]
    assert "test" in enabled(window)
    click(qtbot, window, "test")
    qtbot.waitUntil(lambda: "asked once" in window.controls.test_result, timeout=20_000)
    assert watched[-1].touched


def test_every_question_for_the_test_digits_is_counted_until_there_is_a_new_network(
    qtbot: QtBot, make_whole_window: MakeWindow
) -> None:
    window = make_whole_window()
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    for said in ("asked once", "asked 2 times", "asked 3 times"):
        click(qtbot, window, "test")
        qtbot.waitUntil(lambda said=said: said in window.controls.test_result, timeout=20_000)
    label = next(label for label in window.findChildren(QLabel) if "asked" in label.text())
    assert label.isVisible()
    click(qtbot, window, "new_network")
    assert window.controls.test_result == ""
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert window.run_controller.run.tests_asked == 0


def test_a_test_asked_for_while_training_tells_of_the_weights_it_measured(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    click(qtbot, whole_window, "step_epoch")
    wait_for_step(qtbot, whole_window, 12)
    best, splits = whole_window.run_controller.best, whole_window.run_controller.splits
    assert best
    assert splits
    assert "test" in enabled(whole_window)
    click(qtbot, whole_window, "test")
    click(qtbot, whole_window, "continue")
    qtbot.waitUntil(lambda: "asked once" in whole_window.controls.test_result, timeout=20_000)
    predictions = best.predict(splits.test)
    assert predictions
    assert f"<b>{predictions.accuracy:.2%}</b> of 10,000" in whole_window.controls.test_result
    assert "weights of epoch 1;" in whole_window.controls.test_result


# A window that does not look


def test_a_window_that_does_not_look_costs_the_run_no_copies_of_weights_within_epochs(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[int] = []
    snapshot = Trainer.snapshot

    def count_and_copy(trainer: Trainer, *arguments: Any) -> Any:
        copies.append(trainer.step)
        return snapshot(trainer, *arguments)

    monkeypatch.setattr(Trainer, "snapshot", count_and_copy)
    monkeypatch.setattr(judgement, "preflight", preflight)  # not that of the tests, which copies to compare
    window = make_window({"training.epochs": 20})
    shown: list[Any] = []
    window.run_controller.snapshot_taken.connect(shown.append)
    window.refresh_scheduler.stop()
    click(qtbot, window, "primary")
    session = window.run_controller._live.session
    assert session
    assert session.join(30)
    window.refresh_scheduler.draw_everything()
    assert window.run_controller.run
    between_epochs = [step for step in copies if step % 12]
    assert set(between_epochs) <= set(window.run_controller.run.timeline.steps)  # keyframes, which are kept
    # the start, that of the pre-flight's own trainer, the end, and every epoch
    assert len(copies) - len(between_epochs) <= 1 + 1 + 1 + 20
    assert len(window.run_controller.history) == 240
    assert shown == [window.run_controller.best]


def test_the_pace_can_be_slowed_in_the_menu_and_stays_for_the_next_run(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 5000})
    paces = window.controls_actions.paces
    assert paces[None].isChecked()
    paces[1.0].trigger()
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: window.run_controller.history.last_step >= 1)
    assert window.run_controller.history.last_step < 20
    paces[None].trigger()
    qtbot.waitUntil(lambda: window.run_controller.history.last_step > 20)
    paces[1.0].trigger()
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)
    click(qtbot, window, "new_network")
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: window.run_controller.history.last_step >= 1)
    assert window.run_controller.history.last_step < 20
    assert window.run_controller.state is RunState.TRAINING
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)


def test_many_changed_settings_are_counted_and_move_nothing(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 1})
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    form = window.controls._note.geometry().bottom()
    window.controls.show_config(
        RunConfig().with_settings({"network.hidden": [7], "network.activation": "tanh", "data.train": 5000})
    )
    assert window.controls.note.startswith("Changed for a new network: ")
    assert " and " in window.controls.note
    QApplication.processEvents()
    assert window.controls._note.geometry().bottom() == form
    changed = {"training.learning_rate": 0.3, "training.momentum": 0.2, "training.schedule": "constant"}
    window.controls.show_config(window.controls.config.with_settings({**changed, "network.loss": "mse"}))
    assert window.controls.note.endswith(" more. Continue takes only: Learning rate and 3 more.")
    QApplication.processEvents()
    assert window.controls._note.geometry().bottom() == form
