"""Training that ends after too few steps."""

from itertools import pairwise
from typing import Any

import numpy as np

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.training.descriptions import counted

FEWEST, MANY, FEWEST_A_PASS = 50, 1000, 2
BATCH, USUAL_RATE, ENOUGH = 128, 0.1, 500
# Share by which the loss still falls from fifth to fifth of the run at its end; factor of the epochs that is then
# proposed.
FALLING, MORE = 0.03, 4
# Least number of minibatches in an epoch of few digits; digits that are assumed if their number is unknown.
BATCHES, MANY_DIGITS = 10, 60_000

WHY = """\
Every step moves the weights by about a thousandth to a hundredth of their size, so learning takes hundreds of steps.
A full batch makes one step in a whole epoch; minibatches of 128 make 430 with the same work, and their noise does no
harm: the error of a gradient falls only with the square root of the number of digits.
Source: Bottou & Bousquet, The tradeoffs of large scale learning (2008); Goodfellow et al. (2016), section 8.1.3."""


def judge(evidence: Evidence) -> Finding | None:
    """By the steps of a pass and of the whole schedule, and by whether the loss still falls at its end."""
    if not evidence.steps:
        raise NotJudged
    is_few = evidence.planned_steps < FEWEST
    is_one_a_pass = evidence.steps_per_epoch <= FEWEST_A_PASS and evidence.planned_steps < MANY
    if evidence.has_learned:
        return None
    if not (is_few or is_one_a_pass):
        return _still_falling(evidence)
    steps = counted(evidence.planned_steps, "step")
    return Finding(
        rule=RULE.name,
        severity="error" if 2 * evidence.steps >= evidence.planned_steps else "warning",
        text=f"The whole training is {steps}, {evidence.steps_per_epoch:,} in each pass over the digits, and after "
        f"{evidence.steps:,} the loss is {evidence.loss:.4g}: learning takes hundreds of steps.",
        value=float(evidence.planned_steps),
        threshold=float(FEWEST if is_few else MANY),
        steps=(evidence.first_step + 1, evidence.last_step),
        changes=_more_steps(evidence),
        is_own_cause=True,  # the number of planned steps does not depend on the network
    )


def _still_falling(evidence: Evidence) -> Finding | None:
    """The case of a schedule that ends while the loss still falls steadily."""
    fifth = evidence.steps // 5
    if evidence.steps < evidence.planned_steps or not fifth:
        return None
    means = [float(part.mean(dtype=np.float64)) for part in np.split(evidence.losses[-5 * fifth :], 5)]
    falls = [1.0 - after / before for before, after in pairwise(means[2:]) if before > 0.0]
    if len(falls) < 2 or not min(falls) > FALLING:
        return None
    return Finding(
        rule=RULE.name,
        severity="warning",
        text=f"In the last fifth of the {evidence.steps:,} steps the loss fell from {means[3]:.4g} to {means[4]:.4g} "
        f"(more than {100 * FALLING:.0f} % is much): the training ended while the network was still learning.",
        value=falls[-1],
        threshold=FALLING,
        steps=(evidence.last_step - fifth + 1, evidence.last_step),
        changes={"training.epochs": MORE * evidence.config.training.epochs},
    )


def _more_steps(evidence: Evidence) -> dict[str, Any]:
    """Minibatches, smaller ones for few digits, and more epochs where they are not enough; for a summed gradient its
    mean, with the equivalent rate."""
    training, digits = evidence.config.training, evidence.start.digits if evidence.start else MANY_DIGITS
    batch = max(1, min(BATCH, digits // BATCHES))
    if 0 < training.batch_size <= batch:
        return {"training.epochs": -(-ENOUGH // max(1, evidence.steps_per_epoch))}
    changes: dict[str, Any] = {"training.batch_size": batch}
    if training.epochs * digits // batch < FEWEST:
        changes["training.epochs"] = -(-ENOUGH * batch // digits)
    if training.gradient == "sum" and evidence.start:
        rate_of_mean = min(training.learning_rate * evidence.start.batch_size, USUAL_RATE)
        changes |= {"training.gradient": "mean", "training.learning_rate": float(f"{rate_of_mean:.3g}")}
    return changes


RULE = Rule(
    name="too_few_steps",
    title="Too few steps",
    healthy="There are enough steps.",
    excludes="A judgement of the network itself: after so few steps a correct one is no better.",
    why=WHY,
    judge=judge,
    explains=frozenset({"knows_only_base_rates"}),
)
