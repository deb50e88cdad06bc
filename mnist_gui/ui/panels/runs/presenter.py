"""Presenter of Runs: shows an earlier run, repeats it, edits its settings, compares, deletes and restores it."""

from PySide6.QtCore import QObject, Slot

from mnist_gui.runs.run import Run
from mnist_gui.training.records import Record
from mnist_gui.ui.panels.runs.view import RunsView
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.run_overlays import RunOverlays


class RunsPresenter(QObject):
    """Fills the table of runs and does what its buttons say."""

    def __init__(
        self, run_controller: RunController, overlays: RunOverlays, controls: SettingsForm, view: RunsView
    ) -> None:
        super().__init__(view)
        self._run_controller, self._overlays, self._controls, self._view = run_controller, overlays, controls, view
        self._is_stale = False
        run_controller.record_taken.connect(self._on_run_controller_record_taken)
        overlays.changed.connect(self._refresh)
        view.chosen.connect(run_controller.show_run)
        view.again_asked.connect(self.run_again)
        view.duplicate_asked.connect(self.duplicate)
        view.delete_asked.connect(self.delete)
        view.undo_asked.connect(self.undo_delete)
        view.overlaid.connect(overlays.overlay)
        self._refresh()

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
        self._overlays.overlay_previous_run(run)

    @Slot(object)
    def duplicate(self, run: Run) -> None:
        """Put a run's settings into the form, for a new network that differs in what the user changes."""
        if self._run_controller.is_running:
            return
        self._run_controller.leave()
        self._run_controller.use_dataset_of(run)
        self._controls.show_config(run.begun_as)
        self._overlays.compare_next_with(run)

    @Slot(object)
    def delete(self, run: Run) -> None:
        """Take a run away; `undo_delete` brings it back."""
        if self._run_controller.is_live(run):
            return
        if run is self._run_controller.run:
            self._run_controller.leave()
        if run in self._run_controller.runs:  # an empty one has gone with being left
            self._run_controller.runs.delete(run)
        self._overlays.overlay(run, False)
        self._run_controller.runs_changed.emit()

    @Slot()
    def undo_delete(self) -> None:
        """Bring back the run that was deleted last."""
        self._run_controller.runs.undo_delete()
        self._run_controller.runs_changed.emit()

    def refresh(self) -> bool:
        """Fill the table anew if there were epochs since and it would be seen; whether it was."""
        if not self._is_stale or self._view.visibleRegion().isEmpty():
            return False
        self._refresh()
        return True

    @Slot(object)
    def _on_run_controller_record_taken(self, record: Record) -> None:
        self._is_stale = True

    @Slot()
    def _refresh(self) -> None:
        self._is_stale = False
        run_controller = self._run_controller
        kept = list(run_controller.runs)
        self._view.show_runs(
            kept,
            shown=run_controller.run,
            live=[run for run in kept if run_controller.is_live(run)],
            ghosts=self._overlays.chosen,
            is_running=run_controller.is_running,
            can_undo=run_controller.runs.can_undo,
        )
