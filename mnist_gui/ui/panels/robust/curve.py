"""The painted curve of accuracy against the strength of a disturbance, and that of other weights to compare."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_gui.ui.widgets.theme import LIGHT, Theme

ABOUT = (
    "What share of the digits is read rightly (upwards) when all of them are disturbed so strongly (to the right). "
    "Other disturbances take no part. The dashed upright line is the strength that is set: click to set another. "
    "Point anywhere to read the values; the orange line is that of the weights chosen to compare with."
)
GAP = 4
TICKS = 5
DOT = 2.0
NEAR = 14  # screen pixels from a measured strength within which it is meant


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of digits read rightly, 0..1, at each strength, ascending; None where it is still to be measured."""

    strengths: tuple[float, ...]
    accuracies: tuple[float | None, ...]

    def at(self, strength: float) -> float | None:
        """The value at a strength, or between its neighbours along the line; None where they are not measured."""
        for left in range(len(self.strengths) - 1):
            low, high = self.strengths[left : left + 2]
            if low <= strength <= high:
                one, other = self.accuracies[left : left + 2]
                if strength in (low, high):
                    return one if strength == low else other
                share = (strength - low) / (high - low)
                return None if one is None or other is None else one + share * (other - one)
        return None

    @property
    def is_complete(self) -> bool:
        """Whether every strength was measured."""
        return None not in self.accuracies


