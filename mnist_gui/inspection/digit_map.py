"""A map of digits in the plane: digits that are similar in a layer of the network lie close together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.inference import Answer
from mnist_gui.engine.types import Floats

MOST_DIGITS = 2000  # as many points as a screen can separate; t-SNE takes seconds


@dataclass(frozen=True, slots=True, eq=False)
class DigitMap:
    """The first N digits of a split. places (N, 2) float64, nan for none. labels, predicted (N,) uint8: classes."""

    places: NDArray[np.float64]
    labels: NDArray[np.uint8]
    predicted: NDArray[np.uint8]

    @property
    def is_placed(self) -> NDArray[np.bool_]:
        """Which digits have a place, (N,)."""
        return np.isfinite(self.places[:, 0] + self.places[:, 1])

    @property
    def is_wrong(self) -> NDArray[np.bool_]:
        """Which digits are misclassified, (N,)."""
        return np.not_equal(self.labels, self.predicted)


def layer_names(hidden: int) -> tuple[str, ...]:
    """The names of the layers from the pixels to the logits. hidden: the number of hidden layers."""
    return "pixels", *(f"hidden layer {number}" for number in range(1, hidden + 1)), "logits"


def vectors_of(inputs: Floats, answer: Answer, layer: int) -> Floats:
    """The activations of B digits in a layer, an index in `layer_names`: (B, size of the layer)."""
    return (inputs, *answer.activations, answer.logits)[layer]
