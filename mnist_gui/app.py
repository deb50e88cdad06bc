"""The window's composition root: application, preferences, window, and an orderly end.

Imported only where a window is wanted, since it needs Qt.
"""

import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from mnist_gui import paths
from mnist_gui.config import RunConfig
from mnist_gui.ui.dialogs import Dialogs
from mnist_gui.ui.errors import ErrorReporter, log_to
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
    interrupts = _close_on_signals(window)
    window.show()
    if model:
        window.bridge.storage.open_model(model)
    status = application.exec()
    return 130 if interrupts else status


def run_unattended(config: RunConfig, *, screenshot: Path | None, size: tuple[int, int], theme: Theme | None) -> int:
    """Train once in a real window that nobody sees; save its picture, or check that it all works. The exit status."""
    application = _make_application()
    with TemporaryDirectory() as folder:
        preferences = Preferences(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        preferences.theme = theme
        if screenshot:
            return take_picture(application, config, preferences, screenshot, size)
        return self_test(application, preferences)


def _make_application() -> QApplication:
    application = QApplication(sys.argv[:1])
    application.setApplicationName("mnist_gui")
    application.setApplicationDisplayName("mnist_gui")
    application.setDesktopFileName("mnist-gui")
    log_to(paths.log_file())
    return application


def _close_on_signals(window: MainWindow) -> list[int]:
    """Let Ctrl-C and SIGTERM close the window, without a question that nobody may be there to answer.

    Python handles a signal when it next runs, which the window's timer makes soon. Returns the list that received
    signals go into.
    """
    received: list[int] = []

    def close(number: int, frame: object) -> None:
        received.append(number)
        window.close_without_asking()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, close)
    return received
