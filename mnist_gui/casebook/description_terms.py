"""The options of each field of a description, in the words of code, with the settings or fault for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Way:
    """One option of a field. tip: how to recognise it in code; settings: "section.key" -> value that correspond to it;
    fault: name of a fault that it needs; note: its replacement, if it cannot be built exactly."""

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

# By the fields of a description.
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
