"""Units of a layer that all say the same, from the start and still."""

import math

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, in_layer
from mnist_gui.diagnosis.rule import NotJudged, Rule

ALIKE = 0.95

WHY = """\
Units of a layer with the same weights get the same gradient, d[l-1] = (d[l] W[l]^T) f', so they stay the same: a
layer of copies is a layer of one unit. Weights that start at 0, all alike or all with the same sign are nearly so,
and a full batch, which has no noise, hardly ever parts them. Measured is the smallest correlation between the
answers of two units on 256 digits. Draw starting weights with mean 0 and a deviation of about 1 / sqrt(inputs).
Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 8.4; Glorot & Bengio (2010), eq. 16."""


def judge(evidence: Evidence) -> Finding | None:
    """By the start, and by every reading since, so that only what stays is told."""
    measured = [evidence.start.alike] if evidence.start else []
    measured += [reading.alike for reading in evidence.readings]
    if not measured or all(math.isnan(value) for value in measured[0]):
        raise NotJudged
    for layer in range(len(measured[0])):
        values = [of_layers[layer] for of_layers in measured]
        smallest = min(values)
        if not math.isnan(values[0]) and smallest > ALIKE and not evidence.has_learned:
            return _finding(evidence, layer, smallest)
    return None


def _finding(evidence: Evidence, layer: int, smallest: float) -> Finding:
    readings = evidence.readings
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"The answers of any two units of {in_layer(layer, evidence.layers)} have a correlation of "
        f"{smallest:.3f} or "
        f"more, from the start on (above {ALIKE:g} they are copies): the layer says no more than one unit would.",
        value=smallest,
        threshold=ALIKE,
        steps=(readings[0].step, readings[-1].step) if readings else None,
        layer=layer,
        changes={"network.init": "auto", "network.bias_init": "zeros"},
    )


RULE = Rule(
    name="units_are_copies",
    title="Units that are copies",
    healthy="the units of each layer differ",
    why=WHY,
    judge=judge,
    explains=frozenset(
        {
            "bad_start",
            "penalty_dominates",
            "steps_too_large",
            "steps_too_small",
            "dead_units",
            "saturated_units",
            "too_few_units",
            "knows_only_base_rates",
            "gradient_is_wrong",
        }
    ),
)
