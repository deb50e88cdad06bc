"""Digits as pictures on the screen: enlarged without smoothing, just as the network sees them."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget


def grey_image(pixels: NDArray[np.uint8]) -> QImage:
    """A digit (rows, cols) as a picture of its own."""
    pixels = np.ascontiguousarray(pixels)
    rows, columns = pixels.shape
    # A copy: Qt would read the array's memory after it is gone.
    return QImage(pixels.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()


def fitted(image: QImage, place: QRect) -> QRect:
    """The largest rectangle of the image's proportions in the middle of `place`."""
    size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    inside = QRect(place.topLeft(), size)
    inside.moveCenter(place.center())
    return inside


class DigitImage(QWidget):
    """One picture, of a fixed size on the screen."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.setFixedSize(size, size)
        self._image: QImage | None = None

    def show_image(self, image: QImage | None) -> None:
        """Show this one; None: nothing."""
        self._image = image
        self.update()

    def paintEvent(self, event: object) -> None:
        if self._image is not None:
            QPainter(self).drawImage(fitted(self._image, self.rect()), self._image)
