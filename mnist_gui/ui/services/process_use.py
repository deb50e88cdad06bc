"""Who uses the processes of this computer: a sweep or a search of the window, one at a time."""

from PySide6.QtCore import QObject, Signal


class ProcessUse(QObject):
    """changed(): they were taken, or are free again. search_wanted(): the user wants to search for a fix."""

    changed = Signal()
    search_wanted = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._user = ""

    def busy_for(self, name: str) -> str:
        """Who else uses them than this one, such as "A sweep"; "" if nobody does."""
        return "" if self._user == name else self._user

    def take(self, name: str) -> bool:
        """This one begins to use them; False, and nothing has changed, where another one does."""
        if self.busy_for(name):
            return False
        self._use(name)
        return True

    def free(self, name: str) -> None:
        """This one uses them no more, if it did."""
        if self._user == name:
            self._use("")

    def _use(self, user: str) -> None:
        if user != self._user:
            self._user = user
            self.changed.emit()
