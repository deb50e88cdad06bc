"""Other runs behind the curves of the one that is shown: those the user chose, and the run before a new one."""

from weakref import ReferenceType, ref

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.runs.run import Run
from mnist_gui.runs.run_differences import describe_differences
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.plotting.overlay_runs import OverlayRun
from mnist_gui.ui.services.run_controller import RunController


class RunOverlays(QObject):
    """changed(): other runs are drawn, or may be. The run that was shown before a new one is drawn behind it."""

    changed = Signal()

    def __init__(self, run_controller: RunController, curves: CurvesView, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller, self._curves = run_controller, curves
        self._shown: ReferenceType[Run] | None = None  # the last one, which may be deleted
        self._chosen: list[Run] = []
        self._automatic: Run | None = None
        run_controller.runs_changed.connect(self._refresh)
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        run_controller.state_changed.connect(self._refresh)

    @property
    def chosen(self) -> list[Run]:
        """The runs that are drawn behind others, among which may be the one that is shown."""
        return list(self._chosen)

    @property
    def ghosts(self) -> list[Run]:
        """The runs that are drawn behind the one that is shown."""
        return [run for run in self._chosen if run is not self._run_controller.run]

    def overlay(self, run: Run, is_wanted: bool) -> None:
        """Draw a run behind the one that is shown, or no longer."""
        self._chosen = [each for each in self._chosen if each is not run] + ([run] if is_wanted else [])
        if run is self._automatic:
            self._automatic = None  # now it is the user's choice
        self._refresh()

    @Slot(object)
    def overlay_previous_run(self, run: Run) -> None:
        """Draw the run before behind the new one, in place of the one that was there for the same reason."""
        self._chosen = [each for each in self._chosen if each is not self._automatic]
        if run not in self._chosen:
            self._chosen.append(run)
            self._automatic = run
        self._refresh()

    def compare_next_with(self, run: Run) -> None:
        """The next new network is to be seen beside this run, not beside what was shown by chance."""
        self._shown = ref(run)
        self.overlay_previous_run(run)

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        run, before = self._run_controller.run, self._shown() if self._shown else None
        if run is None:
            return
        self._shown = ref(run)
        # Where a fault is hidden, a curve that is the same as that of a run before it would reveal which.
        is_new = not len(run.history) and run.best is None and not run.is_hidden
        if is_new and before is not None and len(before.history) and before in self._run_controller.runs:
            self.overlay_previous_run(before)

    @Slot()
    def _refresh(self) -> None:
        kept, shown = list(self._run_controller.runs), self._run_controller.run
        self._chosen = [run for run in self._chosen if run in kept]
        if self._automatic not in kept:
            self._automatic = None
        drawn = self.ghosts
        among = [*drawn, *([shown] if shown else [])]
        self._curves.show_ghosts([OverlayRun(describe_differences(run, among), run.history) for run in drawn])
        self.changed.emit()
