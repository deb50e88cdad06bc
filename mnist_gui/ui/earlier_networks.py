"""Networks trained before the present one, kept in memory and offered in a menu: starting over loses nothing."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from mnist_gui.training.snapshot import Snapshot

# Together, so that a day of trying large networks does not fill the memory; the newest one is always kept.
BUDGET_BYTES = 256_000_000


class EarlierNetworks(QObject):
    """The best weights of unsaved networks, newest first. chosen(snapshot): the person wants one back."""

    chosen = Signal(object)

    def __init__(self, menu: QMenu) -> None:
        super().__init__(menu)
        self._menu = menu
        self._snapshots: list[Snapshot] = []

    def __len__(self) -> int:
        return len(self._snapshots)

    def add(self, snapshot: Snapshot) -> None:
        """Keep a network; the oldest give way where the budget is used up."""
        self._snapshots.insert(0, snapshot)
        while len(self._snapshots) > 1 and sum(kept.parameters.nbytes for kept in self._snapshots) > BUDGET_BYTES:
            self._snapshots.pop()
        self._fill()

    def forget(self, snapshot: Snapshot | None) -> None:
        """Drop a network that is shown or saved now."""
        self._snapshots = [kept for kept in self._snapshots if kept is not snapshot]
        self._fill()

    def _fill(self) -> None:
        self._menu.clear()
        for snapshot in self._snapshots:
            self._menu.addAction(_describe(snapshot), lambda snapshot=snapshot: self.chosen.emit(snapshot))
        self._menu.setEnabled(bool(self._snapshots))


def _describe(snapshot: Snapshot) -> str:
    layers = "-".join(map(str, snapshot.sizes))
    text = f"{layers} {snapshot.config.network.activation}, {snapshot.epoch} epochs"
    return f"{text}, validation {snapshot.validation_accuracy:.2%}" if snapshot.is_measured else text
