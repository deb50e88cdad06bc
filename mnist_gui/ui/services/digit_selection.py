"""Which digit the user looks at: chosen in any panel, and announced to all."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from mnist_gui.data.splits import Split, Splits


class DigitSelection(QObject):
    """chosen(split, index): this digit is looked at. wanted(): since the user wants to see it. gathered(split, indexes,
    title): look at these in the gallery. forgotten(): there is no digit to look at any more."""

    chosen = Signal(object, int)
    wanted = Signal()
    gathered = Signal(object, object, str)
    forgotten = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.split: Split | None = None
        self.index = 0
        self._forgotten: tuple[Split, int] | None = None

    def choose(self, split: Split, index: int) -> None:
        """The user wants to see this digit."""
        self.split, self.index = split, index
        self.chosen.emit(split, index)
        self.wanted.emit()

    def gather(self, split: Split, indexes: NDArray[np.intp], title: str) -> None:
        """The user wants to see these digits, (n,), such as those of a unit. title: what they have in common."""
        self.gathered.emit(split, indexes, title)

    def forget(self) -> None:
        """The digits are no longer those of the run that is shown."""
        if self.split is not None:
            self._forgotten = self.split, self.index
        self.split = None
        self.forgotten.emit()

    def find_again(self, splits: Splits, *, may_be_test: bool) -> None:
        """Another run is shown: look at the same digit there, if it is in the split of the same name.

        may_be_test: whether test digits of that run are revealed.
        """
        if self.split is not None or self._forgotten is None:
            return
        before, index = self._forgotten
        split = splits.named(before.name)
        if split.source is not before.source or (split.name == "test" and not may_be_test):
            return
        places = np.flatnonzero(split.rows == before.rows[index])
        if len(places):
            self.split, self.index = split, int(places[0])
            self.chosen.emit(self.split, self.index)
