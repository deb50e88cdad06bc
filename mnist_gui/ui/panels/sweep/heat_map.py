"""The heat map of a sweep of two settings: a cell for each pair of values, the mean accuracy of its runs in it."""

from html import escape

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from mnist_gui.inspection.sweep_axes import cell_means, value_range
from mnist_gui.ui.panels.sweep.chart import GAP, NO_RUN, SweepChart

ABOUT = (
    "The mean accuracy at each pair of values: the stronger the colour the better. Runs that differ in nothing but the "
    "seed share a cell. Click a cell to find its best run in the table, double-click to put its settings into the form."
)
WIDEST_NAME = 90


class HeatMap(SweepChart):
    """The first setting to the right, the second one downwards."""

    def __init__(self) -> None:
        super().__init__("sweep_heat_map", "Heat map of two settings", ABOUT)

    @property
    def means(self) -> NDArray[np.float64]:
        """What the cells show, (rows, columns), 0..1; nan where nothing is known yet."""
        columns, rows = self.axes
        return cell_means(rows, columns, self.values)

    def span(self) -> tuple[float, float]:
        return value_range(self.means) if self.axes else (0.0, 1.0)

    def _area(self) -> QRectF:
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(name) for name in self.axes[1].names), default=0)
        left, height = min(widest, WIDEST_NAME) + 2 * GAP, metrics.height() + 2
        return QRectF(left, height, max(self.width() - left - GAP, 1), max(self.height() - 3 * height, 1))

    def cell(self, row: int, column: int) -> QRectF:
        """Where a cell is."""
        area = self._area()
        wide, high = area.width() / len(self.axes[0].names), area.height() / len(self.axes[1].names)
        return QRectF(area.left() + column * wide, area.top() + row * high, wide, high)

    def run_at(self, point: QPointF) -> int:
        area = self._area()
        if not area.contains(point):
            return NO_RUN
        columns, rows = self.axes
        column = min(int((point.x() - area.left()) / area.width() * len(columns.names)), len(columns.names) - 1)
        row = min(int((point.y() - area.top()) / area.height() * len(rows.names)), len(rows.names) - 1)
        here = np.flatnonzero((columns.numbers == column) & (rows.numbers == row))
        if not len(here):
            return NO_RUN
        return int(here[np.argmax(np.nan_to_num(self.values[here], nan=-1.0))])

    def describe(self, place: int) -> str:
        columns, rows = self.axes
        same = (columns.numbers == columns.numbers[place]) & (rows.numbers == rows.numbers[place])
        known = self.values[same & np.isfinite(self.values)]
        names = [f"{axis.label} {axis.names[axis.numbers[place]]}" for axis in self.axes]
        text = "no result yet" if not len(known) else f"{known.mean():.2%}"
        if len(known) > 1:
            text += f", the mean of {len(known)} runs from {known.min():.2%} to {known.max():.2%}"
        return escape(f"{', '.join(names)}: {text}")

    def paint_runs(self, painter: QPainter) -> None:
        columns, rows = self.axes
        means = self.means
        painter.drawImage(self._area(), self._image(means))
        cell, metrics = self.cell(0, 0), self.fontMetrics()
        if metrics.horizontalAdvance("98.8") + GAP < cell.width() and metrics.height() < cell.height():
            self._paint_values(painter, means)
        painter.setPen(self.border)
        painter.drawRect(self._area())
        self._paint_names(painter, columns.names, rows.names)
        self.paint_legend(painter, self.width() - GAP)

    def _image(self, means: NDArray[np.float64]) -> QImage:
        """A pixel for each cell, those without a result of the ground's colour."""
        image = QImage(means.shape[1], means.shape[0], QImage.Format.Format_RGB32)
        image.fill(self.base)
        known = np.isfinite(means)
        colours = self.colours(means[known], self.weakest)
        for (row, column), colour in zip(np.argwhere(known).tolist(), colours, strict=True):
            image.setPixelColor(column, row, colour)
        return image

    def _paint_values(self, painter: QPainter, means: NDArray[np.float64]) -> None:
        known = np.isfinite(means)
        best = means[known].max(initial=-1.0)
        colours = self.colours(means[known], self.weakest)
        for (row, column), colour in zip(np.argwhere(known).tolist(), colours, strict=True):
            font = self.font()
            font.setBold(bool(means[row, column] == best))
            painter.setFont(font)
            painter.setPen(self.ink_on(colour))
            text = f"{100 * means[row, column]:.1f}"
            painter.drawText(self.cell(row, column), Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(self.font())

    def _paint_names(self, painter: QPainter, columns: tuple[str, ...], rows: tuple[str, ...]) -> None:
        area, height = self._area(), self.fontMetrics().height()
        painter.setPen(self.muted)
        to_the_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        every = max(1, -(-len(rows) * height // max(int(area.height()), 1)))
        for row in range(0, len(rows), every):
            place = self.cell(row, 0)
            beside = QRectF(0, place.center().y() - height / 2, area.left() - GAP, height)
            painter.drawText(beside, to_the_right, self.elided(rows[row], beside.width()))
        widest = max(self.fontMetrics().horizontalAdvance(name) for name in columns) + 2 * GAP
        every = max(1, -(-len(columns) * min(widest, WIDEST_NAME) // max(int(area.width()), 1)))
        for column in range(0, len(columns), every):
            place = self.cell(0, column)
            wide = max(every * place.width(), place.width())
            below = QRectF(place.center().x() - wide / 2, area.bottom() + 1, wide, height)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.elided(columns[column], wide))
        painter.setPen(self.text)
        painter.drawText(QPointF(GAP, height - 3), f"{self.axes[1].label} \N{DOWNWARDS ARROW}")
        under = QRectF(area.left(), area.bottom() + height, area.width(), height + 2)
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, f"{self.axes[0].label} \N{RIGHTWARDS ARROW}")

    def paint_marked(self, painter: QPainter, place: int) -> None:
        painter.setPen(QPen(painter.pen().color(), 2))
        columns, rows = self.axes
        painter.drawRect(self.cell(int(rows.numbers[place]), int(columns.numbers[place])).adjusted(1, 1, -1, -1))
