"""Loss functions: each turns logits into outputs and a loss per digit, and gives the gradient for the logits.

To add one: write its two functions and enter it in LOSSES; the shared gradient test finds it there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_gui.engine.activations import ACTIVATIONS, Activation, sigmoid
from mnist_gui.engine.types import Floats, Labels


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss together with the output function it belongs to.

    forward(logits, labels): overwrite logits (B, C) by the outputs and return the loss of each digit, (B,).
    backward(outputs, labels): overwrite the outputs (B, C) by d(sum of the losses)/d(logits).
    base_rate(frequencies): the mean loss of the best outputs that are the same for all digits, where classes have these
    frequencies (C,), summing to 1: the loss of a network that has learned only how frequent each class is.
    no, yes: what an output should be for a class that a digit is not of, and for the one it is of.
    """

    forward: Callable[[Floats, Labels], Floats]
    backward: Callable[[Floats, Labels], None]
    base_rate: Callable[[Floats], float]
    no: float = 0.0
    yes: float = 1.0


def softmax_cross_entropy(logits: Floats, labels: Labels) -> Floats:
    """p = softmax(logits) in place; loss = -log p[label] = log(sum exp z) - z[label]  (Bishop 2006, eq. 4.104, 4.108).

    The row's largest logit is subtracted first: exp then never overflows, and the sum is at least 1, so that the
    loss is finite wherever the logits and their differences are.
    """
    logits -= logits.max(axis=1, keepdims=True)
    of_label = logits[np.arange(len(labels)), labels]
    np.exp(logits, out=logits)
    total = logits.sum(axis=1)
    logits /= total[:, np.newaxis]
    losses: Floats = np.log(total) - of_label
    return losses


def entropy(frequencies: Floats) -> float:
    """-sum of f log f: the loss of outputs equal to the frequencies (Bishop 2006, eq. 1.98)."""
    present = frequencies[frequencies > 0.0]
    return float(-np.sum(present * np.log(present)))


def binary_cross_entropy(logits: Floats, labels: Labels) -> Floats:
    """p = sigmoid(logits) in place; loss = -sum over c of t log p + (1 - t) log(1 - p), t = 1 for the label, else 0.

    Each term is log(1 + exp(s)), with s = -z for the label and s = z for the others (Bishop 2006, eq. 4.90), written
    as max(s, 0) + log(1 + exp(-|s|)), which neither overflows nor rounds to log 0.
    """
    wrong = logits.copy()  # s: large where an output is on the wrong side
    wrong[np.arange(len(labels)), labels] *= -1.0
    losses: Floats = (np.maximum(wrong, 0.0) + np.log1p(np.exp(-np.abs(wrong)))).sum(axis=1)
    sigmoid(logits)
    return losses


def binary_entropies(frequencies: Floats) -> float:
    """The entropies of C yes-or-no questions, added: -sum of f log f + (1 - f) log(1 - f)."""
    return entropy(frequencies) + entropy(1.0 - frequencies)


def outputs_minus_one_hot(outputs: Floats, labels: Labels) -> None:
    """d loss / d logits = p - one_hot(label), for softmax as for sigmoid outputs (Bishop 2006, eq. 4.109, 4.91)."""
    outputs[np.arange(len(labels)), labels] -= 1.0


def mean_squared_error(output: Activation, *, no: float) -> Loss:
    """loss = mean over the C classes of (a - t)^2, a = output(logits), t = 1 for the label, else `no`.

    d loss / d logits = 2 (a - t) / C * output'.
    """

    def forward(logits: Floats, labels: Labels) -> Floats:
        output.apply(logits)
        losses: Floats = np.square(_errors(logits, labels)).mean(axis=1)
        return losses

    def backward(outputs: Floats, labels: Labels) -> None:
        gradient = _errors(outputs, labels)
        gradient *= 2.0 / outputs.shape[1]
        output.multiply_by_derivative(gradient, outputs)
        outputs[...] = gradient

    def _errors(outputs: Floats, labels: Labels) -> Floats:
        errors: Floats = outputs - no
        errors[np.arange(len(labels)), labels] -= 1.0 - no
        return errors

    def variance(frequencies: Floats) -> float:
        # Of a target that is 1 with frequency f, else `no`: the error of its mean.
        return float(np.mean((1.0 - no) ** 2 * frequencies * (1.0 - frequencies)))

    return Loss(forward, backward, variance, no=no)


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss(softmax_cross_entropy, outputs_minus_one_hot, entropy),
    "binary_cross_entropy": Loss(binary_cross_entropy, outputs_minus_one_hot, binary_entropies),
    "mse": mean_squared_error(ACTIVATIONS["identity"], no=0.0),
    "mse_sigmoid": mean_squared_error(ACTIVATIONS["sigmoid"], no=0.0),
    "mse_tanh": mean_squared_error(ACTIVATIONS["tanh"], no=-1.0),
}
