"""Integrity checks of a run: that it does not train on validation or test digits, shuffles them, and keeps its best
weights."""

import math
import zlib
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.splits import Split, Splits
from mnist_gui.training.snapshot import Snapshot

# Number of consecutive labels whose entropy shows whether digits come class by class.
WINDOW = 500
# Number of the kept parameters in the checksum, evenly spread: a step changes nearly all.
SAMPLE = 4096


class CheckedEpoch(TypedDict):
    """The results of the checks: fields of EpochDone with these names."""

    label_entropy: float
    held_out_digits: int
    best_has_changed: bool


class IntegrityChecks:
    """The checks of one trainer, from epoch to epoch."""

    def __init__(self, splits: Splits, batch_size: int) -> None:
        self._labels, self._classes = splits.train.labels, splits.classes
        self._window = max(WINDOW, batch_size)
        self._is_held_out = held_out(splits)  # (N,)
        self._kept: tuple[int, int] | None = None  # step and checksum of the best weights

    def check(self, order: NDArray[np.intp], best: Snapshot | None) -> CheckedEpoch:
        """Check an epoch in which the training digits `order` (N,) were used, and the best weights after it."""
        return {
            "label_entropy": self.label_entropy(order) if len(order) else math.nan,
            "held_out_digits": self.held_out_digits(order),
            "best_has_changed": self.has_changed(best),
        }

    def label_entropy(self, order: NDArray[np.intp]) -> float:
        """The mean entropy (nats) of the labels of an epoch's digits in consecutive windows; of all, if they are
        few."""
        return label_entropy(self._labels[order], self._classes, self._window)

    def held_out_digits(self, order: NDArray[np.intp]) -> int:
        """The number of these training digits that are also validation or test digits."""
        return int(np.count_nonzero(self._is_held_out[order]))

    def has_changed(self, best: Snapshot | None) -> bool:
        """Whether the best weights differ from those at the last `note`, although their step is the same."""
        return bool(best and self._kept and best.step == self._kept[0] and _checksum(best) != self._kept[1])

    def note(self, best: Snapshot | None) -> None:
        """Remember the best weights as they are now."""
        self._kept = (best.step, _checksum(best)) if best else None


def label_entropy(labels: NDArray[np.uint8], classes: int, window: int) -> float:
    """The mean of -sum f log f over windows of consecutive labels (N,), f being the class frequencies in a window."""
    count = max(1, len(labels) // window)
    rows = [labels] if count == 1 else labels[: count * window].reshape(count, window)
    counts = np.stack([np.bincount(row, minlength=classes) for row in rows])
    shares = counts / counts.sum(axis=1, keepdims=True)
    logarithms = np.log(shares, out=np.zeros_like(shares), where=shares > 0.0)
    return float(-(shares * logarithms).sum(axis=1).mean())


def held_out(splits: Splits) -> NDArray[np.bool_]:
    """Which training digits (N,) are also validation or test digits."""
    found = np.zeros(len(splits.train), bool)
    for other in (splits.validation, splits.test):
        found |= _are_in(splits.train, other)
    return found


def _are_in(split: Split, other: Split) -> NDArray[np.bool_]:
    if split.source is not other.source:
        return np.zeros(len(split), bool)
    is_taken = np.zeros(len(split.source), bool)
    is_taken[other.rows] = True
    taken: NDArray[np.bool_] = is_taken[split.rows]
    return taken


def _checksum(best: Snapshot) -> int:
    every = -(-best.parameters.size // SAMPLE) | 1
    return zlib.crc32(best.parameters[::every].tobytes())
