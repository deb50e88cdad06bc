"""What the loop measures as it goes: blocks of minibatch values, means over an epoch, training time."""

from time import perf_counter

import numpy as np

from mnist_gui.training.records import MinibatchesDone
from mnist_gui.training.trainer import Minibatch

# A block of minibatches is posted when it is this old or this long: current enough for 60 frames a second, and few
# enough records that a reader keeps up at any batch size.
BLOCK_SECONDS = 0.02
BLOCK_LENGTH = 512


class BlockMeter:
    """Collects the values of minibatches until they are worth a record."""

    def __init__(self, step: int) -> None:
        self._first_step = step + 1
        self._values = np.empty((BLOCK_LENGTH, 4), np.float32)
        self._opened_at = 0.0
        self.length = 0

    def add(self, minibatch: Minibatch, seconds: float) -> None:
        """Take in the next minibatch; seconds: training time so far."""
        if self.length == 0:
            self._opened_at = seconds
        self._values[self.length] = minibatch.loss, minibatch.accuracy, minibatch.rate, seconds
        self.length += 1

    def is_due(self, seconds: float) -> bool:
        """Whether the block is long or old enough to be told of."""
        return self.length == BLOCK_LENGTH or seconds - self._opened_at >= BLOCK_SECONDS

    def take(self) -> MinibatchesDone:
        """The collected values as a record of their own; collecting starts again."""
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
        """Take in the next minibatch; seconds: the time it took."""
        self._loss += minibatch.loss * minibatch.digits
        self._correct += minibatch.accuracy * minibatch.digits
        self._digits += minibatch.digits
        self._seconds += seconds

    @property
    def loss(self) -> float:
        """Mean loss so far."""
        return self._loss / self._digits

    @property
    def accuracy(self) -> float:
        """Mean accuracy so far, 0..1."""
        return self._correct / self._digits

    @property
    def images_per_second(self) -> float:
        """Digits trained on, by the time their minibatches took."""
        return self._digits / self._seconds


class Stopwatch:
    """Training time in seconds, pauses left out."""

    def __init__(self) -> None:
        self._before = 0.0
        self._running_since: float | None = perf_counter()

    def seconds(self) -> float:
        """The time so far."""
        since = self._running_since
        return self._before + (perf_counter() - since if since is not None else 0.0)

    def pause(self) -> None:
        """Stand still until `resume`."""
        self._before = self.seconds()
        self._running_since = None

    def resume(self) -> None:
        """Run on."""
        self._running_since = perf_counter()
