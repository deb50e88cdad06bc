"""How much hidden units answer to digits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.activations import Activation

Floats = NDArray[np.float32]

# The digits are thinned for large layers, so that measuring stays a matter of milliseconds.
MOST_WORK = 200_000_000  # digits times weights
FEWEST_DIGITS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """What the H units of one layer say to some digits.

    mean (H,): the mean size of their answers. answered (H,): the share of the digits that they answer. digits: to how
    many.
    """

    mean: Floats
    answered: Floats
    digits: int


def measure_activity(
    weights: Sequence[Floats],
    biases: Sequence[Floats],
    activation: Activation,
    inputs: Floats,
    smallest_answer: float,
) -> Activity:
    """The activity of the topmost of these hidden layers for inputs (B, D), or for the first of them if that is dear.

    weights, biases: of all layers up to the one asked for. An answer counts from this size on.
    """
    work = sum(each.size for each in weights)
    answers = inputs[: max(FEWEST_DIGITS, MOST_WORK // max(work, 1))]
    with np.errstate(over="ignore", invalid="ignore"):
        for layer_weights, layer_biases in zip(weights, biases, strict=True):
            answers = answers @ layer_weights  # (B, H)
            answers += layer_biases
            activation.apply(answers)
        sizes = np.abs(answers)
        mean = sizes.mean(axis=0, dtype=np.float64).astype(np.float32)
        return Activity(mean, np.mean(sizes >= smallest_answer, axis=0, dtype=np.float32), len(answers))