class RobustCurve(QWidget):
    """strength_clicked(strength): the user wants this one. pointed(strength): the pointer is there, None: left."""

    strength_clicked = Signal(float)
    pointed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("robust_curve")
        self.setAccessibleName("Accuracy against the strength of the disturbance")
        self.setToolTip(f"<p>{ABOUT}</p>")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(100, 70)
        self.setMouseTracking(True)
        self._curve: Curve | None = None
        self._comparison: Curve | None = None
        self._strength = 0.0
        self._pointed: float | None = None
        self._label: Callable[[float], str] = "{:g}".format
        self.show_theme(LIGHT)

    @property
    def curves(self) -> tuple[Curve | None, Curve | None]:
        """What is shown: of the weights in view, and of those to compare with."""
        return self._curve, self._comparison

    @property
    def strength(self) -> float:
        """The marked one."""
        return self._strength

    def sizeHint(self) -> QSize:
        return QSize(200, 100)

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._base, self._border, self._muted = QColor(theme.base), QColor(theme.border), QColor(theme.muted)
        self._line, self._other, self._mark = QColor(theme.train), QColor(theme.validation), QColor(theme.text)
        self._grid = QColor(theme.alternate)
        self.update()

    def show_curves(self, curve: Curve | None, comparison: Curve | None, label: Callable[[float], str]) -> None:
        """The curve of the weights in view, and of others at the same strengths; None: none. label: of a strength."""
        if (curve, comparison) == self.curves:
            return
        self._curve, self._comparison, self._label = curve, comparison, label
        known = zip(curve.strengths, curve.accuracies, strict=True) if curve else ()
        texts = (f"{label(strength)}: {share:.1%}" for strength, share in known if share is not None)
        self.setAccessibleDescription("; ".join(texts))
        self.update()

    def show_strength(self, strength: float) -> None:
        """Mark this one."""
        self._strength = strength
        self.update()

    # Places

    def place_of(self, strength: float) -> float:
        """Where a strength is, in pixels from the left."""
        area, (low, high) = self._area(), self._ends()
        return area.left() + (strength - low) / (high - low) * area.width()

    def strength_at(self, place: float) -> float:
        """The strength so many pixels from the left, within the curve's ends."""
        area, (low, high) = self._area(), self._ends()
        share = (place - area.left()) / area.width()
        return low + min(max(share, 0.0), 1.0) * (high - low)

    def _ends(self) -> tuple[float, float]:
        return (self._curve.strengths[0], self._curve.strengths[-1]) if self._curve else (0.0, 1.0)

    def _area(self) -> QRectF:
        metrics = self.fontMetrics()
        left, bottom = metrics.horizontalAdvance("100 %") + GAP, metrics.height() + 2
        top, right = metrics.height() // 2 + 1, metrics.horizontalAdvance("200 px") // 2
        return QRectF(left, top, max(self.width() - left - right, 1), max(self.height() - top - bottom, 1))

    # The user

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._curve is None:
            return
        self._pointed = self._meant(event.position().x())
        self.pointed.emit(self._pointed)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._curve is not None and event.button() is Qt.MouseButton.LeftButton:
            self.strength_clicked.emit(self._meant(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = None
        self.pointed.emit(None)
        self.update()

    def _meant(self, place: float) -> float:
        """The strength that is meant by a place: a measured one if it is near."""
        assert self._curve
        nearest = min(self._curve.strengths, key=lambda strength: abs(self.place_of(strength) - place))
        return nearest if abs(self.place_of(nearest) - place) <= NEAR else self.strength_at(place)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self._area()
        painter.fillRect(area, self._base)
        self._paint_axes(painter, area)
        if self._curve is None:
            return
        painter.setPen(QPen(self._mark, 1, Qt.PenStyle.DashLine))
        _upright(painter, area, self.place_of(self._strength))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._comparison:
            self._paint_curve(painter, area, self._comparison, QPen(self._other, 1.5))
        self._paint_curve(painter, area, self._curve, QPen(self._line, 2))
        if self._pointed is not None:
            self._paint_pointed(painter, area, self._pointed)

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        to_the_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        height = self.fontMetrics().height()
        for percent in (0, 50, 100):
            level = area.bottom() - percent / 100 * area.height()
            painter.setPen(self._grid)
            painter.drawLine(QPointF(area.left(), level), QPointF(area.right(), level))
            painter.setPen(self._muted)
            painter.drawText(QRectF(0, level - height / 2, area.left() - GAP, height), to_the_right, f"{percent} %")
        painter.setPen(self._border)
        painter.drawRect(area)
        painter.setPen(self._muted)
        for strength in self._ticks():
            below = QRectF(self.place_of(strength) - 40, area.bottom() + 2, 80, height)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self._label(strength))

    def _ticks(self) -> tuple[float, ...]:
        """About TICKS of the measured strengths, evenly spaced, 0 among them."""
        if self._curve is None:
            return ()
        strengths = self._curve.strengths
        every, zero = math.ceil((len(strengths) - 1) / TICKS), strengths.index(0.0)
        return tuple(strengths[zero % every :: every])

    def _paint_curve(self, painter: QPainter, area: QRectF, curve: Curve, pen: QPen) -> None:
        painter.setPen(pen)
        painter.setBrush(pen.color())
        line = QPolygonF()
        for strength, share in zip(curve.strengths, curve.accuracies, strict=True):
            if share is None or math.isnan(share):
                painter.drawPolyline(line)
                line = QPolygonF()
                continue
            line.append(QPointF(self.place_of(strength), area.bottom() - share * area.height()))
            painter.drawEllipse(line.last(), DOT, DOT)
        painter.drawPolyline(line)

    def _paint_pointed(self, painter: QPainter, area: QRectF, strength: float) -> None:
        place = self.place_of(strength)
        painter.setPen(QPen(self._muted, 1))
        _upright(painter, area, place)
        for curve, colour in ((self._comparison, self._other), (self._curve, self._line)):
            share = curve.at(strength) if curve else None
            if share is not None and not math.isnan(share):
                painter.setPen(QPen(self._base, 1))
                painter.setBrush(colour)
                painter.drawEllipse(QPointF(place, area.bottom() - share * area.height()), 2 * DOT, 2 * DOT)


def _upright(painter: QPainter, area: QRectF, place: float) -> None:
    painter.drawLine(QPointF(place, area.top()), QPointF(place, area.bottom()))
