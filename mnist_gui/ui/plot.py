"""One live plot of a quantity over the epochs. The values and their thinning are training.history's.

Drawing is kept cheap, since it shares the interpreter with the training thread: items are made once, ranges widen in
steps (a changed range redraws axes and texts, the dear part), and a plot redraws only when asked and only if changed.
"""

import math
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mnist_gui.training.history import WINDOW, History, Series
from mnist_gui.training.records import EpochDone, SettingChanged
from mnist_gui.ui.axis_ranges import accuracy_range, epoch_range, log_loss_range, loss_range, settled
from mnist_gui.ui.theme import LIGHT, Theme

MOST_POINTS = 700  # of a drawn curve, on however large a screen
AXIS_WIDTH = 54

# Changes of one setting within this share of the x axis become one mark: a dragged slider is one thought.
MARK_MERGE = 0.015

NOTHING_DRAWN = (-1, -1, -1, -1, -1)

# Below this, a loss is drawn on the lower edge of a logarithmic axis.
SMALLEST_LOSS = 1e-6


class Plot(QWidget):
    """One quantity over the epochs: raw minibatch values faint, their running mean, and the validation values."""

    def __init__(
        self,
        title: str,
        series_of: Callable[[History], Series],
        validation_of: Callable[[EpochDone], float],
        *,
        note_of: Callable[[History], str] = lambda history: "",
        percent: bool = False,
        can_be_log: bool = False,
    ) -> None:
        super().__init__()
        self._note_of = note_of
        self._title, self._series_of, self._validation_of = title, series_of, validation_of
        self._percent = percent
        self._is_log = False
        self._theme = LIGHT
        self._history = History()
        self._drawn = NOTHING_DRAWN
        self._ranges: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._validation_values: NDArray[np.float64] = np.empty(0)
        self._marks: list[pg.InfiniteLine] = []
        self.marks: list[str] = []  # their texts

        self._heading = QLabel()
        self._log_button = QCheckBox("log scale")
        self._log_button.setVisible(can_be_log)
        self._log_button.toggled.connect(self._on_log_button_toggled)

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
        layout.addLayout(self._make_header())
        layout.addWidget(self._plot, 1)
        self._hint = QLabel("Click Train, and the curves appear here.", self._plot)
        self._hint.setProperty("role", "muted")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._plot.installEventFilter(self)
        self.show_theme(LIGHT)

    def _make_header(self) -> QHBoxLayout:
        """Title, legend and newest values, and the choice of the axis."""
        self._heading.setObjectName(f"{self._title.lower()}_values")
        self._heading.setToolTip(
            f"Line: running mean of training minibatches, over a quarter of an epoch, at most {WINDOW}. Faint behind: "
            "the least and the greatest of single minibatches. Dashed: digits kept aside for validation, measured "
            "after each epoch."
        )
        self._log_button.setObjectName(f"log_{self._title.lower()}")
        self._log_button.setToolTip("Logarithmic axis: equal factors are equally high, so small losses stay readable.")
        header = QHBoxLayout()
        header.addWidget(self._heading, 1)
        header.addWidget(self._log_button)
        return header

    @property
    def drawn_minibatches(self) -> int:
        """How many minibatches the curves show."""
        return max(self._drawn[0], 0)

    def show_history(self, history: History) -> None:
        """Draw this history from now on."""
        self._history = history
        self._drawn = NOTHING_DRAWN
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
        faint.setAlpha(70)
        self._raw.setPen(pg.mkPen(faint, width=1))
        self._mean.setPen(pg.mkPen(theme.train, width=2))
        self._validation.setPen(pg.mkPen(theme.validation, width=2, style=Qt.PenStyle.DashLine))
        self._validation.setSymbolBrush(theme.validation)
        self._validation.setSymbolPen(theme.base)
        self._show_values()
        self._draw_marks()
        self._plot.viewport().update()

    def refresh(self) -> bool:
        """Draw what is new; whether anything was drawn."""
        history = self._history
        now = (len(history), len(history.epochs), history.planned_step, len(history.changes), len(history.starts))
        if now == self._drawn or self.visibleRegion().isEmpty():
            return False
        before, self._drawn = self._drawn, now
        self._hint.setVisible(now[:2] == (0, 0))
        if now[1] != before[1]:
            self._draw_validation()
        ranges_changed = self._draw_curves()
        if now[3:] != before[3:]:
            self._draw_marks()
        self._show_values()
        self._repaint(with_axes=ranges_changed or before == NOTHING_DRAWN)
        return True

    def _repaint(self, *, with_axes: bool) -> None:
        """Paint now, while the training thread gives way. The axes take most of the time, and seldom change."""
        viewport = self._plot.viewport()
        if with_axes:
            viewport.repaint()
        else:
            viewport.repaint(self._item.vb.sceneBoundingRect().toAlignedRect())

    def _draw_curves(self) -> bool:
        """Give the items their values; whether the ranges changed."""
        curve = self._history.thinned(self._series_of(self._history), self._most_points())
        x = curve.steps / self._steps_per_epoch()
        low, high, mean = (self._scaled(values) for values in (curve.low, curve.high, curve.mean))
        _draw(self._raw, np.repeat(x, 2), np.column_stack([low, high]).ravel())
        _draw(self._mean, x, mean)
        return self._fit(x, mean)

    def _most_points(self) -> int:
        """A point for every second pixel that the curve spans: more would only paint it over and over."""
        if self._ranges is None:
            return MOST_POINTS
        first, last = self._ranges[0]
        share = len(self._history) / self._steps_per_epoch() / (last - first)
        return max(50, min(MOST_POINTS, int(share * self._item.vb.width() / 2)))

    def _draw_validation(self) -> None:
        epochs = self._history.epochs
        at = np.array([epoch.step for epoch in epochs], float) / self._steps_per_epoch()
        self._validation_values = self._scaled(np.array([self._validation_of(epoch) for epoch in epochs], float))
        is_measured = np.isfinite(self._validation_values)
        self._validation.setData(at[is_measured], self._validation_values[is_measured])

    def _fit(self, x: NDArray[np.float64], means: NDArray[np.float64]) -> bool:
        """Set both ranges if they must change; whether they did."""
        per_epoch = self._steps_per_epoch()
        first, planned = self._history.first_step / per_epoch, self._history.planned_step / per_epoch
        values = settled(means, self._validation_values)
        wanted = (epoch_range(first, float(x[-1]) if len(x) else first, planned), self._value_range(values))
        if wanted == self._ranges:
            return False
        self._ranges = wanted
        self._item.setRange(xRange=wanted[0], yRange=wanted[1], padding=0)
        return True

    def _value_range(self, values: NDArray[np.float64]) -> tuple[float, float]:
        if self._percent:
            return accuracy_range(values)
        return log_loss_range(values) if self._is_log else loss_range(values)

    def _draw_marks(self) -> None:
        """A labelled vertical line for each change of a setting and each new schedule."""
        for mark in self._marks:
            self._item.removeItem(mark)
        self._marks, self.marks = [], []
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
                "position": 0.93 - 0.08 * (len(self.marks) % 3),  # neighbours at different heights
                "color": self._theme.text,
                "fill": self._theme.alternate,
                "anchors": [(0, 0.5)] * 2,
            },
        )
        line.setZValue(-1)
        self._marks.append(line)
        self.marks.append(text)
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
            f"<span style='color:{self._theme.validation}'>{dot}</span> validation {validation} &nbsp;&nbsp; "
            f"{self._note_of(self._history)}"
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
        # Drawn when refresh says so and when the window system asks, not at each change of an item.
        self._plot.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self._plot.setAccessibleName(f"{self._title} over the epochs")
        self._item.layout.setContentsMargins(0, 8, 12, 0)  # the last label of an axis reaches beyond it
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.setMouseEnabled(x=False, y=False)
        self._item.disableAutoRange()
        left, bottom = self._item.getAxis("left"), self._item.getAxis("bottom")
        left.setWidth(AXIS_WIDTH)
        left.enableAutoSIPrefix(False)
        bottom.enableAutoSIPrefix(False)
        if self._percent:
            left.setScale(100.0)
            self._item.setLabel("left", "%")
            self._item.setLabel("bottom", "epoch")

    @Slot(bool)
    def _on_log_button_toggled(self, checked: bool) -> None:
        self._is_log = checked
        self._item.getAxis("left").setLogMode(False, checked)
        self._drawn = NOTHING_DRAWN
        self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._hint.setGeometry(self._plot.rect())
        return super().eventFilter(watched, event)


def _draw(item: pg.PlotCurveItem, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Set a curve's data. Gaps cost drawing time, so they are looked for only where there are any."""
    has_gaps = not np.isfinite(y).all()
    item.setData(x, y, connect="finite" if has_gaps else "all", skipFiniteCheck=not has_gaps)


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
