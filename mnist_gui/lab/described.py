"""A network as its author would describe it, in the words of code, and the run that is like it.

For people with a question and no config: what stands in their program is chosen from what programs do. What cannot be
built exactly is said, with what was taken in its place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.settings import SETTINGS


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which programs do a thing. settings: what it is here, "section.key" -> value; fault: or a bug of the
    lab's; tip: how to know it in one's code; note: what was taken in its place, where it cannot be built exactly."""

    tip: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    note: str = ""


def _uniform(low: float, high: float) -> dict[str, Any]:
    return {"network.init": "uniform", "network.init_low": low, "network.init_high": high}


def _normal(sd: float, mean: float = 0.0) -> dict[str, Any]:
    return {"network.init": "normal", "network.init_mean": mean, "network.init_sd": sd}


ACTIVATIONS: Mapping[str, Way] = {
    "relu": Way("np.maximum(0, z)", {"network.activation": "relu"}),
    "sigmoid": Way("1 / (1 + np.exp(-z))", {"network.activation": "sigmoid"}),
    "tanh": Way("np.tanh(z)", {"network.activation": "tanh"}),
    "leaky relu": Way("np.where(z > 0, z, 0.01 * z)", {"network.activation": "leaky_relu"}),
    "elu": Way("np.where(z > 0, z, np.exp(z) - 1)", {"network.activation": "elu"}),
    "none": Way("a = z: all layers together are then a linear one", {"network.activation": "identity"}),
    "step": Way(
        "(z > 0): 0 or 1",
        {"network.activation": "sigmoid"},
        note="A step has the derivative 0 everywhere, so no gradient gets through it and nothing below learns. "
        "Sigmoid units, its smooth relatives, are taken.",
    ),
}
OUTPUTS: Mapping[str, Way] = {
    "softmax, cross-entropy": Way("-log of the probability of the right digit", {"network.loss": "cross_entropy"}),
    "softmax without shift, cross-entropy": Way(
        "np.exp(z) / np.exp(z).sum(), without taking the largest z off first",
        {"network.loss": "cross_entropy"},
        fault="unshifted_softmax",
    ),
    "sigmoid, cross-entropy": Way(
        "-(y log a + (1 - y) log(1 - a)), added over ten outputs", {"network.loss": "binary_cross_entropy"}
    ),
    "sigmoid, squared error": Way("(a - y) ** 2 of sigmoid outputs", {"network.loss": "mse_sigmoid"}),
    "tanh, squared error": Way("(a - y) ** 2 of tanh outputs", {"network.loss": "mse_tanh"}),
    "no function, squared error": Way("(z - y) ** 2 of the sums themselves", {"network.loss": "mse"}),
    "relu, then softmax, cross-entropy": Way(
        "the activation of the hidden layers is applied to the outputs too",
        {"network.loss": "cross_entropy"},
        fault="relu_on_output",
    ),
    "softmax, squared error": Way(
        "(a - y) ** 2 of softmax outputs",
        {"network.loss": "mse_sigmoid"},
        note="Squared error of softmax outputs is not there: that of sigmoid outputs is taken, whose gradient fades in "
        "the same way where an output is surely wrong.",
    ),
}
STARTS: Mapping[str, Way] = {
    "zeros": Way("np.zeros((n, m))", {"network.init": "zeros"}),
    "rand: 0 to 1": Way("np.random.rand(n, m)", _uniform(0.0, 1.0)),
    "0.01 * rand: 0 to 0.01": Way("0.01 * np.random.rand(n, m)", _uniform(0.0, 0.01)),
    "uniform, -0.5 to 0.5": Way("np.random.rand(n, m) - 0.5", _uniform(-0.5, 0.5)),
    "uniform, -1 to 1": Way("2 * np.random.rand(n, m) - 1", _uniform(-1.0, 1.0)),
    "randn": Way("np.random.randn(n, m): deviation 1", _normal(1.0)),
    "0.1 * randn": Way("0.1 * np.random.randn(n, m)", _normal(0.1)),
    "0.01 * randn": Way("0.01 * np.random.randn(n, m)", _normal(0.01)),
    "normal around -0.1": Way("np.random.normal(-0.1, 0.02, (n, m))", _normal(0.02, -0.1)),
    "randn / sqrt(inputs)": Way("np.random.randn(n, m) / np.sqrt(n), after LeCun", {"network.init": "lecun_normal"}),
    "Xavier or Glorot": Way("limits of sqrt(6 / (n + m))", {"network.init": "glorot_uniform"}),
    "He or Kaiming": Way("np.random.randn(n, m) * np.sqrt(2 / n)", {"network.init": "he_normal"}),
}
BIASES: Mapping[str, Way] = {
    "zeros": Way("np.zeros(m)", {"network.bias_init": "zeros"}),
    "like the weights": Way("drawn at random as they are", {"network.bias_init": "as_weights"}),
    "none at all": Way(
        "z = x @ W",
        {"network.bias_init": "zeros"},
        note="A network without biases is not there: they start at 0 and learn.",
    ),
}
PIXELS: Mapping[str, Way] = {
    "0 to 255": Way("as they are in the file", {"data.scaling": "raw"}),
    "0 to 1": Way("x / 255", {"data.scaling": "unit"}),
    "-1 to 1": Way("x / 127.5 - 1, or (x - 128) / 128", {"data.scaling": "signed"}),
    "standardised": Way("(x - mean) / deviation", {"data.scaling": "standard"}),
    "0 or 1": Way("x > 0: black or white", {"data.scaling": "binary"}),
}
GRADIENTS: Mapping[str, Way] = {
    "averaged": Way("divided by the number of digits in the batch", {"training.gradient": "mean"}),
    "added up": Way("x.T @ d, and nothing divided", {"training.gradient": "sum"}),
}
UPDATES: Mapping[str, Way] = {
    "plain": Way("W -= rate * gradient", {"training.optimizer": "momentum", "training.momentum": 0.0}),
    "momentum": Way("v = m * v - rate * gradient; W += v", {"training.optimizer": "momentum"}),
    "momentum times the weights": Way(
        "W = m * W - rate * gradient: there is no v",
        {"training.optimizer": "momentum"},
        fault="momentum_on_weights",
    ),
    "Nesterov": Way("momentum that looks a step ahead", {"training.optimizer": "nesterov"}),
    "Adam": Way("steps of a size of their own for each weight", {"training.optimizer": "adam"}),
    "added, not subtracted": Way(
        "W += rate * gradient",
        {"training.optimizer": "momentum", "training.momentum": 0.0},
        fault="climbs_uphill",
    ),
}
ORDERS: Mapping[str, Way] = {
    "shuffled": Way("anew before each pass"),
    "as in the file": Way(
        "batch after batch from the start of the file",
        note="Digits are shuffled before each pass. The file of MNIST is in no order, so that makes little difference.",
    ),
    "sorted by digit": Way("first all 0, then all 1", fault="sorted_data"),
}

