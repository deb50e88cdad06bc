"""The results of a sweep: a chart that suits the number of settings, the table of runs, and the run that is chosen."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.config.schema import SETTINGS
from mnist_gui.experiments.sweep_runs import Outcome, SweepRuns
from mnist_gui.experiments.sweep_values import RATES, shown_value
from mnist_gui.experiments.trial import percent
from mnist_gui.inspection.sweep_axes import Axis, axis_of, is_grid
from mnist_gui.ui.panels.sweep.chart import NO_RUN, SweepChart
from mnist_gui.ui.panels.sweep.heat_map import HeatMap
from mnist_gui.ui.panels.sweep.parallel_coordinates import ParallelCoordinates
from mnist_gui.ui.panels.sweep.scatter import SweepScatter
from mnist_gui.ui.panels.sweep.table import SweepTable
from mnist_gui.ui.widgets.application_style import set_text_role
from mnist_gui.ui.widgets.theme import Theme

EMPTY = "No runs yet: say what to try in Plan, and start; or open a sweep there."
CHOOSE = "Choose a run to use its settings."


def axes_of(runs: SweepRuns) -> dict[str, Axis]:
    """Of each key, how the runs differ in it: for thousands of runs, work for a helper thread."""
    return {
        key: axis_of(SETTINGS[key].label, [config[key] for config in runs.configs], shown_value, is_log=key in RATES)
        for key in runs.keys
        if runs.configs
    }


class SweepResultsView(QWidget):
    """use_asked(place): put the settings of this run into the form."""

    use_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._place = NO_RUN
        self._outcomes: Sequence[Outcome | None] = ()
        self.heat_map, self.dots, self.lines = HeatMap(), SweepScatter(), ParallelCoordinates()
        self._empty = QLabel(EMPTY)
        self._empty.setObjectName("sweep_empty")
        set_text_role(self._empty, "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._charts = QStackedWidget()
        for chart in (self._empty, self.heat_map, self.dots, self.lines):
            self._charts.addWidget(chart)
        self.table = SweepTable()
        self._note = QLabel()
        self._note.setObjectName("sweep_chosen")
        set_text_role(self._note, "muted")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._use = QPushButton("Use these settings")
        self._use.setObjectName("sweep_use")
        self._use.setToolTip("<p>Put the settings of the chosen run into the form at the left, to train it.</p>")
        self._use.clicked.connect(lambda: self.use_asked.emit(self._place))
        self._lay_out()
        for teller in (self.heat_map, self.dots, self.lines, self.table):
            teller.chosen.connect(self.choose)
            teller.used.connect(self._on_used)
        for chart in (self.heat_map, self.dots, self.lines):
            chart.pointed.connect(self.table.hover)
            self.table.pointed.connect(chart.hover)
        self.show_runs(None, {})

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setObjectName("sweep_split")
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._charts)
        splitter.addWidget(self.table)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([600, 400])  # as shares: the chart first
        below = QHBoxLayout()
        below.addWidget(self._note, 1)
        below.addWidget(self._use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 4, 2, 2)
        layout.setSpacing(4)
        layout.addWidget(splitter, 1)
        layout.addLayout(below)

    @property
    def chart(self) -> SweepChart | None:
        """The one that is shown."""
        shown = self._charts.currentWidget()
        return shown if isinstance(shown, SweepChart) else None

    @property
    def chosen(self) -> int:
        """The place of the run that is chosen; NO_RUN: none."""
        return self._place

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        for chart in (self.heat_map, self.dots, self.lines):
            chart.show_theme(theme)

    def show_runs(self, runs: SweepRuns | None, axes: Mapping[str, Axis]) -> None:
        """Another sweep with its axes; None: none."""
        tried = [axes[key] for key in runs.tried] if runs and axes else []
        shown: QWidget
        if not tried:
            shown = self._empty
        elif len(tried) == 2 and is_grid(tried):
            shown = self.heat_map
        else:
            shown = self.dots if len(tried) <= 2 else self.lines
        self._charts.setCurrentWidget(shown)
        self._axes = list(axes.values())
        for chart in (self.heat_map, self.dots, self.lines):
            chart.show_axes(tried if chart is shown else [], self._describe)
        self.table.show_axes(self._axes)
        self.choose(NO_RUN)
        self.show_outcomes(runs.outcomes if runs else ())

    def show_outcomes(self, outcomes: Sequence[Outcome | None]) -> None:
        """What the runs gave so far."""
        self._outcomes = outcomes
        self.table.show_outcomes(outcomes)
        if self.chart:
            known = (np.nan if each is None or each.accuracy is None else each.accuracy for each in outcomes)
            self.chart.show_values(np.fromiter(known, np.float64, len(outcomes)))
        self._show_caption()

    @Slot(int)
    def choose(self, place: int) -> None:
        """Make a run the chosen one; NO_RUN: none."""
        self._place = place
        self.table.select(place)
        if self.chart:
            self.chart.mark(place)
        self._show_caption()

    @Slot(int)
    def _on_used(self, place: int) -> None:
        self.choose(place)
        self.use_asked.emit(place)

    def _show_caption(self) -> None:
        self._use.setEnabled(self._place != NO_RUN)
        outcome = self._outcomes[self._place] if 0 <= self._place < len(self._outcomes) else None
        said = outcome.error if outcome and outcome.error else self._words(self._place)
        width = max(self._note.width(), 100)
        self._note.setText(self.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, width))
        self._note.setToolTip(f"<p>{escape(said)}</p>")

    def _words(self, place: int) -> str:
        if place == NO_RUN:
            return CHOOSE if self._outcomes else ""
        named = ", ".join(f"{axis.label.lower()} {axis.names[axis.numbers[place]]}" for axis in self._axes)
        outcome = self._outcomes[place]
        return f"{named}: {'to do' if outcome is None else percent(outcome.accuracy)}"

    def _describe(self, place: int) -> str:
        """For a tool tip."""
        return escape(self._words(place))
