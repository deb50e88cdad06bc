"""The painted reliability diagram: how often answers of each confidence are right, and how many there are."""

import math

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mnist_gui.inspection.calibration import Reliability
from mnist_gui.ui.widgets.theme import LIGHT, Theme

ABOUT = (
    "How often answers are right (the line on each bar) that the network gives with a certain confidence (from left to "
    "right). On the dashed line it is right as often as it is sure. Orange is the difference from the mean confidence "
    "of the bar. The small bars below show how many digits there are, on a logarithmic scale. Faint bars stand for "
    "fewer than ten."
)
FEW = 10  # digits of which the share that is right says little
COUNTS_SHARE = 0.22  # of the height, for how many digits there are
GAP = 4


class ReliabilityDiagram(QWidget):
    """Two rows of bars over the confidence; pointing at them shows their numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("reliability")
        self.setAccessibleName("Reliability diagram")
        self.setToolTip(f"<p>{ABOUT}</p>")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(100, 90)
        self._diagram: Reliability | None = None
        self.show_theme(LIGHT)

    def sizeHint(self) -> QSize:
        return QSize(150, 180)

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._base, self._text, self._muted = QColor(theme.base), QColor(theme.text), QColor(theme.muted)
        self._border, self._bar, self._off = QColor(theme.border), QColor(theme.train), QColor(theme.validation)
        self.update()

    def show_reliability(self, diagram: Reliability | None) -> None:
        """None: nothing yet."""
        self._diagram = diagram
        filled = np.flatnonzero(diagram.digits).tolist() if diagram else []
        self.setAccessibleDescription("; ".join(self.describe(place) for place in filled))
        self.update()

    def describe(self, place: int) -> str:
        """A bin in words."""
        assert self._diagram
        diagram = self._diagram
        low, high = (f"{100 * edge:g}" for edge in diagram.edges[place : place + 2])
        digits = int(diagram.digits[place])
        if not digits:
            return f"No answer is {low} to {high} % sure"
        return (
            f"{digits:,} {'answer is' if digits == 1 else 'answers are'} {low} to {high} % sure: "
            f"{diagram.confidence[place]:.1%} on average, and {diagram.accuracy[place]:.1%} right"
        )

    def bin_at(self, place: QPoint) -> int | None:
        """The bin at a place of the widget, above or below; None beside them."""
        area = self._area()
        if self._diagram is None or not area.left() <= place.x() <= area.right():
            return None
        bins = len(self._diagram.digits)
        return min((place.x() - area.left()) * bins // max(area.width(), 1), bins - 1)

    def _area(self) -> QRect:
        """Where bars are, both rows of them; the rest is for the numbers of the axes."""
        metrics = self.fontMetrics()
        left, bottom = metrics.horizontalAdvance("100%") + GAP, metrics.height() + 2
        top, right = metrics.height() // 2 + 1, metrics.horizontalAdvance("100%") // 2
        return QRect(left, top, max(self.width() - left - right, 1), max(self.height() - top - bottom, 1))

    def _parts(self) -> tuple[QRectF, QRectF]:
        """The areas of shares and of counts."""
        area = QRectF(self._area())
        counts = round(COUNTS_SHARE * area.height())
        shares = area.adjusted(0, 0, 0, -counts - GAP)
        return shares, QRectF(area.left(), area.bottom() - counts, area.width(), counts)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shares, counts = self._parts()
        painter.fillRect(shares, self._base)
        painter.fillRect(counts, self._base)
        if self._diagram is not None:
            self._paint_shares(painter, shares, self._diagram)
            self._paint_counts(painter, counts, self._diagram)
        painter.setPen(QPen(self._border, 1))
        painter.drawRect(shares)
        painter.drawRect(counts)
        painter.setPen(QPen(self._muted, 1, Qt.PenStyle.DashLine))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawLine(shares.bottomLeft(), shares.topRight())
        self._paint_axes(painter, shares, counts)

    def _paint_shares(self, painter: QPainter, area: QRectF, diagram: Reliability) -> None:
        for place in np.flatnonzero(diagram.digits).tolist():
            painter.setOpacity(0.35 if diagram.digits[place] < FEW else 1.0)
            accuracy, confidence = float(diagram.accuracy[place]), float(diagram.confidence[place])
            low, high = min(accuracy, confidence), max(accuracy, confidence)
            painter.fillRect(_bar(area, diagram, place, 0.0, low), _faded(self._bar, 150))
            gap = _bar(area, diagram, place, low, high)
            painter.fillRect(gap, _faded(self._off, 170))
            painter.setPen(QPen(self._bar, 2))
            level = area.bottom() - accuracy * area.height()
            painter.drawLine(QLineF(gap.left(), level, gap.right(), level))
        painter.setOpacity(1.0)

    def _paint_counts(self, painter: QPainter, area: QRectF, diagram: Reliability) -> None:
        most = math.log1p(int(diagram.digits.max()))
        for place in np.flatnonzero(diagram.digits).tolist():
            height = math.log1p(int(diagram.digits[place])) / most
            painter.fillRect(_bar(area, diagram, place, 0.0, height), _faded(self._muted, 150))

    def _paint_axes(self, painter: QPainter, shares: QRectF, counts: QRectF) -> None:
        painter.setPen(self._muted)
        height, left = self.fontMetrics().height(), shares.left() - GAP
        for share in (0.0, 0.5, 1.0):
            level = shares.bottom() - share * shares.height()
            beside = QRectF(0, level - height / 2, left, height)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{share:.0%}")
            middle = shares.left() + share * shares.width()
            below = QRectF(middle - 40, counts.bottom() + 2, 80, height)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"{share:.0%}")

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = self.bin_at(event.pos())
            text = self.toolTip() if place is None else f"<p>{self.describe(place)}.</p>{self.toolTip()}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


def _bar(area: QRectF, diagram: Reliability, place: int, low: float, high: float) -> QRectF:
    """Of a bin, from one share of the height to another, a pixel apart from its neighbours."""
    left, right = (area.left() + edge * area.width() for edge in diagram.edges[place : place + 2])
    top, bottom = (area.bottom() - share * area.height() for share in (high, low))
    return QRectF(left + 1, top, max(right - left - 1, 1), bottom - top)


def _faded(colour: QColor, alpha: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded
