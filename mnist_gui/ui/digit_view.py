"""The panel of one digit: large, with how sure the network is of every class."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from mnist_gui.ui.class_bars import ClassBars, Shares
from mnist_gui.ui.digit_pictures import DigitPicture, grey_image
from mnist_gui.ui.roomy_label import RoomyLabel
from mnist_gui.ui.tag_row import TagRow
from mnist_gui.ui.theme import Theme

PICTURE = 168  # screen pixels: six to one of MNIST's
NOTHING = "No digit chosen: click one in the gallery of Mistakes."


class DigitView(QWidget):
    """Shows a digit and the answer of one network to it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = RoomyLabel("digit_text", 3)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._picture = DigitPicture(PICTURE)
        self._picture.setObjectName("digit_picture")
        self._picture.setAccessibleName("The chosen digit")
        self.bars = ClassBars()
        self.history, self.tags = RoomyLabel("digit_history", 1), TagRow()
        answer = QWidget()
        below = QHBoxLayout(answer)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(6)
        below.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(_scrolled(self.bars), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._text)
        layout.addWidget(_scrolled(answer), 1)
        layout.addWidget(self.history)
        layout.addWidget(self.tags)
        self.show_nothing()

    @property
    def text(self) -> str:
        """What is said of the digit."""
        return self._text.text()

    def show_theme(self, theme: Theme) -> None:
        """Colours of the bars to match."""
        self.bars.show_theme(theme)

    def show_nothing(self) -> None:
        """No digit is chosen."""
        self._say(NOTHING)
        self._picture.show_image(None)
        self.bars.show_shares((), [])

    def show_digit(
        self, pixels: NDArray[np.uint8], text: str, names: tuple[str, ...], confidences: NDArray[np.floating]
    ) -> None:
        """A digit (rows, cols), what to say of it, and the confidences (C,), 0..1, in the classes of these names."""
        self._say(text)
        self._picture.show_image(grey_image(pixels))
        self.bars.show_shares(names, [Shares("this network", confidences)])

    def _say(self, text: str) -> None:
        self._text.setText(text)
        self._text.setToolTip(f"<p>{text}</p>")  # all of it, where a narrow panel shows only the beginning


def _scrolled(widget: QWidget) -> QScrollArea:
    """A widget that is scrolled up and down where there is not room for all of it."""
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
