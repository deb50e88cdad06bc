"""The loss of one digit over a run: when a network learned to read it, and whether it forgot it again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.inference import predict
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Network
from mnist_gui.engine.types import Floats


@dataclass(frozen=True, slots=True)
class Reading:
    """The prediction for one digit at one keyframe. loss: nan or inf where the network's numbers are not finite."""

    loss: float
    predicted: int


@dataclass(frozen=True, slots=True, eq=False)
class DigitLosses:
    """The predictions for one digit at K keyframes. steps (K,), ascending; losses (K,); predicted (K,); is_right
    (K,)."""

    steps: NDArray[np.int64]
    losses: NDArray[np.float64]
    predicted: NDArray[np.intp]
    is_right: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def first_right(self) -> int | None:
        """The step at which the prediction was first right; None: never."""
        return int(self.steps[self.is_right.argmax()]) if self.is_right.any() else None

    @property
    def right_since(self) -> int | None:
        """The first step since which the prediction is always right; None if it is wrong at the end."""
        if not len(self) or not self.is_right[-1]:
            return None
        wrong = np.flatnonzero(~self.is_right)
        return int(self.steps[wrong[-1] + 1 if len(wrong) else 0])

    @property
    def times_forgotten(self) -> int:
        """Number of times a right prediction was followed by a wrong one (Toneva et al. 2019, "forgetting events")."""
        return int(np.count_nonzero(self.is_right[:-1] & ~self.is_right[1:]))

    def nearest_to(self, step: float) -> int | None:
        """The index of the keyframe nearest to a step; None without keyframes."""
        return int(np.abs(self.steps - step).argmin()) if len(self) else None


def reading(network: Network, loss: Loss, inputs: Floats, label: int) -> Reading:
    """The prediction of a network for one digit, inputs (D,), of this label."""
    found = predict(network, loss, [(inputs[np.newaxis], np.array([label], np.uint8))])
    return Reading(float(found.losses[0]), int(found.predicted[0]))


def digit_losses(steps: list[int], readings: list[Reading], label: int) -> DigitLosses:
    """The predictions for a digit of this label at these steps, ascending. One with a loss that is not finite is
    wrong."""
    losses = np.array([each.loss for each in readings], np.float64)
    predicted = np.array([each.predicted for each in readings], np.intp)
    return DigitLosses(np.array(steps, np.int64), losses, predicted, (predicted == label) & np.isfinite(losses))
