"""Calibration: whether confidence matches accuracy, and what accuracy and coverage are above a threshold."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.inference import Predictions

Shares = NDArray[np.float64]

BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """The reliability diagram: digits in B bins of confidence of equal width, (edges[b], edges[b + 1]], the first
    closed.

    edges (B + 1,): 0..1. digits (B,): number in each bin. confidence, accuracy (B,): their mean confidence and
    accuracy, 0..1; nan in an empty bin.
    """

    edges: Shares
    digits: NDArray[np.int64]
    confidence: Shares
    accuracy: Shares

    @property
    def expected_error(self) -> float:
        """The expected calibration error: |accuracy - confidence| of a bin, on average over the digits; nan for none.

        Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017, eq. 3.
        """
        has = self.digits > 0
        return float(np.average(self._gaps[has], weights=self.digits[has])) if has.any() else float("nan")

    @property
    def largest_error(self) -> float:
        """The maximum calibration error: that of the worst bin, however few digits it has (Guo et al. 2017, eq. 4)."""
        has = self.digits > 0
        return float(self._gaps[has].max()) if has.any() else float("nan")

    @property
    def excess(self) -> float:
        """By how much the mean confidence is above the accuracy, -1..1: below 0 it is underconfident; nan for no
        digits."""
        has = self.digits > 0
        if not has.any():
            return float("nan")
        return float(np.average((self.confidence - self.accuracy)[has], weights=self.digits[has]))

    @property
    def _gaps(self) -> Shares:
        return np.abs(self.accuracy - self.confidence)


def reliability(predictions: Predictions, bins: int = BINS) -> Reliability:
    """The reliability of predictions in bins of confidence. A confidence of nan counts as 0."""
    edges = np.arange(bins + 1) / bins
    confidence = np.clip(np.nan_to_num(predictions.confidence.astype(np.float64), nan=0.0), 0.0, 1.0)
    place = np.searchsorted(edges[1:-1], confidence)  # "left": a confidence on an edge belongs to the bin below
    digits: NDArray[np.int64] = np.bincount(place, minlength=bins)
    right = np.bincount(place, weights=predictions.predicted == predictions.labels, minlength=bins)
    sums = np.bincount(place, weights=confidence, minlength=bins)
    return Reliability(edges, digits, _mean(sums, digits), _mean(right, digits))


def _mean(sums: NDArray[Any], digits: NDArray[np.int64]) -> Shares:
    means: Shares = np.divide(sums, digits, out=np.full(len(digits), np.nan), where=digits > 0)
    return means


@dataclass(frozen=True, slots=True)
class Answered:
    """Selective classification at one threshold: number of digits, of those above it, and of the right ones of
    these."""

    digits: int
    answered: int
    right: int

    @property
    def coverage(self) -> float:
        """The share of the digits above the threshold, 0..1; nan for no digits."""
        return self.answered / self.digits if self.digits else float("nan")

    @property
    def accuracy(self) -> float:
        """The accuracy on the digits above the threshold, 0..1; nan if there are none."""
        return self.right / self.answered if self.answered else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """Selective classification at any threshold of confidence (El-Yaniv and Wiener 2010).

    confidence (N,): of all digits, ascending. right (N + 1,): right[n] is the number of right ones from the n-th on.
    """

    confidence: NDArray[np.float32]
    right: NDArray[np.int64]

    @classmethod
    def of(cls, predictions: Predictions) -> Self:
        """The thresholds of N predictions. A confidence of nan counts as 0."""
        confidence = np.nan_to_num(predictions.confidence, nan=0.0)
        order = np.argsort(confidence)
        is_right = (predictions.predicted == predictions.labels)[order]
        right = np.zeros(len(order) + 1, np.int64)
        right[:-1] = np.cumsum(is_right[::-1])[::-1]
        return cls(confidence[order], right)

    def at(self, threshold: float) -> Answered:
        """The digits with a confidence of `threshold` or more; a binary search."""
        first = int(np.searchsorted(self.confidence, np.float32(threshold)))
        return Answered(len(self.confidence), len(self.confidence) - first, int(self.right[first]))
