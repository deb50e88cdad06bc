"""A gallery of digits: any number of them, in any order, of which only those in sight cost anything."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from mnist_gui.data.splits import Split
from mnist_gui.ui.widgets.digit_image import fitted, grey_image

PICTURE = 56  # screen pixels of a digit

# What a caption may be as wide as: "8 -> 8  100%".
WIDEST_CAPTION = "8 \N{RIGHTWARDS ARROW} 8  100%"

Index = QModelIndex | QPersistentModelIndex
Said = Callable[[int], str]  # of a digit, by its index in the split

_Move = QAbstractItemView.CursorAction


class DigitGallery(QTableView):
    """Thumbnails in as many columns as there is room for. digit_chosen(index): the user chose a digit of the split.

    A table and not a list of Qt's: of 60,000 items a list works out every place, in a tenth of a second.
    """

    digit_chosen = Signal(int)

    def __init__(self, name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self._digits = _DigitsModel()
        self.setModel(self._digits)
        self.setItemDelegate(_DigitDelegate(self))
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # else columns would come and go with it
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.hide()
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(1)
        self._cell_width = max(PICTURE, self.fontMetrics().horizontalAdvance(WIDEST_CAPTION)) + 6
        self.verticalHeader().setDefaultSectionSize(PICTURE + self.fontMetrics().height() + 8)
        self._chosen: int | None = None
        self._is_showing = False
        self.selectionModel().currentChanged.connect(self._on_selection_current_changed)

    @property
    def digits(self) -> list[int]:
        """The digits that are shown, in their order: their indexes in the split."""
        return [int(digit) for digit in self._digits.digits]

    @property
    def chosen(self) -> int | None:
        """The chosen digit, whether or not it is among those shown."""
        return self._chosen

    def show_nothing(self) -> None:
        """No digits, and none chosen."""
        self._chosen = None
        self._show(None, np.empty(0, np.intp), str, str)

    def show_digits(self, split: Split, digits: NDArray[np.intp], caption: Said, describe: Said) -> None:
        """These digits of a split, (n,), in this order. Scrolled to the same place; a chosen digit stays chosen."""
        bar = self.verticalScrollBar()
        scrolled = bar.value()
        self._show(split, digits, caption, describe)
        bar.setValue(scrolled)

    def choose(self, digit: int | None, *, is_to_be_seen: bool = False) -> None:
        """Choose a digit from the program's side: no signal is sent. is_to_be_seen: go to where it is."""
        self._chosen = digit
        self._choose_again()
        if is_to_be_seen and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _show(self, split: Split | None, digits: NDArray[np.intp], caption: Said, describe: Said) -> None:
        self._is_showing = True
        self._digits.show_digits(split, digits, caption, describe)
        self._is_showing = False
        self._choose_again()

    def _choose_again(self) -> None:
        index = self._digits.index_of(self._chosen)
        self._is_showing = True
        self.setAutoScroll(False)  # else the gallery would jump to the chosen digit
        self.setCurrentIndex(index)
        self.setAutoScroll(True)
        self._is_showing = False

    def _arrange(self) -> None:
        """As many columns as there is room for, all equally wide."""
        columns = max(1, self.viewport().width() // self._cell_width)
        if columns != self._digits.columnCount():
            self._is_showing = True
            self._digits.arrange(columns)
            self._is_showing = False
            self._choose_again()
        self.horizontalHeader().setDefaultSectionSize(self.viewport().width() // columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def moveCursor(self, action: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """As in a text: at the end of a row the next one follows."""
        current = self.currentIndex()
        steps = {_Move.MoveLeft: -1, _Move.MovePrevious: -1, _Move.MoveRight: 1, _Move.MoveNext: 1}
        if not current.isValid():
            return self._digits.place(0)
        if action not in steps:
            return super().moveCursor(action, modifiers)
        there = self._digits.place(self._digits.position(current) + steps[action])
        return there if there.isValid() else current

    @Slot(QModelIndex, QModelIndex)
    def _on_selection_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if self._is_showing or not current.isValid():
            return
        digit = self._digits.digit(current)
        if digit is not None:
            self._chosen = digit
            self.digit_chosen.emit(digit)


class _DigitsModel(QAbstractTableModel):
    """One cell for each digit, row by row; pictures are made when a cell is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.digits: NDArray[np.intp] = np.empty(0, np.intp)
        self._columns = 1
        self._split: Split | None = None
        self._caption: Said = str
        self._describe: Said = str

    def show_digits(self, split: Split | None, digits: NDArray[np.intp], caption: Said, describe: Said) -> None:
        self.beginResetModel()
        self._split, self.digits, self._caption, self._describe = split, digits, caption, describe
        self.endResetModel()

    def arrange(self, columns: int) -> None:
        self.beginResetModel()
        self._columns = columns
        self.endResetModel()

    def position(self, index: Index) -> int:
        return index.row() * self._columns + index.column()

    def place(self, position: int) -> QModelIndex:
        """The cell of the p-th digit; an invalid one outside."""
        if not 0 <= position < len(self.digits):
            return QModelIndex()
        return self.index(position // self._columns, position % self._columns)

    def digit(self, index: Index) -> int | None:
        """The name of the digit in a cell: its index in the split."""
        position = self.position(index)
        return int(self.digits[position]) if position < len(self.digits) else None

    def index_of(self, digit: int | None) -> QModelIndex:
        found = [] if digit is None else np.flatnonzero(self.digits == digit).tolist()
        return self.place(found[0]) if found else QModelIndex()

    def rowCount(self, parent: Index | None = None) -> int:
        return -(-len(self.digits) // self._columns)

    def columnCount(self, parent: Index | None = None) -> int:
        return self._columns

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.digit(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        digit = self.digit(index) if index.isValid() else None
        if self._split is None or digit is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._caption(digit)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._describe(digit)
            case Qt.ItemDataRole.DecorationRole:
                return grey_image(self._split.image(digit))
        return None


class _DigitDelegate(QStyledItemDelegate):
    """Paints a digit with its caption below."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        image: QImage | None = index.data(Qt.ItemDataRole.DecorationRole)
        if image is None:
            return
        painter.save()
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        cell: QRect = option.rect
        if is_chosen:
            painter.fillRect(cell, option.palette.highlight())
        place = QRect(cell.center().x() - PICTURE // 2, cell.top() + 3, PICTURE, PICTURE)
        painter.drawImage(fitted(image, place), image)
        palette = option.palette
        painter.setPen((palette.highlightedText() if is_chosen else palette.text()).color())
        below = cell.adjusted(0, PICTURE + 4, 0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, index.data())
        painter.restore()
