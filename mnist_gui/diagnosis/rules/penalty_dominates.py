"""An L2 penalty that outweighs the loss of the digits."""

import statistics

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule

TIMES = 2.0
FIRST = 10
# Later on: least number of readings, ratio of the penalty's gradient, and share of the base-rate loss above which the
# penalty keeps the loss high.
FEWEST_LATE, MUCH, HELD_UP = 3, 0.3, 0.15
LESS = 0.01

WHY = """\
The loss with an L2 penalty is L + lambda / (2 n) |W|^2, its gradient g + lambda / n W. Where the second part is
longer than the first, the weights shrink whatever the digits are, until the two balance at weights that are too
small. For MNIST lambda of 0 to about 10 (with n = 55,000) is usual.
Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.112; Krogh & Hertz (1991)."""


def judge(evidence: Evidence) -> Finding | None:
    """By the strongest of the first readings, before the two parts balance; else by that balance."""
    readings = evidence.readings[:FIRST]
    if not readings:
        raise NotJudged
    strongest = max(readings, key=lambda reading: reading.penalty_ratio)
    if not strongest.penalty_ratio >= TIMES or evidence.has_learned:
        return _balance(evidence)
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"The gradient of the L2 penalty is {strongest.penalty_ratio:.3g} times as long as that of the digits "
        f"(from {TIMES:g} on it dominates): the weights shrink to nothing.",
        value=strongest.penalty_ratio,
        threshold=TIMES,
        steps=(readings[0].step, readings[-1].step),
        changes={"training.l2": 0.0},
    )


def _balance(evidence: Evidence) -> Finding | None:
    """The case of a network that learns, but would learn more without the penalty."""
    late = evidence.readings[-max(FEWEST_LATE, len(evidence.readings) // 4) :]
    usual = statistics.median(reading.penalty_ratio for reading in late)
    is_held_up = evidence.loss > HELD_UP * evidence.base_rate_loss
    is_judged = len(evidence.readings) >= 2 * FEWEST_LATE and not evidence.is_early and not evidence.is_falling
    # A linear network is hardly limited by it, and its squared errors stay large.
    if not is_judged or not evidence.config.network.hidden or not is_held_up or not usual > MUCH:
        return None
    return Finding(
        rule=RULE.name,
        severity="warning",
        text=f"The gradient of the L2 penalty is {usual:.2g} times as long as that of the digits (from {MUCH:g} on it "
        f"holds them up), and the loss rests at {evidence.loss:.4g}: the weights are kept too small.",
        value=usual,
        threshold=MUCH,
        steps=(late[0].step, late[-1].step),
        changes={"training.l2": float(f"{evidence.config.training.l2 * LESS:.2g}")},
    )


RULE = Rule(
    name="penalty_dominates",
    title="Penalty outweighs the digits",
    healthy="The penalty is weak beside what the digits say.",
    excludes="Too few or too short steps: more of them, or longer ones, only shrink the weights sooner.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS | {"steps_too_large", "too_few_steps"},
)
