"""One live plot of a quantity over the epochs. The values and their thinning are training.history's.

Drawing is kept cheap, since it shares the interpreter with the training thread: items are made once, ranges widen in
steps (a changed range redraws axes and texts, the dear part), and a plot redraws only when asked and only if changed.
"""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone
from mnist_gui.ui.axis_ranges import accuracy_range, log_loss_range, loss_range, settled
from mnist_gui.ui.cursor import Cursor, VerticalLine
from mnist_gui.ui.ghosts import Ghost, GhostCurves
from mnist_gui.ui.plot_heading import PlotHeading, Quantity
from mnist_gui.ui.plot_marks import PlotMarks
from mnist_gui.ui.theme import LIGHT, Theme
from mnist_gui.ui.x_axis import LABELS, Unit, place, places, step_at, steps_between, x_range

MOST_POINTS = 700  # of a drawn curve, on however large a screen
MOST_POINTS_ZOOMED = 1000
MOST_EPOCHS = 1000  # whose validation is drawn
MOST_SYMBOLS = 100  # more would be a caterpillar, and are dear
AXIS_WIDTH = 54

NOTHING_DRAWN = (-1,) * 8

# Below this, a loss is drawn on the lower edge of a logarithmic axis.
SMALLEST_LOSS = 1e-6


