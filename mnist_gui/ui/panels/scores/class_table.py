"""The scores of every class as a table that can be sorted by any of them."""

import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from mnist_gui.inspection.confusion import ClassScores

Index = QModelIndex | QPersistentModelIndex

NONE = "\N{EN DASH}"  # where there is nothing to share
COLUMNS = {
    "class": "The class, as its digits are labelled",
    "digits": "How many digits of the split are of this class",
    "precision": "Of the digits taken for this class, those that are of it",
    "recall": "Of the digits of this class, those that were found",
    "F1": "Both in one: the harmonic mean of precision and recall",
    "accuracy": "Of all digits, those put on the right side of 'this class or another'; high for any rare class",
}
WIDEST = ("precision", "accuracy")  # their headings need more than an even share of a narrow panel


class ClassTable(QTreeView):
    """A row for each class. A click on a heading sorts by it, another one the other way round."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("class_scores")
        self.setAccessibleName("Scores of the classes")
        lines = "<br>".join(f"<b>{heading}</b>: {tip}" for heading, tip in COLUMNS.items())
        self.setToolTip(f"<p>{lines}</p><p>Click a heading to sort.</p>")
        self._scores = _ClassModel()
        self.setModel(self._scores)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setObjectName("class_scores_columns")
        header.setAccessibleName("Columns of the scores of the classes")
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for heading in WIDEST:
            header.setSectionResizeMode(list(COLUMNS).index(heading), QHeaderView.ResizeMode.ResizeToContents)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)

    @property
    def rows(self) -> list[list[str]]:
        """What is written in it, from the top."""
        return self._scores.rows

    def show_scores(self, scores: ClassScores | None, class_names: tuple[str, ...]) -> None:
        """The scores of all classes; None: of none. It stays sorted and scrolled as it was."""
        self._scores.show_scores(scores, class_names if scores else ())


class _ClassModel(QAbstractTableModel):
    """Values of each class, in the order they are sorted in. Values that are not numbers come last in any order."""

    def __init__(self) -> None:
        super().__init__()
        self._values: list[list[float]] = []  # of each class: its number, its digits, its shares
        self._names: tuple[str, ...] = ()
        self._sorted_by = 0
        self._order = Qt.SortOrder.AscendingOrder
        self.rows: list[list[str]] = []

    def show_scores(self, scores: ClassScores | None, names: tuple[str, ...]) -> None:
        is_new = names != self._names
        if is_new:
            self.beginResetModel()
        self._names = names
        if scores is None:
            self._values = []
        else:
            columns = (scores.support, scores.precision, scores.recall, scores.f1, scores.accuracy)
            values = zip(*(column.tolist() for column in columns), strict=True)
            self._values = [[number, *each] for number, each in enumerate(values)]
        self._write()
        if is_new:
            self.endResetModel()
        else:
            self._emit_changed()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by, self._order = max(column, 0), order
        self._write()
        self._emit_changed()

    def _emit_changed(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS) - 1))

    def _write(self) -> None:
        sign = 1.0 if self._order is Qt.SortOrder.AscendingOrder else -1.0

        def key(values: list[float]) -> tuple[bool, float]:
            value = values[self._sorted_by]
            return math.isnan(value), 0.0 if math.isnan(value) else sign * value

        self.rows = [
            [self._names[int(number)], f"{int(digits):,}", *map(_percent, shares)]
            for number, digits, *shares in sorted(self._values, key=key)
        ]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.rows[index.row()][index.column()]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        heading = list(COLUMNS)[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return heading
            case Qt.ItemDataRole.ToolTipRole:
                return f"<p>{COLUMNS[heading]}. Click to sort.</p>"
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(section)
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _percent(share: float) -> str:
    return NONE if math.isnan(share) else f"{share:.1%}"
