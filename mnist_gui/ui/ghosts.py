"""Ghosts: the curves of other runs, thin, behind those of the run that is shown, and the legend to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from mnist_gui.training.history import History
from mnist_gui.ui.plot_heading import Quantity
from mnist_gui.ui.x_axis import Unit, places

# Told apart by those who see few colours, and from the colours of training and validation; then again in dots.
COLOURS = ("#009e73", "#cc79a7", "#8c8c8c", "#7b61c4")
LINE, DOTTED_LINE = "\N{BOX DRAWINGS HEAVY HORIZONTAL}", "\N{BOX DRAWINGS HEAVY TRIPLE DASH HORIZONTAL}"
MOST_POINTS = 400

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ghost:
    """A run to draw behind. text: what is different about it."""

    text: str
    history: History


class GhostCurves:
    """The ghosts' curves in one plot: running mean as a line, validation in dashes of the same colour.

    values: all that is drawn, as it is on the y axis; length: where on the x axis the longest ends.
    """

    def __init__(self, item: pg.PlotItem, quantity: Quantity) -> None:
        self.values: Values = np.empty(0)
        self.length = 0.0
        self._item, self._quantity = item, quantity
        self._curves: list[pg.PlotCurveItem] = []

    def draw(self, ghosts: Sequence[Ghost], unit: Unit, scaled: Callable[[Values], Values]) -> None:
        """Draw these in place of the former. scaled: from values to the y axis."""
        for curve in self._curves:
            self._item.removeItem(curve)
        self._curves.clear()
        self.values, self.length = np.empty(0), 0.0
        for number, ghost in enumerate(ghosts):
            history = ghost.history
            thinned = history.thinned(self._quantity.series_of(history), MOST_POINTS)
            self._add(number, places(history, unit, thinned.steps), scaled(thinned.mean), Qt.PenStyle.SolidLine)
            epochs = history.epochs[:: max(1, len(history.epochs) // MOST_POINTS)]
            at = places(history, unit, np.array([epoch.step for epoch in epochs], float))
            measured = np.array([self._quantity.validation_of(epoch) for epoch in epochs], float)
            self._add(number, at, scaled(measured), Qt.PenStyle.DashLine)

    def _add(self, number: int, x: Values, y: Values, style: Qt.PenStyle) -> None:
        if not len(x):
            return
        y = np.where(np.isfinite(y), y, np.nan)
        if number >= len(COLOURS) and style is Qt.PenStyle.SolidLine:
            style = Qt.PenStyle.DotLine
        curve = pg.PlotCurveItem(
            x, y, pen=pg.mkPen(COLOURS[number % len(COLOURS)], width=1, style=style), connect="finite"
        )
        curve.setZValue(-2)
        self._item.addItem(curve, ignoreBounds=True)
        self._curves.append(curve)
        self.values = np.concatenate([self.values, y[len(y) // 10 :]])
        self.length = max(self.length, float(x[-1]))


def legend(ghosts: Sequence[Ghost]) -> str:
    """Which colour is which run, as rich text."""
    parts = []
    for number, ghost in enumerate(ghosts):
        line = (
            "\N{BOX DRAWINGS HEAVY HORIZONTAL}"
            if number < len(COLOURS)
            else "\N{BOX DRAWINGS HEAVY TRIPLE DASH HORIZONTAL}"
        )
        parts.append(f"<span style='color:{COLOURS[number % len(COLOURS)]}'>{line}</span> {escape(ghost.text)}")
    return "behind: " + " &nbsp;&nbsp; ".join(parts) if parts else ""
