"""Which moment of the run the panels show: the present, or any kept one while training goes on."""

import math

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.curves.view import CurvesView
from mnist_gui.ui.panels.timeline.view import TimelineView
from mnist_gui.ui.services.run_controller import RunController, RunState


class Playhead(QObject):
    """Hands the weights of the chosen moment to the panels. What is new is kept for the return to the present.

    weights_shown(snapshot, note, start): the weights that panels should show. note: what else to say of them, such as
    ", the best"; start: the same network's before its first step here, None where they are not known. nothing_shown():
    there are none, or another run's will come. moment_chosen(): a person went to a kept moment, and waits for it to be
    drawn.
    """

    weights_shown = Signal(object, str, object)
    nothing_shown = Signal()
    moment_chosen = Signal()

    def __init__(
        self,
        run_controller: RunController,
        bar: TimelineView,
        curves: CurvesView,
    ) -> None:
        super().__init__(bar)
        self._run_controller, self._bar, self._curves = run_controller, bar, curves
        self._shown: Snapshot | None = None  # the kept weights that are looked at; None in the present
        self._newest: Snapshot | None = None
        self._player = QTimer(self)
        self._player.timeout.connect(self._on_player_timeout)
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        run_controller.runs_changed.connect(self._on_run_controller_runs_changed)
        run_controller.snapshot_taken.connect(self._on_run_controller_snapshot_taken)
        bar.moment_chosen.connect(self._on_bar_moment_chosen)
        bar.live_asked.connect(self.return_to_present)
        bar.play_toggled.connect(self._on_bar_play_toggled)
        curves.moment_chosen.connect(self._on_bar_moment_chosen)

    @property
    def is_live(self) -> bool:
        """Whether the panels show the newest weights."""
        return self._shown is None

    @property
    def weights(self) -> Snapshot | None:
        """Those that the panels show; None where there are none."""
        return self._shown or self._newest

    @Slot(int)
    def _on_bar_moment_chosen(self, step: int) -> None:
        self._stop_playing()
        self.show_moment(step)

    def show_moment(self, step: int) -> None:
        """Show the weights kept nearest before a step, in every panel, at once."""
        run = self._run_controller.run
        keyframe = run.timeline.at(step) if run else None
        if run is None or keyframe is None:
            return
        has_changed = keyframe is not self._shown
        self._shown = keyframe
        self._bar.show_moment(step, keyframe.step)
        with self._run_controller.drawing():
            self._curves.show_moment(step)
            if has_changed:
                self._show_weights(keyframe, "")
                self.moment_chosen.emit()

    @Slot()
    def return_to_present(self) -> None:
        """Show the newest weights, and go along with training."""
        self._stop_playing()
        if self._shown is None:
            self._bar.show_moment(None)
            return
        self._shown = None
        self._bar.show_moment(None)
        self._curves.show_moment(None)
        if self._newest:
            self._show_weights(self._newest, self._best_note(self._newest))

    def _show_weights(self, snapshot: Snapshot, note: str) -> None:
        run = self._run_controller.run
        self.weights_shown.emit(snapshot, note, run.timeline.first if run else None)

    def _best_note(self, snapshot: Snapshot) -> str:
        """When training has ended, the panels show the kept weights: the best, if their loss is known. Of a network
        from a file that was not trained since nobody knows whether they were."""
        run = self._run_controller.run
        if run and run.saved is snapshot and not len(run.history):
            return ", from the file"
        is_over = self._run_controller.state is RunState.ENDED
        is_best = snapshot is self._run_controller.best and math.isfinite(snapshot.validation_loss)
        return ", the best" if is_over and is_best else ""

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        self._stop_playing()
        self._shown = self._newest = None
        run = self._run_controller.run
        self._bar.show_run(run)
        self._curves.show_moment(None)
        self.nothing_shown.emit()

    @Slot()
    def _on_run_controller_runs_changed(self) -> None:
        self._bar.show_memory(self._run_controller.runs.nbytes, self._run_controller.runs.budget)

    @Slot(object)
    def _on_run_controller_snapshot_taken(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        if self.is_live:
            self._show_weights(snapshot, self._best_note(snapshot))

    # Playing back

    @Slot(bool)
    def _on_bar_play_toggled(self, is_wanted: bool) -> None:
        run = self._run_controller.run
        if not is_wanted or run is None or not len(run.timeline):
            self._stop_playing()
            return
        if self._shown is None or self._shown is run.timeline.keyframes[-1]:
            self.show_moment(run.timeline.steps[0])
        self._player.start(1000 // self._bar.speed)
        self._bar.show_playing(True)

    @Slot()
    def _on_player_timeout(self) -> None:
        run = self._run_controller.run
        later = [step for step in run.timeline.steps if self._shown and step > self._shown.step] if run else []
        if not later:
            self.return_to_present()
            return
        self._player.setInterval(1000 // self._bar.speed)
        self.show_moment(later[0])

    def _stop_playing(self) -> None:
        self._player.stop()
        self._bar.show_playing(False)
