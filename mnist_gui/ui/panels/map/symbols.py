"""Marks of the classes in a map: ten colours that colour-blind people tell apart, then the same with another symbol."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap, QPolygonF

# M. A. Petroff, "Accessible color sequences for data visualization" (2021), the sequence of ten.
COLOURS = (
    *("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6"),
    *("#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"),
)
SYMBOLS = ("disc", "square", "triangle", "diamond", "cross")
SIDE = 8.0  # screen pixels that a mark takes
RING = 12.0  # and the ring around a mistake


def colour_of(label: int) -> QColor:
    """The colour of a class."""
    return QColor(COLOURS[label % len(COLOURS)])


def symbol_of(label: int) -> str:
    """The symbol of a class; of more than fifty they come again."""
    return SYMBOLS[label // len(COLOURS) % len(SYMBOLS)]


def mark(label: int, ratio: float) -> QPixmap:
    """The mark of a class as a small picture. ratio: pixels of the screen to one of Qt's."""
    colour = colour_of(label)
    picture = blank(SIDE, ratio)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(colour.darker(140))
    painter.setBrush(colour)
    painter.drawPath(outline(symbol_of(label), SIDE / 2))
    painter.end()
    return picture


def ring(colour: QColor, ratio: float) -> QPixmap:
    """The ring around a mistake as a small picture."""
    picture = blank(RING, ratio)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(colour)
    painter.drawEllipse(QRectF(1.0, 1.0, RING - 2.0, RING - 2.0))
    painter.end()
    return picture


def blank(side: float, ratio: float) -> QPixmap:
    """A transparent picture of so many of Qt's pixels."""
    picture = QPixmap(math.ceil(side * ratio), math.ceil(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture


def outline(symbol: str, middle: float) -> QPainterPath:
    """The outline of a symbol around (middle, middle)."""
    reach = middle - 1.0
    path = QPainterPath()
    corners: dict[str, tuple[tuple[float, float], ...]] = {
        "square": ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)),
        "triangle": ((0.0, -1.0), (1.0, 0.8), (-1.0, 0.8)),
        "diamond": ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)),
        "cross": (
            *((-0.35, -1.0), (0.35, -1.0), (0.35, -0.35), (1.0, -0.35), (1.0, 0.35), (0.35, 0.35)),
            *((0.35, 1.0), (-0.35, 1.0), (-0.35, 0.35), (-1.0, 0.35), (-1.0, -0.35), (-0.35, -0.35)),
        ),
    }
    if symbol == "disc":
        path.addEllipse(QPointF(middle, middle), 0.85 * reach, 0.85 * reach)
    else:
        path.addPolygon(QPolygonF([QPointF(middle + x * reach, middle + y * reach) for x, y in corners[symbol]]))
        path.closeSubpath()
    return path
