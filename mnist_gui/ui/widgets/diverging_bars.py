"""A bar for each class to the left or the right of zero: what a unit says for or against it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from mnist_gui.ui.widgets.theme import LIGHT, Theme
from mnist_gui.ui.widgets.weight_colormap import signs

LEAST_ROW = 8  # screen pixels of a class
MOST_ROW = 20
WIDEST_NAME = 0.4  # of the width
WIDEST_VALUE = "+8.88e+88"


class DivergingBars(QWidget):
    """The classes from top to bottom, all bars on one scale; what is not finite has no bar."""

    def __init__(self, name: str, accessible_name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._names: tuple[str, ...] = ()
        self._values: NDArray[np.float64] = np.empty(0)
        self.show_theme(LIGHT)

    @property
    def values(self) -> NDArray[np.float64]:
        """What is shown, (C,)."""
        return self._values

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._against, self._for = signs()
        self._line = QColor(theme.border)
        self._text = QColor(theme.text)
        self.update()

    def show_values(self, names: tuple[str, ...], values: NDArray[np.floating]) -> None:
        """Values (C,) of the classes of these names."""
        if names != self._names:
            self.setMinimumHeight(len(names) * LEAST_ROW)
        self._names, self._values = names, np.asarray(values, np.float64)
        said = (f"{name} {_signed(value)}" for name, value in zip(names, self._values, strict=True))
        self.setAccessibleDescription(", ".join(said))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._names:
            return
        painter = QPainter(self)
        height = min(MOST_ROW, self.height() / len(self._names))
        font = self.font()
        font.setPixelSize(int(max(8, min(height, 12))))
        painter.setFont(font)
        metrics = painter.fontMetrics()
        widest = max(metrics.horizontalAdvance(name) for name in self._names)
        left = min(widest, WIDEST_NAME * self.width()) + 6
        right = self.width() - metrics.horizontalAdvance(WIDEST_VALUE)
        place = QRectF(left, 0.0, max(4.0, right - left), height)
        for row, (name, value) in enumerate(zip(self._names, self._values, strict=True)):
            place.moveTop(row * height)
            short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(left - 4))
            self._paint_row(painter, short, float(value), place)
        painter.setPen(self._line)
        middle = place.center().x()
        painter.drawLine(QPointF(middle, 0.0), QPointF(middle, len(self._names) * height))

    def _paint_row(self, painter: QPainter, name: str, value: float, place: QRectF) -> None:
        painter.setPen(self._text)
        names = QRectF(0, place.top(), place.left() - 4, place.height())
        painter.drawText(names, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        values = QRectF(place.right() + 4, place.top(), self.width() - place.right() - 4, place.height())
        painter.drawText(values, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _signed(value))
        if np.isfinite(value):
            length = place.width() / 2 * value / self._largest()
            start = place.center().x() + min(0.0, length)
            bar = QRectF(start, place.top() + 1, abs(length), place.height() - 2)
            painter.fillRect(bar, self._for if value > 0 else self._against)

    def _largest(self) -> float:
        finite = np.abs(self._values[np.isfinite(self._values)])
        return max(float(finite.max(initial=0.0)), 1e-12)


def scrolling(bars: DivergingBars) -> QScrollArea:
    """The same bars, to be scrolled where there are many classes."""
    area = QScrollArea()
    area.setWidget(bars)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def _signed(value: float) -> str:
    if not np.isfinite(value):
        return "none" if np.isnan(value) else f"{value}"
    return f"{value:+.2f}" if abs(value) < 1e3 else f"{value:+.1e}"
