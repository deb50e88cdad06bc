"""Random starting weights. Biases start at zero."""

from collections.abc import Callable

import numpy as np

from mnist_gui.engine.activations import Activation
from mnist_gui.engine.arrays import Floats

# (rng, fan_in, fan_out, the activation the layer feeds or None for the output layer) -> weights (fan_in, fan_out)
Initializer = Callable[[np.random.Generator, int, int, Activation | None], Floats]


def he(rng: np.random.Generator, fan_in: int, fan_out: int, activation: Activation | None) -> Floats:
    """Normal(0, sqrt(2 / fan_in)): keeps the variance of signals through rectifying layers (He et al. 2015, eq. 10)."""
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), (fan_in, fan_out))


def glorot(rng: np.random.Generator, fan_in: int, fan_out: int, activation: Activation | None) -> Floats:
    """Uniform(-r, r), r = sqrt(6 / (fan_in + fan_out)): for symmetric activations (Glorot & Bengio 2010, eq. 16)."""
    reach = np.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-reach, reach, (fan_in, fan_out))


def auto(rng: np.random.Generator, fan_in: int, fan_out: int, activation: Activation | None) -> Floats:
    """He in front of a rectifying activation, Glorot in front of any other and of the output."""
    rectifies = activation is not None and activation.rectifies
    return (he if rectifies else glorot)(rng, fan_in, fan_out, activation)


INITIALIZERS: dict[str, Initializer] = {"auto": auto, "he": he, "glorot": glorot}
