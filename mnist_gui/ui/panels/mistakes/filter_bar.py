"""Which digits the gallery should show: of which split, which of them, in which order. A few quiet controls."""

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from mnist_gui.config.typed_numbers import read_whole
from mnist_gui.data.splits import SplitName
from mnist_gui.inspection.error_selection import UNSURE, Order
from mnist_gui.ui.panels.mistakes.confusion_matrix import Measure
from mnist_gui.ui.services.prediction_service import SPLITS
from mnist_gui.ui.widgets.no_wheel_inputs import choice_box, offer

KINDS: dict[str, tuple[str, str]] = {
    "mistakes": ("mistakes", "Every digit taken for another class"),
    "unsure": ("right but unsure", f"Read rightly, with a confidence below {UNSURE:.0%}"),
    "all": ("all digits", "Every digit of the split, right or wrong"),
}
ORDERS: dict[Order, tuple[str, str]] = {
    "loss": ("largest loss first", "What the network was surest to be wrong about"),
    "sure": ("surest first", "By the confidence in what the digit was taken for"),
    "unsure": ("least sure first", "By the same, the other way round"),
    "margin": ("smallest margin first", "By how far the runner-up is behind: where it hesitates between two classes"),
    "number": ("by number", "As they lie in the split"),
}
LISTED = ("as listed", "In the order of the list itself, such as the most suspect first")
MEASURES: dict[Measure, tuple[str, str]] = {
    "counts": ("counts", "How many digits are in each cell of the matrix"),
    "true": ("% of true class", "Shares of the digits of a class: each row adds up to 100"),
    "predicted": ("% of predicted class", "Shares of what was taken for a class: each column adds up to 100"),
}


class FilterBar(QWidget):
    """split_chosen(): another split is wanted. kind_chosen(): others of its digits. order_chosen(): another order.
    measure_chosen(): other numbers in the matrix. number_entered(index): the user wants to see this digit."""

    split_chosen = Signal()
    kind_chosen = Signal()
    order_chosen = Signal()
    measure_chosen = Signal()
    number_entered = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._split = choice_box("mistakes_split", "Split", dict(SPLITS.values()))
        self._kind = choice_box("mistakes_kind", "Which digits", dict(KINDS.values()))
        self._order = choice_box("mistakes_order", "Order of the digits", dict([*ORDERS.values(), LISTED]))
        self._measure = choice_box("mistakes_measure", "Numbers in the matrix", dict(MEASURES.values()))
        self._kinds = list(KINDS)
        self._order_before = 0
        offer(self._order, {len(ORDERS): False})
        self._number = QLineEdit()
        self._number.setObjectName("mistakes_number")
        self._number.setPlaceholderText("digit no.")
        self._number.setAccessibleName("Number of a digit to go to")
        self._number.setToolTip("Go to a digit by its number in the split, from 0, and press Return")
        self._number.setValidator(QIntValidator(0, 99_999_999, self))
        self._number.setFixedWidth(self.fontMetrics().horizontalAdvance("digit no. 00"))
        self._number.returnPressed.connect(self._on_number_return_pressed)
        self._split.currentIndexChanged.connect(self.split_chosen)
        self._kind.currentIndexChanged.connect(self._on_kind_current_index_changed)
        self._order.currentIndexChanged.connect(self.order_chosen)
        self._measure.currentIndexChanged.connect(self.measure_chosen)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._split, 0, 0)
        layout.addWidget(self._kind, 0, 1, 1, 2)
        layout.addWidget(self._measure, 1, 0)
        layout.addWidget(self._order, 1, 1)
        layout.addWidget(self._number, 1, 2)
        layout.setColumnStretch(0, 1)
        layout.setColumnStretch(1, 1)

    @property
    def split(self) -> SplitName:
        """Whose digits are wanted."""
        return list(SPLITS)[self._split.currentIndex()]

    @property
    def kind(self) -> str:
        """Which of them: a key of KINDS, or of a list that was offered."""
        return self._kinds[self._kind.currentIndex()]

    @property
    def order(self) -> Order | None:
        """In which order; None: as they are listed."""
        index = self._order.currentIndex()
        return list(ORDERS)[index] if index < len(ORDERS) else None

    @property
    def measure(self) -> Measure:
        """What the matrix should show."""
        return list(MEASURES)[self._measure.currentIndex()]

    def offer_list(self, key: str, title: str, tip: str) -> None:
        """Offer digits that somebody else lists, or offer them by another title."""
        if key in self._kinds:
            self._kind.setItemText(self._kinds.index(key), title)
            return
        self._kinds.append(key)
        with QSignalBlocker(self._kind):
            self._kind.addItem(title)
        self._kind.setToolTip(f"{self._kind.toolTip()}<br><b>{title}</b>: {tip}")

    def choose(self, split: SplitName, kind: str) -> None:
        """Want these digits from the program's side; one signal at most is sent, as if the user had chosen."""
        is_other_split = split != self.split
        with QSignalBlocker(self._split), QSignalBlocker(self._kind):
            self._split.setCurrentIndex(list(SPLITS).index(split))
            self._kind.setCurrentIndex(self._kinds.index(kind))
        self._offer_orders()
        (self.split_chosen if is_other_split else self.kind_chosen).emit()

    @Slot()
    def _on_kind_current_index_changed(self) -> None:
        self._offer_orders()
        self.kind_chosen.emit()

    def _offer_orders(self) -> None:
        """A list comes in its own order first; what was chosen before returns with the other digits."""
        is_list, is_as_listed = self.kind not in KINDS, self.order is None
        if is_list and not is_as_listed:
            self._order_before = self._order.currentIndex()
        offer(self._order, {len(ORDERS): is_list}, self._order_before)
        if is_list:
            with QSignalBlocker(self._order):
                self._order.setCurrentIndex(len(ORDERS))

    @Slot()
    def _on_number_return_pressed(self) -> None:
        number = read_whole(self._number.text())
        if isinstance(number, int):
            self.number_entered.emit(number)
