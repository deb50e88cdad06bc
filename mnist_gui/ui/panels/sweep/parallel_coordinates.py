"""Parallel coordinates of a sweep: an upright axis for each setting and for the accuracy, a line for each run."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from mnist_gui.inspection.sweep_axes import strengths
from mnist_gui.ui.panels.sweep.chart import GAP, NO_RUN, SweepChart

ABOUT = (
    "A line for each run, through the values of its settings to its accuracy at the right: the stronger the colour the "
    "better. Point at a line to see its run in the table, click to choose it, double-click to put its settings into "
    "the form. Runs far below the others end at the foot of the accuracy."
)
NEAR = 10.0  # screen pixels from a line within which it is meant
MOST_LINES = 500  # more cannot be told apart: the best are drawn
MOST_SMOOTH = 100  # smooth lines take ten times as long to paint


class ParallelCoordinates(SweepChart):
    """Settings from left to right in the order in which they were named."""

    def __init__(self) -> None:
        super().__init__("sweep_lines", "Parallel coordinates of the runs", ABOUT)

    @property
    def drawn(self) -> NDArray[np.int64]:
        """The runs that have a line, from the worst to the best."""
        known = np.flatnonzero(np.isfinite(self.values))
        return known[np.argsort(self.values[known], kind="stable")][-MOST_LINES:]

    def _area(self) -> QRectF:
        height = self.fontMetrics().height()
        side = min(self.width() / (2 * (len(self.axes) + 1)), 44.0)
        return QRectF(side, height + 4, max(self.width() - 2 * side, 1), max(self.height() - 2 * height - 8, 1))

    def points(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Where the lines of these runs bend, (len(places), axes + 1, 2) in screen pixels."""
        area, count = self._area(), len(self.axes) + 1
        accuracy = strengths(self.values[places], self.low, self.high)
        shares = np.stack([*(axis.places[places] for axis in self.axes), accuracy], axis=1)
        across = np.broadcast_to(area.left() + np.arange(count) / (count - 1) * area.width(), shares.shape)
        return np.stack([across, area.bottom() - shares * area.height()], axis=2)

    def run_at(self, point: QPointF) -> int:
        places, area = self.drawn, self._area()
        if not len(places) or not area.left() - NEAR <= point.x() <= area.right() + NEAR:
            return NO_RUN
        lines = self.points(places)
        gap = area.width() / len(self.axes)
        between = float(np.clip((point.x() - area.left()) / gap, 0.0, len(self.axes)))
        left = min(int(between), len(self.axes) - 1)
        heights = lines[:, left, 1] + (between - left) * (lines[:, left + 1, 1] - lines[:, left, 1])
        away = np.abs(heights - point.y())[::-1]  # of lines in one place, the best lies on top
        nearest = int(np.argmin(away))
        return int(places[len(places) - 1 - nearest]) if away[nearest] <= NEAR else NO_RUN

    def paint_runs(self, painter: QPainter) -> None:
        places = self.drawn
        is_smooth = len(places) <= MOST_SMOOTH
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_smooth)
        colours = self.colours(self.values[places], 0.25)
        for line, colour in zip(self.points(places).tolist(), colours, strict=True):
            painter.setPen(QPen(colour, 1.3 if is_smooth else 1.0))
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_axes(painter)

    def _paint_axes(self, painter: QPainter) -> None:
        area, count = self._area(), len(self.axes) + 1
        gap = area.width() / (count - 1)
        ends = tuple(zip((0.0, 1.0), self.ends, strict=True))
        named = [*((axis.label, axis.ticks) for axis in self.axes), ("accuracy", ends)]
        for number, (label, ticks) in enumerate(named):
            x = area.left() + number * gap
            painter.setPen(QPen(self.muted, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(self.text)
            self._paint_text(painter, x, area.bottom() + 4, gap - GAP, label)
            if ticks and ticks == ends:
                self._paint_text(painter, x, 0, gap - GAP, ends[1][1])
                self._paint_beside(painter, x, area.bottom(), gap, ends[0][1], is_left=True)
            for share, name in ticks:
                painter.setPen(QPen(self.muted, 1))
                y = area.bottom() - share * area.height()
                painter.drawLine(QPointF(x - 2, y), QPointF(x + 2, y))
                if ticks != ends:
                    self._paint_beside(painter, x, y, gap, name)

    def _paint_text(self, painter: QPainter, x: float, y: float, wide: float, text: str) -> None:
        place = QRectF(x - wide / 2, y, wide, self.fontMetrics().height())
        place.moveRight(min(place.right(), self.width() - 1.0))
        place.moveLeft(max(place.left(), 0.0))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.elided(text, wide))

    def _paint_beside(
        self, painter: QPainter, x: float, y: float, gap: float, name: str, *, is_left: bool = False
    ) -> None:
        """A value at its axis, on a ground that keeps it readable among lines."""
        height = self.fontMetrics().height()
        text = self.elided(name, gap - 2 * GAP)
        place = QRectF(x + GAP, y - height / 2, self.fontMetrics().horizontalAdvance(text) + 2, height)
        if is_left:
            place.moveRight(x - GAP)
        ground = QColor(self.base)
        ground.setAlphaF(0.75)
        painter.fillRect(place, ground)
        painter.setPen(self.text)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def paint_marked(self, painter: QPainter, place: int) -> None:
        if np.isfinite(self.values[place]):
            painter.setPen(QPen(painter.pen().color(), 2.5))
            (line,) = self.points(np.array([place])).tolist()
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))
