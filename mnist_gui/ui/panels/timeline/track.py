"""The timeline's slider: a groove over all steps of a run, with a tick for each moment whose weights are kept."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSlider, QToolTip, QWidget

from mnist_gui.ui.widgets.theme import LIGHT, Theme

MARGIN = 8
HANDLE = 6.0
HEIGHT = 26
MOST_UNITS = 2**30
NEAR = 4.0  # pixels from a tick within which its label is shown


class TimelineTrack(QSlider):
    """moved_to(step): the user has put the handle there."""

    moved_to = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("timeline")
        self.setAccessibleName("Moment of the run, in steps")
        self.setToolTip(
            "<p>Drag to look back: weights, histograms, curves and mistakes then show that moment, while training goes "
            "on. Each tick is a moment whose weights are kept, the star the best. Arrow keys go from tick to tick, "
            "End returns to the present.</p>"
        )
        self.setFixedHeight(HEIGHT)
        self._theme = LIGHT
        self._ticks: list[int] = []
        self._best: int | None = None
        self._reached = 0
        self._step = 0  # where the handle is
        self._unit = 1  # of the slider, in steps: Qt counts up to 2**31 only, and a run may be longer

    def show_steps(self, first: int, reached: int, planned: int, ticks: Sequence[int], best: int | None) -> None:
        """The run goes from step `first` to `planned` and has come to `reached`; ticks: ascending steps."""
        self._ticks, self._best, self._reached = list(ticks), best, reached
        self.blockSignals(True)  # the range is no doing of the user's
        last = max(planned, reached, first + 1)
        self._unit = max(1, math.ceil(last / MOST_UNITS))
        self.setRange(first // self._unit, math.ceil(last / self._unit))
        self.blockSignals(False)
        self.update()

    def show_theme(self, theme: Theme) -> None:
        """Paint in the colours of a theme."""
        self._theme = theme
        self.update()

    def put(self, step: int) -> None:
        """Put the handle somewhere without telling."""
        self._step = step
        self.blockSignals(True)
        self.setValue(step // self._unit)
        self.blockSignals(False)
        self.update()

    def x_of(self, step: float) -> float:
        """Where a step is, in pixels from the left."""
        length = max(1, self.maximum() - self.minimum())
        return MARGIN + (self.width() - 2 * MARGIN) * (step / self._unit - self.minimum()) / length

    def _step_at(self, x: float) -> int:
        length = self.maximum() - self.minimum()
        share = (x - MARGIN) / max(1, self.width() - 2 * MARGIN)
        step = (self.minimum() + round(share * length)) * self._unit
        return max(self.minimum() * self._unit, min(self._reached, step))

    def _choose(self, step: int) -> None:
        self.put(step)
        self.moved_to.emit(step)

    def _tick_at(self, x: float) -> int | None:
        """The tick nearest to a place, if it is near."""
        nearest = min(self._ticks, key=lambda tick: abs(self.x_of(tick) - x), default=None)
        return nearest if nearest is not None and abs(self.x_of(nearest) - x) <= NEAR else None

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            tick = self._tick_at(event.pos().x())
            if tick is not None:
                best = ", the best" if tick == self._best else ""
                QToolTip.showText(event.globalPos(), f"The weights of step {tick:,} are kept{best}", self)
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(self._step_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ticks, now = self._ticks, self._step
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down | Qt.Key.Key_PageDown if ticks:
                self._choose(ticks[max(0, bisect_left(ticks, now) - 1)])
            case Qt.Key.Key_Right | Qt.Key.Key_Up | Qt.Key.Key_PageUp if ticks:
                self._choose(ticks[min(len(ticks) - 1, bisect_right(ticks, now))])
            case Qt.Key.Key_Home if ticks:
                self._choose(ticks[0])
            case Qt.Key.Key_End:
                self._choose(self._reached)
            case _:
                event.ignore()  # Tab and shortcuts

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        ends = (self.minimum() * self._unit, self._reached, self.maximum() * self._unit)
        left, reached, right = (self.x_of(step) for step in ends)
        painter.fillRect(QRectF(left, middle - 1.5, right - left, 3.0), QColor(theme.border))
        painter.fillRect(QRectF(left, middle - 1.5, reached - left, 3.0), QColor(theme.highlight))
        painter.setPen(QColor(theme.muted))
        drawn = -2.0
        for tick in self._ticks:
            x = self.x_of(tick)
            if x - drawn >= 2.0:  # closer ones would make a solid bar
                painter.drawLine(QPointF(x, middle + 4.0), QPointF(x, middle + 8.0))
                drawn = x
        painter.setPen(Qt.PenStyle.NoPen)
        if self._best is not None:
            painter.setBrush(QColor(theme.validation))
            painter.drawPolygon(_star(QPointF(self.x_of(self._best), middle - 7.0), 5.0))
        if self.isEnabled():
            painter.setPen(QColor(theme.base))
            painter.setBrush(QColor(theme.text if self.hasFocus() else theme.highlight))
            painter.drawEllipse(QPointF(self.x_of(self._step), middle), HANDLE, HANDLE)


def _star(centre: QPointF, radius: float) -> QPolygonF:
    """A star of five points, its first upwards: unit vectors 36 degrees apart, every other one short."""
    outer = ((0.0, -1.0), (0.588, -0.809), (0.951, -0.309), (0.951, 0.309), (0.588, 0.809))
    half = [*outer, (0.0, 1.0)]
    around = [*half, *((-x, y) for x, y in reversed(outer[1:]))]
    lengths = (radius if corner % 2 == 0 else 0.4 * radius for corner in range(10))
    return QPolygonF([centre + QPointF(x, y) * length for (x, y), length in zip(around, lengths, strict=True)])
