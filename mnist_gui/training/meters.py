"""Meters of the training loop: blocks of minibatch values, means over an epoch, training time."""

from time import perf_counter
from typing import NamedTuple

import numpy as np

from mnist_gui.training.records import MinibatchesDone

# A block of minibatches is posted when it is this old or this long: recent enough for 60 frames a second, and few
# enough records for every batch size.
BLOCK_SECONDS = 0.02
BLOCK_LENGTH = 512


class Minibatch(NamedTuple):
    """The measurements of one step: mean loss without penalty, accuracy (0..1), learning rate, number of digits.

    loss: as the run reports it; it differs from the mean only with a reporting fault."""

    loss: float
    accuracy: float
    rate: float
    digits: int


class BlockMeter:
    """Collects the values of minibatches for one record."""

    def __init__(self, step: int) -> None:
        self._first_step = step + 1
        self._values = np.empty((BLOCK_LENGTH, 4), np.float32)
        self._opened_at = 0.0
        self.length = 0

    def add(self, minibatch: Minibatch, seconds: float) -> None:
        """Add the next minibatch; seconds: training time since the start."""
        if self.length == 0:
            self._opened_at = seconds
        self._values[self.length] = minibatch.loss, minibatch.accuracy, minibatch.rate, seconds
        self.length += 1

    def is_due(self, seconds: float) -> bool:
        """Whether the block is long or old enough to be posted."""
        return self.length == BLOCK_LENGTH or seconds - self._opened_at >= BLOCK_SECONDS

    def take(self) -> MinibatchesDone:
        """Return the collected values as a record, and start a new block."""
        columns = self._values[: self.length].T.copy()
        columns.flags.writeable = False
        record = MinibatchesDone(self._first_step, *columns)
        self._first_step += self.length
        self.length = 0
        return record


class EpochMeter:
    """Means over the minibatches of an epoch, each weighted by its digits."""

    def __init__(self) -> None:
        self._loss = self._correct = self._digits = self._seconds = 0.0

    def add(self, minibatch: Minibatch, seconds: float) -> None:
        """Add the next minibatch; seconds: its duration."""
        self._loss += minibatch.loss * minibatch.digits
        self._correct += minibatch.accuracy * minibatch.digits
        self._digits += minibatch.digits
        self._seconds += seconds

    @property
    def loss(self) -> float:
        """Mean loss."""
        return self._loss / self._digits

    @property
    def accuracy(self) -> float:
        """Mean accuracy, 0..1."""
        return self._correct / self._digits

    @property
    def images_per_second(self) -> float:
        """Training digits divided by the duration of their minibatches."""
        return self._digits / self._seconds


class Stopwatch:
    """Training time in seconds, pauses left out."""

    def __init__(self) -> None:
        self._before = 0.0
        self._running_since: float | None = perf_counter()

    def seconds(self) -> float:
        """The training time until now."""
        since = self._running_since
        return self._before + (perf_counter() - since if since is not None else 0.0)

    def pause(self) -> None:
        """Stop counting until `resume`."""
        self._before = self.seconds()
        self._running_since = None

    def resume(self) -> None:
        """Count again."""
        self._running_since = perf_counter()
