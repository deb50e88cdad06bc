"""What a run must have for a fault to change anything in it."""

from typing import Any

from mnist_gui.config.run_config import RunConfig
from mnist_gui.faults.fault import Need


def one_of(key: str, values: tuple[str, ...], text: str) -> Need:
    """A setting with one of these values; the first one is proposed."""
    return Need(text, lambda config: config[key] in values, {key: values[0]})


def _has_hidden_layer(config: RunConfig) -> bool:
    return bool(config.network.hidden)


def _has_validation(config: RunConfig) -> bool:
    return bool(config.data.validation)


def _has_minibatches(config: RunConfig) -> bool:
    return config.training.batch_size > 0


def _adds_up(config: RunConfig) -> bool:
    return config.training.batch_size != 1


def _usual(key: str) -> dict[str, Any]:
    return {key: RunConfig()[key]}


HIDDEN_LAYER = Need("a hidden layer", _has_hidden_layer, _usual("network.hidden"))
VALIDATION_DIGITS = Need("validation digits", _has_validation, _usual("data.validation"))
MINIBATCHES = Need("minibatches of fewer than all digits", _has_minibatches, _usual("training.batch_size"))
SEVERAL_DIGITS = Need("more than one digit in a batch", _adds_up, _usual("training.batch_size"))
RELU = Need(
    "hidden units of relu",
    lambda config: config.network.activation == "relu" and _has_hidden_layer(config),
    {"network.activation": "relu"},
)
# For the other activations the derivative is the same for z and a.
CURVED = Need(
    "hidden units of sigmoid, tanh or elu",
    lambda config: config.network.activation in ("sigmoid", "tanh", "elu") and _has_hidden_layer(config),
    {"network.activation": "sigmoid"},
)
SOFTMAX = one_of("network.loss", ("cross_entropy",), "the loss cross_entropy, which has the softmax")
SOFTMAX_OF_SEVERAL = Need(
    f"{SOFTMAX.text}, and more than one digit in a batch",
    lambda config: SOFTMAX.is_met(config) and _adds_up(config),
    {**SOFTMAX.settings, **SEVERAL_DIGITS.settings},
)
MOMENTUM = one_of("training.optimizer", ("momentum",), "the optimizer momentum")
