"""The small card beside a mark that is pointed at: the digit's picture and a line about it."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from mnist_gui.ui.widgets.digit_image import fitted

PICTURE = 64  # screen pixels of the digit
GAP = 5


def paint_card(painter: QPainter, on: QWidget, at: QPointF, image: QImage, text: str) -> None:
    """Paint a card within a widget, beside a place and never over it."""
    palette, metrics = on.palette(), on.fontMetrics()
    width = min(max(PICTURE, metrics.horizontalAdvance(text)) + 2 * GAP, on.width())
    height = PICTURE + metrics.height() + 3 * GAP
    card = QRectF(*_corner(on, at, width, height), width, height).toRect()
    painter.setPen(palette.color(QPalette.ColorRole.Mid))
    painter.setBrush(palette.color(QPalette.ColorRole.Base))
    painter.drawRect(card)
    place = QRect(card.center().x() - PICTURE // 2, card.top() + GAP, PICTURE, PICTURE)
    painter.drawImage(fitted(image, place), image)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    below = card.adjusted(GAP, PICTURE + 2 * GAP, -GAP, -GAP)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, below.width())
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, shown)


def _corner(on: QWidget, at: QPointF, width: int, height: int) -> tuple[float, float]:
    """Its upper left corner: to the right of the place if there is room, else to the left; as high as the place."""
    right = at.x() + 14
    left = right if right + width < on.width() else at.x() - 14 - width
    top = min(max(at.y() - height / 2, 1.0), max(on.height() - height - 2.0, 1.0))
    return max(left, 0.0), top
