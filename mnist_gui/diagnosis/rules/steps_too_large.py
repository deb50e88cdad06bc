"""Steps that throw the weights about."""

import math
import statistics

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import NotJudged, Rule

RATIO = -1.0
# Times the loss of knowing only how frequent each class is.
WORSE = 1.15
FEWEST_STEPS = 10
FIRST = 10
DOWN, SMALLEST_RATE = 30.0, 1e-7

WHY = """\
Gradient descent goes down a valley only while rate < 2 / curvature; beyond, every step lands higher on the other
side. The loss then jumps up and stays there or becomes infinite, sigmoid and tanh units are thrown to the ends of
their range, and relu units to where they answer nothing. A step of about a thousandth to a hundredth of the weights
is healthy (its log10 is -3 to -2); at a tenth, -1, the weights are thrown about.
Source: LeCun, Bottou, Orr & Mueller (1998), section 5; for the ratio Karpathy, CS231n, Neural networks 3."""


def judge(evidence: Evidence) -> Finding | None:
    """By how the run ended, by its losses, and by the steps beside the weights."""
    if evidence.state == "diverged":
        text = f"The run diverged at step {evidence.last_step + 1:,}: the steps are too long."
        return _finding(evidence, text, math.inf, RATIO)
    if not evidence.steps:
        raise NotJudged
    worst = evidence.base_rate_loss * WORSE
    if evidence.steps >= FEWEST_STEPS and evidence.loss > worst:
        text = (
            f"The loss is {evidence.loss:.4g}, that of knowing nothing {evidence.base_rate_loss:.4g}: it was driven up."
        )
        return _finding(evidence, text, evidence.loss, worst)
    ratio = _usual_ratio(evidence)
    if ratio <= RATIO or evidence.has_learned:
        return None
    text = (
        f"A step is 10^{ratio:.1f} times as long as the weights (healthy: 10^-3 to 10^-2), while the loss is "
        f"{evidence.loss:.4g}: the steps are too long."
    )
    return _finding(evidence, text, ratio, RATIO)


def _finding(evidence: Evidence, text: str, value: float, threshold: float) -> Finding:
    rate = max(evidence.config.training.learning_rate / DOWN, SMALLEST_RATE)
    return Finding(
        rule=RULE.name,
        severity="error",
        text=text,
        value=value,
        threshold=threshold,
        steps=(evidence.first_step + 1, max(evidence.first_step + 1, evidence.last_step)),
        changes={"training.learning_rate": rate},
    )


def _usual_ratio(evidence: Evidence) -> float:
    """log10 of step by weights in the layer where it is largest, the median of the first readings."""
    ratios = [max(reading.update_ratios) for reading in evidence.readings[:FIRST]]
    finite = [ratio for ratio in ratios if math.isfinite(ratio)]
    return statistics.median(finite) if finite else -math.inf


RULE = Rule(
    name="steps_too_large",
    title="Steps too long",
    healthy="The steps are not too long.",
    excludes="A lack of time: steps of this length do not settle, however many are made.",
    why=WHY,
    judge=judge,
    explains=frozenset({"steps_too_small", "dead_units", "saturated_units", "overfitting", "knows_only_base_rates"}),
)
