"""What is said of a run to those who do not watch: a sound at the end and at an error, if it is wanted."""

import dataclasses

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from mnist_gui.training.records import EpochDone
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.shell.notifications import Notifications
from mnist_gui.ui.shell.preferences import Preferences
from tests.ui.conftest import AnsweringDialogs, MakeWindow, wait_for_end
from tests.ui.person import click


def label(window: MainWindow, name: str) -> QLabel:
    found = window.findChild(QLabel, name)
    assert found
    return found


@pytest.fixture
def beeps(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    heard: list[None] = []
    monkeypatch.setattr(QApplication, "beep", lambda: heard.append(None))
    return heard


def test_a_run_ends_silently_unless_a_sound_was_asked_for(qtbot: QtBot, window: MainWindow, beeps: list[None]) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert beeps == []


def test_a_sound_is_tried_out_when_it_is_chosen_and_heard_at_the_end_of_a_run(
    qtbot: QtBot, make_window: MakeWindow, preferences: Preferences, beeps: list[None]
) -> None:
    window = make_window()
    # Which would sound, too, if the run took long enough to be judged.
    window.diagnosis.error_found.disconnect()
    window.controls_actions.sound.trigger()
    assert len(beeps) == 1
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert len(beeps) == 2
    assert preferences.sound
    assert make_window().controls_actions.sound.isChecked()


def test_an_error_is_heard_once(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs, preferences: Preferences, beeps: list[None]
) -> None:
    preferences.sound = True
    window = make_window({"network.activation": "identity", "network.loss": "mse", "training.learning_rate": 100.0})
    window.diagnosis.error_found.disconnect()
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: bool(dialogs.errors), timeout=20_000)
    wait_for_end(qtbot, window)
    assert dialogs.errors[0].startswith("The network diverged")
    assert len(beeps) == 1
    assert label(window, "status_state").text() == "diverged"  # also once the error was told


@pytest.mark.parametrize("cause", ["", "steps go uphill. They climb."])
def test_what_the_diagnosis_finds_first_stands_where_a_run_guesses_at_its_end(
    qtbot: QtBot, window: MainWindow, preferences: Preferences, cause: str
) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    heard = AnsweringDialogs()
    Notifications(window.run_controller, window.curves, heard, preferences, find_cause=lambda: cause)
    assert window.run_controller.run
    ended = window.run_controller.run.ended
    assert ended
    told = "at step 5 the loss became nan, first in the output layer. Likely cause: a learning rate of 3"
    window.run_controller.record_taken.emit(dataclasses.replace(ended, state="diverged", error=told))
    assert "at step 5 the loss became nan, first in the output layer" in heard.errors[0]
    assert ("What the diagnosis finds first: steps go uphill. They climb." in heard.errors[0]) == bool(cause)
    assert ("Likely cause" in heard.errors[0]) == (not cause)


def test_the_status_says_how_a_run_ended_whatever_else_is_told_meanwhile(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    window.run_controller.failed.emit("Something", "went wrong")
    assert label(window, "status_state").text() == "finished"
    window.controls_actions.new_network.trigger()
    assert label(window, "status_state").text() == "no network yet"


def test_epochs_are_announced_no_faster_than_anyone_could_listen(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, preferences: Preferences
) -> None:
    seconds = [0.0]
    Notifications(window.run_controller, window.curves, dialogs, preferences, clock=lambda: seconds[0])
    told: list[str] = []
    window.curves.announce = told.append  # type: ignore[method-assign]
    window.run_controller.history.epochs.append(EpochDone(1, 12, 0.5, 0.9, 0.4, 0.9, 1.0, 1000.0))
    for now in (1.0, 1.2, 1.9, 2.1):
        seconds[0] = now
        window.run_controller.record_taken.emit(window.run_controller.history.epochs[0])
    # that of the window itself heard at most one of these, for its own clock hardly moved
    assert 2 <= len(told) <= 3
