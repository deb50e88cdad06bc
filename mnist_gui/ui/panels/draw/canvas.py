"""The canvas of the panel Draw: pen, eraser, undo, and pictures that are dropped on it. What is read is others' job."""

from collections import deque
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_gui.ui.panels.draw.brush import SIDE, Stroke, blank, pixels_of
from mnist_gui.ui.widgets.digit_image import grey_image
from mnist_gui.ui.widgets.theme import LIGHT, Theme

Tool = Literal["pen", "eraser"]

MOST_UNDO = 200  # pictures of 80 kB
LEAST_SIDE = 110  # screen pixels
HINT = "Draw here"


class DrawCanvas(QWidget):
    """changed(): something else is drawn. dropped(mime_data): the user dropped a file or a picture.

    tool: of the left button; the right one always erases. thickness: in pixels of the drawing.
    """

    changed = Signal()
    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas to draw on with mouse or pen")
        self.setToolTip(
            "<p>Draw with the left mouse button or a pen, erase with the right one. Or drop an image file here. The "
            "drawing is centred and scaled for the network, so size and place do not matter.</p>"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)  # the right button erases
        self.setAcceptDrops(True)
        self.setMinimumSize(LEAST_SIDE, LEAST_SIDE)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        self.tool: Tool = "pen"
        self.thickness = 20.0
        self._image = blank()
        self._undo: deque[QImage] = deque(maxlen=MOST_UNDO)
        self._stroke: Stroke | None = None
        self.show_theme(LIGHT)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """What is drawn, (SIDE, SIDE) uint8: light ink on 0. A copy."""
        return pixels_of(self._image)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is drawn."""
        return not self.pixels.any()

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._undo)

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def show_theme(self, theme: Theme) -> None:
        """Colours of the frame; ink is light on dark in every theme, as in MNIST."""
        self._frame, self._focus_frame = QColor(theme.border), QColor(theme.highlight)
        self.update()

    def undo(self) -> None:
        """Take back the last stroke, picture or clearing."""
        if self._undo and self._stroke is None:
            self._image = self._undo.pop()
            self._emit_changed()

    def clear(self) -> None:
        """Wipe everything away; `undo` brings it back."""
        if not self.is_blank:
            self._replace(blank())

    def show_picture(self, picture: NDArray[np.uint8]) -> None:
        """Draw a picture (SIDE, SIDE) in place of what is there; `undo` brings that back."""
        self._replace(grey_image(picture))

    def _replace(self, image: QImage) -> None:
        self._stroke = None
        self._undo.append(self._image)
        self._image = image
        self._emit_changed()

    def _emit_changed(self) -> None:
        self.update()
        self.changed.emit()

    # Strokes

    def _begin(self, at: QPointF, width: float, *, erases: bool) -> None:
        self._undo.append(self._image.copy())
        self._stroke = Stroke(self._image, self._place(at), width, erases=erases)
        self._emit_changed()

    def _go_on(self, at: QPointF, width: float) -> None:
        if self._stroke:
            self._stroke.move_to(self._place(at), width)
            self._emit_changed()

    def _end(self, width: float) -> None:
        if self._stroke:
            self._stroke.finish(width)
            self._stroke = None
            self._emit_changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._stroke is None and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            erases = self.tool == "eraser" or event.button() == Qt.MouseButton.RightButton
            self._begin(event.position(), self.thickness, erases=erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._go_on(event.position(), self.thickness)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not event.buttons():
            self._end(self.thickness)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """As the mouse, but pressure makes the stroke thicker, and the other end of the pen erases."""
        width = self.thickness * (0.4 + 0.9 * event.pressure())
        match event.type():
            case QTabletEvent.Type.TabletPress if self._stroke is None:
                is_turned = event.pointerType() == QPointingDevice.PointerType.Eraser
                self._begin(event.position(), width, erases=is_turned or self.tool == "eraser")
            case QTabletEvent.Type.TabletMove:
                self._go_on(event.position(), width)
            case QTabletEvent.Type.TabletRelease:
                self._end(width)
        event.accept()  # else Qt would send it again, as the mouse's

    # Pictures from elsewhere

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData())

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        target = self._target()
        painter.drawImage(target, self._image)
        if not self._undo and self._stroke is None:
            painter.setPen(QColor("#8d98a2"))
            painter.drawText(target, Qt.AlignmentFlag.AlignCenter, HINT)
        painter.setPen(self._focus_frame if self.hasFocus() else self._frame)
        painter.drawRect(target.adjusted(0, 0, -1, -1))

    def _target(self) -> QRect:
        """The square of the canvas that is drawn on, at its top left."""
        side = min(self.width(), self.height())
        return QRect(0, 0, side, side)

    def _place(self, at: QPointF) -> QPointF:
        """A place of the widget in the drawing."""
        return at * (SIDE / max(1, self._target().width()))


def holds_picture(data: QMimeData) -> bool:
    """Whether there is something in it that can be looked at: a picture, or a file that may be one."""
    return data.hasImage() or data.hasUrls()
