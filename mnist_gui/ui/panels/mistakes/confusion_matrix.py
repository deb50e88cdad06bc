"""The painted confusion matrix: a row for each true class, a column for each class that digits were taken for."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mnist_gui.inspection.confusion import shares_of_predicted, shares_of_true
from mnist_gui.ui.widgets.theme import LIGHT, Theme

Measure = Literal["counts", "true", "predicted"]
Cell = tuple[int | None, int | None]  # true and predicted class; None: all of them

NO_CELL: Cell = (None, None)
GAP = 2  # between the names and the cells
SMALLEST_TEXT = 6  # pixels; smaller names cannot be read


class ConfusionMatrix(QWidget):
    """Right answers on the diagonal in one colour; the mistakes in another, on a scale of their own.

    cell_chosen(true, predicted): the user wants the digits of this cell; None for a whole row, column, or everything.
    """

    cell_chosen = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confusion")
        self.setAccessibleName("Confusion matrix")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)
        self.setMouseTracking(True)
        self._counts: NDArray[np.int64] = np.empty((0, 0), np.int64)
        self._names: tuple[str, ...] = ()
        self._measure: Measure = "counts"
        self._chosen = NO_CELL
        self._cursor = (0, 0)
        self.show_theme(LIGHT)

    def sizeHint(self) -> QSize:
        return QSize(190, 190)

    @property
    def chosen(self) -> Cell:
        """The cell, row or column whose digits are wanted; (None, None): all."""
        return self._chosen

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._base, self._text, self._muted = QColor(theme.base), QColor(theme.text), QColor(theme.muted)
        self._right, self._wrong = QColor(theme.train), QColor(theme.validation)
        self.update()

    def show_matrix(self, counts: NDArray[np.int64] | None, class_names: tuple[str, ...]) -> None:
        """Counts (C, C) at [true, predicted]; None: nothing yet."""
        self._counts = np.empty((0, 0), np.int64) if counts is None else counts
        if class_names != self._names:
            self._names, self._chosen, self._cursor = class_names, NO_CELL, (0, 0)
        self._describe_for_reader()
        self.update()

    def show_measure(self, measure: Measure) -> None:
        """counts, or shares of the true or of the predicted class."""
        self._measure = measure
        self.update()

    def choose(self, cell: Cell) -> None:
        """Outline a cell, row or column from the program's side: no signal is sent."""
        self._chosen = cell
        self.update()

    # What is where

    def cell_at(self, place: QPoint) -> Cell | None:
        """The cell here; a row or column where its name is; everything in the corner; None outside."""
        area = self._area()
        if not len(self._counts) or place.x() > area.right() or place.y() > area.bottom():
            return None
        inside = place - area.topLeft()
        row, column = (self._number_at(pixel) if pixel >= 0 else None for pixel in (inside.y(), inside.x()))
        return row, column

    def _number_at(self, pixel: int) -> int:
        """Whose cell begins at this pixel of a side or before: the largest n with n * side // classes <= pixel."""
        return ((pixel + 1) * len(self._counts) - 1) // max(self._area().width(), 1)

    def place_of(self, true: int, predicted: int) -> QPoint:
        """The middle of a cell."""
        return self._cell(true, predicted).center()

    def describe(self, cell: Cell) -> str:
        """A cell, row or column in words."""
        true, predicted = cell
        names, counts = self._names, self._counts
        if true is None and predicted is None:
            return f"{counts.sum():,} digits, {np.trace(counts):,} of them right"
        if predicted is None:
            assert true is not None
            all_of = counts[true].sum()
            return f"{all_of:,} digits are a {names[true]}: {_share(counts[true, true], all_of)} of them found"
        taken = counts[:, predicted].sum()
        if true is None:
            right = counts[predicted, predicted]
            return f"{taken:,} digits were taken for a {names[predicted]}: {_share(right, taken)} of them rightly"
        count, all_of = counts[true, predicted], counts[true].sum()
        what = f"{count:,} of {all_of:,} digits that are a {names[true]} were taken for a {names[predicted]}"
        return f"{what}: {_share(count, all_of)} of the class, {_share(count, taken)} of those taken for it"

    def _area(self) -> QRect:
        """Where the cells are: square, below and beside the names."""
        margin = self.fontMetrics().height() + GAP
        side = max(0, min(self.width(), self.height()) - margin - 1)
        left = margin + max(0, (self.width() - margin - side) // 2)
        return QRect(left, margin, side, side)

    def _cell(self, true: int, predicted: int) -> QRect:
        area, classes = self._area(), max(len(self._counts), 1)
        edges = [side * area.width() // classes for side in (predicted, predicted + 1, true, true + 1)]
        left, right, top, bottom = edges
        return QRect(area.left() + left, area.top() + top, right - left, bottom - top)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not len(self._counts):
            return
        shares = self._shares()
        painter.drawImage(self._area(), self._image(shares))
        cell = self._cell(0, 0)
        font = painter.font()
        size = min(font.pixelSize() if font.pixelSize() > 0 else self.fontInfo().pixelSize(), cell.height() - 2)
        if size >= SMALLEST_TEXT:
            font.setPixelSize(size)
            painter.setFont(font)
            self._paint_names(painter)
            self._paint_values(painter, shares)
        self._paint_outlines(painter)

    def _shares(self) -> NDArray[np.float64]:
        """What is shown, (C, C): counts, or shares 0..1 of rows or of columns."""
        if self._measure == "counts":
            return self._counts.astype(np.float64)
        return (shares_of_true if self._measure == "true" else shares_of_predicted)(self._counts)

    def _image(self, shares: NDArray[np.float64]) -> QImage:
        """A pixel for each cell."""
        is_right = np.eye(len(shares), dtype=np.bool_)
        wrong = np.where(is_right, 0.0, shares)
        strength = 0.85 * wrong / max(wrong.max(), 1e-12)
        right = 0.45 * shares / max(np.diagonal(shares).max(), 1e-12)
        strength = np.where(is_right, right, strength)[..., np.newaxis]
        ends = np.where(is_right[..., np.newaxis], _rgb(self._right), _rgb(self._wrong))
        pixels = np.ascontiguousarray(np.round(_rgb(self._base) * (1.0 - strength) + ends * strength), np.uint8)
        side = len(shares)
        return QImage(pixels.data, side, side, 3 * side, QImage.Format.Format_RGB888).copy()

    def _paint_names(self, painter: QPainter) -> None:
        painter.setPen(self._muted)
        margin = self.fontMetrics().height()
        for number, name in enumerate(self._names):
            cell = self._cell(number, number)
            above = QRect(cell.left(), 0, cell.width(), margin)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, name)
            beside = QRect(self._area().left() - margin - GAP, cell.top(), margin, cell.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, name)

    def _paint_values(self, painter: QPainter, shares: NDArray[np.float64]) -> None:
        painter.setPen(self._text)
        metrics, width = painter.fontMetrics(), self._cell(0, 0).width()
        for true, predicted in np.argwhere(self._counts).tolist():
            text = self._value(shares[true, predicted])
            if metrics.horizontalAdvance(text) < width:
                painter.drawText(self._cell(true, predicted), Qt.AlignmentFlag.AlignCenter, text)

    def _value(self, share: float) -> str:
        return f"{share:.0f}" if self._measure == "counts" else f"{100 * share:.{0 if share >= 0.0995 else 1}f}"

    def _paint_outlines(self, painter: QPainter) -> None:
        true, predicted = self._chosen
        if self._chosen != NO_CELL:
            painter.setPen(QPen(self._text, 2))
            painter.drawRect(self._outline(true, predicted))
        if self.hasFocus():
            painter.setPen(QPen(self._muted, 1, Qt.PenStyle.DashLine))
            painter.drawRect(self._cell(*self._cursor))

    def _outline(self, true: int | None, predicted: int | None) -> QRect:
        last = len(self._counts) - 1
        first_cell = self._cell(true or 0, predicted or 0)
        return first_cell.united(self._cell(last if true is None else true, last if predicted is None else predicted))

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and cell is not None:
            self._cursor = (cell[0] or 0, cell[1] or 0)
            self._choose(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key, last = Qt.Key(event.key()), len(self._counts) - 1
        if key in moves and last >= 0:
            self._cursor = tuple(  # type: ignore[assignment]
                min(max(here + step, 0), last) for here, step in zip(self._cursor, moves[key], strict=True)
            )
            self._describe_for_reader()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and last >= 0:
            self._choose(self._cursor)
        elif key == Qt.Key.Key_Escape and self._chosen != NO_CELL:
            self._choose(NO_CELL)
        else:
            super().keyPressEvent(event)

    def _choose(self, cell: Cell) -> None:
        """Want these digits; the same once more: all again."""
        self._chosen = NO_CELL if cell == self._chosen else cell
        self._describe_for_reader()
        self.update()
        self.cell_chosen.emit(*self._chosen)

    def _describe_for_reader(self) -> None:
        self.setAccessibleDescription(self.describe(self._cursor) if len(self._counts) else "")

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            cell = self.cell_at(event.pos())
            if cell is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), f"<p>{self.describe(cell)}</p>", self)
            return True
        return super().event(event)


def _share(count: int, of: int) -> str:
    return f"{count / of:.1%}" if of else "none"


def _rgb(colour: QColor) -> NDArray[np.float64]:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)
