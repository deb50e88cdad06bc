"""Faults that are only other settings: from a config to the settings that make it faulty."""

from collections.abc import Mapping
from typing import Any

from mnist_gui.config import RunConfig

Settings = Mapping[str, Any]

FEW, FEW_AT_ONCE, MANY_EPOCHS = 200, 20, 100
ALL_OF_MNIST = 60_000
LARGEST_RATE, SMALLEST_RATE = 100.0, 1e-7


def raw_pixels(config: RunConfig) -> Settings:
    """Inputs of 0..255."""
    return {"data.scaling": "raw"}


def few_digits(config: RunConfig) -> Settings:
    """So few digits, so often, that they are learned by heart."""
    batch = min(config.training.batch_size or FEW_AT_ONCE, FEW_AT_ONCE)
    epochs = max(config.training.epochs, MANY_EPOCHS)
    return {"data.train": FEW, "training.batch_size": batch, "training.epochs": epochs}


def zero_init(config: RunConfig) -> Settings:
    """Weights and biases of 0."""
    return {"network.init": "zeros", "network.bias_init": "zeros"}


def alike_init(config: RunConfig) -> Settings:
    """Weights and biases between 0 and 0.01."""
    alike = {"network.init": "uniform", "network.init_low": 0.0, "network.init_high": 0.01}
    return {**alike, "network.bias_init": "as_weights"}


def one_unit(config: RunConfig) -> Settings:
    """As many hidden layers as before, of one unit each."""
    return {"network.hidden": (1,) * len(config.network.hidden)}


def summed_gradient(config: RunConfig) -> Settings:
    """The sum over a batch in place of its mean."""
    return {"training.gradient": "sum"}


def rate_times_30(config: RunConfig) -> Settings:
    """Within what is legal."""
    return {"training.learning_rate": min(30.0 * config.training.learning_rate, LARGEST_RATE)}


def rate_over_1000(config: RunConfig) -> Settings:
    """Within what is legal."""
    return {"training.learning_rate": max(config.training.learning_rate / 1000.0, SMALLEST_RATE)}


def huge_penalty(config: RunConfig) -> Settings:
    """As strong as there are training digits, so that its gradient is the weights themselves."""
    asked = config.data.train
    digits = asked if asked >= 1 else asked * (config.data.digits or ALL_OF_MNIST)
    return {"training.l2": float(min(digits, 1_000_000))}


def five_steps(config: RunConfig) -> Settings:
    """Five epochs of one step."""
    return {"training.batch_size": 0, "training.epochs": 5}
