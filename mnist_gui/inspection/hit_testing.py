"""Hit testing of points of a map: the nearest, those within a drawn outline, the next one in a direction."""

import numpy as np
from numpy.typing import NDArray

IndexSet = NDArray[np.float64]


def nearest(places: IndexSet, place: tuple[float, float], within: float) -> int | None:
    """The index of the place (N, 2) nearest to `place`, at most `within` from it; None if there is none. nan is
    ignored."""
    distances = np.hypot(*(places - place).T)
    distances[~(distances <= within)] = np.inf
    found = int(distances.argmin()) if len(distances) else 0
    return found if len(distances) and np.isfinite(distances[found]) else None


def enclosed(places: IndexSet, line: IndexSet) -> NDArray[np.bool_]:
    """Which of the places (N, 2) a line (M, 2), closed by its ends, goes around an odd number of times, (N,).

    A ray from a place to the right crosses the line as often (the even-odd rule; Shimrat 1962, algorithm 112).
    """
    inside = np.zeros(len(places), bool)
    x, y = places.T
    for (x0, y0), (x1, y1) in zip(line, np.roll(line, -1, axis=0), strict=True):
        if y0 == y1:
            continue  # a horizontal edge is never crossed
        is_beside = (y0 > y) != (y1 > y)
        inside ^= is_beside & (x < x0 + (y - y0) * ((x1 - x0) / (y1 - y0)))
    return inside


def next_along(places: IndexSet, start: int, direction: tuple[int, int]) -> int:
    """The place to go to from one of the places (N, 2) by an arrow key: the nearest within 45 degrees of a direction.

    direction: (-1, 0), (1, 0), (0, -1) or (0, 1). `start` itself if there is none.
    """
    steps = places - places[start]
    ahead = steps @ np.array(direction, np.float64)
    aside = np.abs(steps @ np.array(direction[::-1], np.float64))
    distances = np.where((ahead > 0.0) & (aside <= ahead), np.hypot(ahead, aside), np.inf)
    found = int(distances.argmin())
    return found if np.isfinite(distances[found]) else start
