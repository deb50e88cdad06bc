"""One value of every epoch, such as the validation loss, thinned like the values of minibatches."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mnist_gui.training.minmax_pyramid import Column, MinMaxPyramid
from mnist_gui.training.records import EpochDone


class EpochValues:
    """The values of a history's epochs. Adding epochs costs time proportional to the new ones only."""

    def __init__(self, value_of: Callable[[EpochDone], float]) -> None:
        self._value_of = value_of
        self._newest: EpochDone | None = None
        self._steps = Column(np.float64)
        self._values = MinMaxPyramid(np.float64)

    def keep_up(self, epochs: list[EpochDone]) -> None:
        """Update to the values of exactly these epochs; usually the list of the last call with new ones at its end."""
        known = len(self._steps)
        if known > len(epochs) or (known and epochs[known - 1] is not self._newest):
            self._steps.truncate(0)
            self._values.truncate(0)
            known = 0
        if len(epochs) == known:
            return
        self._newest = epochs[-1]
        self._steps.extend(np.array([epoch.step for epoch in epochs[known:]], np.float64))
        self._values.extend(np.array([self._value_of(epoch) for epoch in epochs[known:]], np.float64))

    def thinned(
        self, most: int, between: tuple[int, int] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Steps, smallest and largest values of at most `most` points, (n,) each; points without a finite one left out.

        between: only epochs whose last step is in this range, both ends included; None: all.
        """
        steps = self._steps.values
        first, last = (0, len(steps)) if between is None else np.searchsorted(steps, [between[0], between[1] + 1])
        points = self._values.thinned(most, int(first), int(last))
        is_measured = ~np.isnan(points.low)
        return steps[points.ends[is_measured] - 1], points.low[is_measured], points.high[is_measured]
