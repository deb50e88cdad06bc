"""The curves of a run: collects the records' values and thins them out for drawing. The sole owner of past values."""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnist_gui.training.records import (
    EpochDone,
    LayersMeasured,
    MinibatchesDone,
    Record,
    RunEnded,
    RunStarted,
    SettingChanged,
)

# Minibatches in the running mean that is drawn over the raw values: a quarter of an epoch, at most so many.
WINDOW = 100

# Measurements of the layers that are kept: of more, every other one goes, however long the run.
MOST_LAYERS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A stretch of minibatch values, thinned to n points without losing an extreme.

    steps, low, high, mean : (n,) float64. Point i stands for the steps after steps[i - 1] up to steps[i]: their
    smallest and largest value, and the mean of the last `window` values up to steps[i]. nan where none is finite.
    """

    steps: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: NDArray[np.float64]


class History:
    """Every minibatch, epoch and change of one network's training, also over several schedules.

    A minibatch costs 32 bytes: loss, accuracy, rate and seconds as float32, and two running sums as float64.
    """

    def __init__(self) -> None:
        self.first_step = 0  # steps before the first value: above 0 where a saved network trains on
        self.planned_step = 0  # where the run will end, or where it ended
        self.epochs: list[EpochDone] = []
        self.starts: list[RunStarted] = []
        self.changes: list[SettingChanged] = []
        self.layers: list[LayersMeasured] = []
        self._losses = Series()
        self._accuracies = Series()
        self._rates = _Column(np.float32)
        self._seconds = _Column(np.float32)
        self._seconds_before = np.float32(0.0)

    def __len__(self) -> int:
        return len(self._rates.values)

    @property
    def last_step(self) -> int:
        """Steps made so far."""
        return self.first_step + len(self)

    @property
    def rates(self) -> NDArray[np.float32]:
        """The learning rate used in each minibatch, (n,)."""
        return self._rates.values

    @property
    def seconds(self) -> NDArray[np.float32]:
        """Training time at the end of each minibatch, over all schedules, (n,)."""
        return self._seconds.values

    @property
    def losses(self) -> "Series":
        """The mean loss of each minibatch."""
        return self._losses

    @property
    def accuracies(self) -> "Series":
        """The accuracy of each minibatch, 0..1."""
        return self._accuracies

    def epoch_before(self, step: int) -> EpochDone | None:
        """The last epoch that was validated at this step or before it."""
        place = bisect_right(self.epochs, step, key=lambda epoch: epoch.step)
        return self.epochs[place - 1] if place else None

    def add(self, record: Record) -> None:
        """Take in what a record says; records that carry no values are passed over."""
        match record:
            case MinibatchesDone():
                self._losses.extend(record.losses)
                self._accuracies.extend(record.accuracies)
                self._rates.extend(record.rates)
                self._seconds.extend(self._seconds_before + record.seconds)
            case EpochDone():
                self.epochs.append(record)
            case LayersMeasured():
                self.layers.append(record)
                if len(self.layers) > MOST_LAYERS:
                    del self.layers[1:-1:2]
            case SettingChanged():
                self.changes.append(record)
            case RunStarted():
                if not self.starts:
                    self.first_step = record.step
                self._forget_after(record.step)
                self._seconds_before = self._seconds.values[-1] if len(self) else np.float32(0.0)
                self._losses.window = self._accuracies.window = min(WINDOW, max(1, record.steps_per_epoch // 4))
                self.starts.append(record)
                self.planned_step = record.last_step
            case RunEnded():
                self.planned_step = record.step

    def _forget_after(self, step: int) -> None:
        """Training goes on from weights of earlier, as after a divergence: what came after them is not its past."""
        for column in (self._losses, self._accuracies, self._rates, self._seconds):
            column.truncate(step - self.first_step)
        self.epochs = [epoch for epoch in self.epochs if epoch.step <= step]
        self.layers = [each for each in self.layers if each.step <= step]
        self.changes = [change for change in self.changes if change.step <= step]

    def thinned(self, series: "Series", most: int) -> Curve:
        """A series as a curve of at most `most` points, `most` >= 1."""
        curve = series.thinned(most)
        return Curve(curve.steps + self.first_step, curve.low, curve.high, curve.mean)


class Series:
    """The values of one quantity, a minibatch each, with the running sum that makes any running mean cheap."""

    def __init__(self) -> None:
        self.window = WINDOW
        self._values = _Column(np.float32)
        self._sums = _Column(np.float64)  # non-finite values count as 0, lest they spoil every later mean

    @property
    def values(self) -> NDArray[np.float32]:
        """All values, (n,)."""
        return self._values.values

    @property
    def last_mean(self) -> float:
        """The running mean at the end; nan where the last value is not finite or there is none."""
        return self.mean_at(len(self.values)) if len(self.values) else float("nan")

    def mean_at(self, count: int) -> float:
        """The running mean after so many values, 1 <= count <= n."""
        return float(self._means(np.array([count]))[0])

    def extend(self, values: NDArray[np.float32]) -> None:
        """Append values (k,)."""
        before = self._sums.values[-1] if len(self._sums.values) else 0.0
        finite = np.where(np.isfinite(values), values, np.float32(0.0))
        self._values.extend(values)
        self._sums.extend(before + np.cumsum(finite, dtype=np.float64))

    def truncate(self, length: int) -> None:
        """Forget all values after the first `length`."""
        self._values.truncate(length)
        self._sums.truncate(length)

    def thinned(self, most: int) -> Curve:
        """The values as at most `most` points; steps count from 1."""
        values = self._values.values
        width = max(1, -(-len(values) // most))
        starts = np.arange(0, len(values), width)
        if not len(starts):
            empty = np.empty(0)
            return Curve(empty, empty, empty, empty)
        ends = np.minimum(starts + width, len(values))
        # fmin and fmax pass over nan, so a spike beside a nan is still drawn
        low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
        return Curve(ends.astype(np.float64), _gaps(low), _gaps(high), self._means(ends))

    def _means(self, ends: NDArray[np.intp]) -> NDArray[np.float64]:
        """Mean of the last `window` values up to each of these counts of values."""
        starts = np.maximum(ends - self.window, 0)
        sums = self._sums.values
        before = np.where(starts > 0, sums[starts - 1], 0.0)
        means: NDArray[np.float64] = (sums[ends - 1] - before) / (ends - starts)
        return np.where(np.isfinite(self.values[ends - 1]), means, np.nan)


def _gaps(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Infinite values as nan: drawn as a gap."""
    return np.where(np.isfinite(values), values, np.nan).astype(np.float64)


class _Column:
    """A growing one-dimensional array; appending is cheap on average because its room doubles."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._room: NDArray[np.generic] = np.empty(1024, dtype)
        self._length = 0

    @property
    def values(self) -> NDArray:
        """A view of what is filled; valid until the next `extend`."""
        return self._room[: self._length]

    def truncate(self, length: int) -> None:
        self._length = min(self._length, length)

    def extend(self, values: NDArray) -> None:
        end = self._length + len(values)
        if end > len(self._room):
            room = np.empty(max(end, 2 * len(self._room)), self._room.dtype)
            room[: self._length] = self.values
            self._room = room
        self._room[self._length : end] = values
        self._length = end
