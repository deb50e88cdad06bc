"""The window's composition root: application, preferences, window, and an orderly end.

Imported only where a window is wanted, since it needs Qt.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from threadpoolctl import threadpool_limits

from mnist_gui import exit_status, paths
from mnist_gui.config import RunConfig
from mnist_gui.ui.dialogs import Dialogs
from mnist_gui.ui.errors import ErrorReporter, log_to, report_to_stderr
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.preferences import Preferences
from mnist_gui.ui.theme import Theme
from mnist_gui.ui.unattended import self_test, take_picture


def run(config: RunConfig, *, model: Path | None = None, theme: Theme | None = None) -> int:
    """Open the window and stay until it is closed. The exit status."""
    application = _make_application()
    settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "mnist_gui", "mnist_gui")
    preferences = Preferences(settings)
    if theme:
        preferences.theme = theme
    window = MainWindow(config, preferences, Dialogs())
    ErrorReporter(window).install()
    interrupts = _on_signals(lambda: _close(window))
    window.show()
    if model:
        window.bridge.storage.open_model(model)
    status = exit_status.INTERRUPTED if application.exec() == 0 and interrupts else 0
    settings.sync()
    if window.has_left_thread:
        # A thread in the middle of a huge product can neither be stopped nor survive the interpreter's end.
        logging.shutdown()
        os._exit(status)
    return status


def run_unattended(config: RunConfig, *, screenshot: Path | None, size: tuple[int, int], theme: Theme | None) -> int:
    """Train once in a real window that nobody sees; save its picture, or check that it all works. The exit status."""
    application = _make_application()
    errors = report_to_stderr()
    interrupts = _on_signals(application.exit)
    with TemporaryDirectory() as folder:
        preferences = Preferences(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        preferences.theme = theme
        if screenshot:
            status = take_picture(application, config, preferences, screenshot, size)
        else:
            status = self_test(application, preferences, errors)
    if interrupts:
        return exit_status.INTERRUPTED
    return max(status, exit_status.FAILED) if errors else status


def _make_application() -> QApplication:
    application = QApplication(sys.argv[:1])
    application.setApplicationName("mnist_gui")
    application.setApplicationDisplayName("mnist_gui")
    application.setDesktopFileName("mnist-gui")
    log_to(paths.log_file())
    # For the whole process: what training threads and the helper ask for themselves must not undo each other.
    threadpool_limits(1, user_api="blas")
    return application


def _on_signals(end: Callable[[], object]) -> list[int]:
    """Call `end` at Ctrl-C and SIGTERM. Returns the list that the signals' numbers go into.

    Python handles a signal when it next runs Python code, which the window's timers make soon.
    """
    received: list[int] = []

    def handle(number: int, frame: object) -> None:
        received.append(number)
        end()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    return received


def _close(window: MainWindow) -> None:
    """Close without a question that nobody may be there to answer; one that stands open is taken back first."""
    while modal := QApplication.activeModalWidget():
        modal.close()
    QTimer.singleShot(0, window.close_without_asking)
