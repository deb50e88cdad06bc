"""The painted mosaic of units: one indexed image, and outlines around marked units and the chosen one.

Its size is unit_mosaic's."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from mnist_gui.inspection.weight_images import Mosaic
from mnist_gui.ui.panels.units.highlight import LINE
from mnist_gui.ui.widgets.theme import LIGHT, Theme
from mnist_gui.ui.widgets.weight_colormap import colour_table


class MosaicCanvas(QWidget):
    """moved_to(unit): the user clicked a unit or went to it by key. wheel_turned(notches, at): with Ctrl, over a place
    of the canvas."""

    moved_to = Signal(int)
    wheel_turned = Signal(int, QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("weights")
        self.setAccessibleName("Weight pictures of the units")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._image = QImage()
        self.mosaic: Mosaic | None = None
        self.chosen: int | None = None
        self.marked: frozenset[int] = frozenset()
        self.describe_unit: Callable[[int], str] = str
        self._turned = 0
        self.show_theme(LIGHT)

    def show_theme(self, theme: Theme) -> None:
        self._colours = colour_table(theme.base)
        self._outline, self._halo = QColor(theme.text), QColor(theme.base)
        self._mark = QColor(theme.validation)

    def show_mosaic(self, picture: Mosaic | None) -> None:
        self.mosaic = picture
        if picture is not None:
            rows, columns = picture.indices.shape
            view = QImage(picture.indices.data, columns, rows, columns, QImage.Format.Format_Indexed8)
            view.setColorTable(self._colours)
            self._image = view.copy()  # Qt would read the array's memory after it is gone
        self.repaint()

    def unit_at(self, position: QPoint) -> int | None:
        """The unit drawn at this place."""
        target = self._target()
        if self.mosaic is None or not target.contains(position):
            return None
        rows, columns = self.mosaic.indices.shape
        inside = position - target.topLeft()
        return self.mosaic.unit_at(inside.y() * rows // target.height(), inside.x() * columns // target.width())

    def middle_of(self, unit: int) -> QPoint:
        """The place of the middle of a unit's picture; the corner of the canvas if it is not shown."""
        position = self.mosaic.position_of(unit) if self.mosaic else None
        return QPoint(0, 0) if position is None else self._cell(position).center().toPoint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.mosaic is None:
            return
        painter = QPainter(self)
        target = self._target()
        # Shrunken pictures need smoothing to keep their strokes; enlarged ones should show their pixels.
        is_shrunk = target.width() < self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_shrunk)
        painter.drawImage(target, self._image)
        self._paint_marks(painter, self.mosaic)
        position = None if self.chosen is None else self.mosaic.position_of(self.chosen)
        if position is not None or self.hasFocus():
            self._paint_outline(painter, self._cell(position or 0), is_chosen=position is not None)

    def _paint_marks(self, painter: QPainter, mosaic: Mosaic) -> None:
        """Around every marked unit, all in one go."""
        if not self.marked:
            return
        positions = [place for place, unit in enumerate(mosaic.numbers.tolist()) if unit in self.marked]
        cells = [self._cell(position).adjusted(-0.5, -0.5, 0.5, 0.5) for position in positions]
        for pen in (QPen(self._halo, LINE + 2), QPen(self._mark, LINE)):
            painter.setPen(pen)
            painter.drawRects(cells)

    def _paint_outline(self, painter: QPainter, cell: QRectF, *, is_chosen: bool) -> None:
        """Around the chosen unit; before any is, dashed around the one that the arrow keys begin with."""
        style = Qt.PenStyle.SolidLine if is_chosen else Qt.PenStyle.DashLine
        frame = cell.adjusted(-0.5, -0.5, 0.5, 0.5)
        width = 3 if self.hasFocus() else 2
        painter.setPen(QPen(self._halo, width + 4))  # parts the outline from whatever colour the weights have
        painter.drawRect(frame)
        painter.setPen(QPen(self._outline, width, style))
        painter.drawRect(frame)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QHelpEvent.Type.ToolTip:
            unit = self.unit_at(event.pos())
            if unit is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.describe_unit(unit), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and unit is not None:
            self.moved_to.emit(unit)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press was taken

    def keyPressEvent(self, event: QKeyEvent) -> None:
        position = self._position_after(Qt.Key(event.key()))
        if position is None or self.mosaic is None:
            super().keyPressEvent(event)
            return
        unit = int(self.mosaic.numbers[position])
        if unit != self.chosen:
            self.moved_to.emit(unit)

    def _position_after(self, key: Qt.Key) -> int | None:
        """The cell that a key leads to from the chosen one; None if the key leads nowhere."""
        if self.mosaic is None or not self.mosaic.units:
            return None
        last, columns = self.mosaic.units - 1, self.mosaic.columns
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_Home: -last,
            Qt.Key.Key_End: last,
        }
        if key not in steps:
            return None
        position = None if self.chosen is None else self.mosaic.position_of(self.chosen)
        if position is None:
            return last if key == Qt.Key.Key_End else 0
        wanted = position + steps[key]
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return wanted if 0 <= wanted <= last else position
        return max(0, min(wanted, last))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()  # scrolls
            return
        self._turned += event.angleDelta().y()
        notches = int(self._turned / 120)
        self._turned -= 120 * notches
        if notches:
            self.wheel_turned.emit(notches, event.position().toPoint())
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _cell(self, position: int) -> QRectF:
        """Where a cell's picture lies."""
        assert self.mosaic
        target = self._target()
        rows, columns = self.mosaic.indices.shape
        (top, left), (height, width) = self.mosaic.corner(position), self.mosaic.cell
        down, across = target.height() / rows, target.width() / columns
        return QRectF(left * across, top * down, width * across, height * down)

    def _target(self) -> QRect:
        """Where the image lies: as large as fits, its proportions kept."""
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRect(QPoint(0, 0), size)
