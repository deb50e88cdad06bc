"""Which unit the user looks at: chosen among the pictures of its layer, and announced to the panels."""

from PySide6.QtCore import QObject, Signal


class UnitSelection(QObject):
    """chosen(layer, number): the user wants to see this unit; layer 0 is the first hidden one. layer and number are
    None until one is chosen, and again when another run is shown."""

    chosen = Signal(int, int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.layer: int | None = None
        self.number: int | None = None

    def choose(self, layer: int, number: int) -> None:
        """The user wants to see this unit."""
        self.layer, self.number = layer, number
        self.chosen.emit(layer, number)

    def forget(self) -> None:
        """The units are no longer those of the run that is shown."""
        self.layer = self.number = None
