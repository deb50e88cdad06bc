"""The loss of one digit over the run, at each step whose weights are kept: painted, and a way to those steps."""

import math
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from mnist_gui.inspection.digit_losses import DigitLosses
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.theme import LIGHT, Theme

ABOUT = (
    "The digit's loss at each moment whose weights are kept. Both axes are logarithmic: most is learned in the first "
    "steps. Filled dots: read rightly; rings: wrongly. Click to go to a moment in every panel; arrow keys go from one "
    "to the next."
)
NOTHING = "No weights of this run are kept yet."

# Smaller losses are as good as none, larger ones as bad as can be: both are drawn at the edge.
SMALLEST, LARGEST = 1e-5, 1e4
DOT = 2.5
MOST_DOTS = 80  # more would hide one another: then every so many has one, and each where right turns wrong or back
GAP = 4


class LossesTab(QWidget):
    """Text and plot."""

    def __init__(self) -> None:
        super().__init__()
        self._text = FixedHeightLabel("losses_text", 3)
        self.plot = DigitLossPlot()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._text)
        layout.addWidget(self.plot, 1)

    @property
    def text(self) -> str:
        """What is said of the losses."""
        return self._text.text()

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self.plot.show_theme(theme)

    def show_losses(self, losses: DigitLosses | None, names: tuple[str, ...] = ()) -> None:
        """The losses of a digit; None: no digit."""
        text = "" if losses is None else _describe(losses)
        self._text.setText(text)
        self._text.setToolTip(f"<p>{text}</p>" if text else "")
        self.plot.show_losses(losses, names)


