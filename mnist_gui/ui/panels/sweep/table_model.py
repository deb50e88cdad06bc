"""What is written in the table of a sweep's runs, and in which order: made for the cells in sight only."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from mnist_gui.experiments.sweep_runs import Outcome
from mnist_gui.experiments.trial import percent
from mnist_gui.inspection.sweep_axes import Axis
from mnist_gui.ui.panels.sweep.chart import NO_RUN

Index = QModelIndex | QPersistentModelIndex

TO_DO = "to do"
HEADINGS = {
    "accuracy": "Of the validation digits, with the weights that were kept; without any, of the training digits",
    "loss": "Of the same digits with the same weights; empty where it was not finite",
    "time": "Seconds of training",
    "state": "How the run ended; if it could not be made, why",
}
SETTINGS_FROM = 2  # the columns of settings stand behind accuracy and loss


class SweepTableModel(QAbstractTableModel):
    """Texts are made for the cells in sight only. What is not known comes last in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self._axes: tuple[Axis, ...] = ()
        self._outcomes: list[Outcome | None] = []
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)  # of each row, the place of its run
        self._rows: NDArray[np.int64] = np.zeros(0, np.int64)  # of each place, its row
        self._sorted_by, self._is_descending = 0, True
        self._hovered = NO_RUN

    def show_axes(self, axes: Sequence[Axis]) -> None:
        self.beginResetModel()
        self._axes = tuple(axes)
        accuracy, loss, time, state = HEADINGS
        self.headings = [accuracy, loss, *(axis.label for axis in axes), time, state] if axes else []
        count = len(axes[0].numbers) if axes else 0
        self._outcomes = [None] * count
        self._order = self._rows = np.arange(count)
        self._hovered = NO_RUN
        self.endResetModel()

    def show_outcomes(self, outcomes: Sequence[Outcome | None]) -> None:
        self._outcomes = list(outcomes)
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by, self._is_descending = max(column, 0), order is Qt.SortOrder.DescendingOrder
        self._arrange()

    def place_of(self, row: int) -> int:
        return int(self._order[row])

    def row_of(self, place: int) -> int | None:
        return int(self._rows[place]) if 0 <= place < len(self._rows) else None

    def hover(self, place: int) -> None:
        before, self._hovered = self._hovered, place
        for row in (self.row_of(before), self.row_of(place)):
            if row is not None:
                last = self.index(row, self.columnCount() - 1)
                self.dataChanged.emit(self.index(row, 0), last, [Qt.ItemDataRole.FontRole])

    def _arrange(self) -> None:
        """Sort, and let views know where the rows have gone that they hold on to."""
        if not self._outcomes:
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        places = [self.place_of(index.row()) for index in held]
        values = self._values(self._sorted_by)
        is_known = np.array([outcome is not None for outcome in self._outcomes])
        keys = np.where(np.isnan(values), np.inf, -values if self._is_descending else values)
        self._order = (
            np.lexsort((keys, ~is_known)) if self._is_result(self._sorted_by) else np.argsort(keys, kind="stable")
        )
        self._rows = np.empty_like(self._order)
        self._rows[self._order] = np.arange(len(self._order))
        moved = [self.index(int(self._rows[place]), index.column()) for place, index in zip(places, held, strict=True)]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _is_result(self, column: int) -> bool:
        return not 0 <= column - SETTINGS_FROM < len(self._axes)

    def _values(self, column: int) -> NDArray[np.float64]:
        """What a column is sorted by, (N,); nan where nothing is known."""
        if not self._is_result(column):
            return self._axes[column - SETTINGS_FROM].numbers.astype(np.float64)
        values = (np.nan if outcome is None else self._value(outcome, column) for outcome in self._outcomes)
        return np.fromiter(values, np.float64, len(self._outcomes))

    def _value(self, outcome: Outcome, column: int) -> float:
        match column:
            case 0:
                return np.nan if outcome.accuracy is None else outcome.accuracy
            case 1:
                return np.nan if outcome.loss is None else outcome.loss
        return outcome.seconds if column == len(self.headings) - 2 else float(outcome.state != "finished")

    def text(self, row: int, column: int) -> str:
        """What is written in a cell."""
        place = self.place_of(row)
        if not self._is_result(column):
            axis = self._axes[column - SETTINGS_FROM]
            return axis.names[int(axis.numbers[place])]
        outcome = self._outcomes[place]
        if outcome is None:
            return TO_DO if column == len(self.headings) - 1 else ""
        if column == len(self.headings) - 1:
            state = str(outcome.state).replace("_", " ")
            return f"{state}: {outcome.error}" if outcome.error else state
        if outcome.has_failed:
            return outcome.state if column == 0 else ""
        match column:
            case 0:
                return percent(outcome.accuracy)
            case 1:
                return "" if outcome.loss is None else f"{outcome.loss:.4f}"
        return f"{outcome.seconds:.1f} s"

    def widest(self, column: int) -> list[str]:
        """Texts as wide as those of a column may be."""
        if not self._is_result(column):
            names = self._axes[column - SETTINGS_FROM].names
            return [self.headings[column], *sorted(names, key=len)[-3:]]
        return [self.headings[column], "100.00%"]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._outcomes)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(index.row(), index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return f"<p>{escape(self.text(index.row(), len(self.headings) - 1))}</p>"
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(index.column())
            case Qt.ItemDataRole.FontRole if self.place_of(index.row()) == self._hovered:
                font = QFont()
                font.setBold(True)
                return font
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.headings):
            return None
        heading = self.headings[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return heading
            case Qt.ItemDataRole.ToolTipRole:
                return f"<p>{HEADINGS.get(heading, f'{heading}, which the sweep tries')}. Click to sort.</p>"
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(section)
        return None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        is_state = column == len(self.headings) - 1
        side = Qt.AlignmentFlag.AlignLeft if is_state else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter
