"""One live plot of a quantity over the epochs. The values and their thinning are training.history's.

Drawing is kept cheap, since it shares the interpreter with the training thread: items are made once, ranges widen in
steps (a changed range redraws axes and texts, the dear part), and a plot redraws only when asked and only if changed.
Nothing here takes longer for a longer run.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from mnist_gui.casebook.posted_networks import Series as PostedSeries
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone
from mnist_gui.training.series import Series
from mnist_gui.ui.plotting import overlay_runs as ghost_curves
from mnist_gui.ui.plotting.annotations import Annotations
from mnist_gui.ui.plotting.auto_range import AutoRange, settled
from mnist_gui.ui.plotting.crosshair import Crosshair
from mnist_gui.ui.plotting.event_markers import Stretch
from mnist_gui.ui.plotting.live_curves import MinibatchCurves, ValidationCurve
from mnist_gui.ui.plotting.overlay_runs import OverlayCurves, OverlayRun
from mnist_gui.ui.plotting.plot_header import PlotHeader
from mnist_gui.ui.plotting.plot_widget import PlotWidget
from mnist_gui.ui.plotting.reference_points import ReferencePoints
from mnist_gui.ui.plotting.visible_points import VisiblePoints
from mnist_gui.ui.plotting.x_axis import LABELS, Unit, place, places, step_at, steps_between, steps_per_epoch, x_range
from mnist_gui.ui.widgets.application_style import set_sheet, set_text_role
from mnist_gui.ui.widgets.theme import LIGHT, Theme

MOST_POINTS = 700  # of a drawn curve, on however large a screen
MOST_POINTS_ZOOMED = 2000  # of which only half are in sight
MOST_EPOCHS = 350  # points of the validation curve


HINT = "Click Train new network, and the curves appear here."
GO_ON_HINT = "Click Continue to train this network on, and its curves go on from here."


class _News(NamedTuple):
    """What is there to draw: another one once there is more."""

    minibatches: int
    epochs: int
    ghosts: tuple[int, ...]
    marks: tuple[object, ...]
    schedules: int


class RunPlot(QWidget):
    """One quantity over the run: raw minibatch values faint, their running mean, and the validation values.

    zoomed(x_range): the user has put the ranges elsewhere; None: and wants them back. pointed_at(step): the mouse is
    over this step, None: over none. chosen(step): the user clicked at this step.
    """

    zoomed = Signal(object)
    pointed_at = Signal(object)
    chosen = Signal(int)

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
        self._title, self._validation_of = title, validation_of
        self._axis = AutoRange(percent)
        self._theme = LIGHT
        self._history = History()
        self._drawn: _News | None = None
        self._drawn_minibatches = 0
        self._ranges: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._unit: Unit = "epoch"
        self._follows = True
        self._pointed: int | None = None
        self._shown_step: int | None = None
        self._findings: tuple[Stretch, ...] = ()

        self._heading = PlotHeader(title, series_of, validation_of, note_of, percent=percent)
        self._log_button = QCheckBox("log scale")
        set_sheet(self._log_button, "indicator")
        self._close_button = QToolButton()
        self._close_button.setText("\N{UP DOWN ARROW}")
        self._close_button.setCheckable(True)
        for button in (self._log_button, self._close_button):
            button.setVisible(can_be_log)
        self._plot = PlotWidget(title.lower(), percent=percent)
        self._item = self._plot.getPlotItem()
        # Drawn in this order: faint raw values behind, validation in front.
        self._minibatches = MinibatchCurves(self._plot, series_of)
        self._validation = ValidationCurve(self._plot, validation_of)
        self._ghosts = OverlayCurves(self._item, series_of, validation_of)
        self._dots = ReferencePoints(self._plot)
        self._marks = Annotations(self._plot, labels_below=percent)
        self._cursor = Crosshair(self._plot)
        self._hint = QLabel(HINT, self._plot)
        self._lay_out()
        self._connect()
        self.show_unit(self._unit)
        self.show_theme(LIGHT)

    def _lay_out(self) -> None:
        self._log_button.setObjectName(f"log_{self._title.lower()}")
        self._log_button.setToolTip("Logarithmic axis: equal factors are equally high, so small losses stay readable.")
        self._close_button.setObjectName(f"close_{self._title.lower()}")
        self._close_button.setAccessibleName("Close up")
        self._close_button.setToolTip(
            "Close up: the axis begins at the smallest value, not at 0, so that a loss that hardly falls can be read."
        )
        set_text_role(self._hint, "muted")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.header.addWidget(self._heading, 1)
        self.header.addWidget(self._close_button)
        self.header.addWidget(self._log_button)
        self.below_header = QVBoxLayout()
        self.below_header.addWidget(self._dots.legend)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.header)
        layout.addLayout(self.below_header)
        layout.addWidget(self._plot, 1)

    def _connect(self) -> None:
        self._log_button.toggled.connect(self._on_log_button_toggled)
        self._close_button.toggled.connect(self._on_close_button_toggled)
        self._cursor.moved.connect(self._on_cursor_moved)
        self._cursor.clicked.connect(self._on_cursor_clicked)
        self._item.vb.sigRangeChangedManually.connect(self._on_view_range_changed_manually)
        self._plot.installEventFilter(self)

    @property
    def marks(self) -> list[str]:
        """The texts of the vertical marks, from left to right."""
        return self._marks.texts

    @property
    def follows(self) -> bool:
        """Whether the ranges go along with the run."""
        return self._follows

    @property
    def x_range(self) -> tuple[float, float]:
        """How much of the x axis is in sight."""
        low, high = self._item.vb.viewRange()[0]
        return float(low), float(high)

    @property
    def heading(self) -> str:
        """The line above, as the user reads it."""
        return self._heading.plain_text

    @property
    def drawn_minibatches(self) -> int:
        """How many minibatches the curves show."""
        return self._drawn_minibatches

    # What is shown

    def show_history(self, history: History) -> None:
        """Draw this history from now on."""
        self._history = history
        self._ranges = None  # those of another run say nothing of how many points are worth drawing
        self._draw_anew()

    def show_ghosts(self, ghosts: Sequence[OverlayRun]) -> None:
        """Draw the curves of these other runs behind, instead of those there are."""
        self._ghosts.show(ghosts, self._theme)
        self._draw_anew()

    def show_findings(self, findings: tuple[Stretch, ...]) -> None:
        """Mark or shade these instead of those there are."""
        self._findings = findings

    def show_dots(self, series: Sequence[PostedSeries]) -> None:
        """Draw other people's numbers as dots instead of those there are."""
        self._dots.show(series)
        self._drawn = None

    def show_unit(self, unit: Unit) -> None:
        """Count the x axis in this unit from now on. The steps that the user has put into sight stay there."""
        low, high = self._item.vb.viewRange()[0]
        first, last = steps_between(self._history, self._unit, low, high)
        self._unit, self._ranges = unit, None
        if not self._follows and last > first:
            self._item.setXRange(self._place(first - 1), self._place(last), padding=0)
        self._plot.setAccessibleName(f"{self._title} over {LABELS[unit]}")
        if self._axis.percent:
            self._item.setLabel("bottom", LABELS[unit])
        self._draw_anew()

    def follow(self, follows: bool) -> None:
        """Whether the ranges go along with the run, or stay where the user has put them."""
        self._follows = follows
        if follows:
            self._ranges = None
            self._draw_anew()

    def show_x_range(self, x_range: tuple[float, float]) -> None:
        """Show this much of the x axis, as the plot beside does."""
        self._item.setXRange(*x_range, padding=0)
        self._drawn = None  # another number of points is worth drawing now
        self._plot.paint_soon()

    def show_pointed(self, step: int | None) -> None:
        """Read the values of the step that the mouse is over, with a line at its place; None: over none."""
        self._pointed = step
        self._show_values()

    def show_step(self, step: int | None) -> None:
        """Pin this step: read its values while the mouse is elsewhere, with a line at its place; None: the newest."""
        self._shown_step = step
        self._show_values()

    def step_at(self, x: float) -> int | None:
        """The step nearest to a place on the x axis."""
        return step_at(self._history, self._unit, x)

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        curves = (self._ghosts, self._minibatches, self._validation)
        for part in (self._plot, self._heading, self._dots, self._marks, self._cursor, *curves):
            part.show_theme(theme)
        self._show_values()
        self._plot.paint_soon()

    # Drawing

    def refresh(self) -> bool:
        """Draw what is new; whether anything was drawn."""
        now = self._newest()
        if now == self._drawn or self.visibleRegion().isEmpty():
            return False
        before, self._drawn = self._drawn, now
        self._hint.setVisible(not (now.minibatches or now.epochs or now.ghosts))
        self._hint.setText(GO_ON_HINT if self._history.first_step else HINT)
        self._draw_minibatches()
        self._draw_ghosts(anew=before is None)
        if before is None or now.schedules != before.schedules:
            self._draw_dots()
        if before is None or (now.epochs, now.schedules) != (before.epochs, before.schedules):
            self._draw_validation()
        ranges_changed = self._fit()
        has_new_marks = before is None or ranges_changed or now.marks != before.marks
        if has_new_marks:
            self._draw_marks()
        self._show_values()
        self._plot.paint_now(anew=has_new_marks or (before is not None and now.ghosts != before.ghosts))
        return True

    def _newest(self) -> _News:
        history = self._history
        counts = (len(history.changes), len(history.starts), len(history.pauses))
        gap = history.gaps[-1] if history.gaps else None
        marks = (*counts, gap, history.ended, history.planned_step, self._findings)
        return _News(len(history), len(history.epochs), self._ghosts.size, marks, len(history.starts))

    def _sight(self, most: int, most_zoomed: int) -> VisiblePoints:
        """What is to be drawn: all of the run, or what the user has put into sight."""
        if self._follows:
            return VisiblePoints(self._unit, None, most)
        low, high = self._item.vb.viewRange()[0]
        return VisiblePoints(self._unit, (float(low), float(high)), most_zoomed)

    def _draw_minibatches(self) -> None:
        sight = self._sight(self._most_points(), MOST_POINTS_ZOOMED)
        self._minibatches.draw(sight, self._history, self._axis.scaled)
        self._drawn_minibatches = len(self._history)

    def _draw_ghosts(self, *, anew: bool) -> None:
        sight = self._sight(ghost_curves.MOST_POINTS, ghost_curves.MOST_POINTS_ZOOMED)
        self._ghosts.draw(sight, self._axis.scaled, anew=anew)

    def _draw_validation(self) -> None:
        self._validation.draw(self._sight(MOST_EPOCHS, MOST_EPOCHS), self._history, self._axis.scaled)
        best = self._history.best_epoch
        height = self._axis.place(self._validation_of(best)) if best else math.nan
        self._marks.draw_best(best, self._place, height)

    def _draw_dots(self) -> None:
        if not self._history.starts:
            self._dots.draw(np.empty(0), np.empty(0))
            return
        steps = self._history.first_step + self._dots.epochs * steps_per_epoch(self._history)
        self._dots.draw(places(self._history, self._unit, steps), self._axis.scaled(self._dots.values))

    def _most_points(self) -> int:
        """A point for every second pixel that the curve spans: more would only paint it over and over."""
        if self._ranges is None:
            return MOST_POINTS
        first, last = self._ranges[0]
        share = (self._place(self._history.last_step) - self._place(self._history.first_step)) / (last - first)
        return max(50, min(MOST_POINTS, int(share * self._item.vb.width() / 2)))

    def _fit(self) -> bool:
        """Set both ranges if they must change to hold what is drawn; whether they did."""
        if not self._follows:
            return False
        x_range = self._x_range()
        curves = settled(self._minibatches.means, self._validation.values)
        if not len(curves):  # another run never sets the axis of one that has curves of its own
            starts = self._history.starts
            base_rate_loss = starts[-1].base_rate_loss if starts else self._ghosts.base_rate_loss
            curves = self._axis.near(self._ghosts.values(*x_range), base_rate_loss)
        values = np.concatenate([curves, self._axis.scaled(self._dots.values)])
        wanted = (x_range, self._axis.range(values))
        if wanted == self._ranges:
            return False
        self._ranges = wanted
        self._item.setRange(xRange=wanted[0], yRange=wanted[1], padding=0)
        return True

    def _x_range(self) -> tuple[float, float]:
        """That of the run, and before its first minibatch also that of the ghosts."""
        history = self._history
        own, others = x_range(history, self._unit), self._ghosts.x_range(self._unit)
        if len(history) or others is None:
            return own
        return (min(own[0], others[0]), max(own[1], others[1])) if history.starts else others

    def _draw_marks(self) -> None:
        low, high = self._item.vb.viewRange()[0]
        self._marks.draw(
            self._history,
            lambda steps: places(self._history, self._unit, steps),
            high - low,
            self._base_rate(),
            self._findings,
        )

    def _base_rate(self) -> float:
        """The base-rate loss on the y axis; nan where it is not known or this is no plot of losses."""
        if self._axis.percent or not self._history.starts:
            return math.nan
        return self._axis.place(self._history.starts[-1].base_rate_loss)

    def _place(self, step: float) -> float:
        return place(self._history, self._unit, step)

    def _show_values(self) -> None:
        """The heading and the lines: what the mouse is over, else the pinned step, else the newest."""
        self._cursor.show_pointed(None if self._pointed is None else self._place(self._pointed))
        self._cursor.show_step(None if self._shown_step is None else self._place(self._shown_step))
        self._heading.show_values(self._history, self._shown_step if self._pointed is None else self._pointed)

    def _draw_anew(self) -> None:
        self._drawn = None
        self.refresh()
        self._plot.paint_soon()

    @Slot(bool)
    def _on_log_button_toggled(self, checked: bool) -> None:
        low, high = (self._axis.value(place) for place in self._item.vb.viewRange()[1])
        self._axis.is_log = checked
        self._item.getAxis("left").setLogMode(False, checked)
        self._ranges = None
        if not self._follows:  # what the user has put into sight stays there
            self._item.setYRange(self._axis.place(low), self._axis.place(high), padding=0)
        self._draw_anew()

    @Slot(bool)
    def _on_close_button_toggled(self, checked: bool) -> None:
        self._axis.is_close = checked
        self._ranges = None
        self._draw_anew()

    @Slot()
    def _on_view_range_changed_manually(self) -> None:
        self._follows = False
        x_range, _ = self._item.vb.viewRange()
        self._drawn = None  # another number of points is worth drawing now
        self._plot.paint_soon()
        self.zoomed.emit((float(x_range[0]), float(x_range[1])))

    @Slot(object)
    def _on_cursor_moved(self, x: float | None) -> None:
        self.pointed_at.emit(None if x is None else self.step_at(x))

    @Slot(float)
    def _on_cursor_clicked(self, x: float) -> None:
        step = self.step_at(x)
        if step is not None:
            self.chosen.emit(step)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._hint.setGeometry(self._plot.rect())
        return super().eventFilter(watched, event)
