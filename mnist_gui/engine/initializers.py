"""Random starting values of the weights and, optionally, of the biases.

To add one: write its function and enter it in INITIALIZERS.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_gui.config.run_config import NetworkConfig
from mnist_gui.engine.types import Floats


@dataclass(frozen=True, slots=True)
class Layer:
    """What an initialiser depends on: the units before and in the layer, and whether its activation rectifies."""

    fan_in: int
    fan_out: int
    rectifies: bool


# (rng, shape, the layer, the settings with the numbers of `normal` and `uniform`) -> values of that shape
Initializer = Callable[[np.random.Generator, tuple[int, ...], Layer, NetworkConfig], Floats]


def he_normal(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
    """Normal(0, sqrt(2 / fan_in)): keeps the variance of signals through rectifying layers (He et al. 2015, eq. 10)."""
    return rng.normal(0.0, np.sqrt(2.0 / layer.fan_in), shape)


def he_uniform(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
    """Uniform(-r, r), r = sqrt(6 / fan_in): of the same variance as he_normal."""
    return _symmetric(rng, shape, np.sqrt(6.0 / layer.fan_in))


def glorot_normal(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
    """Normal(0, sqrt(2 / (fan_in + fan_out))): for symmetric activations (Glorot & Bengio 2010, eq. 12)."""
    return rng.normal(0.0, np.sqrt(2.0 / (layer.fan_in + layer.fan_out)), shape)


def glorot_uniform(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
    """Uniform(-r, r), r = sqrt(6 / (fan_in + fan_out)): of the same variance (Glorot & Bengio 2010, eq. 16)."""
    return _symmetric(rng, shape, np.sqrt(6.0 / (layer.fan_in + layer.fan_out)))


def lecun_normal(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
    """Normal(0, 1 / sqrt(fan_in)): sums of unit variance from inputs of unit variance (LeCun et al. 1998, eq. 16)."""
    return rng.normal(0.0, np.sqrt(1.0 / layer.fan_in), shape)


def auto(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
    """He in front of a rectifying activation, Glorot in front of any other and of the output."""
    return (he_normal if layer.rectifies else glorot_uniform)(rng, shape, layer, settings)


def normal(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
    """Normal(init_mean, init_sd), whatever the layer."""
    return rng.normal(settings.init_mean, settings.init_sd, shape)


def uniform(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
    """Uniform between init_low and init_high, whatever the layer."""
    return settings.init_low + (settings.init_high - settings.init_low) * rng.random(shape)


def zeros(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
    """All 0: units of a layer then stay copies of each other."""
    return np.zeros(shape)


def _symmetric(rng: np.random.Generator, shape: tuple[int, ...], reach: float) -> Floats:
    return rng.uniform(-reach, reach, shape)


INITIALIZERS: dict[str, Initializer] = {
    "auto": auto,
    "he_normal": he_normal,
    "he_uniform": he_uniform,
    "glorot_normal": glorot_normal,
    "glorot_uniform": glorot_uniform,
    "lecun_normal": lecun_normal,
    "normal": normal,
    "uniform": uniform,
    "zeros": zeros,
}
