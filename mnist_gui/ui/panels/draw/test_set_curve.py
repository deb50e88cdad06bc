"""The painted line of how a run did on the kept drawings by the ends of its epochs, and a way to these moments."""

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mnist_gui.ui.services.test_set_scores import Score
from mnist_gui.ui.widgets.theme import LIGHT, Theme

ABOUT = (
    "The share of your drawings that the network got right at the end of each epoch whose weights are kept. "
    "Click to go to such a moment in every panel."
)
GAP = 4
DOT = 2.0
MOST_DOTS = 80  # more would hide one another


class TestSetCurve(QWidget):
    """step_chosen(step): the user clicked there."""

    step_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("kept_curve")
        self.setAccessibleName("Your drawings got right by epochs")
        self.setToolTip(f"<p>{ABOUT}</p>")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._scores: Sequence[Score] = ()
        self.show_theme(LIGHT)

    @property
    def scores(self) -> Sequence[Score]:
        """What is shown."""
        return self._scores

    def sizeHint(self) -> QSize:
        return QSize(200, 56)

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._base, self._border, self._muted = QColor(theme.base), QColor(theme.border), QColor(theme.muted)
        self._line = QColor(theme.train)
        self.update()

    def show_scores(self, scores: Sequence[Score]) -> None:
        """These, by step; a line needs two."""
        self._scores = scores
        self.setVisible(len(scores) > 1)
        self.setAccessibleDescription("; ".join(map(describe, scores[-12:])))
        self.update()

    def place_of(self, score: Score) -> QPointF:
        """Where a score is drawn."""
        area, first, last = self._area(), self._scores[0].step, self._scores[-1].step
        share = (score.step - first) / max(last - first, 1)
        return QPointF(area.left() + share * area.width(), area.bottom() - score.accuracy * area.height())

    def _nearest(self, x: float) -> Score | None:
        if not self._scores:
            return None
        places = [self.place_of(score).x() for score in self._scores]
        right = min(max(bisect_left(places, x), 1), len(places) - 1)
        return self._scores[right if places[right] - x < x - places[right - 1] else right - 1]

    def _area(self) -> QRectF:
        metrics = self.fontMetrics()
        left, top = metrics.horizontalAdvance("100 %") + GAP, metrics.height() / 2
        return QRectF(left, top, max(self.width() - left - GAP, 1.0), max(self.height() - 2 * top, 1.0))

    # The user

    def mousePressEvent(self, event: QMouseEvent) -> None:
        nearest = self._nearest(event.position().x())
        if nearest and event.button() is Qt.MouseButton.LeftButton:
            self.step_chosen.emit(nearest.step)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and (nearest := self._nearest(event.pos().x())):
            QToolTip.showText(event.globalPos(), f"<p><b>{describe(nearest)}</b></p><p>{ABOUT}</p>", self)
            return True
        return super().event(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self._area()
        painter.fillRect(area, self._base)
        painter.setPen(self._border)
        painter.drawRect(area)
        self._paint_percents(painter, area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = [self.place_of(score) for score in self._scores]
        painter.setPen(QPen(self._line, 1.5))
        painter.drawPolyline(QPolygonF(places))
        if len(self._scores) <= MOST_DOTS:
            painter.setBrush(self._line)
            for place in places:
                painter.drawEllipse(place, DOT, DOT)

    def _paint_percents(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(self._muted)
        to_the_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        height = self.fontMetrics().height()
        for percent in (0, 100):
            level = area.bottom() - percent / 100 * area.height()
            painter.drawText(QRectF(0, level - height / 2, area.left() - GAP, height), to_the_right, f"{percent} %")


def describe(score: Score) -> str:
    """Such as "epoch 3: 66.7% right"."""
    return f"epoch {score.epoch:,}: {score.accuracy:.1%} right"
