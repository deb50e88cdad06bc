"""Vertical lines over a plot: under the mouse, and at a pinned step. Thin widgets: moving one repaints little."""

from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from mnist_gui.ui.plotting.plot_widget import PlotWidget
from mnist_gui.ui.widgets.theme import Theme


class Crosshair(QObject):
    """Reports where the mouse is and clicks, and draws lines where it is asked to.

    moved(x): the mouse is at x of the axis, None: not over the plot. clicked(x): without dragging.
    """

    moved = Signal(object)
    clicked = Signal(float)

    def __init__(self, plot: PlotWidget) -> None:
        super().__init__(plot)
        self._plot, self._box = plot, plot.getPlotItem().vb
        self._pointed = _Line("pointed_at_line", 1, plot.viewport())
        self._shown_step = _Line("shown_step_line", 2, plot.viewport())
        self._places: dict[_Line, float | None] = {self._pointed: None, self._shown_step: None}
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)
        plot.scene().sigMouseClicked.connect(self._on_scene_mouse_clicked)
        self._box.sigRangeChanged.connect(self._on_box_changed)
        self._box.sigResized.connect(self._on_box_changed)

    def show_pointed(self, x: float | None) -> None:
        """Draw the line of the mouse at x of the axis; None, or out of sight: no line."""
        self._show(self._pointed, x)

    def show_step(self, x: float | None) -> None:
        """Draw the line of the pinned step at x of the axis; None, or out of sight: no line."""
        self._show(self._shown_step, x)

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._pointed.show_colour(theme.mark)
        self._shown_step.show_colour(theme.text)

    def _show(self, line: "_Line", x: float | None) -> None:
        self._places[line] = x
        area = self._box.sceneBoundingRect()
        at = self._box.mapViewToScene(QPointF(x, 0.0)).x() if x is not None else -1.0
        is_seen = area.left() <= at <= area.right()
        place = QRect(round(at - line.thickness / 2), round(area.top()), line.thickness, round(area.height()))
        if is_seen == line.isVisibleTo(self._plot) and (place == line.geometry() or not is_seen):
            return
        line.setGeometry(place)
        line.setVisible(is_seen)

    @Slot()
    def _on_box_changed(self) -> None:
        for line, x in self._places.items():
            if x is not None:
                self._show(line, x)

    @Slot(object)
    def _on_scene_mouse_clicked(self, event: MouseClickEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or event.double():
            return
        if self._box.sceneBoundingRect().contains(event.scenePos()):
            self.clicked.emit(self._box.mapSceneToView(event.scenePos()).x())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            place = self._plot.mapToScene(event.position().toPoint())
            is_over = self._box.sceneBoundingRect().contains(place)
            self.moved.emit(self._box.mapSceneToView(place).x() if is_over else None)
        elif event.type() == QEvent.Type.Leave:
            self.moved.emit(None)
        return super().eventFilter(watched, event)


class _Line(QWidget):
    """A bar of one colour. It paints itself: Qt would cut one with a background out of the plot, which is slow."""

    def __init__(self, name: str, thickness: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.thickness = thickness
        self._colour = QColor()
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(False)

    def show_colour(self, colour: str) -> None:
        """Be of this colour."""
        self._colour = QColor(colour)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._colour)
