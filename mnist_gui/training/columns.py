"""A growing array, and the extremes of its blocks: what makes a curve of millions of values cheap to thin."""

import numpy as np
from numpy.typing import DTypeLike, NDArray

# Values in a block of the first level; each further level takes so many blocks of the one before together.
BLOCK = 64
LEVELS = 2

# Room is asked for ahead of its use, for at most so many values; the system gives memory only where it is written to.
MOST_RESERVED = 32_000_000


class Column:
    """A growing one-dimensional array; appending is cheap on average because its room doubles."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._room: NDArray[np.generic] = np.empty(1024, dtype)
        self._length = 0

    @property
    def values(self) -> NDArray:
        """A view of what is filled; valid until the next `extend`."""
        return self._room[: self._length]

    def reserve(self, length: int) -> None:
        """Have room for so many values in all, so that growing will not hold up a frame in the middle of a run."""
        self._make_room(min(length, self._length + MOST_RESERVED))

    def truncate(self, length: int) -> None:
        """Forget all values after the first `length`."""
        self._length = min(self._length, length)

    def extend(self, values: NDArray) -> None:
        """Append values (k,)."""
        end = self._length + len(values)
        if end > len(self._room):
            self._make_room(max(end, 2 * len(self._room)))
        self._room[self._length : end] = values
        self._length = end

    def _make_room(self, length: int) -> None:
        if length > len(self._room):
            room = np.empty(length, self._room.dtype)
            room[: self._length] = self.values
            self._room = room


class Extremes:
    """The least and the greatest finite value of every stretch of a column of float32; nan where none is finite.

    Levels of whole blocks, of 64 and of 4,096 values, follow the column; what they do not cover is read from it.
    """

    def __init__(self, values: Column) -> None:
        self._values = values
        self._has_gaps = False  # whether any value is not finite
        self._levels = [(Column(np.float32), Column(np.float32)) for _ in range(LEVELS)]

    def reserve(self, length: int) -> None:
        """Have room for so many values in all."""
        for level, columns in enumerate(self._levels, start=1):
            for column in columns:
                column.reserve(length // BLOCK**level + 1)

    def follow(self) -> None:
        """Take in what the column has more, or no longer has."""
        low = high = self._values.values
        if not self._has_gaps and len(self._levels[0][0].values) * BLOCK < len(low):
            self._has_gaps = not np.isfinite(low[len(self._levels[0][0].values) * BLOCK :]).all()
        for lows, highs in self._levels:
            done, whole = len(lows.values), len(low) // BLOCK
            if whole < done:
                lows.truncate(whole)
                highs.truncate(whole)
            elif whole > done:
                new = slice(done * BLOCK, whole * BLOCK)
                lows.extend(np.fmin.reduce(self._finite(low[new]).reshape(-1, BLOCK), axis=1))
                highs.extend(np.fmax.reduce(self._finite(high[new]).reshape(-1, BLOCK), axis=1))
            low, high = lows.values, highs.values

    def between(self, edges: NDArray[np.intp]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Least and greatest of each of the k stretches between k + 1 ascending edges, in counts of values.

        Costs time in proportion to k and to the longest of the first and the last stretch, if the edges between lie on
        whole blocks; else to all the values.
        """
        size = next((BLOCK**level for level in range(LEVELS, 0, -1) if (edges[1:-1] % BLOCK**level == 0).all()), 1)
        if size == 1 or len(edges) < 3 or edges[-1] - edges[0] < BLOCK * len(edges):
            return self._raw(edges)
        lows, highs = self._levels[0 if size == BLOCK else 1]
        inner = edges[1:-1] // size
        first, last = self._raw(edges[:2]), self._raw(edges[-2:])
        if len(inner) < 2:
            return np.concatenate([first[0], last[0]]), np.concatenate([first[1], last[1]])
        stop, starts = inner[-1], inner[:-1]
        low = np.fmin.reduceat(lows.values[:stop], starts)
        high = np.fmax.reduceat(highs.values[:stop], starts)
        return np.concatenate([first[0], low, last[0]]), np.concatenate([first[1], high, last[1]])

    def _raw(self, edges: NDArray[np.intp]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        values = self._finite(self._values.values[edges[0] : edges[-1]])
        starts = edges[:-1] - edges[0]
        # fmin and fmax pass over nan, so a spike beside a nan is still seen
        return np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)

    def _finite(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        if not self._has_gaps:
            return values
        return np.where(np.isfinite(values), values, np.float32(np.nan))
