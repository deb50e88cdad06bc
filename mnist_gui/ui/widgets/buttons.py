"""Buttons as all panels have them: with a name for tests and scripts, a text, and a tip that wraps."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton

# Why a button does nothing now. {}: such as "A search".
WAIT = "{} is under way, which needs the same processes: wait for its end, or cancel it."


def push_button(name: str, text: str, tip: str) -> QPushButton:
    """A button for a deed. tip: what it does, as rich text."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(f"<p>{tip}</p>")
    return button


def tool_button(name: str, text: str, tip: str) -> QToolButton:
    """A small button, which the Tab key reaches. tip: what it does, as rich text."""
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setToolTip(f"<p>{tip}</p>" if tip else "")
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
