"""The values of one quantity, a minibatch each: thinned for drawing without losing an extreme, with a running mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.training.columns import BLOCK, Column, Extremes

# Minibatches in the running mean that is drawn over the raw values: a quarter of an epoch, at most so many.
WINDOW = 100


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A stretch of minibatch values, thinned to n points without losing an extreme.

    steps, low, high, mean : (n,) float64. Point i stands for the steps after steps[i - 1] up to steps[i]: their
    smallest and largest finite value, and the mean of the last `window` values up to steps[i]. nan where none is
    finite.
    """

    steps: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: NDArray[np.float64]


class Series:
    """All values, with the running sum that makes any running mean cheap, and the extremes of blocks of them."""

    def __init__(self) -> None:
        self.window = WINDOW
        self._values = Column(np.float32)
        self._sums = Column(np.float64)  # non-finite values count as 0, lest they spoil every later mean
        self._extremes = Extremes(self._values)

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

    def reserve(self, length: int) -> None:
        """Have room for so many values in all."""
        for column in (self._values, self._sums, self._extremes):
            column.reserve(length)

    def extend(self, values: NDArray[np.float32]) -> None:
        """Append values (k,)."""
        before = self._sums.values[-1] if len(self._sums.values) else 0.0
        finite = np.where(np.isfinite(values), values, np.float32(0.0))
        self._values.extend(values)
        self._sums.extend(before + np.cumsum(finite, dtype=np.float64))
        self._extremes.follow()

    def truncate(self, length: int) -> None:
        """Forget all values after the first `length`."""
        self._values.truncate(length)
        self._sums.truncate(length)
        self._extremes.follow()

    def thinned(self, most: int, first: int = 0, last: int | None = None) -> Curve:
        """The values after the first `first` up to the first `last` as at most `most` >= 1 points; steps count from 1.

        The time it takes grows with the points, not with the values.
        """
        last = len(self.values) if last is None else min(last, len(self.values))
        first = max(0, first)
        if first >= last:
            empty = np.empty(0)
            return Curve(empty, empty, empty, empty)
        edges = _edges(first, last, most)
        low, high = self._extremes.between(edges)
        return Curve(
            edges[1:].astype(np.float64), low.astype(np.float64), high.astype(np.float64), self._means(edges[1:])
        )

    def _means(self, ends: NDArray[np.intp]) -> NDArray[np.float64]:
        """Mean of the last `window` values up to each of these counts of values."""
        starts = np.maximum(ends - self.window, 0)
        sums = self._sums.values
        before = np.where(starts > 0, sums[starts - 1], 0.0)
        means: NDArray[np.float64] = (sums[ends - 1] - before) / (ends - starts)
        return np.where(np.isfinite(self.values[ends - 1]), means, np.nan)


def _edges(first: int, last: int, most: int) -> NDArray[np.intp]:
    """At most most + 1 counts from first to last, evenly spaced; wide steps are of whole blocks."""
    count = last - first
    if count <= most:
        return np.arange(first, last + 1)
    if most < 3:
        return np.unique(np.linspace(first, last, most + 1).astype(np.intp))
    width = -(-count // (most - 1))  # one more is needed where the first does not begin on a whole step
    for block in (BLOCK, BLOCK * BLOCK):
        width = -(-width // block) * block if width >= block else width
    inner = np.arange((first // width + 1) * width, last, width)
    return np.concatenate([[first], inner, [last]]).astype(np.intp)
