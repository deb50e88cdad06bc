"""Clicking through a training run, as a person would."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QSlider
from pytestqt.qtbot import QtBot

from mnist_gui.inspection.error_selection import in_order, select_digits
from mnist_gui.training.trainer import Trainer
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.services.run_controller import RunState
from tests.support import make_trainer, run
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for, wait_for_end
from tests.ui.person import click, retype


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("units", "weights", "mistakes", "runs")


def test_a_click_on_train_trains_and_shows_everything(qtbot: QtBot, whole_window: MainWindow) -> None:
    click(qtbot, whole_window, "primary")
    wait_for_end(qtbot, whole_window)
    assert len(whole_window.run_controller.history) == 24
    assert whole_window.curves.loss.drawn_minibatches == whole_window.curves.accuracy.drawn_minibatches == 24
    picture = whole_window.view("units").mosaic
    assert picture
    assert picture.units == 16
    assert np.ptp(picture.indices) > 100


def test_the_window_trains_to_the_same_weights_as_the_command_line(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    alone = make_trainer()
    run(alone)
    assert alone.best
    assert window.run_controller.best
    np.testing.assert_array_equal(window.run_controller.best.parameters, alone.best.parameters)


def test_all_wrong_validation_digits_are_shown_and_no_other(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert splits
    predictions = best.predict(splits.validation)
    assert predictions
    expected = in_order(predictions, select_digits(predictions, "mistakes"), "loss")
    assert len(expected) > 0
    assert window.view("mistakes").digits == expected.tolist()


def test_pause_holds_and_continue_goes_on(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 2000})
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history) > 0)
    click(qtbot, window, "pause")
    wait_for(qtbot, window, RunState.PAUSED)
    held_at = window.run_controller.history.last_step
    click(qtbot, window, "continue")
    qtbot.waitUntil(lambda: window.run_controller.history.last_step > held_at)
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)


@pytest.mark.parametrize(("button", "steps"), [("step_batch", 1), ("step_epoch", 12)])
def test_stepping_begins_a_network_and_holds(qtbot: QtBot, window: MainWindow, button: str, steps: int) -> None:
    for times in (1, 2):
        click(qtbot, window, button)
        qtbot.waitUntil(
            lambda wanted=times * steps: (
                window.run_controller.history.last_step == wanted
                and window.run_controller.state is not RunState.TRAINING
            )
        )


def test_stop_keeps_the_network_and_new_network_clears_the_curves(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 2000})
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history.epochs) > 0)
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)
    assert window.run_controller.best
    click(qtbot, window, "new_network")
    assert window.run_controller.state is RunState.NEW
    assert len(window.run_controller.history) == 0
    assert window.view("units").mosaic is None
    assert window.view("mistakes").digits == []


def test_continue_goes_on_where_it_ended_and_leaves_a_mark(qtbot: QtBot, window: MainWindow) -> None:
    window.curves.show()
    for name in ("primary", "continue"):
        click(qtbot, window, name)
        wait_for(qtbot, window, RunState.TRAINING)
        wait_for_end(qtbot, window)
    assert window.run_controller.history.last_step == 48
    assert [epoch.epoch for epoch in window.run_controller.history.epochs] == [1, 2, 3, 4]
    assert window.curves.loss.marks == ["continued"]


def test_a_learning_rate_typed_while_training_acts_and_leaves_a_mark(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 2000, "training.schedule": "constant"})
    window.curves.show()
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history) > 0)
    retype(qtbot, window, "learning_rate", "0,02")
    line = window.findChild(QLineEdit, "learning_rate")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(window.run_controller.history.changes))
    change = window.run_controller.history.changes[0]
    assert (change.key, change.old, change.new) == ("training.learning_rate", 0.1, 0.02)
    qtbot.waitUntil(lambda: window.run_controller.history.last_step > change.step + 1)
    rates = window.run_controller.history.rates
    np.testing.assert_allclose(rates[: change.step], 0.1, rtol=1e-6)
    np.testing.assert_allclose(rates[change.step :], 0.02, rtol=1e-6)
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)
    assert window.curves.loss.marks == ["learning rate 0.1 \N{RIGHTWARDS ARROW} 0.02"]


def test_a_dragged_momentum_slider_acts_while_training(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 2000})
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history) > 0)
    slider = window.findChild(QSlider, "momentum_slider")
    assert slider
    slider.setValue(slider.minimum())
    qtbot.waitUntil(lambda: bool(window.run_controller.history.changes))
    assert window.run_controller.history.changes[-1].new == 0.0
    line = window.findChild(QLineEdit, "momentum")
    assert line
    assert line.text() == "0"


def test_a_structural_change_offers_a_new_network_and_names_what_changed(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    retype(qtbot, window, "hidden", "8, 8")
    assert "Hidden layers" in window.controls.note
    click(qtbot, window, "primary")
    wait_for(qtbot, window, RunState.TRAINING)
    wait_for_end(qtbot, window)
    assert window.run_controller.best
    assert window.run_controller.best.sizes == (784, 8, 8, 10)
    assert window.run_controller.history.last_step == 24


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("hidden", "16, x", "Hidden layers '16, x': expected a list"),
        ("learning_rate", "1000", "Learning rate 1000.0: expected a number from 1e-07 to 100"),
        ("learning_rate", "fast", "Learning rate 'fast': expected a number"),
        ("momentum", "", "Momentum '': expected a number"),
    ],
)
def test_an_illegal_value_is_refused_by_name_and_nothing_starts(
    qtbot: QtBot, window: MainWindow, name: str, text: str, said: str
) -> None:
    retype(qtbot, window, name, text)
    click(qtbot, window, "primary")
    assert said in window.controls.note
    assert window.run_controller.state is RunState.NEW


def test_train_before_the_digits_are_read_starts_as_soon_as_they_are(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(loaded=False)
    click(qtbot, window, "primary")
    assert "as soon as" in window.controls.note
    wait_for_end(qtbot, window)
    assert len(window.run_controller.history) == 24


def test_a_slow_window_slows_no_training_and_holds_one_snapshot(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    window.refresh_scheduler.stop()
    session = window.run_controller._live.session
    assert session
    assert session.join(30)
    assert len(window.run_controller.history) == 0
    window.run_controller.poll()
    assert len(window.run_controller.history) == 24
    assert window.run_controller.state is RunState.ENDED


def test_a_diverged_run_is_explained_and_its_network_can_be_trained_again(
    qtbot: QtBot, make_whole_window: MakeWindow, dialogs: AnsweringDialogs
) -> None:
    window = make_whole_window(
        {"training.epochs": 2000, "network.hidden": [64, 32, 16, 16], "training.schedule": "constant"}
    )
    click(qtbot, window, "step_epoch")  # whether the loss overflows depends on the step at which the rate is raised
    wait_for(qtbot, window, RunState.PAUSED)
    tame = window.controls.config.with_settings({"training.epochs": 1})
    window.run_controller.change_setting("training.learning_rate", 100.0)
    window.run_controller.change_setting("training.momentum", 0.99)
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    assert dialogs.errors
    assert "diverged" in dialogs.errors[0]
    best = window.run_controller.best
    assert best
    assert window.controls.note.startswith("Changed: ") or f"the weights of step {best.step:,} " in window.controls.note
    window.run_controller.train_on(tame)
    wait_for_end(qtbot, window)
    history = window.run_controller.history
    assert history.last_step == best.step + 12
    assert np.isfinite(history.losses.values).all()
    assert [epoch.step for epoch in history.epochs] == sorted({epoch.step for epoch in history.epochs})


def test_the_test_digits_are_measured_when_asked_and_only_then(qtbot: QtBot, whole_window: MainWindow) -> None:
    click(qtbot, whole_window, "primary")
    wait_for_end(qtbot, whole_window)
    assert whole_window.run_controller.run.tests_asked == 0
    click(qtbot, whole_window, "test")
    qtbot.waitUntil(lambda: "asked once" in whole_window.controls.test_result, timeout=20_000)
    best, splits = whole_window.run_controller.best, whole_window.run_controller.splits
    assert best
    assert splits
    predictions = best.predict(splits.test)
    assert predictions
    assert f"{predictions.accuracy:.2%}" in whole_window.controls.test_result


def test_a_run_without_validation_digits_says_so(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.validation": 0})
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert "no validation digits" in window.view("mistakes").caption


@pytest.mark.parametrize("hidden", [[], [1], [5, 5, 5]])
def test_networks_of_any_depth_are_drawn(qtbot: QtBot, make_window: MakeWindow, hidden: list[int]) -> None:
    window = make_window({"network.hidden": hidden, "training.epochs": 1})
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    picture = window.view("units").mosaic
    assert picture
    assert picture.units == (hidden[0] if hidden else 10)


def test_two_runs_at_once_stay_bit_equal_to_one_alone(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 2000})
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history) > 0)
    click(qtbot, window, "new_network")  # the old run is still ending when the new one begins
    window.controls.show_config(make_trainer().config)
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    alone = Trainer(make_trainer().config, make_trainer().splits)
    run(alone)
    assert alone.best
    assert window.run_controller.best
    np.testing.assert_array_equal(window.run_controller.best.parameters, alone.best.parameters)


def test_a_screen_reader_is_told_how_it_goes_and_the_end(qtbot: QtBot, whole_window: MainWindow) -> None:
    told: list[str] = []
    announce = whole_window.curves.announce
    whole_window.curves.announce = lambda text: (told.append(text), announce(text))  # type: ignore[method-assign,func-returns-value]
    click(qtbot, whole_window, "primary")
    wait_for_end(qtbot, whole_window)
    progress = [text for text in told if text.startswith(("epoch", "training"))]  # the others say what was diagnosed
    first, *_, last = progress  # the second epoch came too soon after the first
    assert first.startswith("epoch 1: ")
    assert "validation accuracy" in first
    assert last.startswith("training finished; epoch 2: ")
    assert whole_window.curves.accessibleDescription() == told[-1]
