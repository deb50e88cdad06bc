"""The parts a training run is assembled from, each found by its name in its table.

Everything that trains takes its parts from here, so another activation or update rule is another entry in a table and
never an `if` in the network.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.engine.activations import ACTIVATIONS, Activation
from mnist_gui.engine.initializers import INITIALIZERS, Initializer, Layer
from mnist_gui.engine.losses import LOSSES, Loss
from mnist_gui.engine.network import Network, parameter_count
from mnist_gui.engine.optimizers import OPTIMIZERS, Optimizer
from mnist_gui.engine.schedules import SCHEDULES, Schedule
from mnist_gui.engine.types import Floats

# Weights, velocity, gradient, best and latest copy: 100 million parameters take 2 GB. More would exhaust the memory of
# many machines.
MOST_PARAMETERS = 100_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """The functions behind the names in a config, and the class of the network."""

    activation: Activation
    loss: Loss
    initializer: Initializer
    optimizer: Callable[[Floats], Optimizer]
    schedule: Schedule
    network: type[Network] = Network

    @classmethod
    def of(cls, config: RunConfig) -> "Parts":
        """The parts that a config names. A checked config names only parts that exist."""
        return cls(
            activation=ACTIVATIONS[config.network.activation],
            loss=LOSSES[config.network.loss],
            initializer=INITIALIZERS[config.network.init],
            optimizer=OPTIMIZERS[config.training.optimizer],
            schedule=SCHEDULES[config.training.schedule],
        )


def check_size(config: RunConfig, inputs: int, classes: int) -> None:
    """ConfigError if the network would have more than MOST_PARAMETERS weights and biases."""
    count = parameter_count((inputs, *config.network.hidden, classes))
    if count > MOST_PARAMETERS:
        expected = f"layers that make at most {MOST_PARAMETERS:,} weights and biases; these make {count:,}"
        raise ConfigError("network.hidden", list(config.network.hidden), expected)


def build_network(
    config: RunConfig, inputs: int, classes: int, parts: Parts | None = None, dtype: DTypeLike = np.float32
) -> Network:
    """A network of the config's shape for inputs (B, inputs) and this many classes; all parameters are 0.

    parts: the network's parts, by default those that the config names.
    """
    parts = parts or Parts.of(config)
    return parts.network((inputs, *config.network.hidden, classes), parts.activation, dtype)


def initialize(network: Network, config: RunConfig, rng: np.random.Generator, parts: Parts | None = None) -> None:
    """Draw the starting weights and biases by the config, in place, layer by layer."""
    draw = (parts or Parts.of(config)).initializer
    last = len(network.weights) - 1
    for index, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        fan_in, fan_out = weights.shape
        layer = Layer(fan_in, fan_out, rectifies=index < last and network.activation.rectifies)
        weights[...] = draw(rng, weights.shape, layer, config.network)
        biases[...] = draw(rng, biases.shape, layer, config.network) if config.network.bias_init != "zeros" else 0.0
