"""What a person does with the runs of a session: come back to one, run it again, change it, compare, delete."""

from weakref import ReferenceType, ref

from PySide6.QtCore import QObject, Slot

from mnist_gui.runs.run import Run
from mnist_gui.runs.run_differences import describe_differences
from mnist_gui.training.records import Record, SettingChanged
from mnist_gui.ui.panels.runs.view import RunsView
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.plotting.overlay_runs import OverlayRun
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.run_controller import RunController


class RunsPresenter(QObject):
    """Fills the table of runs and does what its buttons say. The run that was shown before a new one is its ghost."""

    def __init__(
        self, run_controller: RunController, view: RunsView, controls: SettingsForm, curves: CurvesView
    ) -> None:
        super().__init__(view)
        self._run_controller, self._view, self._controls, self._curves = run_controller, view, controls, curves
        self._is_stale = False
        self._shown: ReferenceType[Run] | None = None  # the last one, which may be deleted
        self._ghosts: list[Run] = []
        self._automatic: Run | None = None
        run_controller.record_taken.connect(self._on_run_controller_record_taken)
        run_controller.runs_changed.connect(self._on_run_controller_runs_changed)
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        run_controller.state_changed.connect(self._on_run_controller_runs_changed)
        view.chosen.connect(run_controller.show_run)
        view.again_asked.connect(self.run_again)
        view.duplicate_asked.connect(self.duplicate)
        view.delete_asked.connect(self.delete)
        view.undo_asked.connect(self.undo_delete)
        view.overlaid.connect(self.overlay)

    @property
    def ghosts(self) -> list[Run]:
        """The runs that are drawn behind the one that is shown."""
        return [run for run in self._ghosts if run is not self._run_controller.run]

    @Slot(object)
    def run_again(self, run: Run) -> None:
        """Train what a run trained, with the same seed, and with all that was changed on the way at the same steps."""
        if self._run_controller.is_running or not run.segments:
            return
        first, *others = run.segments
        again = self._run_controller.runs.begin(first.config, run.dataset, run.splits, run.start)
        again.to_replay.extend(others)
        self._run_controller.settings_shown.emit(first.config)
        self._run_controller.train_new(again, *first.commands)
        self.overlay_previous_run(run)

    @Slot(object)
    def duplicate(self, run: Run) -> None:
        """Put a run's settings into the form, for a new network that differs in what the person changes."""
        if self._run_controller.is_running:
            return
        self._run_controller.leave()
        self._shown = ref(run)  # the new network is to be compared with it, not with what was shown by chance
        self._run_controller.use_dataset_of(run)
        self._controls.show_config(run.begun_as)
        self.overlay_previous_run(run)

    @Slot(object)
    def delete(self, run: Run) -> None:
        """Take a run away; `undo_delete` brings it back."""
        if self._run_controller.is_live(run):
            return
        if run is self._run_controller.run:
            self._run_controller.leave()
        if run in self._run_controller.runs:  # an empty one has gone with being left
            self._run_controller.runs.delete(run)
        self.overlay(run, False)
        self._run_controller.runs_changed.emit()

    @Slot()
    def undo_delete(self) -> None:
        """Bring back the run that was deleted last."""
        self._run_controller.runs.undo_delete()
        self._run_controller.runs_changed.emit()

    @Slot(object, bool)
    def overlay(self, run: Run, is_wanted: bool) -> None:
        """Draw a run behind the one that is shown, or no longer."""
        self._ghosts = [ghost for ghost in self._ghosts if ghost is not run] + ([run] if is_wanted else [])
        if run is self._automatic:
            self._automatic = None  # now it is the person's choice
        self._refresh()

    @Slot(object)
    def overlay_previous_run(self, run: Run) -> None:
        """Draw the run before behind the new one, in place of the one that was there for the same reason."""
        self._ghosts = [ghost for ghost in self._ghosts if ghost is not self._automatic]
        if run not in self._ghosts:
            self._ghosts.append(run)
            self._automatic = run
        self._refresh()

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        run, before = self._run_controller.run, self._shown() if self._shown else None
        if run is None:
            return
        self._shown = ref(run)
        # Of a mystery, a curve that is the same as that of a run before it would tell the bug.
        is_new = not len(run.history) and run.best is None and not run.is_hidden
        if is_new and before is not None and len(before.history) and before in self._run_controller.runs:
            self.overlay_previous_run(before)

    def refresh(self) -> bool:
        """Fill the table anew if there were epochs since and it would be seen; whether it was."""
        if not self._is_stale or self._view.visibleRegion().isEmpty():
            return False
        self._refresh()
        return True

    @Slot(object)
    def _on_run_controller_record_taken(self, record: Record) -> None:
        self._is_stale = True
        if isinstance(record, SettingChanged):
            self._controls.follow(record.key, record.old, record.new)

    @Slot()
    def _on_run_controller_runs_changed(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        self._is_stale = False
        run_controller = self._run_controller
        kept = list(run_controller.runs)
        self._ghosts = [run for run in self._ghosts if run in kept]
        if self._automatic not in kept:
            self._automatic = None
        self._view.show_runs(
            kept,
            shown=run_controller.run,
            live=[run for run in kept if run_controller.is_live(run)],
            ghosts=self._ghosts,
            is_running=run_controller.is_running,
            can_undo=run_controller.runs.can_undo,
        )
        drawn = self.ghosts
        among = [*drawn, *([run_controller.run] if run_controller.run else [])]
        self._curves.show_ghosts([OverlayRun(describe_differences(run, among), run.history) for run in drawn])
