"""All misclassified digits, scrollable, the worst first. Which they are is inspection.mistakes' business."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.data.splits import Split
from mnist_gui.engine.evaluation import Predictions
from mnist_gui.inspection.mistakes import rank_mistakes

PICTURE = 56  # screen pixels of a digit in the gallery
LARGE_PICTURE = 112

Index = QModelIndex | QPersistentModelIndex


class MistakesView(QWidget):
    """A gallery of mistakes, with the chosen one shown large."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = QLabel("")
        self._caption.setWordWrap(True)
        self._caption.setMinimumHeight(2 * self._caption.fontMetrics().lineSpacing())
        self._caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._caption.setProperty("role", "muted")
        self._model = _MistakesModel()
        self._list = QListView()
        self._list.setObjectName("mistakes")
        self._list.setAccessibleName("Misclassified digits, largest loss first")
        self._list.setModel(self._model)
        self._list.setItemDelegate(_DigitDelegate(self._list))
        self._list.setFlow(QListView.Flow.LeftToRight)
        self._list.setWrapping(True)
        self._list.setResizeMode(QListView.ResizeMode.Adjust)
        self._list.setUniformItemSizes(True)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.selectionModel().currentChanged.connect(self._on_list_current_changed)
        self._card = _DigitCard()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._caption)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._card)
        self._chosen: int | None = None
        self.show_nothing()

    @property
    def digits(self) -> list[int]:
        """The digits that are shown, in their order: their indexes in the split."""
        return self._model.digits

    @property
    def caption(self) -> str:
        """What is said of them."""
        return self._caption.text()

    def show_nothing(self) -> None:
        """The state before anything was evaluated."""
        self._model.show_mistakes(None, None, {})
        self._chosen = None
        self._card.show_digit(None, "")
        self._caption.setText("No mistakes yet: train, or open a model. They appear after each epoch.")

    def show_mistakes(self, split: Split, predictions: Predictions, class_names: tuple[str, ...], when: str) -> None:
        """All mistakes among the digits of a split. when: which weights made them, such as "epoch 7". A chosen digit
        stays chosen while it is still wrong."""
        mistakes = rank_mistakes(predictions)
        texts = {
            int(index): (
                class_names[predictions.labels[index]],
                class_names[predictions.predicted[index]],
                float(predictions.confidence[index]),
            )
            for index in mistakes
        }
        bar = self._list.verticalScrollBar()
        scrolled = bar.value()
        self._list.setAutoScroll(False)  # else the list would jump to the chosen digit
        self._model.show_mistakes(split, mistakes, texts)
        self._caption.setText(_describe(split, len(mistakes), when))
        self._choose_again()
        self._list.doItemsLayout()
        bar.setValue(scrolled)
        self._list.setAutoScroll(True)

    def _choose_again(self) -> None:
        index = self._model.index_of(self._chosen)
        if index is None:
            self._chosen = None
            self._card.show_digit(None, "")
            return
        self._list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    @Slot(QModelIndex, QModelIndex)
    def _on_list_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not current.isValid():
            return
        self._chosen = self._model.digit(current)
        image = current.data(Qt.ItemDataRole.DecorationRole)
        self._card.show_digit(image, current.data(Qt.ItemDataRole.ToolTipRole))


class _MistakesModel(QAbstractListModel):
    """One row for each mistake; pictures are made when a row is painted."""

    def __init__(self) -> None:
        super().__init__()
        self._split: Split | None = None
        self._mistakes: NDArray[np.intp] = np.empty(0, np.intp)
        self._texts: dict[int, tuple[str, str, float]] = {}

    def show_mistakes(
        self,
        split: Split | None,
        mistakes: NDArray[np.intp] | None,
        texts: dict[int, tuple[str, str, float]],
    ) -> None:
        self.beginResetModel()
        self._split, self._texts = split, texts
        self._mistakes = mistakes if mistakes is not None else np.empty(0, np.intp)
        self.endResetModel()

    @property
    def digits(self) -> list[int]:
        """The digits of all rows."""
        return [int(digit) for digit in self._mistakes]

    def digit(self, index: Index) -> int:
        """The name of the digit in a row: its index in the split."""
        return int(self._mistakes[index.row()])

    def index_of(self, digit: int | None) -> QModelIndex | None:
        if digit is None:
            return None
        rows = np.flatnonzero(self._mistakes == digit)
        return self.index(int(rows[0])) if len(rows) else None

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self._mistakes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self._split is None or not index.isValid():
            return None
        digit = self.digit(index)
        true, predicted, confidence = self._texts[digit]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{true} \N{RIGHTWARDS ARROW} {predicted}  {confidence:.0%}"
            case Qt.ItemDataRole.ToolTipRole:
                return (
                    f"{self._split.name} digit {digit:,}: a {true}, taken for a {predicted} "
                    f"with {confidence:.1%} confidence"
                )
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{true} taken for {predicted}, {confidence:.0%}"
            case Qt.ItemDataRole.DecorationRole:
                return _grey_image(self._split.image(digit))
        return None


class _DigitDelegate(QStyledItemDelegate):
    """Paints a digit with its "true -> predicted confidence" below."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = max(PICTURE, option.fontMetrics.horizontalAdvance("8 \N{RIGHTWARDS ARROW} 8  100%")) + 6
        return QSize(width, PICTURE + option.fontMetrics.height() + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_chosen:
            painter.fillRect(option.rect, option.palette.highlight())
        cell: QRect = option.rect
        image: QImage = index.data(Qt.ItemDataRole.DecorationRole)
        place = QRect(cell.center().x() - PICTURE // 2, cell.top() + 3, PICTURE, PICTURE)
        painter.drawImage(_fitted(image, place), image)
        palette = option.palette
        painter.setPen((palette.highlightedText() if is_chosen else palette.text()).color())
        below = cell.adjusted(0, PICTURE + 4, 0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, index.data())
        painter.restore()


class _DigitCard(QWidget):
    """One digit, large, with a sentence about it."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = _LargePicture()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._picture)
        layout.addWidget(self._text, 1)

    def show_digit(self, image: QImage | None, text: str) -> None:
        self.setVisible(image is not None)
        self._picture.show_image(image)
        self._text.setText(text)


class _LargePicture(QWidget):
    """A digit's pixels, enlarged without smoothing: what the network really sees."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(LARGE_PICTURE, LARGE_PICTURE)
        self._image: QImage | None = None

    def show_image(self, image: QImage | None) -> None:
        self._image = image
        self.update()

    def paintEvent(self, event: object) -> None:
        if self._image is not None:
            QPainter(self).drawImage(_fitted(self._image, self.rect()), self._image)


def _grey_image(pixels: NDArray[np.uint8]) -> QImage:
    """A digit (rows, cols) uint8 as a picture of its own."""
    pixels = np.ascontiguousarray(pixels)
    rows, columns = pixels.shape
    # A copy: Qt would read the array's memory after it is gone.
    return QImage(pixels.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()


def _fitted(image: QImage, place: QRect) -> QRect:
    """The largest rectangle of the image's proportions in the middle of `place`."""
    size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    fitted = QRect(place.topLeft(), size)
    fitted.moveCenter(place.center())
    return fitted


def _describe(split: Split, mistakes: int, when: str) -> str:
    if len(split) == 0:
        return f"This run has no {split.name} digits, so there is nothing to get wrong."
    if mistakes == 0:
        return f"None of the {len(split):,} {split.name} digits is wrong ({when})."
    share = mistakes / len(split)
    counted = f"{mistakes:,} of {len(split):,} {split.name} digits wrong ({share:.1%})"
    return f"{counted}, largest loss first. Weights of {when}."
