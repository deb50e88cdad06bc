"""Faults of settings: functions from a config to the settings that make it faulty."""

from collections.abc import Mapping
from typing import Any

from mnist_gui.config.run_config import RunConfig
from mnist_gui.faults import preconditions as needs
from mnist_gui.faults.fault import Fault

Settings = Mapping[str, Any]

FEW, FEW_AT_ONCE, MANY_EPOCHS = 200, 20, 100
ALL_OF_MNIST = 60_000
LARGEST_RATE, SMALLEST_RATE = 100.0, 1e-7


def raw_pixels(config: RunConfig) -> Settings:
    """Inputs of 0..255."""
    return {"data.scaling": "raw"}


def few_digits(config: RunConfig) -> Settings:
    """Few digits, many epochs: overfitting."""
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
    """The same number of hidden layers, with one unit each."""
    return {"network.hidden": (1,) * len(config.network.hidden)}


def summed_gradient(config: RunConfig) -> Settings:
    """The sum over a batch in place of its mean."""
    return {"training.gradient": "sum"}


def rate_times_30(config: RunConfig) -> Settings:
    """Limited to legal values."""
    return {"training.learning_rate": min(30.0 * config.training.learning_rate, LARGEST_RATE)}


def rate_over_1000(config: RunConfig) -> Settings:
    """Limited to legal values."""
    return {"training.learning_rate": max(config.training.learning_rate / 1000.0, SMALLEST_RATE)}


def huge_penalty(config: RunConfig) -> Settings:
    """lambda = number of training digits, so that the penalty's gradient equals the weights."""
    asked = config.data.train
    digits = asked if asked >= 1 else asked * (config.data.digits or ALL_OF_MNIST)
    return {"training.l2": float(min(digits, 1_000_000))}


def five_steps(config: RunConfig) -> Settings:
    """Five epochs of one step."""
    return {"training.batch_size": 0, "training.epochs": 5}


FAULTS_OF_SETTINGS = (
    Fault(
        name="raw_pixels",
        title="Raw pixels",
        text="The grey levels go in as they are, 0 to 255, so that the first sums are hundreds of times too large.",
        rule="input_range",
        seen="pre-flight",
        wrong="x = images.reshape(n, 784)\nx = x.astype(np.float32)\nz = x @ W1 + b1",
        right="x = images.reshape(n, 784)\nx = x.astype(np.float32) / 255\nz = x @ W1 + b1",
        settings=raw_pixels,
    ),
    Fault(
        name="few_digits",
        title="Few digits",
        text="Only 200 digits to learn from, in a hundred epochs: the network overfits.",
        rule="overfitting",
        seen="run",
        wrong="x, labels = x[:200], labels[:200]\nfor epoch in range(100):\n    train(x, labels)",
        right="x, labels = x[:55000], labels[:55000]\nfor epoch in range(10):\n    train(x, labels)",
        settings=few_digits,
    ),
    Fault(
        name="zero_init",
        title="Weights start at 0",
        text="All weights start at 0, so the units of a layer are copies of each other and stay so.",
        rule="units_are_copies",
        seen="both",
        wrong="W1 = np.zeros((784, h))\nb1 = np.zeros(h)",
        right="W1 = rng.normal(0, np.sqrt(2 / 784), (784, h))\nb1 = np.zeros(h)",
        need=needs.HIDDEN_LAYER,
        settings=zero_init,
    ),
    Fault(
        name="alike_init",
        title="Weights start alike",
        text="Weights and biases all start small and above 0, so that the units of a layer nearly agree, and go on so.",
        rule="units_are_copies",
        seen="both",
        wrong="W1 = 0.01 * rng.random((784, h))\nb1 = 0.01 * rng.random(h)",
        right="W1 = rng.normal(0, np.sqrt(2 / 784), (784, h))\nb1 = np.zeros(h)",
        need=needs.HIDDEN_LAYER,
        settings=alike_init,
    ),
    Fault(
        name="one_unit",
        title="One hidden unit",
        text="Every hidden layer has a single unit: one number cannot separate ten classes.",
        rule="too_few_units",
        seen="run",
        wrong="h = 1\nW1 = rng.normal(0, sd, (784, h))\nW2 = rng.normal(0, sd, (h, 10))",
        right="h = 256\nW1 = rng.normal(0, sd, (784, h))\nW2 = rng.normal(0, sd, (h, 10))",
        need=needs.HIDDEN_LAYER,
        settings=one_unit,
    ),
    Fault(
        name="summed_gradient",
        title="Summed gradient",
        text="The gradients of a batch are added and not averaged, so that every step is as many times too long.",
        rule="gradient_is_summed",
        seen="pre-flight",
        wrong="d2 = p - y\ndW2 = a1.T @ d2",
        right="d2 = (p - y) / n\ndW2 = a1.T @ d2",
        need=needs.SEVERAL_DIGITS,
        settings=summed_gradient,
    ),
    Fault(
        name="rate_times_30",
        title="Learning rate 30 times too large",
        text="The steps are 30 times as long: they jump across the minimum instead of descending into it.",
        rule="steps_too_large",
        seen="run",
        wrong="rate = 30 * 0.1\nW -= rate * dW",
        right="rate = 0.1\nW -= rate * dW",
        settings=rate_times_30,
    ),
    Fault(
        name="rate_over_1000",
        title="Learning rate 1,000 times too small",
        text="The steps are a thousandth as long: the weights hardly leave where they started.",
        rule="steps_too_small",
        seen="run",
        wrong="rate = 0.1 / 1000\nW -= rate * dW",
        right="rate = 0.1\nW -= rate * dW",
        settings=rate_over_1000,
    ),
    Fault(
        name="huge_penalty",
        title="Huge penalty",
        text="Lambda is as large as the number of digits, so that the penalty outweighs the loss of the digits.",
        rule="penalty_dominates",
        seen="run",
        wrong="penalty = n\ndW += penalty / n * W\nW -= rate * dW",
        right="penalty = 1\ndW += penalty / n * W\nW -= rate * dW",
        settings=huge_penalty,
    ),
    Fault(
        name="five_steps",
        title="Five steps",
        text="All digits make one step together, and there are five: training ends when it has hardly begun.",
        rule="too_few_steps",
        seen="run",
        wrong="for epoch in range(5):\n    dW = gradient(x, labels)\n    W -= rate * dW",
        right="for i in minibatches(n, size=128, epochs=10):\n    dW = gradient(x[i], labels[i])\n    W -= rate * dW",
        settings=five_steps,
    ),
)
