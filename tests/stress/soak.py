"""Long random use of the whole window: what it takes in memory must not grow with the time it is used.

`python -m tests.stress.soak [MINUTES [SEED]]`, 30 minutes and seed 0 if nothing is said. Memory is measured at rest: no
run under way, all runs deleted, nothing asked for. How fragmented it is makes that vary by some tens
of MB, so like is compared with like: the first fifth of the time is the warm-up; against the second, neither the median
of the last fifth nor the highest of all later ones may have grown by too much.
"""

import ctypes
import gc
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSettings, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QMainWindow,
    QMenu,
    QMenuBar,
    QSpinBox,
    QWidget,
)

from mnist_gui.experiments.sweep_plan import Plan
from mnist_gui.runs.run import Run
from mnist_gui.system import paths
from mnist_gui.system.heap import bound_heaps
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panel_registry import PANELS
from mnist_gui.ui.shell.error_dialog import report_to_stderr
from mnist_gui.ui.shell.garbage_collection import collect_between_events, stop
from mnist_gui.ui.shell.preferences import Preferences
from tests.stress.sockets import family, listening
from tests.stress.tally import Tally
from tests.support import SMALL, small_config
from tests.ui.conftest import AnsweringDialogs
from tests.ui.letters import write_letters

MINUTES, SEED = 30.0, 0
FIFTH = 0.2
MOST_GROWTH_MB = 50.0
ACTS_BETWEEN = 400  # measurements
MOST_RUNS = 8
LONGEST_ACT = 30.0  # seconds until a window at rest has answered everything

# What hands over to the desktop or ends the window, and what is pressed only with settings that are done in a moment.
LEFT_ALONE = ("quit", "about", "floatbutton", "search_start", "sweep_start", "map_make", "lab_mystery")
HEAVY = ("data.train", "network.hidden", "training.epochs", "training.batch_size")


