"""The confusion matrix: how many digits of each class were taken for each."""

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.evaluation import Predictions


def confusion(predictions: Predictions, classes: int) -> NDArray[np.int64]:
    """How many digits of class t were taken for class p, (C, C), at [t, p]."""
    cells = predictions.labels.astype(np.int64) * classes + predictions.predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)