class DigitLossPlot(QWidget):
    """The plot. step_chosen(step): the user clicked there, or went there by key."""

    step_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("digit_losses")
        self.setAccessibleName("Loss of the digit over the run")
        self.setToolTip(f"<p>{ABOUT}</p>")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(100, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._losses: DigitLosses | None = None
        self._names: tuple[str, ...] = ()
        self._shown_step: int | None = None
        self.show_theme(LIGHT)

    def sizeHint(self) -> QSize:
        return QSize(200, 140)

    @property
    def losses(self) -> DigitLosses | None:
        """What is shown."""
        return self._losses

    def show_theme(self, theme: Theme) -> None:
        self._base, self._muted, self._border = QColor(theme.base), QColor(theme.muted), QColor(theme.border)
        self._right, self._wrong, self._now = QColor(theme.train), QColor(theme.validation), QColor(theme.text)
        self.update()

    def show_losses(self, losses: DigitLosses | None, names: tuple[str, ...]) -> None:
        self._losses, self._names = losses, names
        self.update()

    def show_step(self, step: int | None) -> None:
        """Mark the step whose weights are shown."""
        if step != self._shown_step:
            self._shown_step = step
            self.update()

    def describe(self, place: int) -> str:
        """A step in words."""
        assert self._losses
        loss, predicted = float(self._losses.losses[place]), int(self._losses.predicted[place])
        step = f"Step {int(self._losses.steps[place]):,}"
        if not math.isfinite(loss):
            return f"{step}: no finite loss"
        read = self._names[predicted] if predicted < len(self._names) else str(predicted)
        return f"{step}: loss {loss:.4g}, taken for {read}"

    def x_of(self, step: float) -> float:
        """Where a step is, in pixels from the left."""
        area, low, high = self._area(), *self._span()
        return area.left() + area.width() * (math.log1p(step) - low) / max(high - low, 1e-9)

    def place_at(self, x: float) -> int | None:
        """The step nearest to a place."""
        if self._losses is None or not len(self._losses):
            return None
        places = [self.x_of(step) for step in self._losses.steps.tolist()]
        return int(np.abs(np.array(places) - x).argmin())

    def _area(self) -> QRectF:
        metrics = self.fontMetrics()
        left, bottom = metrics.horizontalAdvance("0.0001") + GAP, metrics.height() + 2
        top = metrics.height() / 2 + 1
        return QRectF(left, top, max(self.width() - left - 10.0, 1.0), max(self.height() - top - bottom, 1.0))

    def _span(self) -> tuple[float, float]:
        """Both ends of the x axis: log(1 + step)."""
        if self._losses is None or not len(self._losses):
            return 0.0, 1.0
        first, last = math.log1p(self._losses.steps[0]), math.log1p(self._losses.steps[-1])
        return first, max(last, first + 0.1)

    def _decades(self) -> tuple[int, int]:
        """Both ends of the y axis as powers of ten, around all losses."""
        losses = self._losses.losses if self._losses is not None else np.empty(0)
        finite = losses[np.isfinite(losses)]
        if not len(finite):
            return -1, 1
        low, high = (math.log10(min(max(float(end), SMALLEST), LARGEST)) for end in (finite.min(), finite.max()))
        return math.floor(low), max(math.ceil(high), math.floor(low) + 1)

    def _points(self) -> list[QPointF | None]:
        """Where the moments are drawn; None where a loss is no finite number."""
        if self._losses is None:
            return []
        area, (low, high) = self._area(), self._decades()
        points: list[QPointF | None] = []
        for step, loss in zip(self._losses.steps.tolist(), self._losses.losses.tolist(), strict=True):
            if not math.isfinite(loss):
                points.append(None)
                continue
            share = (math.log10(min(max(loss, SMALLEST), LARGEST)) - low) / (high - low)
            points.append(QPointF(self.x_of(step), area.bottom() - share * area.height()))
        return points

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self._area()
        painter.fillRect(area, self._base)
        if self._losses is not None and len(self._losses):
            self._paint_axes(painter, area)
            self._paint_shown_step(painter, area)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            points = self._points()
            self._paint_line(painter, points)
            self._paint_dots(painter, points)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._muted if self.hasFocus() else self._border, 1))
        painter.drawRect(area)

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        low, high = self._decades()
        height, room = self.fontMetrics().height(), area.left() - GAP
        every = max(1, math.ceil((high - low) * (height + 2) / area.height()))
        for power in range(low, high + 1, every):
            y = area.bottom() - (power - low) / (high - low) * area.height()
            painter.setPen(self._border)
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            painter.setPen(self._muted)
            beside = QRectF(0, y - height / 2, room, height)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{10.0**power:g}")
        self._paint_steps(painter, area)

    def _paint_steps(self, painter: QPainter, area: QRectF) -> None:
        """The steps 0, 1, 10, 100, ... and the last, where there is room."""
        assert self._losses
        first, last = int(self._losses.steps[0]), int(self._losses.steps[-1])
        metrics, taken = self.fontMetrics(), math.inf
        powers = [step for step in (0, *(10**power for power in range(9))) if first <= step < last]
        painter.setPen(self._muted)
        for step in (last, *reversed(powers)):
            text = f"step {step:,}" if step == last else f"{step:,}"
            width = metrics.horizontalAdvance(text)
            left = min(self.x_of(step) - width / 2, self.width() - width)
            if left + width + GAP <= taken:
                painter.drawText(QPointF(left, area.bottom() + 2 + metrics.ascent()), text)
                taken = left

    def _paint_shown_step(self, painter: QPainter, area: QRectF) -> None:
        low, high = self._span()
        if self._shown_step is not None and low <= math.log1p(max(self._shown_step, 0)) <= high:
            x = self.x_of(self._shown_step)
            painter.setPen(QPen(self._now, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(x, area.top(), x, area.bottom()))

    def _paint_line(self, painter: QPainter, points: list[QPointF | None]) -> None:
        painter.setPen(QPen(self._right, 1.2))
        for before, after in pairwise(points):
            if before is not None and after is not None:
                painter.drawLine(before, after)

    def _paint_dots(self, painter: QPainter, points: list[QPointF | None]) -> None:
        assert self._losses
        is_right = self._losses.is_right
        every = -(-len(points) // MOST_DOTS)
        for place, point in enumerate(points):
            has_turned = place > 0 and is_right[place] != is_right[place - 1]
            if point is None or (place % every and not has_turned and place != len(points) - 1):
                continue
            colour = self._right if is_right[place] else self._wrong
            painter.setPen(QPen(colour, 1.3))
            painter.setBrush(colour if is_right[place] else self._base)
            painter.drawEllipse(point, DOT, DOT)

    # The user

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._choose(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if self._losses is None or not len(self._losses) or key not in (*steps, Qt.Key.Key_Home, Qt.Key.Key_End):
            super().keyPressEvent(event)
            return
        last = len(self._losses) - 1
        now = last if self._shown_step is None else self._losses.nearest_to(self._shown_step)
        assert now is not None
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        self._choose(ends[key] if key in ends else max(0, min(now + steps[key], last)))

    def _choose(self, place: int) -> None:
        assert self._losses
        self.step_chosen.emit(int(self._losses.steps[place]))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(event.pos().x())
            text = "" if place is None else f"<p>{self.describe(place)}</p>"
            QToolTip.showText(event.globalPos(), text + self.toolTip(), self)
            return True
        return super().event(event)


def _describe(losses: DigitLosses) -> str:
    if not len(losses):
        return NOTHING
    if losses.first_right is None:
        return f"Never read rightly at any of {len(losses):,} kept moments."
    forgotten = losses.times_forgotten
    # "Forgotten" is said of ends of epochs, elsewhere; here are many more moments.
    times = {0: "never wrong again", 1: "once wrong again"}.get(forgotten, f"{forgotten:,} times wrong again")
    end = f"right since step {losses.right_since:,}" if losses.right_since is not None else "wrong in the end"
    return f"First read rightly at step {losses.first_right:,}, {times}, {end} ({len(losses):,} kept moments)."
