"""The real window with nobody before it: it trains once, and then its picture is taken or its work is checked."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QImageWriter
from PySide6.QtWidgets import QApplication

from mnist_gui.config.run_config import RunConfig
from mnist_gui.storage.atomic_file import write_problem
from mnist_gui.system import exit_status
from mnist_gui.system.printable import named
from mnist_gui.system.terminal import write, write_message
from mnist_gui.training.records import RunEnded
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.mistakes.view import MistakesView
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.docks import DESIGN_SIZE
from mnist_gui.ui.shell.preferences import Preferences

CHECK_MS = 20
SELF_TEST_SECONDS = 60


class _TellingDialogs(Dialogs):
    """Says on standard error what a dialog would have shown, and remembers that something went wrong."""

    had_error = False

    def show_error(self, title: str, text: str) -> None:
        self.had_error = True
        write_message(f"mnist-gui: {title}: {text}")


class _Unattended(QObject):
    """Clicks Train and quits the application when all that came of it is on the screen."""

    def __init__(self, application: QApplication, window: MainWindow, dialogs: _TellingDialogs) -> None:
        super().__init__(window)
        self.ended: RunEnded | None = None
        self._application, self._window, self._dialogs = application, window, dialogs
        window.run_controller.record_taken.connect(self._on_run_controller_record_taken)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start(CHECK_MS)

    def run(self) -> int:
        """Train until everything is drawn; an exit status."""
        self._window.show()
        self._window.controls_actions.primary.trigger()
        self._application.exec()
        self._window.refresh_scheduler.draw_everything()
        if self.ended is None:
            return exit_status.USAGE
        return exit_status.FINISHED if self.ended.state in ("finished", "stopped_early") else exit_status.FAILED

    @Slot(object)
    def _on_run_controller_record_taken(self, record: object) -> None:
        if isinstance(record, RunEnded):
            self.ended = record

    @Slot()
    def _on_timer_timeout(self) -> None:
        is_over = self.ended is not None or (self._dialogs.had_error and not self._window.run_controller.is_running)
        if is_over and not self._window.run_controller.is_busy:
            self._timer.stop()
            self._application.exit()  # unlike quit(), closes no window and so asks no question


def take_picture(
    application: QApplication, config: RunConfig, preferences: Preferences, path: Path, size: tuple[int, int]
) -> int:
    """Train as `config` says and save what the window then looks like. An exit status."""
    if problem := picture_problem(path):
        write_message(f"mnist-gui: --screenshot {named(path)}: {problem}")
        return exit_status.USAGE
    window, unattended = _make(application, config, preferences)
    window.resize(*size)
    status = unattended.run()
    if status != exit_status.USAGE and not window.grab().save(str(path)):
        write_message(f"mnist-gui: {named(path)} could not be written")
        status = exit_status.USAGE
    window.close_without_asking()
    return status


def picture_problem(path: Path) -> str:
    """Why no picture can be written at a path, "" if one can be: asked before a long training, not after it."""
    formats = [bytes(name.data()).decode() for name in QImageWriter.supportedImageFormats()]
    if path.suffix.removeprefix(".").lower() not in formats:
        return "expected a name that ends in .png"
    if not path.parent.is_dir():
        return "there is no such folder"
    return write_problem(path)


def self_test(application: QApplication, preferences: Preferences, errors: list[str]) -> int:
    """Train on a few bundled digits and check what became of it. errors: what nobody caught. An exit status."""
    config = RunConfig().with_settings(
        {"data.train": 5000, "data.validation": 1000, "training.epochs": 2, "training.batch_size": 32}
    )
    window, unattended = _make(application, config, preferences)
    window.resize(*DESIGN_SIZE)
    QTimer.singleShot(1000 * SELF_TEST_SECONDS, application.exit)
    status = unattended.run()
    if unattended.ended is None:
        write_message(f"mnist-gui: self-test: training did not end within {SELF_TEST_SECONDS} s")
    if status == exit_status.FINISHED:
        problems = [*_problems(window, unattended), *(["errors, as above"] if errors else [])]
        for problem in problems:
            write_message(f"mnist-gui: self-test: {problem}")
        status = exit_status.FAILED if problems else exit_status.FINISHED
    window.close_without_asking()
    write(f"mnist-gui: self-test {'failed' if status else 'passed'}")
    return status


def _problems(window: MainWindow, unattended: _Unattended) -> list[str]:
    ended, run_controller, mistakes = unattended.ended, window.run_controller, window.view("mistakes")
    assert ended
    checks = {
        f"validation accuracy is {ended.best_validation_accuracy:.1%}": ended.best_validation_accuracy > 0.85,
        f"the curves hold {len(run_controller.history)} of {ended.step} minibatches": len(run_controller.history)
        == ended.step
        > 0,
        "no mistakes are shown": isinstance(mistakes, MistakesView) and bool(mistakes.digits),
        "the window is blank": _colours(window) > 50,
    }
    return [problem for problem, is_well in checks.items() if not is_well]


def _colours(window: MainWindow) -> int:
    """How many colours the window's picture has, of a sample of its pixels."""
    picture = window.grab().toImage()
    return len({picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)})


def _make(application: QApplication, config: RunConfig, preferences: Preferences) -> tuple[MainWindow, _Unattended]:
    dialogs = _TellingDialogs()
    window = MainWindow(config, preferences, dialogs)
    return window, _Unattended(application, window, dialogs)
