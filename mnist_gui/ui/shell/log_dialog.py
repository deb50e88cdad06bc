"""The end of the log, to read and to copy, and where all of it is."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QShowEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from mnist_gui.system.regular_files import open_regular

# So many bytes from the end are shown.
SHOWN = 200_000

NO_LOG = "There is no log: the folder for it cannot be written."


class LogDialog(QDialog):
    """Shows the newest lines of a log file."""

    def __init__(self, path: Path, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Log")
        self.resize(900, 520)
        place = QLabel(str(path))
        place.setTextFormat(Qt.TextFormat.PlainText)
        place.setWordWrap(True)
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text = QPlainTextEdit(end_of(path))
        self._text.setObjectName("log")
        self._text.setReadOnly(True)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self._text.toPlainText()))
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(place)
        layout.addWidget(self._text)
        layout.addWidget(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """The newest lines first."""
        super().showEvent(event)
        self._text.moveCursor(QTextCursor.MoveOperation.End)
        self._text.ensureCursorVisible()


def end_of(path: Path) -> str:
    """The last lines of a file, whole, at most SHOWN bytes; a sentence where there is none."""
    try:
        with open_regular(path) as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - SHOWN))
            content = file.read(SHOWN).decode("utf-8", "backslashreplace")
    except OSError:
        return NO_LOG
    return content if size <= SHOWN else content.partition("\n")[2]
