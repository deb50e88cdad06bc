"""Steps that hardly move the weights."""

import math
import statistics

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, times
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.training.records import LayersMeasured

RATIO = -3.8
FEWEST = 2
# log10 of step by weights of steps that learn well.
HEALTHY = -2.5
UP, MOST_UP, LARGEST_RATE = 10.0, 4.0, 100.0
# Gradients are usually some tenths long: clipped to less than this, it is the clipping that makes steps short.
SMALLEST_CLIP = 0.01
# A loss of so many times the first one was driven up.
DRIVEN_UP = 1.5

WHY = """\
The weights must come some way from where they start. A step of a ten-thousandth of the weights (log10 of -4) needs
ten thousand steps to move them by their own size. Not judged are weights that have learned already, and steps that
a schedule makes short at the end.
Source: for the ratio Karpathy, CS231n, Neural networks 3; Bengio (2012), section 3.1.1, on choosing the rate."""


def judge(evidence: Evidence) -> Finding | None:
    """By the second half of the readings, those at more than half of the peak rate."""
    if not evidence.readings or not evidence.steps or evidence.is_early:
        raise NotJudged
    peak = float(evidence.rates.max())
    late = evidence.readings[len(evidence.readings) // 2 :]
    late = tuple(each for each in late if evidence.rate_at(each.step) >= 0.5 * peak)
    ratios = [ratio for ratio in map(_mean_ratio, late) if math.isfinite(ratio)]
    if len(ratios) < FEWEST:
        raise NotJudged
    if max(evidence.readings[-1].dead, default=0.0) == 1.0:
        raise NotJudged  # a layer that answers nothing gets no gradient, at whatever rate
    if evidence.lost or evidence.loss > float(evidence.losses[0]) * DRIVEN_UP:
        raise NotJudged  # the weights did leave, and were thrown where no gradient is left
    ratio = statistics.median(ratios)
    if ratio >= RATIO or evidence.has_learned:
        return None
    training = evidence.config.training
    is_clipped = 0.0 < training.clip < SMALLEST_CLIP
    clipped = f" The gradient is clipped to a length of {training.clip:g}." if is_clipped else ""
    up = max(UP, 10.0 ** min(HEALTHY - ratio, MOST_UP))  # so that steps are as long as healthy ones
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"A step is {times(ratio)} as long as the weights (healthy: 0.001 to 0.01 times), while the loss is still "
        f"{evidence.loss:.4g}: at this rate the weights hardly leave where they started.{clipped}",
        value=ratio,
        threshold=RATIO,
        steps=(late[0].step, late[-1].step),
        changes={"training.clip": 0.0}
        if is_clipped
        else {"training.learning_rate": min(float(f"{up * training.learning_rate:.2g}"), LARGEST_RATE)},
    )


def _mean_ratio(reading: LayersMeasured) -> float:
    """The mean, over the layers that move, of log10 of step by weights: the output alone may be quick."""
    ratios = [ratio for ratio in reading.update_ratios if math.isfinite(ratio)]
    return sum(ratios) / len(ratios) if ratios else -math.inf


RULE = Rule(
    name="steps_too_small",
    title="Steps too short",
    healthy="The steps are not too short.",
    excludes="A schedule that makes steps short at its end: only those at more than half of the peak rate are judged.",
    why=WHY,
    judge=judge,
    explains=frozenset({"knows_only_base_rates"}),
)
