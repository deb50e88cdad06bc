"""Which pixels of a digit speak for one class and which for another, as a picture. inspection.contributions has the
methods and their sources."""

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from mnist_gui.inspection.attributions import Attributions
from mnist_gui.inspection.weight_images import mosaic
from mnist_gui.ui.widgets.digit_image import fitted
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox
from mnist_gui.ui.widgets.theme import LIGHT, Theme
from mnist_gui.ui.widgets.weight_colormap import colour_table

ABOUT = (
    "Red pixels speak for the first class, blue ones for the second; white ones for neither. Together with what biases "
    "and empty paper say, they add up to the difference of the two logits: exactly where activations are straight "
    "lines (gradient times input), and to a small error that is shown where they are curved (integrated gradients)."
)
SAME = "Choose two different classes: a logit less itself is 0."
NO_NUMBERS = "The network's outputs are no finite numbers, so no pixel has a share in them."
MINUS = "\N{MINUS SIGN}"

Pair = tuple[int, int]


class AttributionsTab(QWidget):
    """pair_changed(): the user wants another pair of classes compared."""

    pair_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._for = _ClassChoice("contributions_for", "Class that red pixels speak for", ("first", "true"))
        self._for.setToolTip("<p>Which class red pixels speak for: the first choice, the true class, or any.</p>")
        self._against = _ClassChoice("contributions_against", "Class that blue pixels speak for", ("rival", "true"))
        self._against.setToolTip(
            "<p>Which class blue pixels speak for: the rival, the true class, or any. Of a mistake the rival is the "
            "true class; of a right answer it is the class with the largest logit of all others. The picture tells "
            "what decides between the two.</p>"
        )
        self.map = AttributionMap()
        self._text = FixedHeightLabel("contributions_text", 4)
        self._text.setAccessibleName("What the pixels add up to")
        versus = QLabel("against")
        versus.setBuddy(self._against)
        choices = QHBoxLayout()
        choices.setSpacing(4)
        choices.addWidget(self._for, 1)
        choices.addWidget(versus)
        choices.addWidget(self._against, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(choices)
        layout.addWidget(self.map, 1)
        layout.addWidget(self._text)
        for box in (self._for, self._against):
            box.currentIndexChanged.connect(self.pair_changed)

    @property
    def chosen(self) -> int | str:
        """Which class is spoken for: "first", "true", or a class."""
        return self._for.choice

    @property
    def against(self) -> int | str:
        """Which class is spoken against: "rival", "true", or a class."""
        return self._against.choice

    @property
    def text(self) -> str:
        """What is said of the picture."""
        return self._text.text()

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self.map.show_theme(theme)

    def offer_classes(self, names: tuple[str, ...]) -> None:
        """The classes to choose from. Choices that are still there stay."""
        self._for.offer(names)
        self._against.offer(names)

    def show_nothing(self, why: str = "") -> None:
        """No picture, and why."""
        self.map.show_attributions(None, (1, 1), ("", ""))
        self._show_caption(why)

    def show_attributions(
        self, found: Attributions | None, shape: tuple[int, int], names: tuple[str, ...], pair: Pair
    ) -> None:
        """The contributions of a picture of this shape for a pair of classes; None: of a network without numbers."""
        first, second = names[pair[0]], names[pair[1]]
        if found is None or pair[0] == pair[1]:
            self.show_nothing(NO_NUMBERS if pair[0] != pair[1] else SAME)
            return
        self.map.show_attributions(found, shape, (first, second))
        self._show_caption(_describe(found, first, second))

    def _show_caption(self, text: str) -> None:
        self._text.setText(text)
        self._text.setToolTip(f"<p>{text}</p><p>{ABOUT}</p>" if text else f"<p>{ABOUT}</p>")


class AttributionMap(QWidget):
    """The picture: as large as fits, a square of one colour for each pixel of the digit."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("contributions")
        self.setAccessibleName("Contributions of the pixels")
        self.setToolTip(f"<p>{ABOUT}</p>")
        self.setMinimumSize(40, 40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._found: Attributions | None = None
        self._shape = (1, 1)
        self._names = "", ""
        self._image = QImage()
        self.show_theme(LIGHT)

    @property
    def attributions(self) -> Attributions | None:
        """What is shown."""
        return self._found

    def show_theme(self, theme: Theme) -> None:
        self._colours = colour_table(theme.base)
        self._draw()

    def show_attributions(self, found: Attributions | None, shape: tuple[int, int], names: tuple[str, str]) -> None:
        self._found, self._shape, self._names = found, shape, names
        self._draw()

    def describe_at(self, place: QPoint) -> str | None:
        """What is to be said of the pixel at a place; None beside the picture."""
        target = self._target()
        if self._found is None or not target.contains(place):
            return None
        rows, columns = self._shape
        inside = place - target.topLeft()
        row, column = inside.y() * rows // target.height(), inside.x() * columns // target.width()
        value = float(self._found.pixels[row * columns + column])
        whom = "neither" if value == 0.0 else self._names[0] if value > 0.0 else self._names[1]
        return f"Row {row}, column {column}: {_signed(value)}, for {whom}"

    def _draw(self) -> None:
        self._image = QImage()
        if self._found is not None:
            pixels = self._found.pixels
            # Each picture on its own scale; a pixel that says nothing beside the others must not look as if it did.
            scale = float(np.abs(pixels).max(initial=0.0)) or 1.0
            shares = (pixels / scale).astype(np.float32)[:, np.newaxis]
            indices = np.ascontiguousarray(mosaic(shares, self._shape, 1, 1.0).indices[1:-1, 1:-1])
            rows, columns = indices.shape
            view = QImage(indices.data, columns, rows, columns, QImage.Format.Format_Indexed8)
            view.setColorTable(self._colours)
            self._image = view.copy()  # Qt would read the array's memory after it is gone
        self.update()

    def _target(self) -> QRect:
        return fitted(self._image, self.rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._image.isNull():
            QPainter(self).drawImage(self._target(), self._image)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.describe_at(event.pos()) or self.toolTip(), self)
            return True
        return super().event(event)


class _ClassChoice(NoWheelComboBox):
    """Some ways to choose a class, then the classes themselves."""

    def __init__(self, name: str, accessible_name: str, ways: tuple[str, ...]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setMinimumWidth(48)  # two of them stand beside each other in a narrow dock
        self._ways = ways
        self._names: tuple[str, ...] = ()
        self.addItems(list(ways))

    @property
    def choice(self) -> int | str:
        index = self.currentIndex()
        return self._ways[index] if index < len(self._ways) else index - len(self._ways)

    def offer(self, names: tuple[str, ...]) -> None:
        if names == self._names:
            return
        self._names = names
        chosen = self.currentText()
        with QSignalBlocker(self):
            self.clear()
            self.addItems([*self._ways, *names])
            self.setCurrentIndex(max(0, self.findText(chosen, Qt.MatchFlag.MatchExactly)))


def _describe(found: Attributions, first: str, second: str) -> str:
    leads = f"{first} leads {second}" if found.difference >= 0.0 else f"{second} leads {first}"
    if found.is_exact:
        how = f"Gradient \N{MULTIPLICATION SIGN} input, exact to {_plain(found.residual)}."
    elif not found.points:
        how = f"Gradient \N{MULTIPLICATION SIGN} input, which leaves {_plain(found.residual)} unexplained."
    else:
        how = f"Integrated gradients, {found.points} points, {_plain(found.residual)} unexplained."
    return (
        f"{_signed(found.positive)} for {first}, {_signed(found.negative)} for {second}, "
        f"{_signed(found.rest)} biases and empty paper: {leads} by {_size(found.difference)}. {how}"
    )


def _signed(value: float) -> str:
    return f"{'+' if value >= 0.0 else MINUS}{_size(value)}"


def _size(value: float) -> str:
    return f"{abs(value):.2f}" if 0.01 <= abs(value) < 1e4 or value == 0.0 else f"{abs(value):.2g}"


def _plain(value: float) -> str:
    return f"{abs(value):.1g}"
