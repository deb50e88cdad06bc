"""The panel of one digit: large, how sure the network is of every class, and beside it one of several ways to see
why."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from mnist_gui.ui.panels.digit.activations_tab import ActivationsTab
from mnist_gui.ui.panels.digit.attributions_tab import AttributionsTab
from mnist_gui.ui.panels.digit.logits_tab import LogitsTab
from mnist_gui.ui.panels.digit.losses_tab import LossesTab
from mnist_gui.ui.panels.digit.neighbours_tab import NeighboursTab
from mnist_gui.ui.panels.digit.tag_row import TagRow
from mnist_gui.ui.widgets.class_bars import LEAST_ROW, ClassBars, Shares
from mnist_gui.ui.widgets.digit_image import DigitImage, grey_image
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import choice_box
from mnist_gui.ui.widgets.theme import Theme

PICTURE = 112  # screen pixels: four to one of MNIST's
NOTHING = "No digit chosen: click one in the gallery of Mistakes."

PARTS = {
    "contributions": "Which pixels speak for one class and which for another",
    "numbers": "Confidence and logit of every class, and the margin over the second, or of a mistake over the true one",
    "activations": "What the units of every layer say to the digit",
    "neighbours": "The training digits that look most like it to the last hidden layer",
    "loss": "Its loss at every kept moment of the run: when it was learned, and whether it was forgotten",
}


class DigitView(QWidget):
    """Shows a digit and the answer of one network to it. part_shown(): the user looks at another part."""

    part_shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = FixedHeightLabel("digit_text", 3)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._picture = DigitImage(PICTURE)
        self._picture.setObjectName("digit_picture")
        self._picture.setAccessibleName("The chosen digit")
        self._picture.setToolTip("<p>The digit as the network sees it.</p>")
        self.bars = ClassBars()
        self._part = choice_box("digit_part", "What to see of the digit", PARTS)
        self.attributions, self.numbers = AttributionsTab(), LogitsTab()
        self.activations, self.neighbours, self.losses = ActivationsTab(), NeighboursTab(), LossesTab()
        self._stack = QStackedWidget()
        for part in (self.attributions, self.numbers, self.activations, self.neighbours, self.losses):
            self._stack.addWidget(part)
        self.history, self.tags = FixedHeightLabel("digit_history", 1), TagRow()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.tags.listen_in(self)
        self._lay_out()
        self._part.currentIndexChanged.connect(self._on_part_current_index_changed)
        self.show_nothing()

    def _lay_out(self) -> None:
        scroller = _scrolled(self.bars)
        scroller.setFixedWidth(PICTURE)
        scroller.setMinimumHeight(2 * LEAST_ROW)
        answer = QWidget()
        always, chosen, below = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(answer)
        below.setContentsMargins(0, 0, 0, 0)
        for column in (always, chosen):
            column.setSpacing(4)
        always.addWidget(self._picture)
        always.addWidget(scroller, 1)
        chosen.addWidget(self._part)
        chosen.addWidget(self._stack, 1)
        below.setSpacing(8)
        below.addLayout(always)
        below.addLayout(chosen, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._text)
        layout.addWidget(_scrolled(answer), 1)
        layout.addWidget(self.history)
        layout.addWidget(self.tags)

    @property
    def text(self) -> str:
        """What is said of the digit."""
        return self._text.text()

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        for part in (self.bars, self.attributions, self.activations, self.losses):
            part.show_theme(theme)

    def show_nothing(self) -> None:
        """No digit is chosen."""
        self._show_caption(NOTHING)
        self._picture.show_image(None)
        self.bars.show_shares((), [])
        for part in (self.attributions, self.numbers, self.neighbours):
            part.show_nothing()
        self.activations.show_layers([])
        self.losses.show_losses(None)

    def show_digit(
        self, pixels: NDArray[np.uint8], text: str, names: tuple[str, ...], confidences: NDArray[np.floating]
    ) -> None:
        """A digit (rows, cols), what to say of it, and the confidences (C,), 0..1, in the classes of these names."""
        self._show_caption(text)
        self._picture.show_image(grey_image(pixels))
        self.bars.show_shares(names, [Shares("this network", confidences)])

    def _show_caption(self, text: str) -> None:
        self._text.setText(text)
        self._text.setToolTip(f"<p>{text}</p>")  # all of it, where a narrow panel shows only the beginning

    @Slot(int)
    def _on_part_current_index_changed(self, part: int) -> None:
        self._stack.setCurrentIndex(part)
        self.part_shown.emit()


def _scrolled(widget: QWidget) -> QScrollArea:
    """A widget that is scrolled up and down where there is not room for all of it."""
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
