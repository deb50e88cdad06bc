"""The painted map: a mark for each digit, to point at, click, and draw a line around."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from mnist_gui.inspection.digit_map import DigitMap
from mnist_gui.inspection.hit_testing import enclosed, nearest, next_along
from mnist_gui.ui.panels.map.hover_card import paint_card
from mnist_gui.ui.panels.map.symbols import RING, SIDE, mark, ring
from mnist_gui.ui.panels.map.viewport import Viewport
from mnist_gui.ui.widgets.digit_image import grey_image
from mnist_gui.ui.widgets.theme import LIGHT, Theme

REACH = 10.0  # screen pixels from which a mark is pointed at
FADED = 0.12
MOST_NAMES = 12  # classes whose names have room among the marks
STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
ABOUT = (
    "<p>Every mark is a digit, near those that this layer takes for alike. Ringed ones are mistaken. Point at one to "
    "see it, click it to have it in <i>Digit</i>, and drag a line around some to have them in the gallery of "
    "<i>Mistakes</i>. The wheel enlarges; Escape shows everything again. With the keyboard: arrow keys and Return.</p>"
)


class MapCanvas(QWidget):
    """digit_chosen(digit): the user clicked it. digits_enclosed(digits): a line was drawn around these, (n,) intp."""

    digit_chosen = Signal(int)
    digits_enclosed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("map")
        self.setAccessibleName("Map of digits")
        self.setToolTip(ABOUT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 90)
        self.picture_of: Callable[[int], NDArray[np.uint8]] = lambda digit: np.zeros((1, 1), np.uint8)
        self.describe: Callable[[int], str] = str
        self.pointed: int | None = None  # the digit that is shown beside its mark
        self._map: DigitMap | None = None
        self._scale = Viewport()
        self._screen: NDArray[np.float64] = np.empty((0, 2))  # where the digits are
        self._layer: QPixmap | None = None  # all marks, drawn once
        self._kept: NDArray[np.bool_] | None = None  # the digits that a line was drawn around
        self._names: tuple[str, ...] = ()
        self._class: int | None = None
        self._chosen: int | None = None
        self._line: list[tuple[float, float]] = []
        self._is_line = False
        self.show_theme(LIGHT)

    @property
    def kept(self) -> list[int]:
        """The digits that a line was drawn around."""
        return [] if self._kept is None else np.flatnonzero(self._kept).tolist()

    def sizeHint(self) -> QSize:
        return QSize(340, 240)

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._base, self._text, self._border = QColor(theme.base), QColor(theme.text), QColor(theme.border)
        self._highlight = QColor(theme.highlight)
        self._draw_anew()

    def show_map(self, picture: DigitMap | None, names: tuple[str, ...] = ()) -> None:
        """A map, and the names of all classes. None: there is none.

        What a line was drawn around stays so while the same number of digits is shown.
        """
        count = len(picture.labels) if picture else 0
        if self._map is None or len(self._map.labels) != count:
            self.forget_line()
            self.pointed = None
        self._map, self._names = picture, names
        if picture is not None:
            self._scale.fit(picture.places)
        self._place()

    def forget_line(self) -> None:
        """No digits are gathered, and no line is being drawn."""
        self._kept, self._line, self._is_line = None, [], False
        self._draw_anew()

    def emphasise(self, label: int | None) -> None:
        """Fade all classes but one; None: no class."""
        self._class = label
        self._draw_anew()

    def choose(self, digit: int | None) -> None:
        """Outline this digit; no signal is sent."""
        self._chosen = digit
        self.update()

    def place_of(self, digit: int) -> QPointF:
        """Where a digit is on the canvas."""
        return QPointF(*self._screen[digit])

    def digit_at(self, at: QPointF) -> int | None:
        """The digit that is pointed at from here."""
        return nearest(self._screen, (at.x(), at.y()), REACH)

    def _place(self) -> None:
        size = (self.width(), self.height())
        self._screen = self._scale.on_screen(self._map.places, size) if self._map else np.empty((0, 2))
        self._draw_anew()

    def _draw_anew(self) -> None:
        self._layer = None
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._layer is None:
            self._layer = self._make_layer()
        painter.drawPixmap(0, 0, self._layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_line:
            painter.setPen(QPen(self._highlight, 1.5, Qt.PenStyle.DashLine))
            painter.drawPolygon(QPolygonF([QPointF(*point) for point in self._line]))
        self._paint_outline(painter, self._chosen, 3.0)
        self._paint_outline(painter, self.pointed, 1.5)
        if self.pointed is not None and self._is_shown(self.pointed) and not self._is_line:
            image = grey_image(self.picture_of(self.pointed))
            paint_card(painter, self, self.place_of(self.pointed), image, self.describe(self.pointed))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._highlight if self.hasFocus() else self._border)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_outline(self, painter: QPainter, digit: int | None, width: float) -> None:
        if digit is not None and self._is_shown(digit):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, around in ((self._base, width + 2.0), (self._text, width)):
                painter.setPen(QPen(colour, around))
                painter.drawEllipse(self.place_of(digit), RING / 2 + 1.0, RING / 2 + 1.0)

    def _is_shown(self, digit: int) -> bool:
        return digit < len(self._screen) and bool(np.isfinite(self._screen[digit]).all())

    def _make_layer(self) -> QPixmap:
        """All marks: faded ones below, mistakes with their rings on top."""
        ratio = self.devicePixelRatioF()
        layer = QPixmap(self.size() * ratio)
        layer.setDevicePixelRatio(ratio)
        layer.fill(self._base)
        if self._map is not None:
            painter = QPainter(layer)
            is_faint = self._is_faint()
            for is_front, opacity in ((False, FADED), (True, 1.0)):
                painter.setOpacity(opacity)
                self._paint_marks(painter, self._map, is_faint != is_front, ratio)
            if len(self._names) <= MOST_NAMES:
                self._paint_names(painter, self._map)
            painter.end()
        return layer

    def _paint_marks(self, painter: QPainter, picture: DigitMap, which: NDArray[np.bool_], ratio: float) -> None:
        """Those of some digits, (N,). From plain numbers, by bound methods: thousands take a few milliseconds."""
        marks = [mark(label, ratio) for label in range(int(picture.labels.max(initial=0)) + 1)]
        around, draw = ring(self._text, ratio), painter.drawPixmap
        for is_wrong in (False, True):
            digits = np.flatnonzero(which & picture.is_placed & (picture.is_wrong == is_wrong))
            places = self._screen[digits]
            for (x, y), label in zip((places - SIDE / 2).tolist(), picture.labels[digits].tolist(), strict=True):
                draw(QPointF(x, y), marks[label])
            for x, y in (places - RING / 2).tolist() if is_wrong else ():
                draw(QPointF(x, y), around)

    def _paint_names(self, painter: QPainter, picture: DigitMap) -> None:
        """The name of each class in the middle of its digits, that nobody need look it up."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self.font()
        font.setBold(True)
        metrics = QFontMetricsF(font)
        for label, name in enumerate(self._names):
            places = self._screen[picture.is_placed & (picture.labels == label)]
            if len(places) and self._class in (None, label):
                x, y = np.median(places, axis=0).tolist()
                text = QPainterPath()
                text.addText(QPointF(x - metrics.horizontalAdvance(name) / 2, y + metrics.capHeight() / 2), font, name)
                painter.strokePath(text, QPen(self._base, 4.0))  # parts it from the marks around
                painter.fillPath(text, self._text)

    def _is_faint(self) -> NDArray[np.bool_]:
        """Which digits are not among those that the user wants to see, (N,)."""
        assert self._map
        is_faint = np.zeros(len(self._map.labels), bool)
        if self._kept is not None:
            is_faint |= ~self._kept
        if self._class is not None:
            is_faint |= self._map.labels != self._class
        return is_faint

    # What the user does

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.pointed is not None:
            return True  # what the user points at is shown already
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._line = [(event.position().x(), event.position().y())]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._line and event.buttons() & Qt.MouseButton.LeftButton:
            self._line.append((at.x(), at.y()))
            way = np.abs(np.array(self._line) - self._line[0]).max()
            self._is_line = self._is_line or way >= QApplication.startDragDistance()
            self.update()
        else:
            self._point_at(self.digit_at(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._line:
            return
        at, was_line = event.position(), self._is_line
        line = np.array([*self._line, (at.x(), at.y())])
        self._line, self._is_line = [], False
        if was_line:
            self._keep(enclosed(self._screen, line))
            return
        digit = self.digit_at(at)
        if digit is not None:
            self.digit_chosen.emit(digit)
        elif self._kept is not None:
            self.forget_line()

    def _keep(self, is_inside: NDArray[np.bool_]) -> None:
        self._kept = is_inside if is_inside.any() else None
        self._draw_anew()
        if self._kept is not None:
            self.digits_enclosed.emit(np.flatnonzero(is_inside))

    def _point_at(self, digit: int | None) -> None:
        if digit != self.pointed:
            self.pointed = digit
            self.setAccessibleDescription("" if digit is None else self.describe(digit))
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        at = event.position()
        self._scale.zoom_at(1.2 ** (event.angleDelta().y() / 120), (at.x(), at.y()), (self.width(), self.height()))
        self._place()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in STEPS and self._map is not None and self._map.is_placed.any():
            is_first = self.pointed is None or not self._is_shown(self.pointed)
            start = int(np.flatnonzero(self._map.is_placed)[0]) if is_first else self.pointed or 0
            self._point_at(start if is_first else next_along(self._screen, start, STEPS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.pointed is not None:
            self.digit_chosen.emit(self.pointed)
        elif key == Qt.Key.Key_Escape:
            self._scale.zoom_at(0.0, (0.0, 0.0), (self.width(), self.height()))
            self.forget_line()
            self._place()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
