"""How often a unit says what: a small histogram."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_gui.ui.widgets.theme import LIGHT, Theme


class ValueHistogram(QWidget):
    """Counts over equal bins, with the numbers at both ends."""

    def __init__(self, name: str, accessible_name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(80, 40)
        self._counts: NDArray[np.int64] = np.empty(0, np.int64)
        self._edges: NDArray[np.float64] = np.empty(0)
        self.show_theme(LIGHT)

    @property
    def counts(self) -> NDArray[np.int64]:
        """What is shown, (bins,)."""
        return self._counts

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._bar, self._line, self._text = QColor(theme.train), QColor(theme.border), QColor(theme.muted)
        self.update()

    def show_counts(self, counts: NDArray[np.int64], edges: NDArray[np.float64]) -> None:
        """counts (bins,) between edges (bins + 1,)."""
        self._counts, self._edges = counts, edges
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self._counts):
            return
        painter = QPainter(self)
        floor = self.height() - self.fontMetrics().height()
        width = self.width() / len(self._counts)
        tallest = max(1, int(self._counts.max()))
        for place, count in enumerate(self._counts.tolist()):
            height = (floor - 2) * count / tallest
            painter.fillRect(QRectF(place * width, floor - height, max(1.0, width - 1), height), self._bar)
        painter.setPen(self._line)
        painter.drawLine(0, floor, self.width(), floor)
        painter.setPen(self._text)
        below = QRectF(0, floor, self.width(), self.height() - floor)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{self._edges[0]:.3g}")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self._edges[-1]:.3g}")
