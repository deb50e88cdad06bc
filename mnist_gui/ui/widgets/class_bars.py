"""A bar for each class: how sure one network is of it, or two of them side by side. Painted, since it changes all the
time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mnist_gui.ui.widgets.theme import LIGHT, Theme

LEAST_ROW = 10  # screen pixels of a class
MOST_ROW = 24
WIDEST_NAME = 0.4  # of the width
PERCENT = "100 %"


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What one network says: who it is, and its confidence in each class, (C,), 0..1; nan is drawn as nothing."""

    who: str
    values: NDArray[np.floating]


class ClassBars(QWidget):
    """The classes from top to bottom. With two networks the upper bar of each is the first's."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("class_bars")
        self.setAccessibleName("How sure the network is of each class")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._names: tuple[str, ...] = ()
        self._shares: tuple[Shares, ...] = ()
        self.show_theme(LIGHT)

    @property
    def shares(self) -> tuple[Shares, ...]:
        """What is shown; nothing without a drawing."""
        return self._shares

    def show_theme(self, theme: Theme) -> None:
        """Colours to match: of each network its own."""
        self._colours = QColor(theme.train), QColor(theme.validation)
        self._track, self._text, self._muted = QColor(theme.alternate), QColor(theme.text), QColor(theme.muted)
        self.update()

    def show_shares(self, names: tuple[str, ...], shares: Sequence[Shares]) -> None:
        """Bars of one network or of two for these classes; with no shares, only the classes' names. Painted at once."""
        if names != self._names:
            self._names = names
            self.setMinimumHeight(len(names) * LEAST_ROW)
        self._shares = tuple(shares)
        self.repaint()

    def describe(self, label: int) -> str:
        """All that is said of one class."""
        parts = [f"{shares.who} {shares.values[label]:.2%}" for shares in self._shares]
        return f"{self._names[label]}: {', '.join(parts)}" if parts else self._names[label]

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QHelpEvent.Type.ToolTip:
            row = int(event.pos().y() / self._row_height()) if self._names else 0
            text = self.describe(row) if row < len(self._names) else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._names:
            return
        painter = QPainter(self)
        height = self._row_height()
        font = self.font()
        font.setPixelSize(int(max(8, min(height - 1, 12))))
        painter.setFont(font)
        metrics = painter.fontMetrics()
        widest = max(metrics.horizontalAdvance(name) for name in self._names)
        left = min(widest, WIDEST_NAME * self.width()) + 6
        right = self.width() - metrics.horizontalAdvance(PERCENT) - 5
        chosen = {_largest(shares.values) for shares in self._shares}
        for label in range(len(self._names)):
            row = QRectF(0, label * height, self.width(), height)
            if event.rect().intersects(row.toAlignedRect()):
                painter.setPen(self._text if label in chosen or not self._shares else self._muted)
                self._paint_row(painter, label, row, left, right)

    def _paint_row(self, painter: QPainter, label: int, row: QRectF, left: float, right: float) -> None:
        """The name of a class up to `left`, bars from there to `right`, and the share of the first network."""
        to_the_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        room = QRectF(0, row.top(), left - 4, row.height())
        name = painter.fontMetrics().elidedText(self._names[label], Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, to_the_right, name)
        if self._shares:
            painter.drawText(row, to_the_right, _percent(self._shares[0].values[label]))
        self._paint_bars(painter, label, QRectF(left, row.top() + 1, max(0, right - left), row.height() - 2))

    def _paint_bars(self, painter: QPainter, label: int, place: QRectF) -> None:
        painter.fillRect(place, self._track)
        thickness = place.height() / max(1, len(self._shares))
        for row, (shares, colour) in enumerate(zip(self._shares, self._colours, strict=False)):
            length = place.width() * float(np.nan_to_num(shares.values[label]))
            painter.fillRect(QRectF(place.left(), place.top() + row * thickness, length, thickness), colour)

    def _row_height(self) -> float:
        return min(MOST_ROW, self.height() / len(self._names))


def _largest(values: NDArray[np.floating]) -> int | None:
    return int(values.argmax()) if np.isfinite(values).all() else None


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if np.isfinite(share) else ""
