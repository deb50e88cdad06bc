"""Update rules: how a gradient moves the parameters."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from mnist_gui.engine.arrays import Floats


class Optimizer(Protocol):
    """Owns whatever an update rule remembers between steps."""

    def update(self, parameters: Floats, gradient: Floats, rate: float, momentum: float) -> None:
        """Move `parameters` in place by one step. May overwrite `gradient`, which has no further use."""


class Momentum:
    """Gradient descent with classical momentum; momentum 0 is plain gradient descent.

    v <- momentum * v - rate * g;  p <- p + v      (Sutskever et al. 2013, eq. 1-2)
    """

    def __init__(self, parameters: Floats) -> None:
        self.velocity = np.zeros_like(parameters)

    def update(self, parameters: Floats, gradient: Floats, rate: float, momentum: float) -> None:
        """parameters, gradient: (P,), same dtype. rate > 0, 0 <= momentum < 1. Overwrites `gradient`."""
        gradient *= rate
        self.velocity *= momentum
        self.velocity -= gradient
        parameters += self.velocity


OPTIMIZERS: dict[str, Callable[[Floats], Optimizer]] = {"momentum": Momentum}
