"""Buttons that do what actions do, and look as the actions say."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QToolButton


def action_button(action: QAction) -> QToolButton:
    """A text button that does what an action does, and is enabled when it is."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setObjectName(action.objectName())
    return button


def follow_action(button: QPushButton, action: QAction) -> None:
    """Keep a push button's text, tip and state those of an action."""

    def update() -> None:
        button.setText(action.iconText())
        button.setToolTip(action.toolTip())
        button.setEnabled(action.isEnabled())

    action.changed.connect(update)
    update()
