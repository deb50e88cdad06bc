"""Units of a layer that are copies of each other from the start on."""

import math

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, Severity, all_units, in_layer
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule

ALIKE = 0.95
FEWEST_UNITS = 3

WHY = """\
Units of a layer with the same weights get the same gradient, d[l-1] = (d[l] W[l]^T) f', so they stay the same: a
layer of copies is a layer of one unit. Weights that start at 0, all alike or all with the same sign are nearly so,
and a full batch, which has no noise, hardly ever separates them. Measured is the smallest correlation between the
outputs of two units on 256 digits. Draw starting weights with mean 0 and a deviation of about 1 / sqrt(inputs).
Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 8.4; Glorot & Bengio (2010), eq. 16."""


def judge(evidence: Evidence) -> Finding | None:
    """By the start, or else the first reading; then by whether units have separated since."""
    first = evidence.start or (evidence.readings[0] if evidence.readings else None)
    if first is None or all(math.isnan(value) for value in first.alike):
        raise NotJudged
    now = evidence.readings[-1].alike if evidence.readings else first.alike
    if any(count < FEWEST_UNITS for count in first.units[:-1]):
        raise NotJudged  # units above one or two units can hardly differ
    for layer, (before, after) in enumerate(zip(first.alike, now, strict=True)):
        if before > ALIKE and not after <= ALIKE and not evidence.has_learned:
            died = "and none of them distinguishes digits any more" if math.isnan(after) else "and still are"
            since = f"{died}: such a layer is worth no more than one unit"
            return _finding(evidence, layer, before if math.isnan(after) else min(before, after), since, "error")
    for layer, before in enumerate(first.alike):
        if before > ALIKE:
            return _finding(evidence, layer, before, "and have separated since, which took steps", "warning")
    return None


def _finding(evidence: Evidence, layer: int, smallest: float, since: str, severity: Severity) -> Finding:
    readings = evidence.readings
    return Finding(
        rule=RULE.name,
        severity=severity,
        text=f"The outputs of any two units of {in_layer(layer, evidence.layers)} start with a correlation of "
        f"{smallest:.3f} or more (above {ALIKE:g} they are copies), {since}.",
        value=smallest,
        threshold=ALIKE,
        steps=(readings[0].step, readings[-1].step) if readings else None,
        layer=layer,
        units=all_units(evidence.width(layer)),
        changes={"network.init": "auto", "network.bias_init": "zeros"},
    )


RULE = Rule(
    name="units_are_copies",
    title="Units are copies of each other",
    healthy="The units of each layer differ.",
    excludes="A lack of units: more of them would be further copies.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS
    | {
        "cannot_learn_a_few",
        "bad_start",
        "start_variance",
        "gradient_is_wrong",
        "penalty_dominates",
        "steps_too_large",
    },
)
