"""Update rules: how a gradient moves the parameters.

To add one: write its class and enter it in OPTIMIZERS.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from mnist_gui.engine.types import Floats

# An update is several passes over its arrays. In blocks of 1 MB they stay in the processor's cache from one pass to the
# next; smaller blocks cost more calls than they save.
BLOCK = 2**18


class Optimizer(Protocol):
    """An update rule, with the state it keeps between steps."""

    def update(self, parameters: Floats, gradient: Floats, rate: float, momentum: float) -> None:
        """Move `parameters` in place by one step.

        parameters, gradient: (P,), same dtype. rate > 0, 0 <= momentum < 1.
        """


class Momentum:
    """Gradient descent with classical momentum; momentum 0 is plain gradient descent.

    v <- momentum * v - rate * g;  p <- p + v      (Sutskever et al. 2013, eq. 1-2)
    """

    def __init__(self, parameters: Floats) -> None:
        self.velocity = np.zeros_like(parameters)
        self._room = np.empty_like(parameters[:BLOCK])

    def update(self, parameters: Floats, gradient: Floats, rate: float, momentum: float) -> None:
        """As in Optimizer."""
        for step, p, g, v in _blocks(self._room, parameters, gradient, self.velocity):
            np.multiply(g, rate, out=step)
            v *= momentum
            v -= step
            p += v


class Nesterov:
    """Nesterov's accelerated gradient: the gradient counts as taken after the momentum step.

    v <- momentum * v - rate * g;  p <- p + momentum * v - rate * g
    (Sutskever et al. 2013, eq. 3-4, in terms of the look-ahead point: Bengio et al. 2013, eq. 7)
    """

    def __init__(self, parameters: Floats) -> None:
        self.velocity = np.zeros_like(parameters)
        self._room = np.empty_like(parameters[:BLOCK])

    def update(self, parameters: Floats, gradient: Floats, rate: float, momentum: float) -> None:
        """As in Optimizer."""
        for step, p, g, v in _blocks(self._room, parameters, gradient, self.velocity):
            np.multiply(g, rate, out=step)
            v *= momentum
            v -= step
            p -= step
            np.multiply(v, momentum, out=step)
            p += step


class Adam:
    """Adam: steps scaled for each parameter by running means of the gradient and of its square.

    m <- b1 m + (1 - b1) g;  s <- b2 s + (1 - b2) g^2;  p <- p - rate * M / (sqrt(S) + 1e-8)
    with M = m / (1 - b1^t), S = s / (1 - b2^t), b1 = momentum, b2 = 0.999     (Kingma & Ba 2015, algorithm 1)
    """

    SQUARE_DECAY = 0.999
    EPSILON = 1e-8

    def __init__(self, parameters: Floats) -> None:
        self.mean = np.zeros_like(parameters)
        self.square = np.zeros_like(parameters)
        self._room = np.empty_like(parameters[:BLOCK])
        # b1^t and b2^t: as products, since the momentum may change in the middle of a run
        self._mean_start = self._square_start = 1.0

    def update(self, parameters: Floats, gradient: Floats, rate: float, momentum: float) -> None:
        """As in Optimizer."""
        self._mean_start *= momentum
        self._square_start *= self.SQUARE_DECAY
        rate /= 1.0 - self._mean_start
        correction = 1.0 / (1.0 - self._square_start)
        for step, p, g, m, s in _blocks(self._room, parameters, gradient, self.mean, self.square):
            m *= momentum
            np.multiply(g, 1.0 - momentum, out=step)
            m += step
            s *= self.SQUARE_DECAY
            np.multiply(g, g, out=step)
            step *= 1.0 - self.SQUARE_DECAY
            s += step
            np.multiply(s, correction, out=step)
            np.sqrt(step, out=step)
            step += self.EPSILON
            np.divide(m, step, out=step)
            step *= rate
            p -= step


def _blocks(room: Floats, *arrays: Floats) -> Iterator[tuple[Floats, ...]]:
    """Blocks of arrays (P,), each with a scratch array of its size before them."""
    for start in range(0, len(arrays[0]), BLOCK):
        block = tuple(array[start : start + BLOCK] for array in arrays)
        yield room[: len(block[0])], *block


OPTIMIZERS: dict[str, Callable[[Floats], Optimizer]] = {"momentum": Momentum, "nesterov": Nesterov, "adam": Adam}
