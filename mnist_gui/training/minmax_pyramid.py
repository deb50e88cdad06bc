"""A growing series thinned to few points, at a cost that depends on the points and not on the number of values.

It also stores the extremes of each block of 16 values, of each 16 such blocks, and so on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count

import numpy as np
from numpy.typing import DTypeLike, NDArray

BLOCK = 16
LEVELS = 4  # the last of blocks of 65,536 values, which are enough for a thousand million

# A full column grows by this factor; on average a tenth of its capacity is empty.
GROWTH = 1.2
SMALLEST_ROOM = 256
MOST_RESERVED = 32_000_000


class Column:
    """A growing one-dimensional array; appending is cheap on average because its capacity grows by a factor."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._room: NDArray = np.empty(SMALLEST_ROOM, dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> NDArray:
        """A view of the values; valid until the next `extend`."""
        return self._room[: self._length]

    def reserve(self, length: int) -> None:
        """Reserve capacity for `length` values, so that growing does not delay a frame in the middle of a run.

        Capacity uses memory only where it is written to. At most MOST_RESERVED values are reserved.
        """
        self._make_room(min(length, MOST_RESERVED))

    def truncate(self, length: int) -> None:
        """Drop all values after the first `length`."""
        self._length = min(self._length, length)

    def extend(self, values: NDArray) -> None:
        """Append values (k,)."""
        end = self._length + len(values)
        if end > len(self._room):
            self._make_room(max(end, int(GROWTH * len(self._room))))
        self._room[self._length : end] = values
        self._length = end

    def _make_room(self, length: int) -> None:
        if length > len(self._room):
            room = np.empty(length, self._room.dtype)
            room[: self._length] = self.values
            self._room = room


@dataclass(frozen=True, slots=True, eq=False)
class Thinned:
    """n points. Point i stands for the values [ends[i - 1], ends[i]), point 0 for [start, ends[0]).

    ends : (n,) int. low, high : (n,) float64, their smallest and largest finite value; nan where none is finite.
    """

    start: int
    ends: NDArray[np.intp]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class MinMaxPyramid:
    """All values of one quantity, and the extremes of their blocks."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._values = Column(dtype)
        self._levels = [(Column(dtype), Column(dtype)) for _ in range(LEVELS)]

    def __len__(self) -> int:
        return len(self._values)

    @property
    def values(self) -> NDArray:
        """All values, (n,); a view, valid until the next `extend`."""
        return self._values.values

    def reserve(self, length: int) -> None:
        """Reserve capacity for `length` values."""
        self._values.reserve(length)
        for level, columns in enumerate(self._levels, start=1):
            for column in columns:
                column.reserve(length // BLOCK**level + 1)

    def extend(self, values: NDArray) -> None:
        """Append values (k,); nan and infinities may be among them."""
        before = len(self)
        self._values.extend(values)
        self._renew(before)

    def truncate(self, length: int) -> None:
        """Drop all values after the first `length`."""
        if length < len(self):
            self._values.truncate(length)
            self._renew(length)

    def thinned(self, most: int, first: int = 0, last: int | None = None) -> Thinned:
        """At most `most` >= 1 points that cover at least the values [first, last), by default all.

        Points keep their places while values are appended, until there are too many of them.
        """
        length = len(self)
        last = length if last is None else min(last, length)
        first = max(first, 0)
        if first >= last:
            return Thinned(first, np.empty(0, np.intp), np.empty(0), np.empty(0))
        width = next(width for width in _widths() if -(-last // width) - first // width <= most)
        start, stop = first // width * width, min(-(-last // width) * width, length)
        block, low, high = self._blocks_for(width, start, stop)
        at = np.arange(0, len(low), width // block)
        ends = np.minimum(start + block * at + width, length)
        # fmin and fmax pass over nan, so a spike beside a nan is still drawn
        return Thinned(
            start, ends, *(fold.reduceat(of, at).astype(float) for fold, of in ((np.fmin, low), (np.fmax, high)))
        )

    def _blocks_for(self, width: int, start: int, stop: int) -> tuple[int, NDArray, NDArray]:
        """The largest blocks that `width` is a multiple of: values per block, and the extremes of those in the
        range."""
        for level in reversed(range(LEVELS)):
            block = BLOCK ** (level + 1)
            if width % block == 0:
                low, high = (column.values[start // block : -(-stop // block)] for column in self._levels[level])
                return block, low, high
        values = _finite(self.values[start:stop])
        return 1, values, values

    def _renew(self, since: int) -> None:
        """Compute the extremes of all blocks with values from the since-th on; the last block may be incomplete."""
        low = high = _finite(self.values[since // BLOCK * BLOCK :])
        for lows, highs in self._levels:
            since //= BLOCK
            starts = np.arange(0, len(low), BLOCK)
            for column, fold, values in ((lows, np.fmin, low), (highs, np.fmax, high)):
                column.truncate(since)
                column.extend(fold.reduceat(values, starts) if len(starts) else values)
            above = since // BLOCK * BLOCK
            low, high = lows.values[above:], highs.values[above:]


def _widths() -> Iterator[int]:
    """1, 2, 3, 4, 6, 8, 12, 16, ...: few values, so that points seldom move, most of them multiples of large blocks."""
    return chain([1], (factor << power for power in count() for factor in (2, 3)))


def _finite(values: NDArray) -> NDArray:
    """Infinite values as nan."""
    return np.where(np.isfinite(values), values, np.nan).astype(values.dtype, copy=False)
