"""A real window to measure: opened with every panel in sight, and watched while it trains."""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.datasets import Dataset, load_dataset
from mnist_gui.data.loading import split_dataset
from mnist_gui.system.log import Log
from mnist_gui.system.paths import bundled_mnist
from mnist_gui.training.commands import Stop
from mnist_gui.training.records import MinibatchesDone, Record
from mnist_gui.training.thread import TrainingThread
from mnist_gui.training.trainer import Trainer
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.error_dialog import log_qt_messages
from mnist_gui.ui.shell.preferences import Preferences

LONGEST_WAIT = 30.0


@contextmanager
def application() -> Iterator[None]:
    """Qt, and a log that is thrown away."""
    qt = QApplication(sys.argv[:1])
    with TemporaryDirectory() as folder:
        log = Log(Path(folder) / "log")
        log_qt_messages()
        yield
        log.close()
    qt.exit()


@contextmanager
def open_window(config: RunConfig) -> Iterator[MainWindow]:
    """A window with its digits, all docks side by side."""
    with TemporaryDirectory() as folder:
        preferences = Preferences(QSettings(f"{folder}/x.ini", QSettings.Format.IniFormat))
        window = MainWindow(config, preferences, Dialogs())
        window.resize(1366, 768)
        window.show()
        show_all_docks(window)
        wait_until(lambda: window.run_controller.dataset is not None)
        yield window
        window.close_without_asking()
        window.deleteLater()


def show_all_docks(window: MainWindow) -> None:
    """Put docks that stand behind others beside them."""
    right = Qt.DockWidgetArea.RightDockWidgetArea
    docks = window.findChildren(QDockWidget)
    for dock in [dock for dock in docks if window.dockWidgetArea(dock) is right]:
        window.removeDockWidget(dock)  # a dock that is added to a tab would become another tab
        window.addDockWidget(right, dock, Qt.Orientation.Vertical)
        dock.show()
    spin(0.1)
    hidden = [dock.windowTitle() for dock in docks if dock.widget().visibleRegion().isEmpty()]
    assert not hidden, f"not in sight: {hidden}"


def train(window: MainWindow) -> None:
    """Begin a run, or continue the one that is held, until it trains."""
    assert window.run_controller.state is not RunState.TRAINING
    actions, is_held = window.controls_actions, window.run_controller.state is RunState.PAUSED
    (actions.train_on if is_held else actions.primary).trigger()
    wait_until(lambda: window.run_controller.state is RunState.TRAINING and len(window.run_controller.history) > 0)


def pause(window: MainWindow) -> None:
    window.run_controller.pause()
    wait_until(lambda: window.run_controller.state is RunState.PAUSED)


class Ages:
    """How old, in seconds, the curve of the loss is.

    drawn: from the end of the newest minibatch in a curve to its being drawn. until_drawn: from the posting of each
    block of minibatches to its being drawn. Only of blocks that are posted while `counts` is True.
    """

    def __init__(self, window: MainWindow) -> None:
        self.drawn: list[float] = []
        self.until_drawn: list[float] = []
        self.counts = False
        self._waiting: deque[tuple[int, float]] = deque()
        self._plot = window.curves.loss
        self._first_step = window.run_controller.history.first_step
        run_output = window.run_controller._live.session.run_output
        self._post, self._refresh = run_output.post, self._plot.refresh
        run_output.post, self._plot.refresh = self._note_and_post, self._refresh_and_note

    def _note_and_post(self, record: Record) -> None:
        """In the training thread. A block is posted as soon as its last minibatch has ended."""
        if self.counts and isinstance(record, MinibatchesDone):
            self._waiting.append((record.first_step + len(record.losses) - 1, perf_counter()))
        self._post(record)

    def _refresh_and_note(self) -> bool:
        was_drawn = self._refresh()
        now, drawn = perf_counter(), self._first_step + self._plot.drawn_minibatches
        ages = []
        while self._waiting and self._waiting[0][0] <= drawn:
            ages.append(now - self._waiting.popleft()[1])
        self.until_drawn += ages
        self.drawn += ages[-1:]
        return was_drawn


def timer_gaps(seconds: float) -> list[float]:
    """The times between the ticks of a 60 Hz timer in the GUI thread."""
    ticks: list[float] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: ticks.append(perf_counter()))
    timer.start(16)
    spin(seconds)
    timer.stop()
    return [later - earlier for earlier, later in pairwise(ticks)]


@contextmanager
def other_process() -> Iterator[Executor]:
    """A process to measure in without a window, whose BLAS threads are its own; idle between calls."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        yield process


def headless_speed(config: RunConfig, seconds: float) -> float:
    """Minibatches a second of a run with nobody watching."""
    session = TrainingThread(lambda: Trainer(config, split_dataset(digits(), config.data)))
    session.start()
    while not session.trainer or not session.trainer.step:
        sleep(0.01)
    sleep(0.5)
    before, started = session.trainer.step, perf_counter()
    sleep(seconds)
    speed = (session.trainer.step - before) / (perf_counter() - started)
    session.send(Stop())
    session.join(5.0)
    return speed


@cache
def digits() -> Dataset:
    return load_dataset(bundled_mnist())


def memory() -> int:
    """What the process holds of the machine's memory, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Median, 99th percentile and longest, in milliseconds."""
    values = {"median": np.median(seconds), "p99": np.percentile(seconds, 99), "longest": max(seconds)}
    return {name: round(1000 * float(value), 1) for name, value in values.items()}


def spin(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool], seconds: float = LONGEST_WAIT) -> None:
    deadline = perf_counter() + seconds
    while not condition():
        spin(0.005)
        if perf_counter() > deadline:
            raise TimeoutError(f"the window did not get there in {seconds:.0f} s")
