"""The confusion matrix, and the scores of every class that follow from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.inference import Predictions

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Scores of each of C classes against the rest; all (C,), shares 0..1, nan for 0 / 0.

    precision: hits / digits predicted as the class.
    recall: hits / digits of the class.
    f1: their harmonic mean, 2 hits / (digits of the class + digits predicted as it).
    accuracy: share of all digits that are right about "this class or another".
    support: digits of the class.
    taken: digits predicted as it.
    """

    precision: Shares
    recall: Shares
    f1: Shares
    accuracy: Shares
    support: Counts
    taken: Counts


def confusion(predictions: Predictions, classes: int) -> Counts:
    """The number of digits of class t predicted as class p, (C, C), at [t, p]."""
    cells = predictions.labels.astype(np.int64) * classes + predictions.predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def shares_of_true(matrix: Counts) -> Shares:
    """Counts (C, C) as shares 0..1 of their row, the true class; 0 in the row of a class without digits."""
    shares: Shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    return shares


def shares_of_predicted(matrix: Counts) -> Shares:
    """Counts (C, C) as shares 0..1 of their column, the predicted class; 0 for a class that was never predicted."""
    shares: Shares = matrix / np.maximum(matrix.sum(axis=0, keepdims=True), 1)
    return shares


def class_scores(matrix: Counts) -> ClassScores:
    """The scores of every class of a confusion matrix (C, C), counts at [true, predicted]."""
    hits, support, taken = np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    digits = np.full_like(hits, matrix.sum())
    return ClassScores(
        precision=_share(hits, taken),
        recall=_share(hits, support),
        f1=_share(2 * hits, support + taken),
        accuracy=_share(digits - support - taken + 2 * hits, digits),
        support=support,
        taken=taken,
    )


def _share(part: Counts, of: Counts) -> Shares:
    """part / of, (C,); nan where `of` is 0."""
    shares: Shares = np.divide(part, of, out=np.full(len(of), np.nan), where=of > 0)
    return shares
