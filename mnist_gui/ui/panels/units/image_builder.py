"""The pictures of a layer's units, made a piece a frame where they are dear. Their mathematics: inspection.projection.

Pictures of deeper layers are products of large matrices: 784-1024-1024 takes a billion multiplications, several frames'
worth. A piece of them is made at each frame, and they are shown when all are there, so that what is seen at one time is
of one moment. Newer weights wait till then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from mnist_gui.inspection.projection import Projection
from mnist_gui.training.snapshot import Snapshot

# What a frame may spend on a piece.
PIECE_SECONDS = 0.006

# Multiplications a second, before they were timed: few, so that the first piece is short.
FIRST_SPEED = 4e9
DEAR = 3e7
LEAST_TIMED = 1e6  # a smaller piece says nothing of the speed


@dataclass(frozen=True, slots=True, eq=False)
class UnitImages:
    """values (D, U): the pictures of `units` (U,) of a layer of a snapshot; is_change: less those of step `since`."""

    snapshot: Snapshot
    layer: int
    units: NDArray[np.intp]
    values: NDArray[np.float32]
    is_change: bool
    since: int = 0


class ImageBuilder:
    """Makes the pictures of one snapshot at a time."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._speed = FIRST_SPEED
        self.was_dear = False  # the last piece, so that the frame should do nothing else
        self._wanted: tuple[Snapshot, int, NDArray[np.intp]] | None = None
        self._now: Projection | None = None
        self._start: Projection | None = None
        self._start_key: tuple[Snapshot, int, bytes] | None = None

    @property
    def is_at_work(self) -> bool:
        """Whether pictures are begun and not ready."""
        return self._wanted is not None

    def begin(self, snapshot: Snapshot, layer: int, units: NDArray[np.intp], start: Snapshot | None) -> None:
        """Begin pictures of these units. start: make the change since these weights; they are kept for the next."""
        self._wanted = snapshot, layer, units
        self._now = Projection(snapshot.weights[: layer + 1], units)
        if start is None:
            self._start = self._start_key = None
            return
        key = start, layer, units.tobytes()
        if self._start_key is None or self._start_key[0] is not start or key[1:] != self._start_key[1:]:
            self._start, self._start_key = Projection(start.weights[: layer + 1], units), key

    def cancel(self) -> None:
        """Make nothing more."""
        self._wanted = self._now = self._start = self._start_key = None

    def advance(self) -> UnitImages | None:
        """Make a piece: the pictures, if they are ready with it."""
        assert self._wanted
        assert self._now
        began = self._clock()
        most = self._speed * PIECE_SECONDS
        made = self._now.advance(most)
        if self._start is not None:
            made += self._start.advance(most - made) if most > made else 0
        seconds = self._clock() - began
        if made >= LEAST_TIMED and seconds > 0:
            self._speed = made / seconds
        self.was_dear = made >= DEAR
        values = self._now.pictures
        if self._start is not None and values is not None:
            before = self._start.pictures
            with np.errstate(over="ignore", invalid="ignore"):
                values = None if before is None else values - before
        if values is None:
            return None
        snapshot, layer, units = self._wanted
        self._wanted = self._now = None
        since = self._start_key[0].step if self._start_key else 0
        return UnitImages(snapshot, layer, units, values, is_change=self._start is not None, since=since)
