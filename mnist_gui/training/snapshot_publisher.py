"""Publishes a network in training: copies of its weights, and measurements of its layers.

Both take a small share of the training time, whatever the size of the network.
"""

from time import perf_counter

from mnist_gui.training.keyframes import next_keyframe
from mnist_gui.training.run_output import OutputSink
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.trainer import Trainer

# Copying weights for display may take this share of the training time.
SNAPSHOT_SHARE = 0.02


class SnapshotPublisher:
    """Publishes one trainer's network to one output."""

    def __init__(self, trainer: Trainer, run_output: OutputSink) -> None:
        self._trainer, self._run_output = trainer, run_output
        self._next_snapshot = 0.0
        self._next_keyframe = trainer.step
        self._last_keyframe = -1
        self._usual_step = 0.0  # seconds of the last step without measuring

    def after_step(self, seconds: float, has_measured: bool) -> float:
        """Post the measurement and keyframe that are due. Returns the duration of the step without measuring."""
        if self._trainer.step >= self._next_keyframe and not self._trainer.is_between_epochs:
            self.keep_keyframe()  # at the end of an epoch the validated one follows
        if has_measured:
            seconds = self._post_layers(seconds)
        self._usual_step = seconds
        return seconds

    def offer_snapshot(self) -> None:
        """Offer the present weights, if the reader has taken the last ones and they are old enough."""
        now = perf_counter()
        if now < self._next_snapshot or not self._run_output.wants_snapshot():
            return
        self._run_output.offer(self._trainer.snapshot())
        done = perf_counter()
        self._next_snapshot = done + (done - now) / SNAPSHOT_SHARE

    def keep_keyframe(self, snapshot: Snapshot | None = None) -> None:
        """Post the present weights as a keyframe. snapshot: a copy of them, if there is one."""
        step = self._trainer.step
        if step == self._last_keyframe or not self._run_output.wants_keyframe():
            return
        self._run_output.keep_keyframe(snapshot or self._trainer.snapshot())
        self._last_keyframe = step
        self._next_keyframe = next_keyframe(step)

    def _post_layers(self, seconds: float) -> float:
        if self._trainer.measured:
            self._run_output.post(self._trainer.measured)
        return min(seconds, self._usual_step) if self._usual_step else seconds
