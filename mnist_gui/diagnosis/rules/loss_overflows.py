"""A loss that is not finite for large logits."""

import math

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.preflight import LARGE_LOGIT
from mnist_gui.diagnosis.rule import NotJudged, Rule

WHY = """\
exp(89) is infinite in float32. A softmax written as exp(z) / sum exp(z) is then inf / inf, which is nan; softmax(z) =
softmax(z - max z), whose largest exp is 1. In the same way log(1 + exp(s)) is max(s, 0) + log(1 + exp(-|s|)). Healthy
logits stay within about 30, so the run may go well for a long time, until one logit is too large.
Source: Blanchard, Higham & Higham, Accurately computing the log-sum-exp and softmax functions (2021)."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training."""
    start = evidence.start
    if start is None:
        raise NotJudged
    if math.isfinite(start.extreme_loss):
        return None
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"The loss of logits of +-{LARGE_LOGIT:,.0f} is {start.extreme_loss}: outputs and loss are written so "
        "that they overflow.",
        value=start.extreme_loss,
        threshold=LARGE_LOGIT,
    )


RULE = Rule(
    name="loss_overflows",
    title="Loss overflows for large logits",
    healthy="The loss is finite for logits of any size.",
    excludes="The logits themselves: with the largest one subtracted first, the same loss is finite for all of them.",
    why=WHY,
    judge=judge,
    harms_learning=False,
    explains=frozenset({"cannot_learn_a_few", "steps_too_large"}),
)
