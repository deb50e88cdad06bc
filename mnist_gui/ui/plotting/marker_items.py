"""Lines, shades and labels in a plot: one item for all of them, since each item costs time in every frame."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from mnist_gui.ui.plotting.event_markers import EventMarker
from mnist_gui.ui.widgets.theme import LIGHT, Theme

BASE_TEXT = "knows only how frequent each class is"

ROWS = 3  # of labels
PADDING = 4.0  # pixels around a label's text
SHADE = 36  # of 255: a stretch may be the whole plot
FAR = 1e6  # pixels; no line is drawn further away

# However many marks are in sight, labels are tried for so many: more would not fit into ROWS.
MOST_LABELS = 60

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where all is, in pixels, in an area of a view."""

    transform: QTransform
    area: QRectF
    shades: list[QRectF]
    lines: list[QLineF]
    texts: list[tuple[QRectF, str]]


class MarkerItems(pg.UIGraphicsItem):
    """Vertical marks, each with its label where there is room for it, and a horizontal line at the base-rate loss.

    All is laid out in pixels while it is painted, so that it is right in every size and range.
    """

    def __init__(self, *, labels_below: bool) -> None:
        super().__init__()
        self.marks: list[EventMarker] = []
        self.base_rate = math.nan
        self._labels_below = labels_below  # at the lower edge, where rising curves leave room
        self._theme = LIGHT
        self._layout: _Layout | None = None

    def show_marks(self, marks: list[EventMarker], base_rate: float) -> None:
        """Draw these, and a line at this height of the y axis; nan for none."""
        self.marks, self.base_rate = marks, base_rate
        self._layout = None
        self.update()

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        transform, metrics = painter.transform(), QFontMetricsF(painter.font())
        area = transform.mapRect(self.viewRect())
        layout = self._layout
        if layout is None or layout.transform != transform or layout.area != area:
            layout = self._layout = self._lay_out(transform, area, metrics)
        shade = QColor(self._theme.error)
        shade.setAlpha(SHADE)
        painter.save()
        painter.resetTransform()
        for stretch in layout.shades:
            painter.fillRect(stretch, shade)
        painter.setPen(pg.mkPen(self._theme.mark, style=Qt.PenStyle.DotLine))
        painter.drawLines(layout.lines)
        painter.setPen(QColor(self._theme.text))
        for box, text in layout.texts:
            painter.fillRect(box, QColor(self._theme.alternate))
            painter.drawText(QPointF(box.left() + PADDING, box.top() + 1.0 + metrics.ascent()), text)
        painter.restore()

    def _lay_out(self, transform: QTransform, area: QRectF, metrics: QFontMetricsF) -> _Layout:
        seen = self._in_sight(transform, area)
        shades = [
            QRectF(left, area.top(), max(right - left, 1.0), area.height())
            for left, right, mark in seen
            if mark.until is not None
        ]
        places = sorted({round(left) for left, _, mark in seen if mark.until is None})
        lines = [QLineF(x + 0.5, area.top(), x + 0.5, area.bottom()) for x in places]
        texts = []
        base_rate = self.base_rate * transform.m22() + transform.dy()
        if area.top() <= base_rate <= area.bottom():  # not if there is none
            lines.append(QLineF(area.left(), round(base_rate) + 0.5, area.right(), round(base_rate) + 0.5))
            texts.append((self._base_box(base_rate, area, metrics), BASE_TEXT))
        labels = [(max(left, area.left()), mark) for left, _, mark in seen]
        texts += self._labels(labels, area, texts[0][0] if texts else QRectF(), metrics)
        return _Layout(transform, area, shades, lines, texts)

    def _in_sight(self, transform: QTransform, area: QRectF) -> list[tuple[float, float, EventMarker]]:
        """The marks in sight with their left and right ends in pixels."""
        ends = np.array([(mark.x, mark.x if mark.until is None else mark.until) for mark in self.marks]).reshape(-1, 2)
        pixels = np.clip(ends * transform.m11() + transform.dx(), -FAR, FAR)
        seen = np.flatnonzero((pixels[:, 1] >= area.left()) & (pixels[:, 0] <= area.right()))
        return [(float(pixels[i, 0]), float(pixels[i, 1]), self.marks[i]) for i in seen]

    def _base_box(self, y: float, area: QRectF, metrics: QFontMetricsF) -> QRectF:
        """Above the line, near its left end."""
        width, height = metrics.horizontalAdvance(BASE_TEXT) + 2 * PADDING, metrics.height() + 2.0
        return QRectF(area.left() + 4 * PADDING, max(y - height - 2.0, area.top()), width, height)

    def _labels(
        self, marks: Sequence[tuple[float, EventMarker]], area: QRectF, obstacle: QRectF, metrics: QFontMetricsF
    ) -> list[tuple[QRectF, str]]:
        """Those that fit, in rows from the edge inwards, of low rank first."""
        ranked = sorted(marks, key=lambda each: each[1].rank)[:MOST_LABELS]
        widths = [metrics.horizontalAdvance(mark.text) + 2 * PADDING for _, mark in ranked]
        height = metrics.height() + 2.0
        offsets = [PADDING + row * (height + 2.0) for row in range(ROWS)]
        offsets = [each for each in offsets if each + height <= area.height() / 2]
        tops = [area.bottom() - each - height if self._labels_below else area.top() + each for each in offsets]
        is_taken = [top <= obstacle.bottom() and obstacle.top() <= top + height for top in tops]
        rows = [[(obstacle.left(), obstacle.right())] if each else [] for each in is_taken]
        fitting = labels_with_room([x for x, _ in ranked], widths, (area.left(), area.right()), rows)
        return [(QRectF(left, tops[row], widths[i], height), ranked[i][1].text) for i, row, left in fitting]


def labels_with_room(
    places: Sequence[float], widths: Sequence[float], area: Interval, rows: Sequence[list[Interval]]
) -> list[tuple[int, int, float]]:
    """The labels that fit, as (index, row, left edge): each beside its place, none over another, the first ones first.

    To the right of their place, or to the left of it where they would stick out of the area from left to right.
    rows: what is taken of each row; taken places are added.
    """
    fitting: list[tuple[int, int, float]] = []
    for index, (x, width) in enumerate(zip(places, widths, strict=True)):
        start = x + 1.0 if x + 1.0 + width <= area[1] else x - width
        if start < area[0]:
            continue
        for row, taken in enumerate(rows):
            if all(start + width + PADDING <= left or right + PADDING <= start for left, right in taken):
                taken.append((start, start + width))
                fitting.append((index, row, start))
                break
    return fitting
