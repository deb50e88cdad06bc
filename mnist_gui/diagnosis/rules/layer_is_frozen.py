"""A layer that does not move although it has a gradient."""

import math
import statistics

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, all_units, in_layer
from mnist_gui.diagnosis.rule import NotJudged, Rule

FEWEST = 3

WHY = """\
A layer whose step is exactly 0 while its gradient is not was left out of the update: its parameters are not in the
list that the update rule gets, or a copy of them is. The layers above learn from random features, so the network
still learns, only less: with a frozen first layer MNIST falls from 98 to about 95 %.
Source: random features as a baseline, Rahimi & Recht (2007)."""


def judge(evidence: Evidence) -> Finding | None:
    """By all readings."""
    readings = evidence.readings
    if len(readings) < FEWEST:
        raise NotJudged
    has_no_reason = False
    for layer in range(evidence.layers):
        stays = all(reading.update_ratios[layer] == -math.inf for reading in readings)
        pulled = statistics.median(reading.gradient_rms[layer] for reading in readings)
        moves = any(
            reading.update_ratios[other] > -math.inf for reading in readings for other in range(evidence.layers)
        )
        if stays and moves and pulled > 0.0:
            return Finding(
                rule=RULE.name,
                severity="error",
                text=f"The weights of {in_layer(layer, evidence.layers)} have not moved in {len(readings)} measured "
                f"steps, though their gradient is {pulled:.2g} (root mean square): the layer is left out of the "
                "update.",
                value=pulled,
                threshold=0.0,
                steps=(readings[0].step, readings[-1].step),
                layer=layer,
                units=all_units(evidence.width(layer)),
            )
        has_no_reason |= stays and not pulled
    if has_no_reason:
        raise NotJudged  # a layer without gradient stays; another rule judges that
    return None


RULE = Rule(
    name="layer_is_frozen",
    title="A layer does not move",
    healthy="Every layer moves.",
    excludes="A vanishing gradient: this layer gets one, and other layers move.",
    why=WHY,
    judge=judge,
    explains=frozenset({"gradient_vanishes", "steps_too_small", "knows_only_base_rates"}),
)