class Soak:
    """A window and somebody who clicks at random on what is there."""

    def __init__(self, folder: Path, seed: int, *, in_process: bool = False) -> None:
        """in_process: searches and sweeps make their runs one by one in this process, not in others."""
        self._rng = np.random.default_rng(seed)
        self._folder = folder
        self.dialogs = AnsweringDialogs()
        self.dialogs.path = folder / "model.npz"
        settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(small_config(), Preferences(settings), self.dialogs)
        for entry in PANELS:
            self.window.view(entry.key)
        self.window.resize(1366, 768)
        self.window.show()
        self.window.run_controller.runs.budget = 64_000_000
        self.window.presenter("search").in_process = self.window.presenter("sweep").in_process = in_process
        self._impatience = QTimer(self.window)  # menus and dialogs that wait for a choice get none
        self._impatience.timeout.connect(close_what_waits)
        self._impatience.start(20)
        self.done: Counter[str] = Counter()
        self.last = ""
        self._datasets = [folder / "small", folder / "large"]
        for side, place in zip((8, 12), self._datasets, strict=True):
            place.mkdir()
            write_letters(place, side=side, classes=5)
        self._deeds = [
            *[self.click_somewhere] * 10,
            *[self.press_button] * 4,
            *[self.trigger_action, self.choose, self.raise_dock, self.type_text] * 2,
            *[self.train, self.train, self.stop, self.show_run, self.delete_run, self.delete_run, self.undo_delete],
            *[self.open_dataset, self.use_bundled, self.open_model, self.save_model],
            *[self.search, self.sweep, self.make_map, self.begin_hidden_fault],
        ]

    def act(self) -> None:
        """Do one thing, and let the window answer."""
        deed = self._deeds[int(self._rng.integers(len(self._deeds)))]
        self.done[deed.__name__] += 1
        self.last = deed.__name__
        deed()
        for _ in range(int(self._rng.integers(1, 4))):
            QApplication.processEvents()
            time.sleep(0.002)
        # As at the end of a turn of the event loop, which there is none of here.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._close_others()
        if len(self.window.run_controller.runs) > MOST_RUNS:
            self.delete_run()

    def come_to_rest(self) -> None:
        """No run, nothing asked for, all that can be undone forgotten."""
        run_controller = self.window.run_controller
        for name in ("search_cancel", "sweep_cancel", "map_cancel", "mistakes_cancel"):
            self._button(name).click()
        run_controller.leave()
        self.wait(lambda: not run_controller.is_ending and not run_controller.is_busy and not self._has_jobs)
        for run in list(run_controller.runs):
            run_controller.runs.delete(run)
        run_controller.runs._deleted.clear()
        run_controller.runs_changed.emit()
        run_controller.file_service.load_dataset("")
        self.wait(lambda: not run_controller.is_busy)
        self.window.refresh_scheduler.draw_everything()
        self.wait(lambda: not run_controller.is_busy)
        self.form_to_small()

    def close(self) -> None:
        """End it."""
        self._impatience.stop()
        self.window.close_without_asking()
        self.window.deleteLater()

    def form_to_small(self) -> None:
        """Settings of a run of a fraction of a second."""
        self.window.controls.show_config(small_config())

    def wait(self, is_so: object) -> None:
        """Until the window has done it; a window that hangs is a failure."""
        end = time.monotonic() + LONGEST_ACT
        while not is_so():  # type: ignore[operator]
            QApplication.processEvents()
            time.sleep(0.001)
            if time.monotonic() > end:
                raise TimeoutError(f"not at rest after {LONGEST_ACT:.0f} s, last done: {self.last}")

    # Deeds

    def click_somewhere(self) -> None:
        """On any visible widget."""
        widgets = [
            each
            for each in self.window.findChildren(QWidget)
            if each.isVisible() and each.isEnabled() and not isinstance(each, (QMainWindow, QAbstractButton, QComboBox))
        ]
        widget = self._one_of(widgets)
        if isinstance(widget, QAbstractItemView):
            widget = widget.viewport()
        if widget is None or widget.width() < 1 or widget.height() < 1:
            return
        place = QPoint(int(self._rng.integers(widget.width())), int(self._rng.integers(widget.height())))
        if self._rng.random() < 0.2:
            QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        else:
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

    def press_button(self) -> None:
        """Any that is visible and enabled."""
        buttons = [
            each
            for each in self.window.findChildren(QAbstractButton)
            if each.isVisible() and each.isEnabled() and not each.objectName().endswith(LEFT_ALONE)
        ]
        button = self._one_of(buttons)
        if button is not None:
            self.last = f"press {button.objectName() or button.text()}"
            button.click()

    def trigger_action(self) -> None:
        """Any of the menus."""
        actions = [each for each in actions_of(self.window.menuBar()) if each.isEnabled()]
        action = self._one_of([each for each in actions if each.objectName() not in LEFT_ALONE])
        if action is not None:
            self.last = f"trigger {action.objectName() or action.text()}"
            action.trigger()

    def choose(self) -> None:
        """Another entry of a box."""
        boxes = [
            each
            for each in self.window.findChildren(QComboBox)
            if each.isVisible() and each.isEnabled() and each.count() and each.objectName() != "preset"
        ]
        box = self._one_of(boxes)
        if box is not None:
            self.last = f"choose in {box.objectName()}"
            box.setCurrentIndex(int(self._rng.integers(box.count())))

    def raise_dock(self) -> None:
        """Bring a panel to the front."""
        dock = self._one_of(self.window.findChildren(QDockWidget))
        if dock is not None:
            dock.show()
            dock.raise_()

    def type_text(self) -> None:
        """Into a field, but for those that would make a run a long one."""
        fields = [
            each
            for each in self.window.findChildren(QLineEdit)
            if each.isVisible() and each.isEnabled() and not each.objectName().startswith(HEAVY)
        ]
        field = self._one_of(fields)
        if field is not None:
            field.setText(self._one_of(["0", "1", "0.01", "3", "x", ""]))
            QTest.keyClick(field, Qt.Key.Key_Return)

    def train(self) -> None:
        """A short run, of one of several sizes."""
        if self.window.run_controller.dataset is None:
            return
        hidden = self._one_of([[16], [8, 8], [64], []])
        epochs = int(self._rng.integers(1, 40))
        config = small_config({**SMALL, "network.hidden": hidden, "training.epochs": epochs})
        self.window.controls.show_config(config)
        self._button("primary").click()

    def stop(self) -> None:
        """The run under way."""
        self._button("stop").click()

    def show_run(self) -> None:
        """Come back to an earlier run."""
        run = self._one_of(list(self.window.run_controller.runs))
        if run is not None:
            self.window.run_controller.show_run(run)

    def delete_run(self) -> None:
        """One that is not shown."""
        run_controller = self.window.run_controller
        spare: list[Run] = [
            run for run in run_controller.runs if run is not run_controller.run and not run_controller.is_live(run)
        ]
        run = self._one_of(spare)
        if run is not None:
            run_controller.runs.delete(run)
            run_controller.runs_changed.emit()

    def undo_delete(self) -> None:
        """Bring the last one back."""
        self._button("undo_delete").click()

    def open_dataset(self) -> None:
        """A folder of small pictures."""
        self.window.run_controller.file_service.load_dataset(str(self._one_of(self._datasets)))

    def use_bundled(self) -> None:
        """The digits of the program."""
        self.window.run_controller.file_service.load_dataset("")

    def open_model(self) -> None:
        """What was saved before, if anything was."""
        if self.dialogs.path and self.dialogs.path.exists():
            self.window.run_controller.file_service.open_model(self.dialogs.path)

    def save_model(self) -> None:
        """The best weights."""
        if self.dialogs.path:
            self.window.run_controller.save_model(self.dialogs.path)

    def search(self) -> None:
        """Begin to search for what makes the network learn, in runs of one epoch."""
        epochs = self.window.findChild(QSpinBox, "search_epochs")
        assert epochs
        epochs.setValue(1)
        self.form_to_small()
        self._button("search_start").click()

    def sweep(self) -> None:
        """Begin a sweep of a few runs of one epoch."""
        axes = (("training.learning_rate", "0.05, 0.5"), ("network.hidden", "4, none"))
        self.window.view("sweep").plan.show_plan(Plan(axes[: int(self._rng.integers(1, 3))], epochs=1))
        self.form_to_small()
        self._button("sweep_start").click()

    def make_map(self) -> None:
        """Begin a t-SNE map of what is shown, and look at it."""
        dock = self.window.findChild(QDockWidget, "dock_map")
        method = self.window.findChild(QComboBox, "map_method")
        assert dock
        assert method
        dock.show()
        dock.raise_()
        method.setCurrentIndex(method.count() - 1)
        self._button("map_make").click()

    def begin_hidden_fault(self) -> None:
        """A short run with a bug that is not told."""
        if self.window.run_controller.dataset is not None:
            self.form_to_small()
            self._button("lab_mystery").click()

    # Means

    @property
    def _has_jobs(self) -> bool:
        """Whether a search, a sweep or a map is under way, or the file of a sweep is read."""
        search, sweep = self.window.presenter("search"), self.window.presenter("sweep")
        return bool(search._job or sweep._job or sweep._is_reading or self.window.presenter("map").attempt)

    def _one_of(self, things: list) -> object:  # type: ignore[type-arg]
        return things[int(self._rng.integers(len(things)))] if things else None

    def _button(self, name: str) -> QAbstractButton:
        found = self.window.findChild(QAbstractButton, name)
        assert found is not None, name
        return found

    def _close_others(self) -> None:
        """Dialogs and floating panels that a click opened."""
        for other in QApplication.topLevelWidgets():
            if other is not self.window and other.isVisible() and other.isWindow():
                if isinstance(other, QDockWidget):
                    other.setFloating(False)
                else:
                    other.close()
        if not self.window.isVisible():
            self.window.show()
        self.dialogs.errors.clear()
        self.dialogs.test_evaluation.clear()
        self.dialogs.saving.clear()


