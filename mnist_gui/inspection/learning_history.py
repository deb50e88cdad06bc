"""Learning histories: when each digit was first classified correctly, and how often it was forgotten again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEVER = -1


@dataclass(frozen=True, slots=True, eq=False)
class LearningHistory:
    """The predictions for N digits over M moments of a run, such as the ends of its epochs.

    learned (N,) intp: the first moment at which a digit was right, 0..M - 1, or NEVER. forgotten (N,) intp: number of
    times it was right at one moment and wrong at the next (a forgetting event of Toneva et al. 2019, "An empirical
    study of example forgetting", counted there whenever the digit is trained on, here from moment to
    moment). is_right (N,) bool: at the last moment.
    """

    moments: int
    learned: NDArray[np.intp]
    forgotten: NDArray[np.intp]
    is_right: NDArray[np.bool_]

    @property
    def never_learned(self) -> NDArray[np.intp]:
        """The digits that were never right, ascending."""
        return np.flatnonzero(self.learned == NEVER)

    @property
    def most_forgotten(self) -> NDArray[np.intp]:
        """The digits that were forgotten, most often first; ties by the latest learned."""
        order = np.lexsort((-self.learned, -self.forgotten))
        return order[: np.count_nonzero(self.forgotten)]

    @property
    def learned_last(self) -> NDArray[np.intp]:
        """The digits that were learned after the first moment, the latest first; ties by the most often forgotten."""
        order = np.lexsort((-self.forgotten, -self.learned))
        return order[: np.count_nonzero(self.learned > 0)]


def learning_history(predicted: Sequence[NDArray[np.integer]], labels: NDArray[np.uint8]) -> LearningHistory:
    """The history of digits with these labels (N,) from the predicted classes at each moment, (N,) each."""
    learned = np.full(len(labels), NEVER, np.intp)
    forgotten = np.zeros(len(labels), np.intp)
    is_right = np.zeros(len(labels), np.bool_)
    for moment, taken_for in enumerate(predicted):
        was_right, is_right = is_right, taken_for == labels
        learned[is_right & (learned == NEVER)] = moment
        forgotten += was_right & ~is_right
    return LearningHistory(len(predicted), learned, forgotten, is_right)
