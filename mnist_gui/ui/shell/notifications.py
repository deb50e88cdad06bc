"""Says what happens in a run, to those who see it and those who do not: announcements, errors, a sound if wanted."""

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

from mnist_gui.training.descriptions import summarize
from mnist_gui.training.divergence import LIKELY_CAUSE
from mnist_gui.training.records import EpochDone, Record, RunEnded
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences

# Nobody can listen to more: an announcement of an epoch at most so often, in seconds.
SECONDS_BETWEEN = 1.0


def _no_cause() -> str:
    return ""


class Notifications(QObject):
    """Listens to one run controller. find_cause(): what the diagnosis found that led to steps so long that a run
    diverged, "" where it knows no better cause than the run itself."""

    def __init__(
        self,
        run_controller: RunController,
        curves: CurvesView,
        dialogs: Dialogs,
        preferences: Preferences,
        clock: Callable[[], float] = perf_counter,
        find_cause: Callable[[], str] = _no_cause,
    ) -> None:
        super().__init__(run_controller)
        self._find_cause = find_cause
        self._clock, self._next_time = clock, 0.0
        self._run_controller, self._curves = run_controller, curves
        self._dialogs, self._preferences = dialogs, preferences
        run_controller.record_taken.connect(self._on_run_controller_record_taken)
        run_controller.failed.connect(self.report_error)

    @Slot(object)
    def _on_run_controller_record_taken(self, record: Record) -> None:
        match record:
            case EpochDone() if self._clock() >= self._next_time:
                self._next_time = self._clock() + SECONDS_BETWEEN
                self._curves.announce(summarize(self._run_controller.history))
            case RunEnded():
                self._announce_end(record)

    def _announce_end(self, record: RunEnded) -> None:
        state = record.state.replace("_", " ")
        parts = (f"training {state}", summarize(self._run_controller.history))
        self._curves.announce("; ".join(part for part in parts if part))
        if record.state == "diverged":
            self.report_error("The network diverged", _explain(record, self._find_cause()))
        elif record.state != "failed":  # which the run controller reports as an error
            self.sound()

    @Slot(str, str)
    def report_error(self, title: str, text: str) -> None:
        """Something went wrong."""
        self.sound()
        self._dialogs.show_error(title, text)

    @Slot(str)
    def announce_finding(self, text: str) -> None:
        """The diagnosis has found an error: announced, unless the user is to find it."""
        if self._run_controller.run and self._run_controller.run.is_hidden:
            return
        self._curves.announce(text)
        if self._run_controller.is_running:  # an end sounds by itself
            self.sound()

    def sound(self) -> None:
        """Sound, if the user has asked for it."""
        if self._preferences.sound:
            QApplication.beep()


def _explain(record: RunEnded, cause: str) -> str:
    epoch = record.best_epoch
    kept = f"The weights of epoch {epoch}" if epoch else f"The last finite weights, of step {record.step:,},"
    advice = "" if epoch else " They are to look at: a new network will do better than training these on."
    what = record.error or ""
    if cause:
        what = f"{what.partition(LIKELY_CAUSE)[0]}. What the diagnosis finds first: {cause}"
    text = f"Training stopped: {what.removesuffix('.')}.\n{kept} are kept.{advice}"
    return f"{text}\nDiagnosis shows what was found besides."
