"""Keyframes: copies of a run's weights at some steps, so that every panel can show earlier ones.

They are dense at the start, where most changes, and at the end of every epoch. Above the memory budget every other one
is dropped.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable

from mnist_gui.training.snapshot import Snapshot

# Default budget for the keyframes of all runs together, in bytes.
BUDGET_BYTES = 256_000_000

# Limit of their number in a run: with very small networks and short epochs more would fit, and searching them would
# take longer than a frame.
MOST_KEYFRAMES = 2000

# Distance of two keyframes as a share of the steps made, if no epoch ends before.
SPACING = 0.1


def next_keyframe(step: int) -> int:
    """The step of the keyframe after one at `step`: 0, 1, 2, ... 10, 11, 12, ... 20, 22, 24, ... 1,000, 1,100, ..."""
    return step + max(1, int(step * SPACING))


class Keyframes:
    """The keyframes of one run, in the order of their steps."""

    def __init__(self) -> None:
        self.nbytes = 0  # bytes of the keyframes
        self._keyframes: list[Snapshot] = []

    def __len__(self) -> int:
        return len(self._keyframes)

    @property
    def keyframes(self) -> tuple[Snapshot, ...]:
        """All keyframes, oldest first."""
        return tuple(self._keyframes)

    @property
    def steps(self) -> list[int]:
        """The steps of the keyframes, ascending."""
        return [keyframe.step for keyframe in self._keyframes]

    @property
    def first(self) -> Snapshot | None:
        """The oldest weights of the run."""
        return self._keyframes[0] if self._keyframes else None

    @property
    def best(self) -> Snapshot | None:
        """The weights of the smallest validation loss."""
        measured = [keyframe for keyframe in self._keyframes if math.isfinite(keyframe.validation_loss)]
        return min(measured, key=lambda keyframe: keyframe.validation_loss, default=None)

    def add(self, snapshot: Snapshot) -> None:
        """Add a keyframe. Those of later steps are dropped: training continued from earlier weights.

        Of two of the same step, which are the same weights, the first stays, unless only the second was validated.
        """
        while self._keyframes and self._keyframes[-1].step > snapshot.step:
            self._pop()
        if self._keyframes and self._keyframes[-1].step == snapshot.step:
            if self._keyframes[-1].is_measured or not snapshot.is_measured:
                return
            self._pop()
        self._keyframes.append(snapshot)
        self.nbytes += _nbytes(snapshot)
        if len(self._keyframes) > MOST_KEYFRAMES:
            self.drop_every_other()

    def at(self, step: float) -> Snapshot | None:
        """The last keyframe at or before `step`, else the first; None without any."""
        if not self._keyframes:
            return None
        return self._keyframes[max(0, bisect_right(self._keyframes, step, key=lambda keyframe: keyframe.step) - 1)]

    def _pop(self) -> None:
        self.nbytes -= _nbytes(self._keyframes.pop())

    def drop_every_other(self) -> bool:
        """Drop every other keyframe, but not the first, the best and the last. Returns whether any was dropped."""
        best = self.best
        spare = [keyframe for keyframe in self._keyframes[1:-1] if keyframe is not best]
        dropped = set(map(id, spare[::2]))
        self._keyframes = [keyframe for keyframe in self._keyframes if id(keyframe) not in dropped]
        self.nbytes = sum(map(_nbytes, self._keyframes))
        return bool(dropped)


def fit(timelines: Iterable[Keyframes], budget: int) -> None:
    """Drop keyframes, of the largest timeline first, until all together take at most `budget` bytes.

    The first, the best and the last of each are never dropped.
    """
    can_shrink = list(timelines)
    total = sum(timeline.nbytes for timeline in can_shrink)
    while total > budget and can_shrink:
        largest = max(can_shrink, key=lambda timeline: timeline.nbytes)
        before = largest.nbytes
        if not largest.drop_every_other():
            can_shrink.remove(largest)
        total -= before - largest.nbytes


def _nbytes(snapshot: Snapshot) -> int:
    answers = snapshot.validation
    if answers is None:
        return snapshot.parameters.nbytes
    columns = (answers.labels, answers.predicted, answers.confidence, answers.losses, answers.margins)
    return snapshot.parameters.nbytes + sum(column.nbytes for column in columns)
