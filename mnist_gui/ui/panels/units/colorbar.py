"""The colour bar under a mosaic: what the strongest colours mean."""

from typing import Literal

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from mnist_gui.ui.widgets.weight_colormap import colour_table

OWN = "each unit's own range"
COLOURS = "Blue pixels speak against the unit, red ones excite it. "


class Colorbar(QWidget):
    """The colours from the most negative to the most positive weight, with the numbers at both ends."""

    def __init__(self) -> None:
        super().__init__()
        self._scale: float | Literal["own"] | None = None
        self.setObjectName("weights_legend")
        self.setFixedHeight(QFontMetrics(self.font()).height() + 4)
        self.show_scale(None)

    def show_scale(self, scale: float | Literal["own"] | None) -> None:
        """The weight at both ends of the colours; "own" if each unit has its own; None for no legend."""
        self._scale = scale
        if scale == "own":
            self.setToolTip(
                f"{COLOURS}Each unit has its own range, so its weakest details show, and colours do not compare "
                "between units: the ends are its largest weight."
            )
            self.setAccessibleName(f"Colours: {OWN}")
        else:
            self.setToolTip(
                f"{COLOURS}One scale for all units: the ends are the 99.8th percentile of the weights' size."
            )
            self.setAccessibleName("Colours" if scale is None else f"Colours: -{scale:.2g} to +{scale:.2g}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._scale is None:
            return
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        metrics, middle = painter.fontMetrics(), Qt.AlignmentFlag.AlignVCenter
        if self._scale == "own":
            room = metrics.horizontalAdvance(f"  {OWN}")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | middle, OWN)
            _paint_bar(painter, self.rect().adjusted(0, 3, -room, -3))
            return
        room = max(metrics.horizontalAdvance("-0.00000 "), metrics.horizontalAdvance(f"+{self._scale:.2g} "))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | middle, f"-{self._scale:.2g}")
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | middle, f"+{self._scale:.2g}")
        _paint_bar(painter, self.rect().adjusted(room, 3, -room, -3))


def _paint_bar(painter: QPainter, bar: QRect) -> None:
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    table = colour_table("#000000")
    for stop in range(11):
        gradient.setColorAt(stop / 10, QColor.fromRgb(table[1 + round(stop / 10 * 254)]))
    painter.fillRect(bar, gradient)
