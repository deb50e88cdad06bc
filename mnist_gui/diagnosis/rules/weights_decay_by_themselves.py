"""Weights that shrink by a constant share in every step."""

import math
import statistics

import numpy as np

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, in_layer
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule

SMALLEST = 1e-4
# The share is the same in every step: the quartiles of the readings differ by at most this share of their median.
FEWEST, SPREAD = 4, 0.25

WHY = """\
Momentum keeps a share of the last *step*: v = m v_old - rate g, W = W + v. Applied to the weights, W = m W - rate g,
it removes (1 - m) of every weight in each step, a tenth for m = 0.9, whatever the digits are: after 22 steps nine
tenths of what was learned are lost. It is found by least squares: the multiple of W in a step beyond the last step
and the gradient, which contains any penalty.
Source: the classical form is in Sutskever, Martens, Dahl & Hinton (2013), eq. 1-2."""


def judge(evidence: Evidence) -> Finding | None:
    """By the median of the readings of each layer, and by their spread: a constant share."""
    if not evidence.readings:
        raise NotJudged
    found: list[tuple[float, int]] = []
    for layer in range(evidence.layers):
        values = [reading.shrinkages[layer] for reading in evidence.readings if reading.shrinkages]
        values = [value for value in values if math.isfinite(value)]
        if len(values) >= FEWEST and _is_constant(values):
            found.append((statistics.median(values), layer))
    if not found:
        raise NotJudged
    share, layer = max(found)
    if share < SMALLEST:
        return None
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"In every step {100 * share:.3g} % of the weights of {in_layer(layer, evidence.layers)} vanish, which "
        "neither gradient nor velocity explains: momentum seems to multiply the weights.",
        value=share,
        threshold=SMALLEST,
        steps=(evidence.readings[0].step, evidence.readings[-1].step),
        layer=layer,
    )


def _is_constant(values: list[float]) -> bool:
    """Whether these shares are about the same, or all nearly 0, and below 1."""
    low, median, high = np.percentile(values, (25, 50, 75))
    return bool(median < 1.0 and high - low <= max(SPREAD * abs(median), SMALLEST))


RULE = Rule(
    name="weights_decay_by_themselves",
    title="Weights shrink by themselves",
    healthy="Nothing but gradient and velocity moves the weights.",
    excludes="An L2 penalty and the velocity: both are subtracted before the rest is measured.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS | {"uphill", "rectified_output", "penalty_dominates", "steps_too_large", "overfitting"},
)
