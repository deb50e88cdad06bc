"""The curves of the run in hand, in one plot: minibatches as they come, and validation after each epoch."""

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from mnist_gui.training.epoch_series import EpochValues
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone
from mnist_gui.training.series import Series
from mnist_gui.ui.plotting.plot_widget import PlotWidget
from mnist_gui.ui.plotting.visible_points import Scale, VisiblePoints, zigzag
from mnist_gui.ui.widgets.theme import LIGHT, Theme

# Of more points than these, dots would hide the line, and dashes would take longer to draw than all else together.
MOST_DOTS = 120


class MinibatchCurves:
    """Single values, faint, as a zigzag between the extremes of each point, and their running mean over them.

    means : (n,) float64, the running means as drawn, on the y axis.
    """

    def __init__(self, plot: PlotWidget, series_of: Callable[[History], Series]) -> None:
        self.means: NDArray[np.float64] = np.empty(0)
        self._series_of = series_of
        self._raw = pg.PlotCurveItem(skipFiniteCheck=True)
        self._mean = pg.PlotCurveItem(skipFiniteCheck=True)
        for curve in (self._raw, self._mean):
            plot.getPlotItem().addItem(curve)
            plot.add_live(curve)
        self._first = pg.ScatterPlotItem(size=6, pen=None)  # of a single minibatch there is no line
        plot.getPlotItem().addItem(self._first)
        plot.add_live(self._first)

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        faint = pg.mkColor(theme.train)
        faint.setAlpha(70)
        self._raw.setPen(pg.mkPen(faint, width=1))
        self._mean.setPen(pg.mkPen(theme.train, width=2))
        self._first.setBrush(pg.mkBrush(theme.train))

    def draw(self, sight: VisiblePoints, history: History, scale: Scale) -> None:
        """Draw what is in sight. scale: of the y axis."""
        x, low, high, mean = sight.curve(history, self._series_of(history))
        low, high, mean = (scale(values) for values in (low, high, mean))
        _draw(self._raw, *zigzag(x, low, high))
        _draw(self._mean, x, mean)
        is_single = len(history) == 1 and len(x) == 1 and bool(np.isfinite(mean).all())
        self._first.setData(x if is_single else [], mean if is_single else [])
        self.means = mean


class ValidationCurve(pg.PlotDataItem):
    """A value of each epoch: dashed, with a dot for each, while they are few; a thin line when they are many.

    values : (n,) float64, as drawn, on the y axis.
    """

    def __init__(self, plot: PlotWidget, validation_of: Callable[[EpochDone], float]) -> None:
        super().__init__()
        plot.getPlotItem().addItem(self)
        plot.add_live(self.curve, self.scatter)
        self.values: NDArray[np.float64] = np.empty(0)
        self._epochs = EpochValues(validation_of)
        self._theme = LIGHT
        self._is_few: bool | None = None

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._show_look(is_few=self._is_few is not False)
        self.setSymbolBrush(theme.validation)
        self.setSymbolPen(theme.base)

    def draw(self, sight: VisiblePoints, history: History, scale: Scale) -> None:
        """Draw what is in sight. scale: of the y axis."""
        self._epochs.keep_up(history.epochs)
        x, values = sight.epochs(history, self._epochs)
        self.values = scale(values)
        if not len(x):
            self.clear()  # given no points, pyqtgraph would only hide those of before
            return
        is_few = len(x) <= MOST_DOTS
        if is_few is not self._is_few:
            self._show_look(is_few=is_few)
        self.setData(x, self.values, symbol="o" if is_few else None, symbolSize=5)
        if not is_few and len(self.scatter.data):
            self.scatter.clear()  # which pyqtgraph would only hide, and what is live is painted all the same

    def _show_look(self, *, is_few: bool) -> None:
        self._is_few = is_few
        style = Qt.PenStyle.DashLine if is_few else Qt.PenStyle.SolidLine
        self.setPen(pg.mkPen(self._theme.validation, width=2 if is_few else 1, style=style))


def _draw(item: pg.PlotCurveItem, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Set a curve's data. Gaps cost drawing time, so they are looked for only where there are any."""
    has_gaps = not np.isfinite(y).all()
    item.setData(x, y, connect="finite" if has_gaps else "all", skipFiniteCheck=not has_gaps)
