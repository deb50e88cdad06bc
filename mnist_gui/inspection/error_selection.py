"""Selects and orders digits to look at: mistakes, uncertain predictions, a cell of the confusion matrix.

They are drawn by ui/panels/mistakes.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.inference import Predictions

Kind = Literal["mistakes", "unsure", "all"]
Order = Literal["loss", "sure", "unsure", "margin", "number"]
Digits = NDArray[np.intp]

# A right prediction counts as unsure below this confidence.
UNSURE = 0.8


def select_digits(predictions: Predictions, kind: Kind) -> Digits:
    """The indexes of the wrong digits, of those right with a confidence below UNSURE, or of all; (n,), ascending."""
    if kind == "all":
        return np.arange(len(predictions.labels))
    is_wrong = predictions.predicted != predictions.labels
    if kind == "mistakes":
        return np.flatnonzero(is_wrong)
    return np.flatnonzero(~is_wrong & ~(predictions.confidence >= UNSURE))  # nan counts as unsure


def only(predictions: Predictions, digits: Digits, true: int | None, predicted: int | None) -> Digits:
    """Those of digits (n,) with this true and this predicted class; None: any."""
    kept = np.ones(len(digits), np.bool_)
    if true is not None:
        kept &= predictions.labels[digits] == true
    if predicted is not None:
        kept &= predictions.predicted[digits] == predicted
    return digits[kept]


def in_order(predictions: Predictions, digits: Digits, order: Order) -> Digits:
    """These digits (n,) with the largest loss, the largest or the smallest confidence, or the smallest margin first.

    Digits of equal value stay in their order; a value that is not a number comes first.
    """
    if order == "number":
        return np.sort(digits)
    values, sign = {
        "loss": (predictions.losses, -1.0),
        "sure": (predictions.confidence, -1.0),
        "unsure": (predictions.confidence, 1.0),
        "margin": (predictions.margins, 1.0),
    }[order]
    keys = np.nan_to_num(sign * values[digits], nan=-np.inf, neginf=-np.inf)
    return digits[np.argsort(keys, kind="stable")]
