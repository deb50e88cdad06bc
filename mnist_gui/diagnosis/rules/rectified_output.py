"""Outputs that get no gradient below 0."""

import math
import statistics

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, listed
from mnist_gui.diagnosis.rule import NotJudged, Rule

MOST_BELOW, LEAST_ABOVE = 0.9, 0.5
# For logits that are further apart the float32 softmax itself is 0.
LARGEST_RANGE = 80.0

WHY = """\
With a relu on the outputs, a = max(0, z), a class whose z is below 0 has output 0 and gradient 0, even where it is
the right one: nothing can raise it again. Softmax and sigmoid need z itself, of either sign: dL/dz = p - y is 0 for
no class. Leave the relu out on the last layer.
Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.109."""


def judge(evidence: Evidence) -> Finding | None:
    """By the readings that have logits below 0."""
    readings = [
        each
        for each in evidence.readings
        if math.isfinite(each.silent_below) and each.highest_logit - each.lowest_logit < LARGEST_RANGE
    ]
    if not readings:
        raise NotJudged
    below = statistics.median(reading.silent_below for reading in readings)
    above = [reading.silent_above for reading in readings if math.isfinite(reading.silent_above)]
    if below < MOST_BELOW or (above and statistics.median(above) > LEAST_ABOVE):
        return None
    lost = readings[-1].silent_classes
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"{100 * below:.0f} % of the outputs with a sum below 0 get no gradient at all: the outputs are "
        f"rectified, and such a class cannot recover.{_describe_classes(evidence, lost)}",
        value=below,
        threshold=MOST_BELOW,
        steps=(readings[0].step, readings[-1].step),
        layer=evidence.layers - 1 if lost else None,
        units=lost,
    )


def _describe_classes(evidence: Evidence, lost: tuple[int, ...]) -> str:
    """A sentence on the classes that get no gradient from most of their own digits; "" if there are none."""
    if not lost:
        return ""
    names = [evidence.start.class_names[label] if evidence.start else str(label) for label in lost]
    which = "Class" if len(lost) == 1 else "Classes"
    return f" {which} {listed(names)}: most of {'its' if len(lost) == 1 else 'their'} own digits have this output."


RULE = Rule(
    name="rectified_output",
    title="Outputs are rectified",
    healthy="Outputs below 0 are corrected like the others.",
    excludes="Outputs that are merely confident: those above 0 are corrected, and no logits are so far apart that "
    "softmax itself is 0.",
    why=WHY,
    judge=judge,
    explains=frozenset(
        {
            "cannot_learn_a_few",
            "steps_too_large",
            "gradient_vanishes",
            "steps_too_small",
            "dead_units",
            "overfitting",
            "knows_only_base_rates",
        }
    ),
)
