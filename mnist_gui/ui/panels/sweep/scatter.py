"""Runs of a sweep as dots: accuracy against one setting, or, for two drawn at random, one against the other."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from mnist_gui.inspection.sweep_axes import strengths
from mnist_gui.ui.panels.sweep.chart import GAP, NO_RUN, SweepChart

ABOUT = (
    "A dot for each run. With one setting: accuracy upwards, the line is the mean of each value, and runs far below "
    "the others lie on the lower edge. With two: the stronger the colour the better. Click a dot to find its run in "
    "the table, double-click to put its settings into the form."
)
RADIUS = 4.0
MOST_DOTS = 2000  # more cannot be told apart: the best are drawn
MOST_SMOOTH = 200  # smooth dots take ten times as long to paint
NEAR = 14.0  # screen pixels from a dot within which it is meant
WIDEST_NAME = 90


class SweepScatter(SweepChart):
    """The first setting to the right; upwards the second one, or the accuracy."""

    def __init__(self) -> None:
        super().__init__("sweep_dots", "Runs of one or two settings as dots", ABOUT)

    def _area(self) -> QRectF:
        metrics = self.fontMetrics()
        names = [name for _, name in self.axes[1].ticks] if len(self.axes) > 1 else list(self.ends)
        left = min(max(map(metrics.horizontalAdvance, names), default=0), WIDEST_NAME) + 2 * GAP
        height = metrics.height() + 2
        return QRectF(
            left, height + GAP, max(self.width() - left - 3 * GAP, 1), max(self.height() - 3 * height - GAP, 1)
        )

    def points(self) -> NDArray[np.float64]:
        """Where the dots are, (N, 2) in screen pixels; nan for runs without a result."""
        area = self._area()
        shares = strengths(self.values, self.low, self.high)
        heights = np.where(np.isfinite(shares), self.axes[1].places, np.nan) if len(self.axes) > 1 else shares
        across = area.left() + self.axes[0].places * area.width()
        return np.stack([across, area.bottom() - heights * area.height()], axis=1)

    def run_at(self, point: QPointF) -> int:
        away = np.hypot(*(self.points() - (point.x(), point.y())).T)
        away[~np.isfinite(away)] = np.inf
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= NEAR else NO_RUN

    def paint_runs(self, painter: QPainter) -> None:
        area = self._area()
        painter.setPen(self.border)
        painter.drawRect(area)
        self._paint_names(painter, area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(self.axes) == 1:
            self._paint_means(painter, area)
        else:
            self.paint_legend(painter, self.width() - GAP)
        known = np.flatnonzero(np.isfinite(self.values))
        known = known[np.argsort(self.values[known])][-MOST_DOTS:]  # the best on top
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(known) <= MOST_SMOOTH)
        points, colours = self.points()[known], self.colours(self.values[known], 0.25)
        painter.setPen(QPen(self.muted, 1))
        for (x, y), colour in zip(points.tolist(), colours, strict=True):
            if len(known) > MOST_SMOOTH:
                painter.fillRect(QRectF(x - RADIUS / 2, y - RADIUS / 2, RADIUS, RADIUS), colour)
                continue
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(x, y), RADIUS, RADIUS)

    def _paint_means(self, painter: QPainter, area: QRectF) -> None:
        axis, known = self.axes[0], np.isfinite(self.values)
        line = QPolygonF()
        for number in range(len(axis.names)):
            here = known & (axis.numbers == number)
            if here.any():
                share = float(strengths(self.values[here].mean(keepdims=True), self.low, self.high)[0])
                place = area.left() + float(axis.places[here][0]) * area.width()
                line.append(QPointF(place, area.bottom() - share * area.height()))
        painter.setPen(QPen(self.strong, 1.5))
        painter.drawPolyline(line)

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        height = self.fontMetrics().height()
        across, to_the_right = self.axes[0], Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        upward = "accuracy" if len(self.axes) == 1 else self.axes[1].label
        ends = tuple(zip((0.0, 1.0), self.ends, strict=True))
        painter.setPen(self.muted)
        for share, name in ends if len(self.axes) == 1 else self.axes[1].ticks:
            beside = QRectF(0, area.bottom() - share * area.height() - height / 2, area.left() - GAP, height)
            painter.drawText(beside, to_the_right, self.elided(name, beside.width()))
        wide = area.width() / max(len(across.ticks), 1)
        for share, name in across.ticks:
            middle = min(area.left() + share * area.width(), self.width() - wide / 2)
            below = QRectF(middle - wide / 2, area.bottom() + 2, wide, height)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.elided(name, wide))
        painter.setPen(self.text)
        painter.drawText(QPointF(GAP, height - 3), f"{upward} \N{UPWARDS ARROW}")
        under = QRectF(area.left(), area.bottom() + height, area.width(), height + 2)
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, f"{across.label} \N{RIGHTWARDS ARROW}")

    def paint_marked(self, painter: QPainter, place: int) -> None:
        x, y = self.points()[place].tolist()
        if np.isfinite(y):
            painter.setPen(QPen(painter.pen().color(), 2.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, y), RADIUS + 2, RADIUS + 2)
