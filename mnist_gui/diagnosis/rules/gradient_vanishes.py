"""A gradient that vanishes before it reaches the first layers."""

import math
import statistics
from typing import Any

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, times
from mnist_gui.diagnosis.rule import NotJudged, Rule

# Least number of layers of weights, and of readings.
FEWEST_LAYERS, FEWEST = 3, 3
# Ratio of the first layer's gradient to the last layer's; healthy ones of 1 to 8 hidden layers have 0.015 to 0.5.
SHARE = 0.005
# Update ratio of the first layer; healthy ones have -3 to -2.
SHORT = -3.2
# Activations that saturate; a rate that suits several layers of relu units.
FLAT, RATE = ("sigmoid", "tanh"), 0.05

WHY = """\
Backwards, the gradient of layer l is W(l+1)^T times that of layer l + 1, times the slope of the activation. The slope
of a sigmoid is at most 1/4, so with weights of the usual size each layer passes on a quarter or less: of six, the
first gets a ten-thousandth. The last layers then learn from features that never change. relu has slope 1 wherever it
is active; tanh has slope 1 around 0, with starting weights of a suitable size.
Source: Hochreiter (1991); Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks
(2010), sections 3 and 4; Nielsen, Neural Networks and Deep Learning (2015), chapter 5."""


def judge(evidence: Evidence) -> Finding | None:
    """By the gradients and the steps of the first layer beside those of the last, over all readings."""
    readings = [each for each in evidence.readings if _is_finite(each.gradient_rms) and _is_finite(each.update_ratios)]
    if evidence.layers < FEWEST_LAYERS or len(readings) < FEWEST or evidence.is_early:
        raise NotJudged
    share = statistics.median(each.gradient_rms[0] / each.gradient_rms[-1] for each in readings)
    ratio = statistics.median(each.update_ratios[0] for each in readings)
    of_last = statistics.median(each.update_ratios[-1] for each in readings)
    if share >= SHARE or ratio >= SHORT or evidence.has_learned:
        return None
    if of_last < SHORT:
        raise NotJudged  # all layers hardly move: the learning rate is too small
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"The gradient of hidden layer 1 is {share:.2g} times that of the output layer (below {SHARE:g} is too "
        f"little), and its steps are {times(ratio)} as long as its weights: the first layers hardly learn.",
        value=share,
        threshold=SHARE,
        steps=(readings[0].step, readings[-1].step),
        layer=0,
        changes=_changes(evidence),
    )


def _is_finite(values: tuple[float, ...]) -> bool:
    """Whether all are finite and not 0: layers without any gradient are judged by other rules."""
    return all(math.isfinite(value) and value != 0.0 for value in values)


def _changes(evidence: Evidence) -> dict[str, Any]:
    """relu units, at a rate that suits several layers of them; if the units do not saturate already, one layer."""
    network, training = evidence.config.network, evidence.config.training
    if network.activation not in FLAT:
        return {"network.hidden": network.hidden[:1]}
    changes: dict[str, Any] = {"network.activation": "relu", "network.init": "auto"}
    if training.gradient == "mean" and training.learning_rate > RATE:
        changes["training.learning_rate"] = RATE
    return changes


RULE = Rule(
    name="gradient_vanishes",
    title="Gradient vanishes on its way back",
    healthy="The gradient reaches the first layer.",
    excludes="The learning rate: one that suits the first layer would be far too large for the last.",
    why=WHY,
    judge=judge,
    explains=frozenset(
        {"steps_too_small", "saturated_units", "dead_units", "cannot_learn_a_few", "knows_only_base_rates"}
    ),
)
