"""What distortions do to training digits: originals in the first row, what the network sees of them below."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from mnist_gui.config.run_config import AugmentationConfig
from mnist_gui.data.augmentation import Distorter
from mnist_gui.data.datasets import Dataset

COLUMNS, ROWS = 10, 5
SCALE = 2


def distorted_digits(dataset: Dataset, augmentation: AugmentationConfig, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Some training digits, (1 + ROWS, COLUMNS, rows, cols): as they are, then distorted, ROWS times anew."""
    count = min(COLUMNS, len(dataset.train_images))
    digits = dataset.train_images[rng.choice(len(dataset.train_images), count, replace=False)]
    distorter = Distorter(augmentation, dataset.image_shape, rng)
    sheet = np.empty((1 + ROWS, *digits.shape), np.uint8)
    sheet[0] = digits
    grey = np.empty((1, digits[0].size), np.float32)
    for row, column in np.ndindex(ROWS, count):
        distorter.distort(digits[column].reshape(1, -1), grey)
        sheet[1 + row, column] = np.clip(np.rint(grey), 0, 255).reshape(dataset.image_shape)
    return sheet


class AugmentationPreview(QDialog):
    """asked_again(): the user wants other digits."""

    asked_again = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Distortions")
        self._sheet = QLabel()
        self._sheet.setObjectName("distortions_sheet")
        self._sheet.setAccessibleName("Training digits above, the same digits distorted below")
        self._sheet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        note = QLabel(
            "First row: training digits as they are. Below: what the network sees of them, another distortion each "
            "time (in training, sixteen digits of a minibatch share one). The picture follows the form. Validation "
            "and test digits stay as they are."
        )
        note.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        again = buttons.addButton("Other &digits", QDialogButtonBox.ButtonRole.ActionRole)
        again.setObjectName("other_digits")
        again.clicked.connect(self.asked_again)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        for widget in (note, self._sheet, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(620)

    @Slot(object)
    def show_digits(self, sheet: NDArray[np.uint8]) -> None:
        """Draw what `distorted_digits` gave: dark ink on light paper, a gap below the first row."""
        lines = [255 - np.hstack(list(line)) for line in sheet]
        gap = np.full((max(2, sheet.shape[2] // 4), lines[0].shape[1]), 255, np.uint8)
        picture = np.ascontiguousarray(np.vstack([lines[0], gap, *lines[1:]]))
        image = QImage(
            picture.data, picture.shape[1], picture.shape[0], picture.shape[1], QImage.Format.Format_Grayscale8
        )
        pixmap = QPixmap.fromImage(image.copy())
        scaled = pixmap.scaledToWidth(SCALE * pixmap.width(), Qt.TransformationMode.FastTransformation)
        self._sheet.setPixmap(scaled)
