"""What goes on inside a network while it trains: per layer, the size of gradient and steps, and what its units say.

Measured every so often on a fixed probe of training digits, so that it costs next to nothing of the training time.
"""

import numpy as np

from mnist_gui.engine.activations import Activation
from mnist_gui.engine.arrays import Floats
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.training.records import LayersMeasured

PROBE = 256
# A unit is dead if it answers at least this much to fewer than so many of the probe's digits.
SMALLEST_ANSWER, FEWEST_ANSWERS = 1e-5, 0.05
# A unit is saturated if its answers, scaled to -1..1, are this far from 0 on average: the rho of Rakitianskaia &
# Engelbrecht (2015) with bins of a single answer each.
SATURATED = 0.85


class Vitals:
    """Measures one network on one probe, inputs (B, D)."""

    def __init__(self, network: Network, probe: Floats) -> None:
        self._network, self._probe = network, probe
        self._workspace = Workspace(network, len(probe))

    def measure(self, step: int, gradient: Gradient, before: list[Floats]) -> LayersMeasured:
        """gradient: of the step just made, as the update rule got it; before: the weights of every layer before it."""
        network = self._network
        network.forward(self._probe, self._workspace)
        hidden = self._workspace.outputs[:-1]
        return LayersMeasured(
            step=step,
            gradient_rms=tuple(float(np.sqrt(np.mean(np.square(layer)))) for layer in gradient.weights),
            update_ratios=tuple(_ratio(new, old) for new, old in zip(network.weights, before, strict=True)),
            activation_means=tuple(float(outputs.mean()) for outputs in hidden),
            activation_sds=tuple(float(outputs.std()) for outputs in hidden),
            dead=tuple(dead_share(outputs) for outputs in hidden),
            saturated=tuple(saturated_share(outputs, network.activation) for outputs in hidden),
        )


def dead_share(outputs: Floats) -> float:
    """The share of units, columns of (B, H), that answer hardly any digit."""
    answers = np.mean(np.abs(outputs) >= SMALLEST_ANSWER, axis=0)
    return float(np.mean(answers < FEWEST_ANSWERS))


def saturated_share(outputs: Floats, activation: Activation) -> float:
    """The share of units whose answers are near either end of what the activation can give; 0 if it has no two ends."""
    if activation.ends is None:
        return 0.0
    low, high = activation.ends
    scaled = (outputs - (low + high) / 2) / ((high - low) / 2)
    return float(np.mean(np.abs(scaled).mean(axis=0) > SATURATED))


def _ratio(new: Floats, old: Floats) -> float:
    """log10 of mean |step| by mean |weight|: about -3 in healthy training; -inf for no step, inf for no weights."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.log10(np.mean(np.abs(new - old)) / np.mean(np.abs(old))))
