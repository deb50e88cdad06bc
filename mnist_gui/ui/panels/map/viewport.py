"""Where the places of a map are on the screen: all in sight, proportions kept, or enlarged around a place."""

import numpy as np
from numpy.typing import NDArray

IndexSet = NDArray[np.float64]

MARGIN = 12.0  # screen pixels around the outermost marks
LARGEST_ZOOM = 50.0


class Viewport:
    """From places (N, 2), y upwards, to screen pixels (N, 2), y downwards. The zoom outlives what is fitted."""

    def __init__(self) -> None:
        self._middle = np.zeros(2)
        self._extent = np.ones(2)
        self._shift = np.zeros(2)  # of the middle of the screen, as a share of its size before it was enlarged
        self.zoom = 1.0

    def fit(self, places: IndexSet) -> None:
        """Have all these places (N, 2) in sight; nan is nowhere."""
        known = places[np.isfinite(places).all(axis=1)]
        if len(known):
            low, high = known.min(axis=0), known.max(axis=0)
            self._middle, self._extent = (low + high) / 2, high - low

    def on_screen(self, places: IndexSet, size: tuple[int, int]) -> IndexSet:
        """Where places (N, 2) are on a screen (width, height)."""
        sides = zip(size, self._extent.tolist(), strict=True)
        scale = min((max(side - 2 * MARGIN, 1.0) / extent for side, extent in sides if extent > 0.0), default=1.0)
        fitted = (places - self._middle) * (scale, -scale)
        return (fitted - self._shift * size) * self.zoom + np.array(size) / 2

    def zoom_at(self, factor: float, at: tuple[float, float], size: tuple[int, int]) -> None:
        """Enlarge; what is at this point of the screen stays there."""
        zoom = float(np.clip(self.zoom * factor, 1.0, LARGEST_ZOOM))
        away = (np.array(at) - np.array(size) / 2) / np.maximum(size, 1)
        self._shift += away / self.zoom - away / zoom
        self.zoom = zoom
        limit = (1.0 - 1.0 / zoom) / 2  # nothing beyond the edges of the whole
        self._shift = np.clip(self._shift, -limit, limit)
