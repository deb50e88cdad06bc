"""The row of tags of a digit: what the user thinks of it, with three buttons and a line of their own words."""

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from mnist_gui.storage.tags import NO_REMARK, Remark, Tag
from mnist_gui.ui.widgets.application_style import set_sheet

# Words are kept so long after the last key, in milliseconds: whoever closes the window loses none of them.
KEEP_AFTER_MS = 400
LONGEST_NOTE = 1000

KEPT = "Kept on the disk, with this dataset; a click more takes it away"
BUTTONS: dict[Tag, tuple[str, str, str]] = {
    "bad label": (
        "Bad label",
        "Alt+1",
        "The label is wrong: it is another digit, or none. Data > Leave out trains a network without such digits",
    ),
    "ambiguous": ("Ambiguous", "Alt+2", "People would not agree what it is, so no network needs to"),
    "interesting": ("Interesting", "Alt+3", "To come back to, for whatever reason: the list 'tagged' has it"),
}


UNDO = "Ctrl+Z"


class TagRow(QWidget):
    """remarked(remark): the user says something else of the digit that is shown. undo_asked(): or takes it back."""

    remarked = Signal(object)
    undo_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._kept = NO_REMARK
        self._buttons = {tag: self._make_button(tag) for tag in BUTTONS}
        self._note = QLineEdit()
        self._note.setObjectName("tag_note")
        self._note.setAccessibleName("Note on the digit")
        self._note.setToolTip("Your own words about this digit, kept with its tags as you type")
        self._note.setPlaceholderText("note")
        self._note.setMaxLength(LONGEST_NOTE)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_AFTER_MS)
        self._timer.timeout.connect(self.commit)
        self._note.textEdited.connect(self._timer.start)
        self._note.editingFinished.connect(self.commit)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for button in self._buttons.values():
            layout.addWidget(button)
        layout.addWidget(self._note, 1)
        self._undo = self._make_undo()
        layout.addWidget(self._undo)
        self.show_undo("")
        self.show_remark(None)

    def _make_button(self, tag: Tag) -> QToolButton:
        text, shortcut, tip = BUTTONS[tag]
        button = QToolButton()
        button.setObjectName(f"tag_{tag.replace(' ', '_')}")
        button.setText(text)
        set_sheet(button, "pressed button")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(f"Tag the digit: {tag}")
        button.setToolTip(f"<p>{tip}. {KEPT} ({shortcut}, with the focus in this panel).</p>")
        button.toggled.connect(self._on_button_toggled)
        return button

    def _make_undo(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("tag_undo")
        button.setText("\N{ANTICLOCKWISE TOP SEMICIRCLE ARROW}")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName("Undo the last tag or note")
        button.clicked.connect(self.undo_asked)
        return button

    def listen_in(self, panel: QWidget) -> None:
        """Take the keys of the buttons while the focus is in a panel, and only then: what cannot be seen is not
        changed."""
        keys = {BUTTONS[tag][1]: button for tag, button in self._buttons.items()} | {UNDO: self._undo}
        for key, button in keys.items():
            shortcut = QShortcut(QKeySequence(key), panel)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(button.click)

    def show_undo(self, what: str) -> None:
        """What could be taken back, such as "bad label of validation digit 3"; "": nothing."""
        self._undo.setEnabled(bool(what))
        self._undo.setToolTip(f"<p>Undo: {what or 'nothing was said yet'} ({UNDO}, with the focus in this panel).</p>")

    @property
    def remark(self) -> Remark:
        """What the row says."""
        tags = frozenset(tag for tag, button in self._buttons.items() if button.isChecked())
        return Remark(tags, self._note.text().strip())

    def show_remark(self, remark: Remark | None) -> None:
        """What is said of a digit; None: there is no digit, or its tags are not read yet. Asks for nothing."""
        self._timer.stop()
        self.setEnabled(remark is not None)
        self._kept = remark or NO_REMARK
        for tag, button in self._buttons.items():
            with QSignalBlocker(button):
                button.setChecked(tag in self._kept.tags)
        if self._note.text().strip() != self._kept.note:  # else the cursor and a blank at the end stay
            self._note.setText(self._kept.note)
        self._kept = self.remark  # of a note with several lines, or a very long one, not all is in sight

    @Slot()
    def _on_button_toggled(self) -> None:
        """A note that is still being typed is one thing that is said, the tag another: each is taken back alone."""
        note = self._note.text().strip()
        if note != self._kept.note:
            self._kept = Remark(self._kept.tags, note)
            self.remarked.emit(self._kept)
        self.commit()

    @Slot()
    def commit(self) -> None:
        """Take what was typed as said, without waiting for more."""
        self._timer.stop()
        if self.remark != self._kept:
            self._kept = self.remark
            self.remarked.emit(self._kept)
