"""What of a history a plot has in sight, and the points to draw of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.training.epoch_series import EpochValues
from mnist_gui.training.history import History
from mnist_gui.training.series import Series
from mnist_gui.ui.plotting.x_axis import Unit, places, steps_between

Points = NDArray[np.float64]
Scale = Callable[[Points], Points]  # from values to places on the y axis


@dataclass(frozen=True, slots=True)
class VisiblePoints:
    """A part of the x axis, in its unit; None: all of it. most: of the points of a curve that are worth drawing."""

    unit: Unit
    across: tuple[float, float] | None
    most: int

    def curve(self, history: History, series: Series) -> tuple[Points, Points, Points, Points]:
        """Places on the x axis, smallest values, largest values and running means, (n,) each."""
        curve = history.thinned(series, self.most, self._steps(history))
        return places(history, self.unit, curve.steps), curve.low, curve.high, curve.mean

    def epochs(self, history: History, values: EpochValues) -> tuple[Points, Points]:
        """Places on the x axis and values, (n,) each; of more epochs than points, the extremes of each point."""
        steps, low, high = values.thinned(self.most, self._steps(history))
        x = places(history, self.unit, steps)
        return zigzag(x, low, high) if (low != high).any() else (x, low)

    def _steps(self, history: History) -> tuple[int, int] | None:
        """The steps in sight, and half as many to either side, for the time until the next frame."""
        if self.across is None:
            return None
        low, high = self.across
        return steps_between(history, self.unit, low - (high - low) / 2, high + (high - low) / 2)


def zigzag(x: Points, low: Points, high: Points) -> tuple[Points, Points]:
    """A line that shows the extremes of every point: (2n,) each."""
    return np.repeat(x, 2), np.column_stack([low, high]).ravel()
