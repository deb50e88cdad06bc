"""The timeline: every panel shows the moment it is dragged to, also while training goes on, and Live returns."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from mnist_gui.inspection.error_selection import in_order, select_digits
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.timeline.track import TimelineTrack
from mnist_gui.ui.services.run_controller import RunState
from tests.ui.conftest import MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.person import button, click

LONG = {"training.epochs": 5000}


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("units", "weights", "mistakes")


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)


def drag_to(qtbot: QtBot, window: MainWindow, step: float) -> None:
    track = window.timeline.track
    place = QPoint(round(track.x_of(step)), track.height() // 2)
    qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseRelease(track, Qt.MouseButton.LeftButton, pos=place)


def shown_weights(window: MainWindow) -> Any:
    """What the panel of units says of its weights."""
    return window.view("units").caption


def kept(window: MainWindow, step: int) -> Snapshot:
    assert window.run_controller.run
    found = window.run_controller.run.timeline.at(step)
    assert found
    return found


def mistakes_of(window: MainWindow, snapshot: Snapshot) -> list[int]:
    assert window.run_controller.splits
    predictions = snapshot.predict(window.run_controller.splits.validation)
    assert predictions
    return [int(digit) for digit in in_order(predictions, select_digits(predictions, "mistakes"), "loss")]


def test_before_a_run_there_is_nothing_to_look_back_at(window: MainWindow) -> None:
    assert not window.timeline.track.isEnabled()
    for name in ("play", "live", "export_movie"):
        assert not button(window, name).isEnabled()


def test_every_panel_shows_the_moment_that_is_dragged_to(qtbot: QtBot, whole_window: MainWindow) -> None:
    train(qtbot, whole_window)
    drag_to(qtbot, whole_window, 5)
    assert not whole_window.playhead.is_live
    assert "step 5." in shown_weights(whole_window)
    assert "Looking back: the weights of step 5." in whole_window.timeline.text
    expected = mistakes_of(whole_window, kept(whole_window, 5))
    qtbot.waitUntil(lambda: whole_window.view("mistakes").digits == expected, timeout=20_000)
    assert "Weights of step 5." in whole_window.view("mistakes").caption


def test_between_two_kept_moments_the_one_before_is_shown_and_named(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    drag_to(qtbot, window, 23)
    assert "step 22." in shown_weights(window)
    assert "weights of step 22, the nearest kept before step 23." in window.timeline.text


def test_at_the_end_of_an_epoch_its_mistakes_are_there_at_once(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    drag_to(qtbot, window, 12)
    assert not window.run_controller.is_busy
    assert window.view("mistakes").digits == mistakes_of(window, kept(window, 12))


def test_live_returns_to_the_newest_weights_and_their_mistakes(qtbot: QtBot, whole_window: MainWindow) -> None:
    train(qtbot, whole_window)
    weights, mistakes, caption = (
        shown_weights(whole_window),
        whole_window.view("mistakes").digits,
        whole_window.view("mistakes").caption,
    )
    drag_to(qtbot, whole_window, 3)
    click(qtbot, whole_window, "live")
    whole_window.refresh_scheduler.draw_everything()
    assert whole_window.playhead.is_live
    assert (
        shown_weights(whole_window),
        whole_window.view("mistakes").digits,
        whole_window.view("mistakes").caption,
    ) == (
        weights,
        mistakes,
        caption,
    )
    qtbot.waitUntil(
        lambda: not whole_window.run_controller.is_busy
    )  # the answers of step 3 come late, and change nothing
    assert (whole_window.view("mistakes").digits, whole_window.view("mistakes").caption) == (mistakes, caption)
    assert not button(whole_window, "live").isEnabled()


def test_dragging_to_the_end_is_live(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    drag_to(qtbot, window, 3)
    drag_to(qtbot, window, 24)
    assert window.playhead.is_live


def test_training_goes_on_while_a_past_moment_is_looked_at(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(LONG)
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history.epochs) > 1)
    window.playhead.show_step(7)
    text = shown_weights(window)
    expected = mistakes_of(window, kept(window, 7))
    epochs = len(window.run_controller.history.epochs)
    qtbot.waitUntil(
        lambda: len(window.run_controller.history.epochs) > epochs + 3 and not window.run_controller.is_busy
    )
    assert window.run_controller.state is RunState.TRAINING
    assert shown_weights(window) == text
    assert "step 7." in text
    assert window.view("mistakes").digits == expected
    click(qtbot, window, "live")
    qtbot.waitUntil(lambda: shown_weights(window) != text)
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)


def test_the_end_of_training_leaves_the_moment_that_is_looked_at(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(LONG)
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history.epochs) > 1)
    window.playhead.show_step(7)
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)
    assert "step 7." in shown_weights(window)
    assert "Weights of step 7." in window.view("mistakes").caption
    click(qtbot, window, "live")
    window.refresh_scheduler.draw_everything()
    assert window.run_controller.best
    assert f"step {window.run_controller.best.step:,}" in shown_weights(window)


def test_arrow_keys_go_from_kept_moment_to_kept_moment(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    track, seen = window.timeline.track, []
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(track, key)
        seen.append(track.value())
    assert seen == [0, 1, 2, 1]
    qtbot.keyClick(track, Qt.Key.Key_End)
    assert window.playhead.is_live
    qtbot.keyClick(track, Qt.Key.Key_Left)
    assert track.value() == 22


def test_pointing_at_a_tick_names_its_moment(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: told.append(text))
    train(qtbot, window)
    track = window.timeline.track
    assert window.run_controller.run
    best = window.run_controller.run.timeline.best
    assert best
    for step in (10, best.step):
        place = QPoint(round(track.x_of(step)), track.height() - 4)
        QApplication.sendEvent(track, QHelpEvent(QEvent.Type.ToolTip, place, track.mapToGlobal(place)))
    assert told == ["The weights of step 10 are kept", f"The weights of step {best.step} are kept, the best"]


def test_a_click_in_the_curves_looks_back_too(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    window.curves.step_chosen.emit(9)
    assert window.timeline.track.value() == 9
    assert "step 9." in shown_weights(window)


def test_the_change_since_the_start_is_against_the_first_weights(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    assert window.run_controller.run
    first = window.run_controller.run.timeline.first
    assert first
    assert first.step == 0
    drag_to(qtbot, window, 0)
    np.testing.assert_array_equal(kept(window, 0).parameters, first.parameters)


def test_playing_back_shows_every_kept_moment_and_ends_in_the_present(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    window.timeline._speed.setCurrentIndex(window.timeline._speed.count() - 1)
    seen: list[int] = []
    show_step = window.timeline.show_step

    def note(step: int | None, shown: int | None = None) -> None:
        if step is not None:
            seen.append(step)
        show_step(step, shown)

    window.timeline.show_step = note  # type: ignore[method-assign]
    click(qtbot, window, "play")
    qtbot.waitUntil(lambda: window.playhead.is_live, timeout=20_000)
    assert window.run_controller.run
    assert seen == window.run_controller.run.timeline.steps
    assert button(window, "play").isChecked() is False


def test_playing_stops_where_it_is_when_asked(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    click(qtbot, window, "play")
    qtbot.waitUntil(lambda: window.timeline.track.value() >= 2, timeout=20_000)
    click(qtbot, window, "play")
    at = window.timeline.track.value()
    assert not window.playhead.is_live
    assert not window.playhead._player.isActive()
    click(qtbot, window, "play")  # goes on from there
    qtbot.waitUntil(lambda: window.timeline.track.value() > at or window.playhead.is_live, timeout=20_000)
    click(qtbot, window, "live")


def test_another_run_begins_at_its_present(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    drag_to(qtbot, window, 3)
    click(qtbot, window, "new_network")
    assert window.playhead.is_live
    assert not window.timeline.track.isEnabled()
    train(qtbot, window)
    assert window.playhead.is_live


def test_the_memory_in_use_is_told(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    assert window.run_controller.run
    tip = window.findChild(type(window.timeline._text), "timeline_text").toolTip()
    assert f"{len(window.run_controller.run.timeline)} moments of this run are kept" in tip
    assert "of 256 MB" in tip


def test_a_smaller_memory_drops_moments_at_once_and_is_remembered(qtbot: QtBot, make_whole_window: MakeWindow) -> None:
    window = make_whole_window({"network.hidden": [1024], "training.epochs": 2})
    train(qtbot, window)
    assert window.run_controller.run
    before = len(window.run_controller.run.timeline)
    window.controls_actions.timeline_budgets[64].trigger()
    assert window.run_controller.runs.nbytes <= 64_000_000
    assert len(window.run_controller.run.timeline) < before
    other = make_whole_window()
    assert other.run_controller.runs.budget == 64_000_000


def test_a_run_of_more_steps_than_qt_counts_has_its_moments_all_the_same(qtbot: QtBot) -> None:
    track = TimelineTrack()
    qtbot.addWidget(track)
    seen: list[int] = []
    track.moved_to.connect(seen.append)
    track.show_steps(0, 2_000_000_000, 5_500_000_000, [0, 1, 1_000_000_000, 2_000_000_000], None)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Left):
        qtbot.keyClick(track, key)
    assert seen == [0, 1, 1_000_000_000, 2_000_000_000, 1_000_000_000]
    assert track.x_of(0) < track.x_of(2_000_000_000) < track.x_of(5_500_000_000) <= track.width()
