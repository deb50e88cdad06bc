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

    def tell(self, name: str, *, is_running: bool) -> None:
        """This one begins or ends its use of them."""
        user = name if is_running else self.busy_for(name)
        if user != self._user:
            self._user = user
            self.changed.emit()
