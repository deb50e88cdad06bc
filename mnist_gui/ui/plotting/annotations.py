"""What stands in a plot besides its curves: marks of what happened, the best epoch, the base-rate loss."""

import math
from collections.abc import Callable, Sequence

import pyqtgraph as pg

from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone
from mnist_gui.ui.plotting.event_markers import IndexSet, Stretch, marks_of
from mnist_gui.ui.plotting.marker_items import MarkerItems
from mnist_gui.ui.plotting.plot_widget import PlotWidget
from mnist_gui.ui.widgets.theme import Theme


class Annotations:
    """The marks of one plot."""

    def __init__(self, plot: PlotWidget, *, labels_below: bool) -> None:
        self._lines = MarkerItems(labels_below=labels_below)
        self._lines.setZValue(-1)
        self._best = pg.ScatterPlotItem(symbol="star", size=15, pxMode=True)
        for each in (self._lines, self._best):
            plot.getPlotItem().addItem(each, ignoreBounds=True)
        plot.add_live(self._best)

    @property
    def texts(self) -> list[str]:
        """The texts of the vertical marks, from left to right, also of those whose label has no room."""
        return [mark.text for mark in self._lines.marks]

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._lines.show_theme(theme)
        self._best.setBrush(pg.mkBrush(theme.validation))
        self._best.setPen(pg.mkPen(theme.base))

    def draw(
        self, history: History, places: IndexSet, width: float, base_rate: float, findings: Sequence[Stretch]
    ) -> None:
        """Draw what has happened. width: of the x axis in sight; base_rate: as drawn on the y axis, nan for none;
        findings: of the diagnosis."""
        self._lines.show_marks(marks_of(history, places, width, findings), base_rate)

    def draw_best(self, best: EpochDone | None, place: Callable[[float], float], y: float) -> None:
        """A star where the validation loss is smallest, at height y; none without a finite one."""
        is_known = best is not None and math.isfinite(y)
        self._best.setData([place(best.step)] if best and is_known else [], [y] if is_known else [])
