"""The training digits that look most like one digit to the last hidden layer: to be seen, and to be chosen."""

from collections import Counter

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mnist_gui.data.splits import Split
from mnist_gui.inspection.neighbours import Measure, Neighbours
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import choice_box

MEASURES: dict[str, str] = {
    "by distance": "Nearest are those to which the units answer about as strongly (Euclidean distance)",
    "by direction": "Nearest are those to which the units answer in the same proportions, however strongly "
    "(1 less the cosine of the angle)",
}
KINDS: tuple[Measure, ...] = ("euclid", "cosine")
MOST_NAMED = 4
NO_NUMBERS = "The network's last hidden layer says no finite numbers to this digit, so nothing is near it."
DEAD = "The last hidden layer says the same to all digits: it is dead, and no digit is nearer than another."
NONE = "There are no other training digits to compare it with."


class NeighboursTab(QWidget):
    """digit_chosen(index): the user wants to see this training digit. measure_changed(): another order is wanted."""

    digit_chosen = Signal(int)
    measure_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._measure = choice_box("neighbours_measure", "How near digits are", MEASURES)
        self._text = FixedHeightLabel("neighbours_text", 3)
        self._gallery = DigitGallery("neighbours", "Nearest training digits")
        self._gallery.setToolTip(
            "<p>Training digits, the most alike first, with their labels and how far away they are. Click one to see "
            "it in this panel.</p>"
        )
        self._gallery.setMinimumHeight(40)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._measure)
        layout.addWidget(self._text)
        layout.addWidget(self._gallery, 1)
        self._measure.currentIndexChanged.connect(self.measure_changed)
        self._gallery.digit_chosen.connect(self.digit_chosen)

    @property
    def measure(self) -> Measure:
        """How distances are measured."""
        return KINDS[self._measure.currentIndex()]

    @property
    def digits(self) -> list[int]:
        """The digits that are shown, nearest first: their indexes in the training split."""
        return self._gallery.digits

    @property
    def text(self) -> str:
        """What is said of them."""
        return self._text.text()

    def show_nothing(self, why: str = "") -> None:
        """No digits, and why."""
        self._show_caption(why)
        self._gallery.show_nothing()

    def show_neighbours(self, found: Neighbours | None, train: Split, names: tuple[str, ...], where: str) -> None:
        """The nearest digits of the training split. where: what was compared, such as "hidden layer 2"."""
        if found is None or not found.compared:
            self.show_nothing(NO_NUMBERS if found is None else NONE)
            return
        if found.compared > 1 and not found.are_distinct:
            self.show_nothing(DEAD)
            return
        distances = dict(zip(found.digits.tolist(), found.distances.tolist(), strict=True))
        self._show_caption(_describe(found, train, names, where))

        def caption(digit: int) -> str:
            return f"{names[train.labels[digit]]}  {distances[digit]:.3g}"

        def describe(digit: int) -> str:
            return f"Training digit {digit:,}, a {names[train.labels[digit]]}: {distances[digit]:.4g} away"

        self._gallery.choose(None)
        self._gallery.show_digits(train, found.digits, caption, describe)

    def _show_caption(self, text: str) -> None:
        self._text.setText(text)
        self._text.setToolTip(f"<p>{text}</p>" if text else "")


def _describe(found: Neighbours, train: Split, names: tuple[str, ...], where: str) -> str:
    counts = Counter(np.asarray(train.labels)[found.digits].tolist()).most_common()
    named = [f"{count} \N{MULTIPLICATION SIGN} {names[label]}" for label, count in counts[:MOST_NAMED]]
    more = ["others"] if len(counts) > MOST_NAMED else []
    kinds = ", ".join(named + more)
    # The digit itself may be among the training digits, and is not compared.
    sample = "a random sample of " if found.compared < len(train) - 1 else ""
    return f"The nearest {len(found.digits)}: {kinds}. Of {sample}{found.compared:,} training digits, by {where}."