# What of a description is a number or a few -> the setting whose limits it has.
NUMBERS: Mapping[str, str] = {
    "batch": "training.batch_size",
    "rate": "training.learning_rate",
    "momentum": "training.momentum",
    "penalty": "training.l2",
    "digits": "data.train",
    "epochs": "training.epochs",
}
WAYS: Mapping[str, Mapping[str, Way]] = {
    "activation": ACTIVATIONS,
    "output": OUTPUTS,
    "start": STARTS,
    "biases": BIASES,
    "pixels": PIXELS,
    "gradient": GRADIENTS,
    "update": UPDATES,
    "order": ORDERS,
}
ALL = "all"
HIDDEN = "hidden layers as numbers of units, such as 128 or 128, 64; nothing for none"


class DescriptionError(ValueError):
    """Something that cannot be a description. what: the name of its field; the text is a sentence for people."""

    def __init__(self, what: str, text: str) -> None:
        self.what = what
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Description:
    """Fields as they are written in a form. Of those in WAYS, one of the names there; the others are texts.

    hidden: "128, 64", or all layers as in "784-128-64-10". batch: a number of digits, or "all".
    """

    hidden: str = "128"
    activation: str = "relu"
    output: str = "softmax, cross-entropy"
    start: str = "0.01 * randn"
    biases: str = "zeros"
    pixels: str = "0 to 1"
    batch: str = "32"
    gradient: str = "averaged"
    rate: str = "0.1"
    update: str = "plain"
    momentum: str = "0.9"
    penalty: str = "0"
    digits: str = "55000"
    epochs: str = "5"
    order: str = "shuffled"


