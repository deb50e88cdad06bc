"""The panel of mistakes: the confusion matrix beside a gallery of the digits that it counts."""

from collections.abc import Callable
from typing import cast

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.confusion import confusion
from mnist_gui.inspection.error_selection import Digits, Kind, in_order, only, select_digits
from mnist_gui.ui.panels.mistakes.confusion_matrix import NO_CELL, ConfusionMatrix
from mnist_gui.ui.panels.mistakes.descriptions import ARROW, count_wrong, describe_digit, thumbnail_caption
from mnist_gui.ui.panels.mistakes.filter_bar import KINDS, FilterBar
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.theme import Theme

NOTHING = "No answers yet: train, or open a model. They appear after each epoch."
HIDDEN = (
    "The test digits are kept for the final measurement: whoever chooses settings by looking at them has nothing left "
    "to measure with. <b>Test</b> reveals them too. That they were revealed is noted in the run."
)


class MistakesView(QWidget):
    """split_wanted(): answers to another split are wanted. list_wanted(key): the digits of a list. digit_chosen(split,
    index): the user wants to see this digit. reveal_asked(): the test digits. list_cancelled(): nobody waits for a
    list any longer."""

    split_wanted = Signal()
    list_wanted = Signal(str)
    digit_chosen = Signal(object, int)
    reveal_asked = Signal()
    list_cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices = FilterBar()
        self._caption = FixedHeightLabel("mistakes_caption", 2)
        self._matrix = ConfusionMatrix()
        self._gallery = DigitGallery("mistakes", "Digits")
        self._clear = QToolButton()
        self._clear.setObjectName("mistakes_clear")
        self._clear.setToolTip("Show the digits of all cells again (Escape in the matrix)")
        self._clear.setAccessibleName("Show the digits of all cells")
        self._cancel = QToolButton()
        self._cancel.setObjectName("mistakes_cancel")
        self._cancel.setText("Cancel")
        self._cancel.setToolTip("Do not make this list, and show the mistakes instead")
        self._cancel.hide()
        self._split: Split | None = None
        self._predictions: Predictions | None = None
        self._names: tuple[str, ...] = ()
        self._when = ""
        self._listed: Digits | None = None  # what the chosen list holds, in its order
        self._share = 0.0
        self._note: Callable[[int], str] = lambda digit: ""
        self._about = ""
        self._lay_out()
        self._connect()
        self.show_nothing()

    def _lay_out(self) -> None:
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(self._matrix)
        self._splitter.addWidget(self._gallery)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([190, 190])
        hidden = QWidget()
        text = QLabel(HIDDEN)
        text.setWordWrap(True)
        self._reveal = QPushButton("&Reveal test digits")
        self._reveal.setObjectName("reveal")
        self._reveal.setToolTip("Show the test digits of this run. It is noted in the run, with the epoch.")
        column = QVBoxLayout(hidden)
        column.addWidget(text)
        column.addWidget(self._reveal, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._splitter)
        self._pages.addWidget(hidden)
        said = QHBoxLayout()
        said.setSpacing(4)
        said.addWidget(self._caption, 1)
        said.addWidget(self._clear, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self.choices)
        layout.addLayout(said)
        layout.addWidget(self._pages, 1)

    def _connect(self) -> None:
        self.choices.split_chosen.connect(self.split_wanted)
        self.choices.kind_chosen.connect(self._on_choices_kind_chosen)
        self.choices.order_chosen.connect(self._show_digits)
        self.choices.measure_chosen.connect(self._on_choices_measure_chosen)
        self.choices.number_entered.connect(self._on_choices_number_entered)
        self._matrix.cell_chosen.connect(self._show_digits)
        self._clear.clicked.connect(self._on_clear_clicked)
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._gallery.digit_chosen.connect(self._on_gallery_digit_chosen)
        self._reveal.clicked.connect(self.reveal_asked)

    @property
    def list_key(self) -> str:
        """Which of the lists the user has chosen."""
        return self.choices.kind

    def offer_list(self, key: str, title: str, tip: str) -> None:
        """Offer a list that somebody else fills, or offer it by another title."""
        self.choices.offer_list(key, title, tip)

    @property
    def split(self) -> Split | None:
        """Whose digits are shown."""
        return self._split

    @property
    def digits(self) -> list[int]:
        """The digits in the gallery, in their order: their indexes in the split."""
        return self._gallery.digits

    @property
    def caption(self) -> str:
        """What is said of them."""
        return self._caption.text()

    def show_theme(self, theme: Theme) -> None:
        """Colours of the matrix to match."""
        self._matrix.show_theme(theme)

    def show_nothing(self, why: str = NOTHING) -> None:
        """There are no answers to show, and why."""
        self._split = self._predictions = self._listed = None
        self._pages.setCurrentIndex(0)
        self._matrix.show_matrix(None, self._names)
        self._gallery.show_nothing()
        self._clear.hide()
        self._cancel.hide()
        self._caption.setText(why)
        self._caption.setToolTip("")

    def show_hidden(self) -> None:
        """The test digits are wanted and not revealed."""
        self.list_cancelled.emit()
        self.show_nothing("Test digits are not revealed in this run.")
        self._pages.setCurrentIndex(1)

    def show_answers(self, split: Split, predictions: Predictions, class_names: tuple[str, ...], when: str) -> None:
        """The answers to all digits of a split. when: of which weights they are, such as "epoch 7". What was chosen
        stays chosen: cell, order, and the digit even while it is not among those shown."""
        if self._split is not split:
            self._gallery.choose(None)
            self._listed = None
        self._split, self._predictions, self._names, self._when = split, predictions, class_names, when
        self._pages.setCurrentIndex(0)
        self._matrix.show_matrix(confusion(predictions, len(class_names)), class_names)
        if self.choices.kind not in KINDS and self._listed is None:
            self.list_wanted.emit(self.choices.kind)
        self._show_digits()

    def show_list(self, digits: Digits, note: Callable[[int], str], about: str = "") -> None:
        """What the chosen list holds, (n,), in its order, of the split that is shown. note: why a digit is in it.
        about: what else to say of them all, such as "by 10 epochs"."""
        self._listed, self._note, self._about = digits, note, about
        self._show_digits()

    def show_progress(self, share: float) -> None:
        """How far the list that is wanted is made, 0..1."""
        if self._is_list_to_come and f"{share:.0%}" != f"{self._share:.0%}":
            self._share = share
            self._show_digits()

    @property
    def _is_list_to_come(self) -> bool:
        return self.choices.kind not in KINDS and self._listed is None and self._split is not None

    def show_all_cells(self) -> None:
        """No cell is chosen any more."""
        self._matrix.choose(NO_CELL)

    def choose_digit(self, split: Split, index: int) -> None:
        """A digit was chosen somewhere: outlined here too, if it is of the split that is shown."""
        self._gallery.choose(index if split is self._split else None, is_to_be_seen=True)

    @Slot()
    def _show_digits(self) -> None:
        split, predictions = self._split, self._predictions
        if split is None or predictions is None:
            return
        kind, order = self.choices.kind, self.choices.order
        digits = select_digits(predictions, cast(Kind, kind)) if kind in KINDS else self._listed
        if digits is None:
            digits = np.empty(0, np.intp)
        digits = only(predictions, digits, *self._matrix.chosen)
        if order is not None:
            digits = in_order(predictions, digits, order)
        self._gallery.show_digits(split, digits, self._short, self._describe)
        self._show_caption(split, predictions, digits)

    def _show_caption(self, split: Split, predictions: Predictions, digits: Digits) -> None:
        text = f"{count_wrong(split, predictions)} Weights of {self._when}."
        if len(split):
            text += f" {self._describe_shown(len(digits))}"
        self._caption.setText(text)
        self._caption.setToolTip(f"<p>{text}</p>")
        self._cancel.setVisible(self._is_list_to_come)
        cell = self._matrix.chosen
        self._clear.setVisible(cell != NO_CELL)
        true, predicted = ("any" if each is None else self._names[each] for each in cell)
        self._clear.setText(f"{true} {ARROW} {predicted}  \N{MULTIPLICATION SIGN}")

    def _describe_shown(self, count: int) -> str:
        if self._is_list_to_come:
            return f"The list is being made: {self._share:.0%}."
        about = self._about if self.choices.kind not in KINDS else ""
        return f"{count:,} shown{about and f', {about}'}."

    def _short(self, digit: int) -> str:
        assert self._predictions
        return thumbnail_caption(self._predictions, self._names, digit)

    def _describe(self, digit: int) -> str:
        assert self._split
        assert self._predictions
        note = self._note(digit) if self.choices.kind not in KINDS else ""
        return describe_digit(self._split, self._predictions, self._names, digit) + (note and f"; {note}")

    # What the user does

    @Slot()
    def _on_choices_kind_chosen(self) -> None:
        self._listed, self._share = None, 0.0
        if self.choices.kind in KINDS:
            self.list_cancelled.emit()
        elif self._split is not None:
            self.list_wanted.emit(self.choices.kind)
        self._show_digits()

    @Slot()
    def _on_choices_measure_chosen(self) -> None:
        self._matrix.show_measure(self.choices.measure)

    @Slot(int)
    def _on_choices_number_entered(self, number: int) -> None:
        """Go to a digit; if it is not among those shown, show all."""
        if self._split is None:
            return
        if number >= len(self._split):
            last = f"the last is {len(self._split) - 1:,}" if len(self._split) else "it is empty"
            self._caption.setText(f"There is no {self._split.title} digit {number:,}: {last}.")
            return
        if number not in self.digits:
            self.show_all_cells()
            self.choices.choose(self.choices.split, "all")
        self._show_digits()  # what was said of a number that there is not is over
        self._gallery.choose(number, is_to_be_seen=True)
        self.digit_chosen.emit(self._split, number)

    @Slot()
    def _on_clear_clicked(self) -> None:
        self.show_all_cells()
        self._show_digits()

    @Slot()
    def _on_cancel_clicked(self) -> None:
        self.choices.choose(self.choices.split, "mistakes")

    @Slot(int)
    def _on_gallery_digit_chosen(self, digit: int) -> None:
        if self._split is not None:
            self.digit_chosen.emit(self._split, digit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Matrix and gallery side by side where there is more width than height, else one above the other."""
        super().resizeEvent(event)
        is_wide = self._pages.width() >= self._pages.height()
        self._splitter.setOrientation(Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical)
