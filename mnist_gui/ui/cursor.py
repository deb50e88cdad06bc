"""Vertical lines over a plot, and the mouse that moves one. Thin widgets: moving them repaints next to nothing."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

# A press and a release further apart than this, in pixels, are a drag.
CLICK = 4


class VerticalLine(QObject):
    """A line at a place of the x axis, which stays there when the axes change."""

    def __init__(self, plot: pg.PlotWidget, width: int = 1) -> None:
        super().__init__(plot)
        self._box = plot.getPlotItem().vb
        self._x: float | None = None
        self._width = width
        self._line = QWidget(plot.viewport())
        self._line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._line.setVisible(False)
        self._box.sigRangeChanged.connect(self._place)
        self._box.sigResized.connect(self._place)

    @property
    def x(self) -> float | None:
        """Where it is; None: nowhere."""
        return self._x

    def show_at(self, x: float | None, colour: str) -> None:
        """Draw the line at x of the axis; None, or out of sight: no line."""
        self._x = x
        self._line.setStyleSheet(f"background: {colour};")
        self._place()

    def _place(self, *_: object) -> None:
        area = self._box.sceneBoundingRect()
        at = self._box.mapViewToScene(QPointF(self._x, 0.0)).x() if self._x is not None else -1.0
        is_seen = self._x is not None and area.left() <= at <= area.right()
        if is_seen:
            self._line.setGeometry(round(at - self._width / 2), round(area.top()), self._width, round(area.height()))
        self._line.setVisible(is_seen)


class Cursor(QObject):
    """Tells where the mouse is and where it is clicked.

    moved(x): on the x axis, None: not over the plot. clicked(x): pressed and released there, without dragging.
    """

    moved = Signal(object)
    clicked = Signal(float)

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot, self._box = plot, plot.getPlotItem().vb
        self._pressed_at: QPoint | None = None
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            self._follow(event)
        elif event.type() == QEvent.Type.Leave:
            self.moved.emit(None)
        return super().eventFilter(watched, event)

    def _follow(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        match event.type():
            case QEvent.Type.MouseMove:
                self.moved.emit(self._x_at(position))
            case QEvent.Type.MouseButtonPress if event.button() == Qt.MouseButton.LeftButton:
                self._pressed_at = position
            case QEvent.Type.MouseButtonRelease if self._pressed_at is not None:
                x, is_click = self._x_at(position), (position - self._pressed_at).manhattanLength() <= CLICK
                self._pressed_at = None
                if is_click and x is not None:
                    self.clicked.emit(x)

    def _x_at(self, position: QPoint) -> float | None:
        place = self._plot.mapToScene(position)
        is_over = self._box.sceneBoundingRect().contains(place)
        return float(self._box.mapSceneToView(place).x()) if is_over else None
