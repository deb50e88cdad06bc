"""A gradient that grows with the minibatch."""

import math

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule

GROWTH = 1.5
# Larger rates on the mean gradient fail with nearly every network.
LARGEST_RATE = 1.0

WHY = """\
The gradient of the mean loss, (1 / B) sum of g_i, has the same size for any number B of digits; the sum is B times as
long, and so are the steps: a rate that suits the mean must be divided by B. It is found by comparing the gradients of
the same digits once and repeated. It does no harm where the rate was chosen for it, but every change of the batch
size then changes the rate.
Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 8.5."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training."""
    start = evidence.start
    if start is None or math.isnan(start.gradient_growth):
        raise NotJudged
    if start.gradient_growth <= GROWTH:
        return None
    rate_of_mean = start.rate * start.batch_size
    is_harmful = rate_of_mean > LARGEST_RATE
    meaning = (
        f"of {start.batch_size:,} digits it makes the rate of {start.rate:g} one of {rate_of_mean:.3g} on their mean"
    )
    return Finding(
        rule=RULE.name,
        severity="error" if is_harmful else "note",
        text=f"The same digits repeated make the gradient {start.gradient_growth:.2f} times as long: it is a "
        f"sum; {meaning}.",
        value=start.gradient_growth,
        threshold=GROWTH,
        changes={"training.gradient": "mean"} if is_harmful else {},
    )


RULE = Rule(
    name="gradient_is_summed",
    title="Gradient is summed, not averaged",
    healthy="The gradient does not grow with the minibatch.",
    excludes="Digits with larger gradients than others: the same ones, repeated, make it longer.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS | {"penalty_dominates", "steps_too_large", "overfitting"},
)
