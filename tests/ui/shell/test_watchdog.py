"""A window that does not answer: what it is doing is in the log, and later for how long."""

import faulthandler
from pathlib import Path
from time import monotonic

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mnist_gui.ui.shell import watchdog
from mnist_gui.ui.shell.watchdog import CLOSING_SECONDS, Watchdog


def test_the_stacks_of_a_thread_that_comes_to_no_end_are_written_while_it_does(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watchdog, "CHECK_MS", 1)
    path, parent = tmp_path / "log", QObject()
    with path.open("w") as log:
        watching, began = Watchdog(log, parent, limit=0.01), monotonic()
        while "test_the_stacks_of_a_thread" not in path.read_text() or monotonic() < began + 0.05:
            pass  # the event loop has no turn, for longer than the limit and a check
        QApplication.processEvents()
        qtbot.waitUntil(lambda: "the window did not answer for" in caplog.text)
        watching.stop()


def test_a_window_that_closes_may_be_silent_for_longer_and_is_watched_as_before_if_it_stays_open(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now, limits = [0.0], []
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda seconds, file: limits.append(seconds))
    monkeypatch.setattr(watchdog, "monotonic", lambda: now[0])
    monkeypatch.setattr(watchdog, "CHECK_MS", 1)
    parent = QObject()
    with (tmp_path / "log").open("w") as log:
        watching = Watchdog(log, parent, limit=1.0)
        watching.expect_closing(True)
        assert limits == [1.0, CLOSING_SECONDS]
        assert not watching._timer.isActive()
        now[0] = CLOSING_SECONDS  # it was busy with closing
        watching.expect_closing(False)
        with qtbot.waitSignal(watching._timer.timeout):
            pass
        watching.stop()
    assert set(limits[2:]) == {1.0}
    assert caplog.text == ""


def test_a_window_that_answers_leaves_nothing_in_the_log(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watchdog, "CHECK_MS", 1)
    path, parent = tmp_path / "log", QObject()
    with path.open("w") as log:
        watching = Watchdog(log, parent, limit=60.0)
        with qtbot.waitSignals([watching._timer.timeout] * 5):
            pass
        watching.stop()
    assert (path.read_text(), caplog.text) == ("", "")
