"""The origin of a wrong gradient: which known mistake in the output derivative reproduces it up to rounding."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mnist_gui.data.batches import inputs_of
from mnist_gui.data.splits import Split
from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.losses import LOSSES, outputs_minus_one_hot
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.types import Floats, Labels
from mnist_gui.training.snapshot import Snapshot

DIGITS = 16
# Share of the gradient's length; rounding in float32 is about 1e-6.
LARGEST_RESIDUAL = 1e-4


@dataclass(frozen=True, slots=True)
class Origin:
    """A mistake in the derivative with respect to the logits; the rest of the backward pass is correct.

    text: the resulting gradient and the correct start, in a sentence. begin(logits, derivative, labels):
    the wrong derivative for the logits (B, C), from the right one (B, C) and labels (B,).
    """

    text: str
    begin: Callable[[Floats, Floats, Labels], Floats]


def _logits_minus_one_hot(logits: Floats, derivative: Floats, labels: Labels) -> Floats:
    wrong = logits.copy()
    outputs_minus_one_hot(wrong, labels)
    return wrong


def _negative(logits: Floats, derivative: Floats, labels: Labels) -> Floats:
    return -derivative


ORIGINS: Mapping[str, Origin] = {
    "squared_error_of_logits": Origin(
        "It is, to rounding, the gradient of another loss, the squared error of the logits, 1/2 |z - t|^2: the "
        "backward pass begins with z - t, where the reported loss needs p - t, with the outputs p in place of the "
        "logits z.",
        _logits_minus_one_hot,
    ),
    "negative_loss": Origin("It is, to rounding, the right one with the wrong sign.", _negative),
}


def gradient_origin(snapshot: Snapshot, train: Split) -> str:
    """The name in ORIGINS of the mistake that reproduces the gradient of this network's backward pass.

    Compared on the first training digits. "" if none, or more than one, agrees.
    """
    labels = train.labels[:DIGITS]
    inputs = inputs_of(train.images(np.arange(len(labels))), snapshot.config.data.scaling)
    network, loss = snapshot.network(), snapshot.parts.loss
    workspace = Workspace(network, len(labels))
    outputs = network.forward(inputs, workspace)
    loss.forward(outputs, labels)
    loss.backward(outputs, labels)
    found = _gradient(network, inputs, workspace)

    right = Network(snapshot.sizes, ACTIVATIONS[snapshot.config.network.activation])
    right.parameters[...] = snapshot.parameters
    right_loss = LOSSES[snapshot.config.network.loss]
    agreeing = []
    for name, origin in ORIGINS.items():
        outputs = right.forward(inputs, workspace)
        logits = outputs.copy()
        right_loss.forward(outputs, labels)
        right_loss.backward(outputs, labels)
        outputs[...] = origin.begin(logits, outputs, labels)
        if _is_same(_gradient(right, inputs, workspace), found):
            agreeing.append(name)
    return agreeing[0] if len(agreeing) == 1 else ""


def _gradient(network: Network, inputs: Floats, workspace: Workspace) -> Floats:
    gradient = Gradient(network)
    network.backward(inputs, workspace, gradient)
    return gradient.flat


def _is_same(one: Floats, other: Floats) -> bool:
    length = float(np.linalg.norm(other))
    return length > 0.0 and float(np.linalg.norm(one - other)) <= LARGEST_RESIDUAL * length
