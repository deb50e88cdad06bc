"""Which digit a person looks at: chosen in any panel, and told to all."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from mnist_gui.data.splits import Split


class DigitChoice(QObject):
    """chosen(split, index): look at this digit. gathered(split, indexes, title): look at these in the gallery.

    forgotten(): there is no digit to look at any more.
    """

    chosen = Signal(object, int)
    gathered = Signal(object, object, str)
    forgotten = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.split: Split | None = None
        self.index = 0

    def choose(self, split: Split, index: int) -> None:
        """A person wants to see this digit."""
        self.split, self.index = split, index
        self.chosen.emit(split, index)

    def gather(self, split: Split, indexes: NDArray[np.intp], title: str) -> None:
        """A person wants to see these digits, (n,), such as those of a unit. title: what they have in common."""
        self.gathered.emit(split, indexes, title)

    def forget(self) -> None:
        """The digits are no longer those of the run that is shown."""
        self.split = None
        self.forgotten.emit()
