"""Loss functions: each turns logits into outputs and a loss per digit, and gives the gradient for the logits.

To add one: write its two functions and enter it in LOSSES; the shared gradient test finds it there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_gui.engine.arrays import Floats, Labels


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss together with the output function it belongs to.

    forward(logits, labels): overwrite logits (B, C) by the outputs and return the loss of each digit, (B,).
    backward(outputs, labels): overwrite the outputs (B, C) by d(sum of the losses)/d(logits).
    """

    forward: Callable[[Floats, Labels], Floats]
    backward: Callable[[Floats, Labels], None]


def softmax_cross_entropy(logits: Floats, labels: Labels) -> Floats:
    """p = softmax(logits) in place; loss = -log p[label] = log(sum exp z) - z[label]  (Bishop 2006, eq. 4.104, 4.108).

    The row's largest logit is subtracted first: exp then never overflows, and the sum is at least 1, so that the
    loss is finite for all finite logits.
    """
    logits -= logits.max(axis=1, keepdims=True)
    of_label = logits[np.arange(len(labels)), labels]
    np.exp(logits, out=logits)
    total = logits.sum(axis=1)
    logits /= total[:, np.newaxis]
    losses: Floats = np.log(total) - of_label
    return losses


def softmax_cross_entropy_backward(probabilities: Floats, labels: Labels) -> None:
    """d loss / d logits = p - one_hot(label)  (Bishop 2006, eq. 4.109)."""
    probabilities[np.arange(len(labels)), labels] -= 1.0


LOSSES: dict[str, Loss] = {"cross_entropy": Loss(softmax_cross_entropy, softmax_cross_entropy_backward)}