@dataclass(frozen=True, slots=True)
class Built:
    """The run that is like a description. notes: what could not be built exactly, and what was taken, in sentences."""

    config: RunConfig
    notes: tuple[str, ...]


def build(description: Description, inputs: int = 784, classes: int = 10) -> Built:
    """The run for a dataset of so many inputs and classes. DescriptionError for a field that cannot be understood.

    Validation digits are kept aside as always, from the test files where all training digits are wanted; the learning
    rate is constant.
    """
    chosen = [WAYS[what][name] for what in WAYS if (name := getattr(description, what))]
    settings: dict[str, Any] = {
        "training.schedule": "constant",
        "network.hidden": _hidden(description.hidden, inputs, classes),
    }
    for what, key in NUMBERS.items():
        if what != "momentum" or _has_momentum(description):
            settings[key] = _number(what, getattr(description, what))
    for way in chosen:
        settings |= way.settings
    if settings["data.train"] + RunConfig().data.validation > ALL_DIGITS:
        settings["data.validation_from"] = "test"
    faults = [way.fault for way in chosen if way.fault]
    config = RunConfig().with_settings({**settings, "lab.faults": faults})
    return Built(config, tuple(way.note for way in chosen if way.note))


# Digits in the training files of MNIST.
ALL_DIGITS = 60_000


def _has_momentum(description: Description) -> bool:
    return "training.momentum" not in UPDATES[description.update].settings


def _hidden(text: str, inputs: int, classes: int) -> list[int]:
    """The sizes of the hidden layers; in a row with all layers, inputs and outputs are left out."""
    words = re.split(r"[\s,;x\[\]()>-]+", text.strip())
    sizes = [word for word in words if word]
    if not all(word.isdecimal() and len(word) < 9 for word in sizes):
        raise DescriptionError("hidden", f"{text!r}: expected {HIDDEN}.")
    numbers = [int(word) for word in sizes]
    if len(numbers) > 1 and numbers[0] == inputs:
        numbers = numbers[1:-1] if numbers[-1] == classes else numbers[1:]
    try:
        return list(SETTINGS["network.hidden"].check("network.hidden", numbers))
    except ConfigError as error:
        raise DescriptionError("hidden", f"{error.complaint}.") from error


def _number(what: str, text: str) -> int | float:
    """A number of a field, checked by the limits of its setting."""
    key, text = NUMBERS[what], text.strip().replace(",", "").replace("_", "")
    if what == "batch" and text.lower() == ALL:
        return 0
    try:
        value = int(text) if text.lstrip("+").isdecimal() and len(text) < 12 else float(text)
    except ValueError:
        raise DescriptionError(what, f"{text!r}: expected {_legal(what)}.") from None
    if what == "batch" and value == 0:
        raise DescriptionError(what, f"0: expected {_legal(what)}.")
    try:
        checked: int | float = SETTINGS[key].check(key, value)
    except ConfigError:
        raise DescriptionError(what, f"{text}: expected {_legal(what)}.") from None
    return checked


def _legal(what: str) -> str:
    if what == "batch":
        return f"a number of digits, or {ALL}"
    return SETTINGS[NUMBERS[what]].legal


# The posted networks, as their authors would have described them.
POSTED: Mapping[str, Description] = {
    "case-a": Description(
        hidden="1",
        activation="sigmoid",
        start="normal around -0.1",
        biases="like the weights",
        batch=ALL,
        gradient="added up",
        rate="0.00001",
        update="momentum times the weights",
        digits="60000",
        epochs="200",
    ),
    "case-b": Description(
        hidden="32",
        output="relu, then softmax, cross-entropy",
        start="0.1 * randn",
        pixels="0 or 1",
        batch="1",
        rate="0.05",
        digits="3500",
        epochs="5",
    ),
    "case-c": Description(
        hidden="5, 5",
        activation="sigmoid",
        output="sigmoid, cross-entropy",
        start="0.01 * rand: 0 to 0.01",
        biases="like the weights",
        pixels="-1 to 1",
        batch=ALL,
        rate="2",
        penalty="1",
        digits="30000",
        epochs="5",
    ),
}
