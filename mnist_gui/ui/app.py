"""The window's composition root: application, preferences, window, and an orderly end.

Imported only where a window is wanted, since it needs Qt.
"""

import gc
import logging
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pyqtgraph.util.garbage_collector import GarbageCollector
from PySide6.QtCore import QSettings, QTimer, qVersion
from PySide6.QtWidgets import QApplication

from mnist_gui.config.run_config import RunConfig
from mnist_gui.storage.part_files import remove_parts
from mnist_gui.storage.rescue import rescue, rescued_since
from mnist_gui.system import exit_status, paths
from mnist_gui.system.heap import bound_heaps
from mnist_gui.system.log import Log
from mnist_gui.system.signals import end_at_the_second, end_on_signal, ended_by_ctrl_c, name_of
from mnist_gui.system.terminal import write_message
from mnist_gui.system.user_errors import use_english_system_messages
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.error_dialog import ErrorReporter, log_qt_messages, report_to_stderr
from mnist_gui.ui.shell.garbage_collection import collect_between_events, stop
from mnist_gui.ui.shell.preferences import Preferences, user_settings
from mnist_gui.ui.shell.watchdog import Watchdog
from mnist_gui.ui.unattended import self_test, take_picture
from mnist_gui.ui.widgets.application_style import apply as apply_theme
from mnist_gui.ui.widgets.theme import Theme, system_theme

NO_DISPLAY = "the display has gone"


def run(config: RunConfig, *, model: Path | None = None, theme: Theme | None = None) -> int:
    """Open the window and stay until it is closed. The exit status.

    Where nobody can be asked, as a signal ends the program or the display has gone, weights that are in no file are
    saved, and it is said where.
    """
    application, log = _make_application(config)
    for folder in (paths.drawings_folder(), paths.tags_folder(), paths.rescued_folder()):
        remove_parts(folder)
    settings = user_settings()
    preferences = Preferences(settings)
    if theme:
        preferences.theme = theme
    dialogs = Dialogs()
    apply_theme(preferences.theme or system_theme(), application)  # before there is a widget to be dressed anew
    window = MainWindow(config, preferences, dialogs)
    ErrorReporter(window).install()
    watchdog = Watchdog(log.crashes, window) if log.crashes else None
    if watchdog:
        window.closing.connect(watchdog.expect_closing)
    log_qt_messages(lambda: _end_without_display(window, settings))
    with _asked_to_end(lambda: _close(window)) as received:
        window.show()
        collectors: list[GarbageCollector] = []
        QTimer.singleShot(0, window, lambda: collectors.append(_begin(window, dialogs, preferences, model)))
        has_lost_display = application.exec() != 0
        for collector in collectors:
            stop(collector)
        if watchdog:
            watchdog.stop()
        if has_lost_display:
            window.close_and_keep()
        status = exit_status.FINISHED
        if received:
            status = exit_status.INTERRUPTED
            _rescue(window, f"{name_of(received[0])} ended the program")
        elif has_lost_display:
            status = exit_status.FAILED
            _rescue(window, NO_DISPLAY)
    settings.sync()
    if window.has_left_thread:
        # A thread in the middle of a huge product can neither be stopped nor survive the interpreter's end.
        logging.shutdown()
        os._exit(status)
    return status


def _begin(window: MainWindow, dialogs: Dialogs, preferences: Preferences, model: Path | None) -> GarbageCollector:
    """When the window has been painted: what takes some hundredths of a second and is not seen."""
    _limit_threads()
    collector = collect_between_events()
    if model:
        window.run_controller.file_service.open_model(model)
    _offer_rescued(window, dialogs, preferences)
    return collector


def run_unattended(config: RunConfig, *, screenshot: Path | None, size: tuple[int, int], theme: Theme | None) -> int:
    """Train once in a real window that nobody sees; save its picture, or check that it all works. The exit status."""
    application, _ = _make_application(config)
    errors = report_to_stderr()
    with TemporaryDirectory() as folder, _asked_to_end(application.exit) as received:
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        preferences = Preferences(settings)
        preferences.theme = theme
        _limit_threads()
        collector = collect_between_events()
        if screenshot:
            status = take_picture(application, config, preferences, screenshot, size)
        else:
            status = self_test(application, preferences, errors)
        stop(collector)
        settings.sync()  # what is not written by now would be later, into a folder made anew
    if received:
        return exit_status.INTERRUPTED
    return max(status, exit_status.FAILED) if errors else status


def _make_application(config: RunConfig) -> tuple[QApplication, Log]:
    """The application, and its log."""
    bound_heaps()
    gc.disable()  # until there is a window: see ui/shell/garbage_collection.py
    application = QApplication(sys.argv[:1])
    use_english_system_messages()
    application.setApplicationName("mnist_gui")
    application.setApplicationDisplayName("mnist_gui")
    application.setDesktopFileName("mnist-gui")
    facts = [
        f"Qt {qVersion()}, platform {application.platformName()}, style {application.style().objectName()}",
        f"arguments: {shlex.join(sys.argv[1:]) or 'none'}; {config.beside_defaults()}",
    ]
    log = Log(paths.log_file(), facts)
    log_qt_messages()
    return application, log


def _limit_threads() -> None:
    """For the whole process: what training threads and the helper ask for themselves must not undo each other."""
    from threadpoolctl import threadpool_limits  # which looks for libraries in all files that the process has mapped

    threadpool_limits(1, user_api="blas")


@contextmanager
def _asked_to_end(end: Callable[[], object]) -> Iterator[list[int]]:
    """Within this context call `end` at Ctrl-C, SIGTERM and the hang-up of a terminal; a second one of these ends the
    program at once. Yields the list that the signals' numbers go into.

    Python handles a signal when it next runs Python code, which the window's timers make soon.
    """
    received: list[int] = []

    def handle(number: int) -> None:
        received.append(number)
        end()

    with ended_by_ctrl_c(), end_on_signal(handle):  # the first one leads back to that
        end_at_the_second()
        yield received


def _close(window: MainWindow) -> None:
    """Close without a question that nobody may be there to answer; one that stands open is taken back first."""
    while modal := QApplication.activeModalWidget():
        modal.close()
    QTimer.singleShot(0, window.close_and_keep)


def _end_without_display(window: MainWindow, settings: QSettings) -> None:
    """End the process before Qt does it, which rescues nothing. Called once more if Qt misses the display meanwhile."""
    try:
        if not window.is_ending:
            window.end_and_keep()
            settings.sync()
    finally:
        _rescue(window, NO_DISPLAY)
        logging.shutdown()
        os._exit(exit_status.FAILED)


def _offer_rescued(window: MainWindow, dialogs: Dialogs, preferences: Preferences) -> None:
    """Of what was saved as earlier windows were ended, offer them once."""
    found = rescued_since(paths.rescued_folder(), preferences.last_rescued)
    if found:
        preferences.last_rescued = found[-1].name
        dialogs.offer_rescued(found[-1], len(found), lambda: window.run_controller.file_service.open_model(found[-1]))


def _rescue(window: MainWindow, why: str) -> None:
    """Save what is in no file, and say where and why; what there was nothing to save for, is in the log alone."""
    logging.getLogger(__name__).warning("%s", why)
    saved = list(rescue(window.run_controller.runs, paths.rescued_folder()))
    if saved:
        write_message("; ".join([f"mnist-gui: {why}", *saved]))
