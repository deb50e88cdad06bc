"""A line that opens: a text that few need, folded away under what it is."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QToolButton, QVBoxLayout, QWidget

from mnist_gui.ui.widgets.application_style import set_text_role


class CollapsibleText(QWidget):
    """A button with an arrow, and below it, once it is pressed, a text of a few lines. Out of sight without a text.

    link_followed(target): the user clicked a link in the text, or pressed Return on it.
    """

    link_followed = Signal(str)

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self._button = QToolButton()
        self._button.setObjectName(name)
        self._button.setAutoRaise(True)
        self._button.setToolTip(f"<p>{tip}</p>")
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._button.clicked.connect(self._on_button_clicked)
        self._text = QLabel()
        self._text.setObjectName(f"{name}_text")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._text.linkActivated.connect(self.link_followed)
        set_text_role(self._text, "muted")
        self._text.setContentsMargins(18, 0, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._button)
        layout.addWidget(self._text)
        self._is_open = False
        self._show_state()
        self.show_text("", "")

    @property
    def is_open(self) -> bool:
        """Whether the text is to be read."""
        return self._is_open

    @property
    def title(self) -> str:
        """What is folded away."""
        return self._button.text()

    @property
    def text(self) -> str:
        """What is, or would be, read, as rich text."""
        return self._text.text()

    def show_text(self, title: str, text: str) -> None:
        """Fold away this rich text, "" for nothing, under its title. What is open stays open."""
        self._button.setText(title)
        self._button.setAccessibleName(title)
        if text != self._text.text():  # what the user has selected stays so
            self._text.setText(text)
        self.setVisible(bool(text))

    @Slot()
    def _on_button_clicked(self) -> None:
        self._is_open = not self._is_open
        self._show_state()

    def _show_state(self) -> None:
        self._button.setArrowType(Qt.ArrowType.DownArrow if self._is_open else Qt.ArrowType.RightArrow)
        self._button.setAccessibleDescription("open" if self._is_open else "folded")
        self._text.setVisible(self._is_open)


def paragraphs(texts: Iterable[str]) -> str:
    """These pieces of rich text, each indented from its second line on, to be told apart."""
    return "".join(f"<p style='margin: 0 0 2px 10px; text-indent: -10px'>{text}</p>" for text in texts)
