"""Activity: how large hidden units' activations are, and for how many digits they are active."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.activations import Activation

Floats = NDArray[np.float32]

# Large layers are measured on fewer digits, so that it takes milliseconds.
MOST_WORK = 200_000_000  # digits times weights
FEWEST_DIGITS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """The activity of the H units of one layer for some digits.

    mean (H,): mean |activation|. answered (H,): share of the digits for which a unit is active, 0..1. digits: their
    number.
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
    """The activity of the last of these hidden layers for inputs (B, D), or for the first of them if the layers are
    large.

    weights, biases: of all layers up to the measured one. A unit is active from |activation| smallest_answer on.
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
