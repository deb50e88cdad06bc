"""Other people's numbers as dots in a plot: posted ones filled, those of the same program run again hollow."""

from collections.abc import Sequence
from html import escape

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QLabel, QToolTip

from mnist_gui.casebook.posted_networks import Curve, Origin, Series
from mnist_gui.ui.plotting.plot_widget import PlotWidget
from mnist_gui.ui.widgets.application_style import set_text_role
from mnist_gui.ui.widgets.theme import LIGHT, Theme

ORIGINS: dict[Origin, tuple[str, str]] = {
    "posted": ("\N{BLACK DIAMOND}", "as posted"),
    "again": ("\N{WHITE DIAMOND}", "the same program, run again"),
}
CURVES: dict[Curve, str] = {
    "train_loss": "training loss",
    "validation_loss": "validation loss",
    "train_accuracy": "training accuracy",
    "validation_accuracy": "validation accuracy",
}
SIZES: dict[Origin, int] = {"posted": 8, "again": 13}  # pixels: at one place, a ring is seen around the other
REACH = 12  # pixels from a dot in which it is pointed at


class ReferencePoints(QObject):
    """The dots of one plot, their legend, and what is shown where the mouse rests on one."""

    def __init__(self, plot: PlotWidget) -> None:
        super().__init__(plot)
        self._plot = plot
        self._theme = LIGHT
        self._series: tuple[Series, ...] = ()
        self._places: NDArray[np.float64] = np.empty((0, 2))
        self._item = pg.ScatterPlotItem(symbol="d", pxMode=True)
        plot.getPlotItem().addItem(self._item, ignoreBounds=True)
        plot.add_live(self._item)
        plot.viewport().installEventFilter(self)
        self.legend = QLabel()
        self.legend.setObjectName(f"posted_{plot.objectName()}")
        self.legend.setAccessibleName("Dots in the curves")
        set_text_role(self.legend, "muted")
        self.legend.setVisible(False)

    @property
    def epochs(self) -> NDArray[np.float64]:
        """After how many epochs of the run each number was posted, (N,)."""
        return np.array([epoch for series in self._series for epoch in series.epochs], np.float64)

    @property
    def values(self) -> NDArray[np.float64]:
        """The numbers, (N,)."""
        return np.array([value for series in self._series for value in series.values], np.float64)

    def show(self, series: Sequence[Series]) -> None:
        """Draw these at the next `draw`, instead of those there are."""
        self._series = tuple(sorted(series, key=lambda each: -SIZES[each.origin]))  # the smaller ones in front
        self._places = np.empty((0, 2))
        here = [text for origin, text in ORIGINS.items() if any(each.origin == origin for each in series)]
        self.legend.setText("Dots: " + ", ".join(f"{sign} {text}" for sign, text in here))
        sources = [f"{ORIGINS[each.origin][0]} {CURVES[each.curve].capitalize()}. {each.source}" for each in series]
        texts = "<br>".join(map(escape, sources))
        self.legend.setToolTip(f"<p>Numbers that belong to the posted network, which this run is:</p><p>{texts}</p>")
        self.legend.setAccessibleDescription("; ".join(self._texts()))
        self.legend.setVisible(bool(here))

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._item.setPen(pg.mkPen(theme.text, width=1.5))
        self.draw(self._places[:, 0], self._places[:, 1])

    def draw(self, at: NDArray[np.float64], heights: NDArray[np.float64]) -> None:
        """Put them at these places of the axes, (N,) each, or nowhere, (0,)."""
        self._places = np.column_stack((at, heights))
        sizes = [SIZES[series.origin] for series in self._series for _ in series.epochs]
        self._item.setData(at, heights, size=sizes[: len(at)], brush=self._brushes()[: len(at)])

    def text_at(self, pixel: QPoint) -> str:
        """What the dots near a pixel of the viewport are; "" where there are none."""
        box, texts = self._plot.getPlotItem().vb, self._texts()
        found = []
        for text, (x, y) in zip(texts, self._places, strict=False):
            place = self._plot.mapFromScene(box.mapViewToScene(QPointF(x, y)))
            if (place - pixel).manhattanLength() <= REACH:
                found.append(escape(text))
        return "<br>".join(found)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.text_at(event.pos())
            QToolTip.showText(event.globalPos(), f"<p>{text}</p>" if text else "", self._plot)
            return bool(text)
        return super().eventFilter(watched, event)

    def _brushes(self) -> list[object]:
        colours = {"posted": self._theme.text, "again": self._theme.base}
        return [pg.mkBrush(colours[series.origin]) for series in self._series for _ in series.epochs]

    def _texts(self) -> list[str]:
        """Each dot in a sentence: where it comes from, what it is, and its source in full."""
        return [
            f"{ORIGINS[series.origin][0]} {CURVES[series.curve].capitalize()} {_number(series, value)} at epoch "
            f"{epoch:g}, {ORIGINS[series.origin][1]}. {series.source}"
            for series in self._series
            for epoch, value in zip(series.epochs, series.values, strict=True)
        ]


def _number(series: Series, value: float) -> str:
    return f"{100 * value:g} %" if series.curve.endswith("accuracy") else f"{value:.7g}"
