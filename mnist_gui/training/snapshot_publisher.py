"""What a watcher is shown of a network while it trains: copies of its weights, and measurements of its layers.

Each for a small share of the training time, however large the network.
"""

from time import perf_counter

from mnist_gui.training.keyframes import next_keyframe
from mnist_gui.training.run_output import OutputSink
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.trainer import Trainer

# Copying weights for a watcher may take this share of the training time.
SNAPSHOT_SHARE = 0.02


class SnapshotPublisher:
    """Shows one trainer's network through one outbox."""

    def __init__(self, trainer: Trainer, run_output: OutputSink) -> None:
        self._trainer, self._run_output = trainer, run_output
        self._next_snapshot = 0.0
        self._next_keyframe = trainer.step
        self._last_keyframe = -1
        self._usual_step = 0.0  # seconds of the last step without measuring

    def after_step(self, seconds: float, has_measured: bool) -> float:
        """Tell what was measured and keep what is due; how long the step took without measuring."""
        if self._trainer.step >= self._next_keyframe and not self._trainer.is_between_epochs:
            self.keep_keyframe()  # at the end of an epoch there will be one that is validated
        if has_measured:
            seconds = self._tell_layers(seconds)
        self._usual_step = seconds
        return seconds

    def offer_snapshot(self) -> None:
        """Show the weights of this moment, if somebody looks and the last copy was long enough ago."""
        now = perf_counter()
        if now < self._next_snapshot or not self._run_output.wants_snapshot():
            return
        self._run_output.offer(self._trainer.snapshot())
        done = perf_counter()
        self._next_snapshot = done + (done - now) / SNAPSHOT_SHARE

    def keep_keyframe(self, snapshot: Snapshot | None = None) -> None:
        """Hand on the weights of this moment, to be kept. snapshot: holds them, if there is a copy already."""
        step = self._trainer.step
        if step == self._last_keyframe or not self._run_output.wants_keyframe():
            return
        self._run_output.keep_keyframe(snapshot or self._trainer.snapshot())
        self._last_keyframe = step
        self._next_keyframe = next_keyframe(step)

    def _tell_layers(self, seconds: float) -> float:
        if self._trainer.measured:
            self._run_output.post(self._trainer.measured)
        return min(seconds, self._usual_step) if self._usual_step else seconds
