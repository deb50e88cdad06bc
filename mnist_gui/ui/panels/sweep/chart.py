"""What the charts of a sweep have in common: a picture of all runs, one marked, and telling which one is meant."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mnist_gui.inspection.sweep_axes import Axis, strengths, value_range
from mnist_gui.ui.widgets.theme import LIGHT, Theme

NO_RUN = -1
UP_TO = "\N{LESS-THAN OR EQUAL TO} "
GAP = 4
LEGEND_WIDTH = 60


class SweepChart(QWidget):
    """pointed(place): the pointer is at this run, NO_RUN: at none. chosen(place): clicked. used(place): double-clicked.

    A run's place is that in what is shown. Whoever derives from this paints all runs, marks one, and finds the one at a
    point.
    """

    pointed = Signal(int)
    chosen = Signal(int)
    used = Signal(int)

    def __init__(self, name: str, accessible_name: str, about: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self._about = about
        self.setToolTip(f"<p>{about}</p>")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 45)
        self.setMouseTracking(True)
        self.axes: tuple[Axis, ...] = ()
        self.values: NDArray[np.float64] = np.zeros(0)
        self.low, self.high = 0.0, 1.0
        self._describe: Callable[[int], str] = str
        self._marked, self._pointed = NO_RUN, NO_RUN
        self._picture: QPixmap | None = None
        self.show_theme(LIGHT)

    def sizeHint(self) -> QSize:
        return QSize(300, 160)

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self.base, self.border, self.muted = QColor(theme.base), QColor(theme.border), QColor(theme.muted)
        self.text, self.strong, self.mark_colour = QColor(theme.text), QColor(theme.train), QColor(theme.validation)
        self._redraw()

    def show_axes(self, axes: Sequence[Axis], describe: Callable[[int], str]) -> None:
        """Other runs, without results yet. describe: what one is and gave, in words."""
        self.axes, self._describe = tuple(axes), describe
        self._marked = self._pointed = NO_RUN
        self.show_values(np.full(len(axes[0].numbers) if axes else 0, np.nan))

    def show_values(self, values: NDArray[np.float64]) -> None:
        """The accuracies of the runs, 0..1, (N,); nan where there is none."""
        self.values = values
        self.low, self.high = self.span()
        is_known = bool(np.isfinite(values).any())
        self.setAccessibleDescription(f"Best: {self._describe(int(np.nanargmax(values)))}" if is_known else "")
        self._redraw()

    def span(self) -> tuple[float, float]:
        """The accuracies between which the chart tells runs apart."""
        return value_range(self.values)

    @property
    def ends(self) -> tuple[str, str]:
        """The accuracies between which runs are told apart, in words."""
        is_cut = bool((self.values < self.low).any())
        return f"{UP_TO if is_cut else ''}{self.low:.1%}", f"{self.high:.1%}"

    def mark(self, place: int) -> None:
        """Show which run is the chosen one; NO_RUN: none."""
        self._marked = place
        self.update()

    def hover(self, place: int) -> None:
        """Show where a run is that is pointed at elsewhere, without telling; NO_RUN: nowhere."""
        self._pointed = place
        self.update()

    def colours(self, values: NDArray[np.float64], weakest: float) -> list[QColor]:
        """For values that are no nan: from `weakest` of the strong colour to all of it."""
        shares = weakest + (1.0 - weakest) * strengths(values, self.low, self.high)
        ends = [np.array([colour.red(), colour.green(), colour.blue()]) for colour in (self.base, self.strong)]
        mixed = np.outer(1.0 - shares, ends[0]) + np.outer(shares, ends[1])
        return [QColor(*map(round, colour)) for colour in mixed.tolist()]

    def ink_on(self, colour: QColor) -> QColor:
        """What is readable on a colour."""
        ground = _luminance(colour)
        return max((self.base, self.text), key=lambda ink: abs(math.log((_luminance(ink) + 0.05) / (ground + 0.05))))

    # For those who derive

    def paint_runs(self, painter: QPainter) -> None:
        """All runs and axes."""
        raise NotImplementedError

    def paint_marked(self, painter: QPainter, place: int) -> None:
        """One run, with the painter's pen."""
        raise NotImplementedError

    def run_at(self, point: QPointF) -> int:
        """The run that is meant by a point; NO_RUN: none."""
        raise NotImplementedError

    def paint_legend(self, painter: QPainter, right: float) -> None:
        """What the colours mean, in the upper right corner."""
        height = self.fontMetrics().height()
        low, high = self.ends
        wide, narrow = self.fontMetrics().horizontalAdvance(high), self.fontMetrics().horizontalAdvance(low)
        bar = QRectF(right - wide - GAP - LEGEND_WIDTH, 3, LEGEND_WIDTH, height - 5)
        ends = self.colours(np.array([self.low, self.high]), self.weakest)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        gradient.setColorAt(0.0, ends[0])
        gradient.setColorAt(1.0, ends[1])
        painter.fillRect(bar, gradient)
        painter.setPen(self.muted)
        painter.drawText(QPointF(bar.right() + GAP, height - 3), high)
        painter.drawText(QPointF(bar.left() - GAP - narrow, height - 3), low)

    weakest = 0.15  # of the strong colour, for the worst

    def elided(self, text: str, width: float) -> str:
        """A text cut to this width."""
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(int(width), 0))

    # Events

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            ratio = self.devicePixelRatioF()
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(self.base)
            painter = QPainter(self._picture)
            painter.setFont(self.font())
            if len(self.values):
                self.paint_runs(painter)
            painter.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, colour in ((self._pointed, self.text), (self._marked, self.mark_colour)):
            if 0 <= place < len(self.values):
                painter.setPen(colour)
                self.paint_marked(painter, place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.run_at(event.position()) if len(self.values) else NO_RUN)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(NO_RUN)

    def _point(self, place: int) -> None:
        if place != self._pointed:
            self._pointed = place
            self.pointed.emit(place)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._emit_run(event, self.chosen.emit)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._emit_run(event, self.used.emit)

    def _emit_run(self, event: QMouseEvent, emit: Callable[[int], object]) -> None:
        place = self.run_at(event.position()) if len(self.values) else NO_RUN
        if event.button() is Qt.MouseButton.LeftButton and place != NO_RUN:
            emit(place)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = self.run_at(QPointF(event.pos())) if len(self.values) else NO_RUN
            text = self._about if place == NO_RUN else self.describe(place)
            QToolTip.showText(event.globalPos(), f"<p>{text}</p>", self)
            return True
        return super().event(event)

    def describe(self, place: int) -> str:
        """What a run is and gave."""
        return self._describe(place)


def _luminance(colour: QColor) -> float:
    """The relative luminance, 0..1, with which WCAG 2 defines contrast; its curve taken as a power of 2.2."""
    parts = zip((0.2126, 0.7152, 0.0722), (colour.redF(), colour.greenF(), colour.blueF()), strict=True)
    return float(sum(weight * part**2.2 for weight, part in parts))
