"""Overfit check: a network that cannot memorise a few digits will not learn at all."""

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.network import Gradient, Workspace
from mnist_gui.engine.optimizers import Adam
from mnist_gui.engine.types import Floats, Labels
from mnist_gui.training.snapshot import Snapshot

DIGITS = 16
# adam, since it suits all networks, at a fast rate and, where that is unstable, at a safe one. Large networks need
# fewer steps, and more would take too long.
RATES, MOMENTUM = (0.01, 0.001), 0.9
MOST_STEPS, FEWEST_STEPS, WORK = 300, 40, 30_000_000


def learned_by_heart(snapshot: Snapshot, inputs: Floats, labels: Labels) -> float:
    """The accuracy, 0..1, of a copy of the network on digits (B, D) with labels (B,) after training on only these.

    With its own loss, forward and backward pass, without penalty and dropout. 0 where numbers are not finite.
    """
    best = 0.0
    for rate in RATES:
        best = max(best, _overfit(snapshot, inputs, labels, rate))
        if best == 1.0:
            break
    return best


def _overfit(snapshot: Snapshot, inputs: Floats, labels: Labels, rate: float) -> float:
    """The largest accuracy on the digits during the training."""
    network, loss = snapshot.network(), snapshot.parts.loss
    workspace, gradient = Workspace(network, len(labels)), Gradient(network)
    rule = Adam(network.parameters)
    steps = max(FEWEST_STEPS, min(MOST_STEPS, WORK // network.parameters.size))
    best = 0.0
    for _ in range(steps):
        outputs = network.forward(inputs, workspace)
        loss.forward(outputs, labels)
        best = max(best, _accuracy(outputs, labels))
        if best == 1.0:
            break
        loss.backward(outputs, labels)
        outputs *= 1.0 / len(labels)
        network.backward(inputs, workspace, gradient)
        rule.update(network.parameters, gradient.flat, rate, MOMENTUM)
    return best


def _accuracy(outputs: Floats, labels: NDArray[np.integer]) -> float:
    if not np.isfinite(outputs).all():
        return 0.0
    return float(np.mean(outputs.argmax(axis=1) == labels))
