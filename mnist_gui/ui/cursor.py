"""A vertical line under the mouse in a plot. A thin widget over it, since moving that repaints next to nothing."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from mnist_gui.ui.theme import Theme


class Cursor(QObject):
    """Tells where the mouse is, and draws a line where it is told. moved(x): on the x axis, None: not over the plot."""

    moved = Signal(object)

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot, self._box = plot, plot.getPlotItem().vb
        self._line = QWidget(plot.viewport())
        self._line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._line.setVisible(False)
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)

    def show_line(self, x: float | None, theme: Theme) -> None:
        """Draw the line at x of the axis; None, or out of sight: no line."""
        area = self._box.sceneBoundingRect()
        at = self._box.mapViewToScene(QPointF(x, 0.0)).x() if x is not None else -1.0
        is_seen = area.left() <= at <= area.right()
        if is_seen:
            self._line.setStyleSheet(f"background: {theme.mark};")
            self._line.setGeometry(round(at), round(area.top()), 1, round(area.height()))
        self._line.setVisible(is_seen)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            place = self._plot.mapToScene(event.position().toPoint())
            is_over = self._box.sceneBoundingRect().contains(place)
            self.moved.emit(self._box.mapSceneToView(place).x() if is_over else None)
        elif event.type() == QEvent.Type.Leave:
            self.moved.emit(None)
        return super().eventFilter(watched, event)
