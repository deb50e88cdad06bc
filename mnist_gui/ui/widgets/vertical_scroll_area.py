"""A frameless area for a form that may be higher than the window."""

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea


class VerticalScrollArea(QScrollArea):
    """Scrolls up and down only, and asks for the width that its content needs, at least `least_width` pixels."""

    def __init__(self, least_width: int) -> None:
        super().__init__()
        self._least_width = least_width
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def sizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        content: Any = self.widget()
        return QSize(max(self._least_width, content.minimumSizeHint().width() + bar), super().sizeHint().height())
