"""Steps that increase the loss."""

import math
import statistics

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule
from mnist_gui.diagnosis.rules.weights_decay_by_themselves import SMALLEST
from mnist_gui.training.records import LayersMeasured

LOWEST = -0.1
FEWEST, MOST = 3, 20
ADAM_BEGINS = 10

WHY = """\
A step of gradient descent with momentum is v = m v_old - rate g. Its new part, v - m v_old, is -rate g: its cosine
with -g is 1, whatever the velocity. (Whole steps of a healthy run point uphill in a quarter to half of the cases.)
For nesterov and adam it is smaller, but above 0. Near -1 the step is added where it should be subtracted.
Source: Sutskever, Martens, Dahl & Hinton (2013), eq. 1-2."""


def judge(evidence: Evidence) -> Finding | None:
    """By the median of the readings, without those whose weights shrink by themselves."""
    # The first steps of adam have a bias correction that changes from step to step, so their new part cannot be
    # computed from the step before.
    first = evidence.first_step + (ADAM_BEGINS if evidence.config.training.optimizer == "adam" else 0)
    readings = [each for each in evidence.readings if math.isfinite(each.downhill) and not _shrinks(each)]
    readings = [each for each in readings if each.step > first][:MOST]
    if len(readings) < FEWEST:
        raise NotJudged
    usual = statistics.median(reading.downhill for reading in readings)
    if usual > LOWEST:
        if usual < 0.0:
            raise NotJudged
        return None
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"The new part of each step has a cosine of {usual:.2f} with minus the gradient (1 is straight down the "
        f"slope, below {LOWEST:g} is up): the steps climb.",
        value=usual,
        threshold=LOWEST,
        steps=(readings[0].step, readings[-1].step),
    )


def _shrinks(reading: LayersMeasured) -> bool:
    return any(share > SMALLEST for share in reading.shrinkages)


RULE = Rule(
    name="uphill",
    title="Steps go uphill",
    healthy="The steps go down the slope of the computed gradient.",
    excludes="Oscillating momentum: its share of the last step is subtracted before the direction is measured.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS | {"rectified_output", "steps_too_large", "overfitting"},
)
