"""Pen and eraser on a grey picture: smooth, antialiased strokes, piece by piece as the hand moves. No widget."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

SIDE = 280  # pixels of the picture, in height and width: ten to one of MNIST's


def blank() -> QImage:
    """A picture with nothing drawn."""
    image = QImage(SIDE, SIDE, QImage.Format.Format_Grayscale8)
    image.fill(0)
    return image


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """The grey levels of a picture, (SIDE, SIDE), a copy."""
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].copy()


class Stroke:
    """One movement of pen or eraser over a picture, which it changes as it goes."""

    def __init__(self, image: QImage, at: QPointF, width: float, *, erases: bool) -> None:
        self._image, self._erases = image, erases
        self._piece = blank()
        self._last = self._end = at
        self._draw(QPainterPath(at), at, width)

    def move_to(self, at: QPointF, width: float) -> None:
        """Draw on, as far as half way to `at`; the rest follows once it is known which way it bends."""
        middle = (self._last + at) * 0.5
        path = QPainterPath(self._end)
        path.quadTo(self._last, middle)
        self._last, self._end = at, middle
        self._draw(path, middle, width)

    def finish(self, width: float) -> None:
        """Draw to where the hand was last."""
        self._draw(QPainterPath(self._end), self._last, width)

    def _draw(self, path: QPainterPath, end: QPointF, width: float) -> None:
        """Draw a piece of the stroke. Over what is there the lighter of both counts, or the darker for the eraser.

        So it does not matter how often pieces overlap: drawn over each other, soft edges would grow hard.
        """
        path.lineTo(end if end != path.currentPosition() else end + QPointF(0.01, 0))
        reach = width / 2 + 2
        area = path.boundingRect().adjusted(-reach, -reach, reach, reach).toAlignedRect()
        area = area.intersected(self._image.rect())
        colour, ground = (0, 255) if self._erases else (255, 0)
        painter = QPainter(self._piece)
        painter.fillRect(area, QColor(ground, ground, ground))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(QColor(colour, colour, colour), width, Qt.PenStyle.SolidLine, cap, join))
        painter.drawPath(path)
        painter.end()
        self._put(area)

    def _put(self, area: QRect) -> None:
        modes = QPainter.CompositionMode
        painter = QPainter(self._image)
        painter.setCompositionMode(modes.CompositionMode_Darken if self._erases else modes.CompositionMode_Lighten)
        painter.drawImage(area.topLeft(), self._piece, area)
        painter.end()
