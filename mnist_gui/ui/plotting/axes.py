"""A plot's parts in our manner: a box that the wheel zooms along x, and a logarithmic axis whose labels keep apart."""

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGraphicsSceneWheelEvent

from mnist_gui.ui.plotting.auto_range import nice_ceiling

# A wider axis has room for the powers of ten only.
MOST_DECADES = 3.0
LEAST_TICKS = 2


class CurveBox(pg.ViewBox):
    """What the wheel zooms: time over the curves, so that they stay in sight; both axes with the Ctrl key; over an
    axis, that one."""

    def wheelEvent(self, event: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        is_both = axis is None and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        super().wheelEvent(event, axis=axis if axis is not None or is_both else 0)


class LogAxis(pg.AxisItem):
    """An axis with labels at 1, 2 and 5 times the powers of ten when it is logarithmic, or at round numbers where a
    few of these are not in sight."""

    def logTickValues(
        self, low: float, high: float, size: float, standard: object
    ) -> list[tuple[float | None, NDArray[np.float64]]]:
        """Places of the labels, as base-10 logarithms."""
        decades = np.arange(math.floor(low), math.ceil(high) + 1, dtype=np.float64)
        steps = [0.0, math.log10(2), math.log10(5)] if high - low <= MOST_DECADES else [0.0]
        ticks = np.add.outer(decades, steps).ravel()
        ticks = ticks[(ticks >= low) & (ticks <= high)]
        if len(ticks) < LEAST_TICKS:
            ticks = np.log10(_round_numbers(10.0**low, 10.0**high))
        return [(1.0, ticks)]

    def logTickStrings(self, values: NDArray[np.float64], scale: float, spacing: float | None) -> list[str]:
        """The labels."""
        return [f"{scale * 10.0**value:.4g}" for value in values]


def _round_numbers(low: float, high: float) -> NDArray[np.float64]:
    """About five round numbers from 0 < low < high."""
    step = nice_ceiling((high - low) / 5)
    return step * np.arange(math.ceil(low / step), math.floor(high / step) + 1, dtype=np.float64)
