"""The File menu: opens and saves models, opens datasets, and asks before an unsaved network is lost."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.runs.run import Run
from mnist_gui.system.printable import on_one_line
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController, RunState
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences


class FileActions(QObject):
    """The file actions of a window.

    saved_for_closing(): what kept the window open is saved. message(text): which weights are in a file now.
    """

    saved_for_closing = Signal()
    message = Signal(str)

    def __init__(
        self,
        run_controller: RunController,
        actions: Actions,
        dialogs: Dialogs,
        preferences: Preferences,
        playhead: Playhead,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._run_controller, self._dialogs, self._preferences = run_controller, dialogs, preferences
        self._playhead, self._save_shown = playhead, actions.save_shown
        self._save_then_close: Path | None = None
        self._asked: list[tuple[Snapshot, str]] = []  # what is being saved, and as what it was asked about
        actions.open_model.triggered.connect(self._on_open_model_triggered)
        actions.save_model.triggered.connect(self._on_save_model_triggered)
        actions.save_shown.triggered.connect(self._on_save_shown_triggered)
        actions.open_dataset.triggered.connect(self._on_open_dataset_triggered)
        actions.bundled_dataset.triggered.connect(self._on_bundled_dataset_triggered)
        playhead.weights_shown.connect(self._on_playhead_changed)
        playhead.nothing_shown.connect(self._on_playhead_changed)
        run_controller.state_changed.connect(self._on_run_controller_state_changed)
        run_controller.failed.connect(self._on_run_controller_failed)
        run_controller.file_service.model_saved.connect(self._on_storage_model_saved)

    def may_close(self, *, has_kept: bool) -> bool:
        """Ask about what would be lost. False: not now, perhaps until saved_for_closing.

        has_kept: tags, notes and drawings are on the disk.
        """
        if not has_kept and not self._dialogs.ask_lost():
            return False
        unsaved = self._describe_unsaved()
        if not unsaved:
            return True
        answer = self._dialogs.ask_unsaved(unsaved, can_save=self._run_controller.has_unsaved)
        if answer == "save":
            self._save_for_closing()
        return answer == "discard"

    def _describe_unsaved(self) -> str:
        sentences = []
        run = self._run_controller.run
        if run and self._run_controller.has_unsaved:
            doing = {RunState.TRAINING: "is still training", RunState.PAUSED: "is paused in the middle of its training"}
            sentences.append(
                f"Run {run.number}, the one that is shown, {doing.get(self._run_controller.state, 'is not saved')}."
            )
            sentences.append("Save ends it, and keeps its best weights." if self._run_controller.is_running else "")
        if self._run_controller.is_ending:
            sentences.append("A network that was left behind is still ending; it is not saved.")
        count = len([run for run in self._run_controller.runs if run.has_unsaved and not self._is_told_of(run)])
        if count:
            which = "One earlier network is" if count == 1 else f"{count} earlier networks are"
            sentences.append(f"{which} not saved: see the panel Runs.")
        return "\n".join(sentence for sentence in sentences if sentence)

    def _is_told_of(self, run: Run) -> bool:
        return run is self._run_controller.run or self._run_controller.is_live(run)

    def _save_for_closing(self) -> None:
        best = self._run_controller.best
        is_known = best is not None and not self._run_controller.is_running
        path = self._ask_where_to_save(self._describe(best) if best and is_known else "the best weights at its end")
        if path is None:
            return
        self._save_then_close = path
        if self._run_controller.is_running:
            self._run_controller.stop()
        else:
            self._run_controller.save_model(path)

    def _describe(self, snapshot: Snapshot) -> str:
        """Which weights these are, such as "the best weights, epoch 8, step 3,752"."""
        is_best = snapshot is self._run_controller.best and snapshot.is_measured
        return f"{'the best weights' if is_best else 'weights'}, epoch {snapshot.epoch}, step {snapshot.step:,}"

    def _ask_where_to_save(self, what: str, name: str = "model.npz") -> Path | None:
        path = self._dialogs.ask_model_to_save(self._preferences.folder("model") / name, what)
        if path:
            self._preferences.remember_folder("model", path.parent)
        return path

    @Slot(object)
    def _on_run_controller_state_changed(self, state: RunState) -> None:
        if self._save_then_close and state is RunState.ENDED:
            self._run_controller.save_model(self._save_then_close)
        elif self._save_then_close and state is RunState.NEW:  # stopped before it had learned anything
            self.saved_for_closing.emit()

    @Slot(str, str)
    def _on_run_controller_failed(self, title: str, text: str) -> None:
        self._save_then_close = None

    @Slot(object, object)
    def _on_storage_model_saved(self, path: Path, snapshot: Snapshot) -> None:
        # Better weights may have come since, or another run be shown: it is what was asked about that is in the file.
        what = next((text for asked, text in self._asked if asked is snapshot), None) or self._describe(snapshot)
        self._asked = [each for each in self._asked if each[0] is not snapshot]
        self.message.emit(f"Saved {what}: {on_one_line(str(path))}")
        if path == self._save_then_close:
            self._save_then_close = None
            self.saved_for_closing.emit()

    @Slot()
    def _on_open_model_triggered(self) -> None:
        path = self._dialogs.ask_model_to_open(self._preferences.folder("model"))
        if path:
            self._preferences.remember_folder("model", path.parent)
            self._run_controller.file_service.open_model(path)

    @Slot()
    def _on_save_model_triggered(self) -> None:
        self._save(self._run_controller.best, "model.npz")

    @Slot()
    def _on_save_shown_triggered(self) -> None:
        shown = self._playhead.weights
        if shown is not None:
            self._save(shown, f"model-step-{shown.step}.npz")

    def _save(self, snapshot: Snapshot | None, name: str) -> None:
        """Ask where to, and save what was asked about, though training goes on meanwhile."""
        if snapshot is None:
            return
        what = self._describe(snapshot)
        path = self._ask_where_to_save(what, name)
        if path:
            self._asked.append((snapshot, what))
            self._run_controller.file_service.save_model(path, snapshot)

    @Slot()
    def _on_playhead_changed(self) -> None:
        self._save_shown.setEnabled(self._playhead.weights is not None)

    @Slot()
    def _on_open_dataset_triggered(self) -> None:
        folder = self._dialogs.ask_folder(self._preferences.folder("dataset"))
        if folder:
            self._preferences.remember_folder("dataset", folder)
            self._run_controller.file_service.load_dataset(str(folder))

    @Slot()
    def _on_bundled_dataset_triggered(self) -> None:
        self._run_controller.file_service.load_dataset("")
