"""Curves of other runs behind those of the run in hand, for comparison. Their legend is ui.ghost_legend's."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from mnist_gui.training.epoch_series import EpochValues
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone
from mnist_gui.training.series import Series
from mnist_gui.ui.plotting.auto_range import settled
from mnist_gui.ui.plotting.visible_points import Scale, VisiblePoints
from mnist_gui.ui.plotting.x_axis import Unit, x_range
from mnist_gui.ui.widgets.theme import Theme, ThemeName

# Told apart from each other and from the live curves also by the colour-blind, and dark or light enough for the ground.
COLOURS: dict[ThemeName, tuple[str, ...]] = {
    "light": ("#882255", "#117733", "#332288", "#009988", "#222222", "#887799", "#b08d57"),
    "dark": ("#cc6677", "#c8ffb0", "#8c7dff", "#f0e442", "#77ffff", "#b9509f", "#b0632a"),
}
DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashDotLine, Qt.PenStyle.DotLine)

MOST_POINTS = 350  # of a curve in the background
MOST_POINTS_ZOOMED = 1000  # of which only half are in sight
MOST_EPOCHS = 50  # dashes are slow to draw


@dataclass(frozen=True, slots=True)
class OverlayRun:
    """Another run. text: what is different about it, such as "learning rate 0.5"."""

    text: str
    history: History


def look_of(index: int, theme: Theme) -> tuple[str, Qt.PenStyle]:
    """The colour and dash of a ghost's curve, by its place in the row."""
    colours = COLOURS[theme.name]
    return colours[index % len(colours)], DASHES[index // len(colours) % len(DASHES)]


class OverlayCurves:
    """The ghosts of one plot: a thin running mean and a dashed validation line each, thinned only when they must be."""

    def __init__(
        self, item: pg.PlotItem, series_of: Callable[[History], Series], validation_of: Callable[[EpochDone], float]
    ) -> None:
        self._item, self._series_of, self._validation_of = item, series_of, validation_of
        self._curves: list[_OverlayCurve] = []

    @property
    def size(self) -> tuple[int, ...]:
        """How much there is to draw; something else once a ghost has grown."""
        return tuple(len(of) for curve in self._curves for of in (curve.ghost.history, curve.ghost.history.epochs))

    def show(self, ghosts: Sequence[OverlayRun], theme: Theme) -> None:
        """Draw these at the next `draw`, instead of those there are."""
        for curve in self._curves:
            for item in curve.items:
                self._item.removeItem(item)
        self._curves = [_OverlayCurve(ghost, self._series_of, self._validation_of) for ghost in ghosts]
        for curve in self._curves:
            for item in curve.items:
                item.setZValue(-2)  # behind the marks, which are behind the live curves
                self._item.addItem(item, ignoreBounds=True)
        self.show_theme(theme)

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        for index, curve in enumerate(self._curves):
            curve.show_look(*look_of(index, theme))

    def draw(self, sight: VisiblePoints, scale: Scale, *, anew: bool) -> None:
        """Bring the curves up to date. scale: of the y axis; anew: it is another one than before."""
        for curve in self._curves:
            curve.draw(sight, scale, anew=anew)

    def values(self, first: float, last: float) -> NDArray[np.float64]:
        """What the y axis should hold of the drawn curves between two places of the x axis, scaled and finite, (n,)."""
        return np.concatenate([np.empty(0), *(curve.values(first, last) for curve in self._curves)])

    @property
    def base_rate_loss(self) -> float:
        """The largest of their losses of knowing nothing; nan where none is known."""
        known = [curve.ghost.history.starts[-1].base_rate_loss for curve in self._curves if curve.ghost.history.starts]
        return max(known, default=math.nan)

    def x_range(self, unit: Unit) -> tuple[float, float] | None:
        """How much of the x axis they take; None without any values."""
        ranges = [x_range(curve.ghost.history, unit) for curve in self._curves if len(curve.ghost.history)]
        return (min(low for low, _ in ranges), max(high for _, high in ranges)) if ranges else None


class _OverlayCurve:
    """The two lines of one ghost."""

    def __init__(
        self, ghost: OverlayRun, series_of: Callable[[History], Series], validation_of: Callable[[EpochDone], float]
    ) -> None:
        self.ghost = ghost
        self._points = (np.empty(0),) * 4  # places and values of the mean, and of the validation
        self._series_of = series_of
        self._epochs = EpochValues(validation_of)
        self._mean, self._validation = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._drawn: tuple[VisiblePoints, int, int] | None = None

    @property
    def items(self) -> tuple[pg.PlotCurveItem, pg.PlotCurveItem]:
        """Running mean and validation."""
        return self._mean, self._validation

    def show_look(self, colour: str, dash: Qt.PenStyle) -> None:
        self._mean.setPen(pg.mkPen(colour, width=1, style=dash))
        self._validation.setPen(pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine))

    def draw(self, sight: VisiblePoints, scale: Scale, *, anew: bool) -> None:
        """Thin the curves, if what is in sight or the run has changed."""
        history = self.ghost.history
        now = (sight, len(history), len(history.epochs))
        if now == self._drawn and not anew:
            return
        self._drawn = now
        x, _, _, mean = sight.curve(history, self._series_of(history))
        mean = scale(mean)
        self._mean.setData(x, mean, connect="finite")
        self._epochs.keep_up(history.epochs)
        at, validation = replace(sight, most=MOST_EPOCHS).epochs(history, self._epochs)
        validation = scale(validation)
        self._validation.setData(at, validation)
        self._points = x, mean, at, validation

    def values(self, first: float, last: float) -> NDArray[np.float64]:
        """What the y axis should hold of them between two places of the x axis, scaled and finite, (n,)."""
        x, mean, at, validation = self._points
        return settled(mean[(x >= first) & (x <= last)], validation[(at >= first) & (at <= last)])
