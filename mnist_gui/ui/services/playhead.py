"""Which step of the run all panels show: the newest, or any keyframe while training goes on."""

import math
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.run_controller import RunController, RunState


class Playhead(QObject):
    """Hands the weights of the chosen step to the panels. Newer ones are kept for the return to the present.

    weights_shown(snapshot, note, start): the weights that panels should show. note: what else to say of them, such as
    ", the best"; start: the same network's before its first step here, None where they are not known. nothing_shown():
    there are none, or another run's will come. step_chosen(): the user went to a keyframe, and waits for it to be
    drawn. moved(step, shown): the step that the user went to, and that of the keyframe shown there; None, None: the
    present. played(is_playing): keyframes are played back, or no longer.
    """

    weights_shown = Signal(object, str, object)
    nothing_shown = Signal()
    step_chosen = Signal()
    moved = Signal(object, object)
    played = Signal(bool)

    def __init__(self, run_controller: RunController, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller = run_controller
        self._shown: Snapshot | None = None  # the keyframe that is looked at; None in the present
        self._newest: Snapshot | None = None
        self._last: tuple[Snapshot, str, Snapshot | None] | None = None  # what was handed on last
        self._interval_ms = 100
        self._player = QTimer(self)
        self._player.timeout.connect(self._on_player_timeout)
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        run_controller.snapshot_taken.connect(self._on_run_controller_snapshot_taken)

    @property
    def is_live(self) -> bool:
        """Whether the panels show the newest weights."""
        return self._shown is None

    @property
    def weights(self) -> Snapshot | None:
        """Those that the panels show; None where there are none."""
        return self._shown or self._newest

    def subscribe(
        self, on_weights_shown: Callable[[Snapshot, str, Snapshot | None], None], on_nothing_shown: Callable[[], None]
    ) -> None:
        """Connect to both signals, and hand on at once what is shown now: a panel may be built when a run is over."""
        self.weights_shown.connect(on_weights_shown)
        self.nothing_shown.connect(on_nothing_shown)
        if self._last is not None:
            on_weights_shown(*self._last)
        elif self._run_controller.run is not None:
            on_nothing_shown()

    @Slot(int)
    def go_to(self, step: int) -> None:
        """What the user asks for: `show_step`, and play back no further."""
        self._stop_playing()
        self.show_step(step)

    def show_step(self, step: int) -> None:
        """Show the keyframe nearest before a step, in every panel, at once."""
        run = self._run_controller.run
        keyframe = run.timeline.at(step) if run else None
        if run is None or keyframe is None:
            return
        has_changed = keyframe is not self._shown
        self._shown = keyframe
        with self._run_controller.drawing():
            self.moved.emit(step, keyframe.step)
            if has_changed:
                self._show_weights(keyframe, "")
                self.step_chosen.emit()

    @Slot()
    def return_to_present(self) -> None:
        """Show the newest weights, and go along with training."""
        self._stop_playing()
        was_live, self._shown = self.is_live, None
        self.moved.emit(None, None)
        if self._newest and not was_live:
            self._show_weights(self._newest, self._best_note(self._newest))

    def _show_weights(self, snapshot: Snapshot, note: str) -> None:
        run = self._run_controller.run
        self._last = snapshot, note, run.timeline.first if run else None
        self.weights_shown.emit(*self._last)

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
        self._shown = self._newest = self._last = None
        self.moved.emit(None, None)
        self.nothing_shown.emit()

    @Slot(object)
    def _on_run_controller_snapshot_taken(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        if self.is_live:
            self._show_weights(snapshot, self._best_note(snapshot))

    # Playing back

    @Slot(int)
    def set_speed(self, speed: int) -> None:
        """Play back so many keyframes a second."""
        self._interval_ms = 1000 // speed
        self._player.setInterval(self._interval_ms)

    @Slot(bool)
    def play(self, is_wanted: bool) -> None:
        """Play the keyframes back, from the first one if the last is shown; or stop there."""
        run = self._run_controller.run
        if not is_wanted or run is None or not len(run.timeline):
            self._stop_playing()
            return
        if self._shown is None or self._shown is run.timeline.keyframes[-1]:
            self.show_step(run.timeline.steps[0])
        self._player.start(self._interval_ms)
        self.played.emit(True)

    @Slot()
    def _on_player_timeout(self) -> None:
        run = self._run_controller.run
        later = [step for step in run.timeline.steps if self._shown and step > self._shown.step] if run else []
        if not later:
            self.return_to_present()
            return
        self.show_step(later[0])

    def _stop_playing(self) -> None:
        self._player.stop()
        self.played.emit(False)
