"""The panel Robust: one digit disturbed by hand and how it is read, and the accuracy on many disturbed alike."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from mnist_gui.ui.panels.robust.curve import Curve, RobustCurve
from mnist_gui.ui.panels.robust.sliders import RobustSliders
from mnist_gui.ui.widgets.class_bars import ClassBars, Shares
from mnist_gui.ui.widgets.digit_image import DigitImage, grey_image
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox
from mnist_gui.ui.widgets.theme import Theme

NOTHING = "No network yet: train, or open a model. Then disturb a digit and see whether it is still read rightly."
ALONE = "no comparison"
LEAST_HEIGHT = 200
PICTURE = 56  # screen pixels: two to one of MNIST's


class RobustView(QWidget):
    """another_draw_asked(): other noise, directions and places. rival_chosen(place): compare with the weights at this
    place of those offered, -1 for none. pointed(strength): what the curve says there is wanted, None: no more."""

    another_draw_asked = Signal()
    comparison_chosen = Signal(int)
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("robust")
        self._caption = FixedHeightLabel("robust_caption", 2)
        self.sliders = RobustSliders()
        self._original = _picture("robust_original", "The digit as it is")
        self._disturbed = _picture("robust_disturbed", "The digit disturbed, as the network sees it")
        self.bars = ClassBars()
        self.curve = RobustCurve()
        self._reading = FixedHeightLabel("robust_reading", 2)
        self._comparisons = self._make_comparisons()
        self._lay_out()
        self.sliders.changed.connect(self._show_strength)
        self.sliders.chosen.connect(self._show_strength)
        self.curve.pointed.connect(self.pointed)
        self.curve.strength_clicked.connect(self._on_curve_strength_clicked)
        self.show_comparisons([], -1)
        self.show_nothing()

    def _make_comparisons(self) -> NoWheelComboBox:
        box = NoWheelComboBox()
        box.setObjectName("robust_rival")
        box.setAccessibleName("Weights to compare with")
        box.setToolTip(
            "<p>Draw a second curve, of the same digits disturbed alike: of this network before its first step, or of "
            "the best weights of another network of Runs for the same pictures and classes. With another seed it may "
            "have learned from some of these digits.</p>"
        )
        box.setMinimumContentsLength(4)
        box.currentIndexChanged.connect(lambda index: self.comparison_chosen.emit(index - 1))
        return box

    def _make_buttons(self) -> tuple[QPushButton, QPushButton]:
        again, reset = QPushButton("Draw again"), QPushButton("Reset")
        again.setObjectName("robust_again")
        again.setAccessibleName("Draw noise, direction and place again")
        again.setToolTip(
            "<p>Give the digit other noise, another direction to shift it and another place for the square.</p>"
        )
        again.clicked.connect(self.another_draw_asked)
        reset.setObjectName("robust_reset")
        reset.setAccessibleName("All strengths to 0")
        reset.setToolTip("<p>Put all strengths to 0: the digit as it is.</p>")
        reset.clicked.connect(self.sliders.set_all_to_zero)
        return again, reset

    def _lay_out(self) -> None:
        pictures = QVBoxLayout()
        pictures.setSpacing(4)
        pictures.addWidget(self._original)
        pictures.addWidget(self._disturbed)
        pictures.addStretch(1)
        scroller = QScrollArea()
        scroller.setObjectName("robust_bars_area")
        scroller.setWidget(self.bars)
        scroller.setWidgetResizable(True)
        scroller.setFrameShape(QFrame.Shape.NoFrame)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setFixedHeight(2 * PICTURE + 4)
        scroller.setMinimumWidth(96)
        upper = QHBoxLayout()
        upper.setSpacing(6)
        upper.addWidget(self.sliders, 9, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(pictures)
        upper.addWidget(scroller, 4, Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._comparisons, 1)
        for button in self._make_buttons():
            row.addWidget(button)
        self._content = content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(3)
        layout.addWidget(self._caption)
        layout.addLayout(upper)
        layout.addWidget(self.curve, 1)
        layout.addWidget(self._reading)
        layout.addLayout(row)
        self._fill_with(content)

    def _fill_with(self, content: QWidget) -> None:
        """All of it where there is room, on a low screen a part that can be scrolled."""
        area = QScrollArea()
        area.setObjectName("robust_area")
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumSize(content.minimumSizeHint().width(), LEAST_HEIGHT)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    @property
    def is_in_sight(self) -> bool:
        """Whether any of it would be seen; the panel itself lies wholly behind what it scrolls."""
        return not self._content.visibleRegion().isEmpty()

    @property
    def caption(self) -> str:
        """What is said of the digit."""
        return self._caption.text()

    @property
    def reading(self) -> str:
        """What is said of the curve."""
        return self._reading.text()

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self.bars.show_theme(theme)
        self.curve.show_theme(theme)

    def show_nothing(self) -> None:
        """There is no network."""
        _show_text(self._caption, NOTHING)
        self._original.show_image(None)
        self._disturbed.show_image(None)
        self.bars.show_shares((), [])
        self.show_curves(None, None, "")

    def show_digit(self, original: NDArray[np.uint8], disturbed: NDArray[np.uint8]) -> None:
        """A digit (rows, cols) as it is, and as its strengths make it."""
        self._original.show_image(grey_image(original))
        self._disturbed.show_image(grey_image(disturbed))

    def show_answer(self, text: str, names: tuple[str, ...], shares: Sequence[Shares]) -> None:
        """What the network says of the digit disturbed and as it is, in the upper and the lower bars."""
        _show_text(self._caption, text)
        self.bars.show_shares(names, shares)

    def show_curves(self, curve: Curve | None, comparison: Curve | None, reading: str) -> None:
        """The accuracy against the chosen disturbance's strength, of the weights in view and perhaps of others."""
        key = self.sliders.choice
        self.curve.show_curves(curve, comparison, lambda strength: self.sliders.describe(key, strength))
        self._show_strength()
        self.show_reading(reading)

    def show_reading(self, text: str) -> None:
        """What the curves say at a strength."""
        _show_text(self._reading, text)

    def show_comparisons(self, texts: Sequence[str], chosen: int) -> None:
        """Offer these to compare with. chosen: the place of the one that is compared with, -1 for none."""
        wanted = [ALONE, *(f"with {text}" for text in texts)]
        with QSignalBlocker(self._comparisons):
            if wanted != [self._comparisons.itemText(index) for index in range(self._comparisons.count())]:
                self._comparisons.clear()
                self._comparisons.addItems(wanted)
                for index, text in enumerate(wanted):
                    self._comparisons.setItemData(index, text, Qt.ItemDataRole.ToolTipRole)
            self._comparisons.setCurrentIndex(chosen + 1)
        view = self._comparisons.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + 2 * view.frameWidth())  # the box is narrower than its texts
        self._comparisons.setEnabled(bool(texts))

    @Slot()
    def _show_strength(self) -> None:
        self.curve.show_strength(self.sliders.strengths[self.sliders.choice])

    @Slot(float)
    def _on_curve_strength_clicked(self, strength: float) -> None:
        self.sliders.set_strength(self.sliders.choice, strength)


def _picture(name: str, about: str) -> DigitImage:
    picture = DigitImage(PICTURE)
    picture.setObjectName(name)
    picture.setAccessibleName(about)
    picture.setToolTip(about)
    return picture


def _show_text(label: FixedHeightLabel, text: str) -> None:
    label.setText(text)
    label.setToolTip(f"<p>{text}</p>" if text else "")  # all of it, where a narrow panel shows only the beginning
