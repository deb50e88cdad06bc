"""Live loss and accuracy. The values and their thinning are training.history's; here they become lines.

Drawing is kept cheap, since it shares the interpreter with the training thread: items are made once, ranges widen in
steps (a changed range redraws axes and texts, the dear part), and a plot redraws only when asked and only if changed.
"""

import math
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from mnist_gui.training.history import WINDOW, History, Series
from mnist_gui.training.records import EpochDone, SettingChanged
from mnist_gui.ui.theme import LIGHT, Theme

MOST_POINTS = 500  # of a drawn curve; at least one for every second pixel of a usual plot
AXIS_WIDTH = 54

# Changes of one setting within this share of the x axis become one mark: a dragged slider is one thought.
MARK_MERGE = 0.015

# Below this, a loss is drawn on the lower edge of a logarithmic axis.
SMALLEST_LOSS = 1e-6


class CurvesView(QWidget):
    """Two plots over the same epochs: loss and accuracy, of training minibatches and of validation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curves")
        self.loss = Plot("Loss", lambda history: history.losses, lambda epoch: epoch.validation_loss, can_be_log=True)
        self.accuracy = Plot(
            "Accuracy",
            lambda history: history.accuracies,
            lambda epoch: epoch.validation_accuracy,
            percent=True,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(2)
        layout.addWidget(self.loss, 1)
        layout.addWidget(self.accuracy, 1)

    @property
    def plots(self) -> tuple["Plot", "Plot"]:
        """Both plots, top first."""
        return self.loss, self.accuracy

    def show_history(self, history: History) -> None:
        """Draw this history from now on."""
        for plot in self.plots:
            plot.show_history(history)

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        for plot in self.plots:
            plot.show_theme(theme)


class Plot(QWidget):
    """One quantity over the epochs: raw minibatch values faint, their running mean, and the validation values."""

    def __init__(
        self,
        title: str,
        series_of: Callable[[History], Series],
        validation_of: Callable[[EpochDone], float],
        *,
        percent: bool = False,
        can_be_log: bool = False,
    ) -> None:
        super().__init__()
        self._title, self._series_of, self._validation_of = title, series_of, validation_of
        self._percent = percent
        self._is_log = False
        self._theme = LIGHT
        self._history = History()
        self._drawn = (-1, -1, -1, -1)
        self._marks: list[pg.InfiniteLine] = []

        self._heading = QLabel()
        self._heading.setObjectName(f"{title.lower()}_values")
        self._heading.setToolTip(
            f"Line: running mean of {WINDOW} training minibatches. Faint behind it: the least and the greatest of "
            "single minibatches. Dashed: digits kept aside for validation, measured after each epoch."
        )
        self._log_button = QToolButton()
        self._log_button.setObjectName(f"log_{title.lower()}")
        self._log_button.setText("log")
        self._log_button.setCheckable(True)
        self._log_button.setAutoRaise(True)
        self._log_button.setToolTip("Logarithmic axis: equal factors are equally high, so small losses stay readable.")
        self._log_button.setVisible(can_be_log)
        self._log_button.toggled.connect(self._on_log_button_toggled)
        header = QHBoxLayout()
        header.addWidget(self._heading)
        header.addStretch(1)
        header.addWidget(self._log_button)

        self._plot = pg.PlotWidget()
        self._item = self._plot.getPlotItem()
        self._set_up_plot()
        # Drawn in this order: faint raw values behind, validation in front.
        self._raw = pg.PlotCurveItem(skipFiniteCheck=True)
        self._mean = pg.PlotCurveItem(skipFiniteCheck=True)
        self._validation = pg.PlotDataItem(symbol="o", symbolSize=5)
        for item in (self._raw, self._mean, self._validation):
            self._item.addItem(item)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self._plot, 1)
        self._hint = QLabel("Click Train, and the curves appear here.", self._plot)
        self._hint.setProperty("role", "muted")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._plot.installEventFilter(self)
        self.show_theme(LIGHT)

    def show_history(self, history: History) -> None:
        """Draw this history from now on."""
        self._history = history
        self._drawn = (-1, -1, -1, -1)
        self.refresh()

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._plot.setBackground(theme.base)
        for name in ("left", "bottom"):
            axis = self._item.getAxis(name)
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)
        faint = pg.mkColor(theme.train)
        faint.setAlpha(80)
        self._raw.setPen(pg.mkPen(faint, width=1))
        self._mean.setPen(pg.mkPen(theme.train, width=2))
        self._validation.setPen(pg.mkPen(theme.validation, width=2, style=Qt.PenStyle.DashLine))
        self._validation.setSymbolBrush(theme.validation)
        self._validation.setSymbolPen(theme.base)
        self._show_values()
        self._draw_marks()

    def refresh(self) -> bool:
        """Draw what is new; whether anything was drawn."""
        history = self._history
        now = (len(history), len(history.epochs), len(history.changes), len(history.starts))
        if now == self._drawn or self.visibleRegion().isEmpty():
            return False
        marks_changed = now[2:] != self._drawn[2:]
        self._drawn = now
        self._hint.setVisible(now[:2] == (0, 0))
        self._draw_curves()
        if marks_changed:
            self._draw_marks()
        self._show_values()
        return True

    def _draw_curves(self) -> None:
        curve = self._history.thinned(self._series_of(self._history), MOST_POINTS)
        x = curve.steps / self._steps_per_epoch()
        low, high, mean = (self._scaled(values) for values in (curve.low, curve.high, curve.mean))
        _draw(self._raw, np.repeat(x, 2), np.column_stack([low, high]).ravel())
        _draw(self._mean, x, mean)
        epochs = self._history.epochs
        at = np.array([epoch.step for epoch in epochs], float) / self._steps_per_epoch()
        validation = self._scaled(np.array([self._validation_of(epoch) for epoch in epochs], float))
        self._validation.setData(at, validation)
        self._fit(x, mean, validation)

    def _fit(self, x: NDArray[np.float64], mean: NDArray[np.float64], validation: NDArray[np.float64]) -> None:
        """Set both ranges, in steps: only now and then does one really change."""
        starts = self._history.starts
        if starts:
            first, planned = (step / self._steps_per_epoch() for step in (starts[0].step, starts[-1].last_step))
        else:
            first, planned = self._history.first_step / self._steps_per_epoch(), 0.0
        shown = _nice_end((x[-1] if len(x) else first) - first, planned - first)
        self._set_range(self._item.vb.state["viewRange"][0], (first, first + shown), self._item.setXRange)
        # What the first tenth did, such as the fall from the first loss, must not flatten all that comes later.
        settled = mean[len(mean) // 10 :]
        values = np.concatenate([settled, validation])
        values = values[np.isfinite(values)]
        self._set_range(self._item.vb.state["viewRange"][1], self._value_range(values), self._item.setYRange)

    def _value_range(self, values: NDArray[np.float64]) -> tuple[float, float]:
        if self._percent:
            lowest = float(values.min()) if len(values) else 0.0
            floors = (0.98, 0.95, 0.9, 0.8, 0.5, 0.0)
            floor = next((floor for floor in floors if lowest > floor + 0.05 * (1 - floor)), 0.0)
            return floor, 1.0 + 0.02 * (1.0 - floor)
        if self._is_log:
            top = math.ceil(float(values.max()) * 2 + 0.2) / 2 if len(values) else 0.5
            bottom = math.floor(float(values.min()) * 2 - 0.2) / 2 if len(values) else -2.0
            return bottom, top
        return 0.0, _nice_ceiling(float(values.max()) * 1.15) if len(values) else 2.5

    def _set_range(self, current: list[float], wanted: tuple[float, float], set_range: Callable[..., None]) -> None:
        if not np.allclose(current, wanted, rtol=0, atol=1e-9):
            set_range(*wanted, padding=0)

    def _draw_marks(self) -> None:
        """A labelled vertical line for each change of a setting and each new schedule."""
        for mark in self._marks:
            self._item.removeItem(mark)
        self._marks = []
        per_epoch = self._steps_per_epoch()
        for start in self._history.starts[1:]:
            self._add_mark(start.step / per_epoch, "train more")
        for step, text in _merged(self._history.changes, MARK_MERGE * max(self._history.last_step, per_epoch)):
            self._add_mark(step / per_epoch, text)

    def _add_mark(self, x: float, text: str) -> None:
        line = pg.InfiniteLine(
            x,
            pen=pg.mkPen(self._theme.mark, style=Qt.PenStyle.DotLine),
            label=text,
            labelOpts={
                "position": 0.93,
                "color": self._theme.text,
                "fill": self._theme.alternate,
                "anchors": [(0, 0.5)] * 2,
            },
        )
        line.setZValue(-1)
        self._marks.append(line)
        self._item.addItem(line, ignoreBounds=True)

    def _show_values(self) -> None:
        """The heading: title, legend and newest values in one line."""
        measured = [value for value in map(self._validation_of, self._history.epochs) if not math.isnan(value)]
        training = self._format(self._series_of(self._history).last_mean)
        validation = self._format(measured[-1] if measured else math.nan)
        line, dot = "\N{BOX DRAWINGS HEAVY HORIZONTAL}", "\N{BLACK CIRCLE}"
        self._heading.setText(
            f"<b>{self._title}</b> &nbsp;&nbsp; "
            f"<span style='color:{self._theme.train}'>{line}</span> training {training} &nbsp;&nbsp; "
            f"<span style='color:{self._theme.validation}'>{dot}</span> validation {validation}"
        )

    def _format(self, value: float) -> str:
        if math.isnan(value):
            return ""
        return f"<b>{value:.2%}</b>" if self._percent else f"<b>{value:.4f}</b>"

    def _scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.log10(np.maximum(values, SMALLEST_LOSS)) if self._is_log else values

    def _steps_per_epoch(self) -> int:
        return self._history.starts[-1].steps_per_epoch if self._history.starts else 1

    def _set_up_plot(self) -> None:
        self._plot.setObjectName(self._title.lower())
        self._plot.setAccessibleName(f"{self._title} over the epochs")
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.setMouseEnabled(x=False, y=False)
        self._item.disableAutoRange()
        self._item.showGrid(x=True, y=True, alpha=0.15)
        left, bottom = self._item.getAxis("left"), self._item.getAxis("bottom")
        left.setWidth(AXIS_WIDTH)
        left.enableAutoSIPrefix(False)
        bottom.enableAutoSIPrefix(False)
        if self._percent:
            left.setScale(100.0)
            self._item.setLabel("left", "%")
            self._item.setLabel("bottom", "epoch")
        self._item.setXRange(0, 1, padding=0)
        self._item.setYRange(*self._value_range(np.empty(0)), padding=0)

    @Slot(bool)
    def _on_log_button_toggled(self, checked: bool) -> None:
        self._is_log = checked
        self._item.getAxis("left").setLogMode(False, checked)
        self._drawn = (-1, -1, -1, -1)
        self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._hint.setGeometry(self._plot.rect())
        return super().eventFilter(watched, event)


def _draw(item: pg.PlotCurveItem, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Set a curve's data. Gaps cost drawing time, so they are looked for only where there are any."""
    has_gaps = not np.isfinite(y).all()
    item.setData(x, y, connect="finite" if has_gaps else "all", skipFiniteCheck=not has_gaps)


def _nice_end(reached: float, planned: float) -> float:
    """How much of the x axis to show: all that is planned, unless that would leave the curve a sliver."""
    if planned <= 0:
        return max(reached, 1.0)
    end = planned
    while end > 20 and end / 2 >= reached * 1.1:
        end /= 2
    return max(end, reached)


def _nice_ceiling(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 times a power of ten at or above a value."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(nice * power for nice in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0) if nice * power >= value * (1 - 1e-9))


def _merged(changes: list[SettingChanged], nearness: float) -> list[tuple[int, str]]:
    """Changes as (step, text); a row of changes of the same setting, each soon after the one before, becomes one."""
    marks: list[tuple[int, str, float, float]] = []
    last_step = -math.inf
    for change in changes:
        name = change.key.split(".")[1].replace("_", " ")
        if marks and marks[-1][1] == name and change.step - last_step <= nearness:
            step, _, old, _ = marks[-1]
            marks[-1] = (step, name, old, change.new)
        else:
            marks.append((change.step, name, change.old, change.new))
        last_step = change.step
    return [(step, f"{name} {old:.4g} \N{RIGHTWARDS ARROW} {new:.4g}") for step, name, old, new in marks]