class Plot(QWidget):
    """One quantity over the run: raw minibatch values faint, their running mean, and the validation values.

    zoomed(x_range): a person has put the ranges elsewhere; None: and wants them back. pointed_at(step): the mouse is
    over this step, None: over none. clicked_at(step): it was clicked there.
    """

    zoomed = Signal(object)
    pointed_at = Signal(object)
    clicked_at = Signal(int)

    def __init__(self, quantity: Quantity, *, can_be_log: bool = False) -> None:
        super().__init__()
        self._quantity = quantity
        self._is_log = False
        self._theme = LIGHT
        self._history = History()
        self._drawn = NOTHING_DRAWN
        self._ranges: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._unit: Unit = "epoch"
        self._follows = True
        self._moment: int | None = None  # under the mouse
        self._pinned: int | None = None  # looked back at
        self._ghosts: Sequence[Ghost] = ()
        self._validation_values: NDArray[np.float64] = np.empty(0)  # those that are drawn, on the y axis

        self._heading = PlotHeading(quantity)
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

        self._marks = PlotMarks(self._item)
        self._cursor = Cursor(self._plot)
        self._cursor.moved.connect(self._on_cursor_moved)
        self._cursor.clicked.connect(self._on_cursor_clicked)
        self._pointer, self._pin = VerticalLine(self._plot), VerticalLine(self._plot, 2)
        self._ghost_curves = GhostCurves(self._item, quantity)
        self._item.vb.sigRangeChangedManually.connect(self._on_view_range_changed_manually)

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
        self._log_button.setObjectName(f"log_{self._quantity.title.lower()}")
        self._log_button.setToolTip("Logarithmic axis: equal factors are equally high, so small losses stay readable.")
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.header.addWidget(self._heading, 1)
        self.header.addWidget(self._log_button)
        return self.header

    @property
    def marks(self) -> list[str]:
        """The texts of the vertical marks."""
        return self._marks.texts

    @property
    def heading(self) -> str:
        """The line above, as a person reads it."""
        return self._heading.as_read

    @property
    def drawn_minibatches(self) -> int:
        """How many minibatches the curves show."""
        return max(self._drawn[0], 0)

    def show_history(self, history: History) -> None:
        """Draw this history from now on."""
        self._history = history
        self._drawn = NOTHING_DRAWN
        self.refresh()

    def show_unit(self, unit: Unit) -> None:
        """Count the x axis in this unit from now on."""
        self._unit = unit
        self._plot.setAccessibleName(f"{self._quantity.title} over {LABELS[unit]}")
        if self._quantity.is_share:
            self._item.setLabel("bottom", LABELS[unit])
        self._draw_anew()

    def follow(self, follows: bool) -> None:
        """Whether the ranges go along with the run, or stay where a person has put them."""
        self._follows = follows
        if follows:
            self._ranges = None
            self._draw_anew()

    def show_x_range(self, x_range: tuple[float, float]) -> None:
        """Show this much of the x axis, as the plot beside does."""
        self._item.setXRange(*x_range, padding=0)
        self._plot.viewport().update()

    def show_moment(self, step: int | None) -> None:
        """Read the values of this step in the heading, with a line at its place; None: of no step, no line."""
        self._moment = step
        self._pointer.show_at(None if step is None else self._place(step), self._theme.mark)
        self._show_values()

    def pin(self, step: int | None) -> None:
        """The same for as long as no other step is pointed at: the moment that is looked back at."""
        self._pinned = step
        self._pin.show_at(None if step is None else self._place(step), self._theme.highlight)
        self._show_values()

    def show_ghosts(self, ghosts: Sequence[Ghost]) -> None:
        """Draw these behind the curves."""
        self._ghosts = ghosts
        self._draw_anew()

    def step_at(self, x: float) -> int | None:
        """The step nearest to a place on the x axis."""
        return step_at(self._history, self._unit, x)

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
        self._draw_validation()
        self._plot.viewport().update()

    def refresh(self) -> bool:
        """Draw what is new; whether anything was drawn."""
        history = self._history
        now = (
            *(len(history), len(history.epochs), history.planned_step),
            *(len(history.changes), len(history.starts), len(history.pauses), len(history.gaps), history.ended is None),
        )
        if now == self._drawn or self.visibleRegion().isEmpty():
            return False
        before, self._drawn = self._drawn, now
        self._hint.setVisible(now[:2] == (0, 0) and not self._ghosts)
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
        history = self._history
        first, last = (None, None) if self._follows else self._steps_in_sight()
        most = self._most_points() if self._follows else MOST_POINTS_ZOOMED
        curve = history.thinned(self._quantity.series_of(history), most, first, last)
        x = places(history, self._unit, curve.steps)
        low, high, mean = (self._scaled(values) for values in (curve.low, curve.high, curve.mean))
        _draw(self._raw, np.repeat(x, 2), np.column_stack([low, high]).ravel())
        _draw(self._mean, x, mean)
        return self._fit(mean)

    def _most_points(self) -> int:
        """A point for every second pixel that the curve spans: more would only paint it over and over."""
        if self._ranges is None:
            return MOST_POINTS
        first, last = self._ranges[0]
        share = (self._place(self._history.last_step) - self._place(self._history.first_step)) / (last - first)
        return max(50, min(MOST_POINTS, int(share * self._item.vb.width() / 2)))

    def _steps_in_sight(self) -> tuple[int, int]:
        """Where a person has zoomed to, and a little more on both sides."""
        (left, right), _ = self._item.vb.viewRange()
        margin = (right - left) / 10
        return steps_between(self._history, self._unit, left - margin, right + margin)

    def _draw_validation(self) -> None:
        history = self._history
        epochs = _thinned(history.epochs)
        at = places(history, self._unit, np.array([epoch.step for epoch in epochs], float))
        self._validation_values = self._scaled(
            np.array([self._quantity.validation_of(epoch) for epoch in epochs], float)
        )
        is_measured = np.isfinite(self._validation_values)
        self._validation.setSymbol("o" if len(epochs) <= MOST_SYMBOLS else None)
        self._validation.setData(at[is_measured], self._validation_values[is_measured])
        best = history.best_epoch
        height = float(self._scaled(np.array([self._quantity.validation_of(best)]))[0]) if best else math.nan
        self._marks.draw_best(best, self._place, height, self._theme)

    def _fit(self, means: NDArray[np.float64]) -> bool:
        """Set both ranges if they must change; whether they did."""
        values = np.concatenate([settled(means, self._validation_values), self._settled_ghosts()])
        wanted = (self._x_range(), self._value_range(values))
        if wanted == self._ranges or not self._follows:
            return False
        self._ranges = wanted
        self._item.setRange(xRange=wanted[0], yRange=wanted[1], padding=0)
        return True

    def _settled_ghosts(self) -> NDArray[np.float64]:
        values = self._ghost_curves.values
        return values[np.isfinite(values)]

    def _x_range(self) -> tuple[float, float]:
        """As the run needs it; before there is one, as the ghosts do."""
        if not self._history.starts and self._ghosts:
            return 0.0, max(self._ghost_curves.length, 1e-6)
        return x_range(self._history, self._unit)

    def _value_range(self, values: NDArray[np.float64]) -> tuple[float, float]:
        if self._quantity.is_share:
            return accuracy_range(values)
        return log_loss_range(values) if self._is_log else loss_range(values)

    def _draw_marks(self) -> None:
        self._marks.draw(self._history, self._place, self._theme, self._base_rate())

    def _base_rate(self) -> float:
        """The base-rate loss on the y axis; nan where it is not known or this is no plot of losses."""
        if self._quantity.is_share or not self._history.starts:
            return math.nan
        return float(self._scaled(np.array([self._history.starts[-1].base_rate_loss]))[0])

    def _place(self, step: float) -> float:
        return place(self._history, self._unit, step)

    def _show_values(self) -> None:
        self._heading.show_values(self._history, self._pinned if self._moment is None else self._moment, self._theme)

    def _scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.log10(np.maximum(values, SMALLEST_LOSS)) if self._is_log else values

    def _set_up_plot(self) -> None:
        self._plot.setObjectName(self._quantity.title.lower())
        # Drawn when refresh says so and when the window system asks, not at each change of an item.
        self._plot.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self._plot.setAccessibleName(f"{self._quantity.title} over {LABELS[self._unit]}")
        self._item.layout.setContentsMargins(0, 8, 12, 0)  # the last label of an axis reaches beyond it
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.disableAutoRange()
        left, bottom = self._item.getAxis("left"), self._item.getAxis("bottom")
        left.setWidth(AXIS_WIDTH)
        left.enableAutoSIPrefix(False)
        bottom.enableAutoSIPrefix(False)
        if self._quantity.is_share:
            left.setScale(100.0)
            self._item.setLabel("left", "%")
            self._item.setLabel("bottom", LABELS[self._unit])

    @Slot(bool)
    def _on_log_button_toggled(self, checked: bool) -> None:
        self._is_log = checked
        self._item.getAxis("left").setLogMode(False, checked)
        self.zoomed.emit(None)
        self._draw_anew()

    def _draw_anew(self) -> None:
        self._drawn = NOTHING_DRAWN
        self._ghost_curves.draw(self._ghosts, self._unit, self._scaled)
        self._draw_validation()
        self.refresh()
        for line, step in ((self._pointer, self._moment), (self._pin, self._pinned)):
            if step is not None and line.x is not None:
                line.show_at(self._place(step), self._theme.mark if line is self._pointer else self._theme.highlight)
        self._plot.viewport().update()

    @Slot()
    def _on_view_range_changed_manually(self) -> None:
        self._follows = False
        x_range, _ = self._item.vb.viewRange()
        self._drawn = NOTHING_DRAWN  # another number of points is worth drawing now
        self._plot.viewport().update()
        self.zoomed.emit((float(x_range[0]), float(x_range[1])))

    @Slot(object)
    def _on_cursor_moved(self, x: float | None) -> None:
        self.pointed_at.emit(None if x is None else self.step_at(x))

    @Slot(float)
    def _on_cursor_clicked(self, x: float) -> None:
        step = self.step_at(x)
        if step is not None:
            self.clicked_at.emit(step)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._hint.setGeometry(self._plot.rect())
        return super().eventFilter(watched, event)


def _draw(item: pg.PlotCurveItem, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Set a curve's data. Gaps cost drawing time, so they are looked for only where there are any."""
    has_gaps = not np.isfinite(y).all()
    item.setData(x, y, connect="finite" if has_gaps else "all", skipFiniteCheck=not has_gaps)


def _thinned(epochs: list[EpochDone]) -> list[EpochDone]:
    """At most MOST_EPOCHS and the last one, evenly spaced."""
    every = -(-len(epochs) // MOST_EPOCHS)
    return epochs[:-1:every] + epochs[-1:] if every > 1 else epochs
