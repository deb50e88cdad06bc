"""A map of digits: each at a place, near those that a layer of the network takes for alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.inference import Answer
from mnist_gui.engine.types import Floats

MOST_DIGITS = 2000  # as many as can be told apart on a screen, and of which t-SNE is a matter of seconds


@dataclass(frozen=True, slots=True, eq=False)
class DigitMap:
    """The first N digits of a split. places (N, 2) float64, nan: nowhere. labels, predicted (N,) uint8: classes."""

    places: NDArray[np.float64]
    labels: NDArray[np.uint8]
    predicted: NDArray[np.uint8]

    @property
    def is_placed(self) -> NDArray[np.bool_]:
        """Which digits have a place, (N,)."""
        return np.isfinite(self.places[:, 0] + self.places[:, 1])

    @property
    def is_wrong(self) -> NDArray[np.bool_]:
        """Which digits are taken for another class, (N,)."""
        return np.not_equal(self.labels, self.predicted)


def layer_names(hidden: int) -> tuple[str, ...]:
    """What the layers are called, from the pixels up to the logits. hidden: how many there are between."""
    return "pixels", *(f"hidden layer {number}" for number in range(1, hidden + 1)), "logits"


def vectors_of(inputs: Floats, answer: Answer, layer: int) -> Floats:
    """What B digits are in a layer, counted as by `layer_names`: (B, its size)."""
    return (inputs, *answer.activations, answer.logits)[layer]
