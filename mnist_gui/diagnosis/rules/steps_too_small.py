"""Steps that hardly move the weights."""

import math
import statistics
from collections.abc import Sequence

import numpy as np

from mnist_gui.diagnosis.evidence import NOTHING_LEFT, SMALLEST_SCALE, Evidence
from mnist_gui.diagnosis.findings import Finding, times
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.training.records import LayersMeasured

RATIO = -3.8
# The limit for a network that has learned nothing in this many steps.
SLOW, MANY_STEPS = -3.3, 300
FEWEST = 2
# Update ratio (log10) of steps that learn well.
HEALTHY = -2.5
UP, MOST_UP, LARGEST_RATE = 10.0, 4.0, 100.0
# Scale of suitable weights: a few tenths to 1.
USUAL_SCALE = 0.1
# Gradients usually have a length of a few tenths: clipped below this, clipping makes the steps short.
SMALLEST_CLIP = 0.01
# A rate below this share of its peak, for this share of the steps and at least this number, ends the learning; above
# this accuracy there was little left to learn.
ENDED, MOSTLY, FEWEST_ENDED, LITTLE_LEFT = 0.1, 0.6, 200, 0.9
# A loss of this many times the first one was driven up.
DRIVEN_UP = 1.5

WHY = """\
The weights must move away from their start. A step of a ten-thousandth of the weights (log10 of -4) needs ten
thousand steps to move them by their own size. Networks that have learned, and steps that a schedule makes short at
the end, are not judged.
Source: for the ratio Karpathy, CS231n, Neural networks 3; Bengio (2012), section 3.1.1, on choosing the rate."""


def judge(evidence: Evidence) -> Finding | None:
    """By the second half of the readings, those at more than half of the peak rate."""
    if not evidence.readings or not evidence.steps or evidence.is_early:
        raise NotJudged
    peak = float(evidence.rates.max())
    late = evidence.readings[len(evidence.readings) // 2 :]
    late = tuple(each for each in late if evidence.rate_at(each.step) >= 0.5 * peak)
    if found := _over_too_soon(evidence, peak):
        return found
    ratios = [ratio for ratio in map(_mean_ratio, late) if math.isfinite(ratio)]
    if len(ratios) < FEWEST:
        raise NotJudged
    if max(evidence.readings[-1].dead, default=0.0) == 1.0:
        raise NotJudged  # a dead layer gets no gradient at any rate
    if evidence.lost or evidence.loss > float(evidence.losses[0]) * DRIVEN_UP:
        raise NotJudged  # the weights did move, to where no gradient is left
    ratio = statistics.median(ratios)
    has_nothing = evidence.steps >= MANY_STEPS and evidence.loss > NOTHING_LEFT * evidence.base_rate_loss
    threshold = SLOW if has_nothing else RATIO
    if evidence.has_learned:
        return None
    if late[-1].weight_scales and max(late[-1].weight_scales) < SMALLEST_SCALE:
        return _hardly_there(evidence, late)
    if ratio >= threshold:
        return None
    training = evidence.config.training
    is_clipped = 0.0 < training.clip < SMALLEST_CLIP
    clipped = f" The gradient is clipped to a length of {training.clip:g}." if is_clipped else ""
    up = max(UP, 10.0 ** min(HEALTHY - ratio, MOST_UP))  # so that steps are as long as healthy ones
    return Finding(
        rule=RULE.name,
        severity="error" if ratio < RATIO else "warning",
        text=f"A step is {times(ratio)} as long as the weights (healthy: 0.001 to 0.01 times), while the loss is still "
        f"{evidence.loss:.4g}: at this rate the weights hardly leave where they started.{clipped}",
        value=ratio,
        threshold=threshold,
        steps=(evidence.readings[0].step, evidence.last_step),
        changes={"training.clip": 0.0}
        if is_clipped
        else {"training.learning_rate": min(float(f"{up * training.learning_rate:.2g}"), LARGEST_RATE)},
    )


def _hardly_there(evidence: Evidence, late: Sequence[LayersMeasured]) -> Finding:
    """The case of weights that start near 0, relative to which any step is long."""
    largest = max(late[-1].weight_scales)
    up = min(USUAL_SCALE / max(largest, SMALLEST_SCALE * 10.0**-MOST_UP), 10.0**MOST_UP)
    rate = min(float(f"{up * evidence.config.training.learning_rate:.2g}"), LARGEST_RATE)
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"After {evidence.steps:,} steps the weights are {largest:.2g} times as large as those that suit their "
        f"layers (below {SMALLEST_SCALE:g} they are hardly there), and the loss is still {evidence.loss:.4g}: at this "
        "rate they take far too long to grow.",
        value=largest,
        threshold=SMALLEST_SCALE,
        steps=(evidence.readings[0].step, evidence.last_step),
        changes={"training.learning_rate": rate},
    )


def _over_too_soon(evidence: Evidence, peak: float) -> Finding | None:
    """The case of a schedule that keeps the rate small for most of the run, while there is much left to learn."""
    small = int(np.count_nonzero(evidence.rates < ENDED * peak))
    is_over = evidence.rates[-1] < ENDED * peak and small >= max(FEWEST_ENDED, MOSTLY * evidence.steps)
    accuracy = float(evidence.accuracies[-evidence.recent :].mean())
    # A linear network soon reaches its limit.
    is_at_its_end = accuracy > LITTLE_LEFT or not evidence.config.network.hidden
    if not is_over or is_at_its_end or evidence.is_rate_changed or evidence.is_falling:
        return None
    first = evidence.last_step - small + 1
    return Finding(
        rule=RULE.name,
        severity="warning" if evidence.has_learned else "error",
        text=f"In {small:,} of {evidence.steps:,} steps the learning rate was below a tenth of its peak of {peak:.3g} "
        f"(more than {100 * MOSTLY:.0f} % of them is much), and the loss has come to rest at {evidence.loss:.4g}: the "
        "schedule ends the learning too soon.",
        value=small / evidence.steps,
        threshold=MOSTLY,
        steps=(first, evidence.last_step),
        changes={"training.schedule": "cosine"},
    )


def _mean_ratio(reading: LayersMeasured) -> float:
    """The mean update ratio (log10) over the layers that move: that of the output layer alone may be large."""
    ratios = [ratio for ratio in reading.update_ratios if math.isfinite(ratio)]
    return sum(ratios) / len(ratios) if ratios else -math.inf


RULE = Rule(
    name="steps_too_small",
    title="Steps too short",
    healthy="The steps are not too short.",
    excludes="A schedule that makes steps short at its end, as all do: only those at more than half of the peak rate "
    "are judged, or one that did so from early on.",
    why=WHY,
    judge=judge,
    explains=frozenset({"knows_only_base_rates"}),
)
