"""The runs of a sweep as a table that can be sorted by any setting and any result."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from mnist_gui.experiments.sweep_runs import Outcome
from mnist_gui.inspection.sweep_axes import Axis
from mnist_gui.ui.panels.sweep.chart import NO_RUN
from mnist_gui.ui.panels.sweep.table_model import HEADINGS, SweepTableModel

WIDEST_COLUMN = 140


class SweepTable(QTreeView):
    """A row for each run, the best first until a heading is clicked. chosen(place): a row was selected; used(place):
    double-clicked, or Return pressed on it. pointed(place): the pointer is over it, NO_RUN: over none."""

    chosen = Signal(int)
    used = Signal(int)
    pointed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sweep_runs")
        self.setAccessibleName("Runs of the sweep")
        lines = "<br>".join(f"<b>{heading}</b>: {tip}" for heading, tip in HEADINGS.items())
        self.setToolTip(f"<p>{lines}</p><p>Click a heading to sort, double-click a run to use its settings.</p>")
        self._runs = SweepTableModel()
        self.setModel(self._runs)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setMouseTracking(True)
        self.setMinimumHeight(40)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.header()
        header.setObjectName("sweep_columns")
        header.setAccessibleName("Columns of the runs of the sweep")
        header.setMaximumSectionSize(10_000)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        self.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        self.activated.connect(lambda index: self.used.emit(self._runs.place_of(index.row())))
        self._is_telling = True

    @property
    def rows(self) -> list[list[str]]:
        """What is written in it, from the top."""
        columns = range(self._runs.columnCount())
        return [[self._runs.text(row, column) for column in columns] for row in range(self._runs.rowCount())]

    @property
    def headings(self) -> list[str]:
        """What stands above the columns."""
        return self._runs.headings

    @property
    def selected(self) -> int:
        """The place of the run whose row is selected; NO_RUN: none."""
        rows = self.selectionModel().selectedRows()
        return self._runs.place_of(rows[0].row()) if rows else NO_RUN

    def show_axes(self, axes: Sequence[Axis]) -> None:
        """Other runs, by their settings, all to do."""
        self._runs.show_axes(axes)
        header = self.header()
        header.setStretchLastSection(True)
        for column in range(self._runs.columnCount() - 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            self.setColumnWidth(column, min(self._wanted(column), WIDEST_COLUMN))

    def show_outcomes(self, outcomes: Sequence[Outcome | None]) -> None:
        """What the runs gave, None: still to do. The selected run stays selected."""
        self._runs.show_outcomes(outcomes)

    def select(self, place: int) -> None:
        """Select a run and bring it into sight, without telling."""
        row = self._runs.row_of(place)
        self._is_telling = False
        if row is None:
            self.clearSelection()
        else:
            self.setCurrentIndex(self._runs.index(row, 0))
            self.scrollTo(self._runs.index(row, 0))
        self._is_telling = True

    def hover(self, place: int) -> None:
        """Show where a run is that is pointed at elsewhere; NO_RUN: nowhere."""
        self._runs.hover(place)
        row = self._runs.row_of(place)
        if row is not None:
            self.scrollTo(self._runs.index(row, 0))

    def _wanted(self, column: int) -> int:
        """The width of a column's heading, or of its longest value."""
        metrics = self.fontMetrics()
        return max(map(metrics.horizontalAdvance, self._runs.widest(column))) + 22

    def _on_current_row_changed(self, current: QModelIndex) -> None:
        if self._is_telling and current.isValid():
            self.chosen.emit(self._runs.place_of(current.row()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self.pointed.emit(self._runs.place_of(index.row()) if index.isValid() else NO_RUN)

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self.pointed.emit(NO_RUN)
