"""A drawing as the network sees it, with what it takes it for below. Painted, since it changes with every stroke."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from mnist_gui.inspection.top_two import Verdict
from mnist_gui.ui.widgets.digit_image import fitted, grey_image
from mnist_gui.ui.widgets.theme import LIGHT, Theme

PICTURE = 84  # screen pixels: three to one of MNIST's
LARGE, MIDDLE, SMALL = 24, 13, 11  # pixels of the text
LONGEST_LARGE = 2  # letters of a name that can be written large
NO_ANSWER = "no answer"


Role = Literal["text", "muted", "second"]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text, its size in pixels, what it is (which gives its colour in any theme), and whether it is bold."""

    text: str
    size: int
    role: Role
    is_bold: bool


class InputPreview(QWidget):
    """The centred picture, the first and the second choice, and the first one of a second network."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("seen_digit")
        self.setAccessibleName("The drawing as the network sees it, and what it takes it for")
        self.setToolTip(
            "<p>What the network really sees: the drawing, scaled and centred by its centre of mass as the digits of "
            "MNIST were, in the size of the network's pictures. Below, its first and second choice; in the colour of "
            "the lower bars the first choice of the second network.</p>"
        )
        self.setFixedWidth(PICTURE)
        self.pixels: NDArray[np.uint8] | None = None
        self._image = QImage()
        self._lines: list[_Line] = []
        self.show_theme(LIGHT)

    @property
    def lines(self) -> list[str]:
        """What is said below the picture."""
        return [line.text for line in self._lines]

    def show_theme(self, theme: Theme) -> None:
        """Colours to match those of the bars."""
        self._colours: dict[Role, QColor] = {
            "text": QColor(theme.text),
            "muted": QColor(theme.muted),
            "second": QColor(theme.validation),
        }
        self.update()

    def show_nothing(self) -> None:
        """There is no drawing."""
        self.pixels, self._image, self._lines = None, QImage(), []
        self.setAccessibleDescription("")
        self.update()

    def show_picture(self, pixels: NDArray[np.uint8]) -> None:
        """What the network sees, (rows, cols); what it says follows, if there is a network."""
        self.pixels, self._image, self._lines = pixels, grey_image(pixels), []
        self.update()

    def show_verdict(self, found: Verdict | None, names: tuple[str, ...], comparison: Verdict | None = None) -> None:
        """What the network takes it for; None: its outputs are no finite numbers. rival: of a second network."""
        if found is None:
            self._lines = [_Line(NO_ANSWER, MIDDLE, "muted", is_bold=False)]
        else:
            name, second = names[found.first], f"then {names[found.second]}: {_percent(found.second_confidence)}"
            self._lines = [
                _Line(name, LARGE if len(name) <= LONGEST_LARGE else MIDDLE, "text", is_bold=True),
                _Line(_percent(found.confidence), MIDDLE, "text", is_bold=False),
                _Line(second, SMALL, "muted", is_bold=False),
            ]
        if comparison is not None:
            line = f"{names[comparison.first]} {_percent(comparison.confidence)}"
            self._lines.append(_Line(line, MIDDLE, "second", is_bold=True))
        self.setAccessibleDescription(", ".join(self.lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.pixels is None:
            return
        painter = QPainter(self)
        painter.drawImage(fitted(self._image, QRect(0, 0, PICTURE, PICTURE)), self._image)
        top = PICTURE + 2
        for line in self._lines:
            font = QFont(self.font())
            font.setPixelSize(line.size)
            font.setBold(line.is_bold)
            painter.setFont(font)
            painter.setPen(self._colours[line.role])
            metrics = painter.fontMetrics()
            text = metrics.elidedText(line.text, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QRect(0, top, self.width(), metrics.height()), Qt.AlignmentFlag.AlignHCenter, text)
            top += metrics.height()


def _percent(share: float) -> str:
    """In whole percent, but neither certain nor impossible where it is not."""
    text = ">99" if 0.995 <= share < 1 else "<1" if 0 < share < 0.005 else f"{100 * share:.0f}"
    return f"{text} %"
