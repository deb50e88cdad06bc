"""The row of the personal test set: say whether the network is right about a drawing, and so keep it."""

from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from mnist_gui.ui.widgets.buttons import tool_button

WHERE = "The drawing, as the network sees it, goes into your personal test set, which is kept on the disk."
NONE_KEPT = "None kept yet"


class SaveRow(QWidget):
    """keep_asked(label): the user says of which class the drawing is. look_asked(): see those that are kept."""

    keep_asked = Signal(int)
    look_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._taken_for: int | None = None
        self._right = tool_button("keep_right", "Right: keep it", f"The network is right. {WHERE}")
        self._right.clicked.connect(self._on_right_clicked)
        self._wrong = tool_button(
            "keep_wrong", "Wrong: it is a...", f"The network is wrong: choose what it is. {WHERE}"
        )
        self._wrong.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._wrong)
        self._wrong.setMenu(self._menu)
        self._look = tool_button("look_at_kept", NONE_KEPT, "")
        self._look.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._look.clicked.connect(self.look_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self._right)
        layout.addWidget(self._wrong)
        layout.addWidget(self._look, 1)
        self.show_drawing(None, can_keep=False)
        self.show_kept(0, "", "")

    @property
    def kept(self) -> str:
        """What is said of the drawings that are kept."""
        return self._look.text()

    @property
    def menu(self) -> QMenu:
        """The classes that a drawing can be said to be of."""
        return self._menu

    def show_classes(self, names: tuple[str, ...]) -> None:
        """Offer these classes."""
        if names == self._names:
            return
        self._names = names
        self._menu.clear()
        for label, name in enumerate(names):
            action = self._menu.addAction(f"&{name}" if len(name) == 1 and name.isalnum() else name.replace("&", "&&"))
            action.triggered.connect(lambda _, label=label: self.keep_asked.emit(label))

    def show_drawing(self, taken_for: int | None, *, can_keep: bool) -> None:
        """What the present drawing is taken for; None: the network does not say. can_keep: it is not kept yet."""
        self._taken_for = taken_for
        self._right.setEnabled(can_keep and taken_for is not None)
        self._wrong.setEnabled(can_keep)

    def show_kept(self, count: int, scored: str, tip: str) -> None:
        """How many are kept, and how the network does on them, such as "83.3 % right". tip: more of that, or ""."""
        text = f"{count:,} kept" if count else NONE_KEPT
        self._look.setText(f"{text}, {scored}" if count and scored else text)
        self._look.setEnabled(count > 0)
        about = "Your personal test set: all drawings that you kept for networks of this kind, and how many of them "
        about += "the weights that are shown get right. Click to look through them and to delete some."
        self._look.setToolTip(f"<p>{about}</p>" + (f"<p>{escape(tip)}</p>" if tip else ""))

    def _on_right_clicked(self) -> None:
        if self._taken_for is not None:
            self.keep_asked.emit(self._taken_for)