def close_what_waits() -> None:
    """A menu or a dialog that holds up the rest until somebody chooses."""
    waiting = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if waiting is not None:
        waiting.close()


def actions_of(menu: QMenuBar | QMenu) -> Iterator[QAction]:
    """All of a menu and of those in it."""
    for action in menu.actions():
        if isinstance(inner := action.menu(), QMenu):
            yield from actions_of(inner)
        elif not action.isSeparator():
            yield action


def resident_mb() -> float:
    """What the process takes now, garbage and the allocator's spare pages given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(words: list[str]) -> int:
    minutes = float(words[0]) if words else MINUTES
    seed = int(words[1]) if len(words) > 1 else SEED
    bound_heaps()  # as the program does
    application = QApplication([])
    errors = report_to_stderr()
    tally = Tally(f"soak of {minutes:g} min, seed {seed}")
    with TemporaryDirectory() as home:
        os.environ.update({f"XDG_{kind}_HOME": home for kind in ("STATE", "CONFIG", "DATA")})
        assert paths.log_file().is_relative_to(home)
        soak = Soak(Path(home), seed)
        collector = collect_between_events()
        soak.wait(lambda: soak.window.run_controller.dataset is not None)
        began = time.monotonic()
        taken: list[tuple[float, float]] = []  # shares of the time, and MB
        while (elapsed := time.monotonic() - began) < 60 * minutes:
            for _ in range(ACTS_BETWEEN):
                known = len(errors)
                soak.act()
                if len(errors) > known:
                    tally.failed(f"an error that nobody caught, after {soak.last}")
                else:
                    tally.survived()
            for address in listening(family(os.getpid())):
                if not address.is_loopback:
                    tally.failed(f"it listens at {address}")
            soak.come_to_rest()
            now = resident_mb()
            print(f"  {elapsed / 60:5.1f} min, {tally.tried:6,} acts: {now:6.0f} MB", flush=True)
            taken.append((elapsed / 60 / minutes, now))
        second = [mb for share, mb in taken if FIFTH <= share < 2 * FIFTH]
        later = [mb for share, mb in taken if share >= 2 * FIFTH]
        last = [mb for share, mb in taken if share >= 1 - FIFTH]
        growth = max(median(last) - median(second), max(later) - max(second)) if second and last else math.inf
        if growth > MOST_GROWTH_MB:
            tally.failed(f"it grew by {growth:.0f} MB, at most {MOST_GROWTH_MB:.0f} are allowed")
        print(f"grew by {growth:.0f} MB; at most {max(mb for _, mb in taken):.0f} MB at rest; did {dict(soak.done)}")
        soak.close()
    stop(collector)
    application.processEvents()
    print(tally)
    return int(bool(tally.failures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
