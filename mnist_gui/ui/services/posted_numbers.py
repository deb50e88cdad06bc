"""Posted numbers in the curves: those that belong to the run that is shown, where it is a posted network."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.runs.run import Run
from mnist_gui.training.records import Record, RunStarted, SettingChanged
from mnist_gui.training.replay import changed_during_training
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.services.run_controller import RunController

if TYPE_CHECKING:
    from mnist_gui.casebook.posted_networks import Case


class PostedNumbers(QObject):
    """changed(): `case`, the posted network that is shown, or `later`, the epochs of its numbers that lie beyond the
    plan of the run, are others."""

    changed = Signal()

    def __init__(self, run_controller: RunController, curves: CurvesView, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller, self._curves = run_controller, curves
        self.case: Case | None = None
        self.later: list[float] = []
        run_controller.run_shown.connect(self._show)
        run_controller.record_taken.connect(self._on_run_controller_record_taken)

    @Slot(object)
    def _on_run_controller_record_taken(self, record: Record) -> None:
        if isinstance(record, (RunStarted, SettingChanged)):  # the plan is longer, or the network another one now
            self._show()

    @Slot()
    def _show(self) -> None:
        run = self._run_controller.run
        self.case = _posted(run) if run else None
        planned = sum(leg.config.training.epochs for leg in run.segments) or run.begun_as.training.epochs if run else 0
        series = self.case.series if self.case else ()
        self.later = sorted({epoch for each in series for epoch in each.epochs if epoch > planned})
        self._curves.show_dots(series)
        self.changed.emit()


def _posted(run: Run) -> "Case | None":
    """The posted network that a run is: of the same digits, and with nothing changed on the way."""
    from mnist_gui.casebook.posted_networks import are_posted_digits, case_of  # which are read when there is a run

    if not are_posted_digits(run.dataset.train_labels) or changed_during_training(run.segments):
        return None
    return case_of(run.begun_as)
