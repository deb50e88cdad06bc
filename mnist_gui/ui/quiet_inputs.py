"""Input widgets that leave the wheel to the form around them unless they have the focus."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSlider, QSpinBox, QWidget


class QuietSpinBox(QSpinBox):
    """Takes the wheel only while it has the focus: scrolling the form must not change its values."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel_if_focused(self, super().wheelEvent, event)


class QuietComboBox(QComboBox):
    """Takes the wheel only while it has the focus, and gives way to a narrow form."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel_if_focused(self, super().wheelEvent, event)


class QuietSlider(QSlider):
    """Takes the wheel only while it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel_if_focused(self, super().wheelEvent, event)


def _wheel_if_focused(widget: QWidget, handle: Any, event: QWheelEvent) -> None:
    if widget.hasFocus():
        handle(event)
    else:
        event.ignore()
