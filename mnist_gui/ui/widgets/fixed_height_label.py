"""A text with its room kept free, so that what it says moves nothing."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy

from mnist_gui.ui.widgets.application_style import set_text_role


class FixedHeightLabel(QLabel):
    """A muted text with room for so many lines, so that a longer one moves nothing."""

    def __init__(self, name: str, lines: int) -> None:
        super().__init__()
        self.setObjectName(name)
        set_text_role(self, "muted")
        self.setWordWrap(True)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing())
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)

    def hasHeightForWidth(self) -> bool:
        """No: its height is fixed. A wrapped label says yes, and a scroll area then gives all around it the height that
        they would like instead of the height that they need."""
        return False
