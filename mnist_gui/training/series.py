"""One quantity of every minibatch: its values, thinned for drawing, and their running mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.training.minmax_pyramid import MinMaxPyramid

# Largest window of the running mean, in minibatches; it is a quarter of an epoch.
WINDOW = 100


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A stretch of minibatch values, thinned to n points without losing an extreme.

    steps, low, high, mean : (n,) float64. Point i stands for the steps after steps[i - 1] up to steps[i]: their
    smallest and largest finite value, nan where none is finite. mean: of the finite ones of the last `window` values
    up to steps[i], nan where the last one is not finite.
    """

    steps: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: NDArray[np.float64]


class Series:
    """One value per minibatch. A value costs 4 bytes, and half a byte for its thinning."""

    def __init__(self) -> None:
        self.window = WINDOW
        self._pyramid = MinMaxPyramid(np.float32)

    @property
    def values(self) -> NDArray[np.float32]:
        """All values, (n,)."""
        return self._pyramid.values

    @property
    def last_mean(self) -> float:
        """The running mean at the end; nan where the last value is not finite or there is none."""
        return self.mean_at(len(self.values)) if len(self.values) else float("nan")

    def mean_at(self, count: int) -> float:
        """The running mean after `count` values, 1 <= count <= n."""
        return float(self._means(np.array([count]))[0])

    def reserve(self, length: int) -> None:
        """Reserve capacity for `length` values."""
        self._pyramid.reserve(length)

    def extend(self, values: NDArray[np.float32]) -> None:
        """Append values (k,)."""
        self._pyramid.extend(values)

    def truncate(self, length: int) -> None:
        """Drop all values after the first `length`."""
        self._pyramid.truncate(length)

    def thinned(self, most: int, first: int = 0, last: int | None = None) -> Curve:
        """At most `most` points for at least the values [first, last), by default for all; steps count from 1."""
        points = self._pyramid.thinned(most, first, last)
        return Curve(points.ends.astype(np.float64), points.low, points.high, self._means(points.ends))

    def _means(self, ends: NDArray[np.intp]) -> NDArray[np.float64]:
        """Mean of the last `window` values up to each of these counts of values.

        Summed for each point separately: in a cumulative sum one value of 1e38 would cancel all later ones.
        """
        at = ends[:, np.newaxis] - np.arange(1, self.window + 1)  # (points, window), newest first
        recent = self.values[np.maximum(at, 0)]
        is_counted = np.isfinite(recent) & (at >= 0)
        sums = np.where(is_counted, recent, np.float32(0.0)).sum(axis=1, dtype=np.float64)
        means: NDArray[np.float64] = sums / np.maximum(np.count_nonzero(is_counted, axis=1), 1)
        return np.where(is_counted[:, 0], means, np.nan)
