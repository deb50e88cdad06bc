"""A reported loss whose softmax sums over all digits of a minibatch, and not over the classes of one."""

import dataclasses
import math

import numpy as np

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.first_batch import FirstBatch
from mnist_gui.diagnosis.rule import NotJudged, Rule

# The reported loss counts as one over the batch if it is this close to it, as a share of the difference.
NEAR = 0.1
# The reported loss is correct if it is this close to the expected one, as a share of ln N.
SOUND = 0.25

WHY = """\
The cross-entropy of a digit is ln sum[k] exp z[k] - z[t], with the sum over the classes of that digit. With all N
digits of a minibatch in the sum, as after np.sum(np.exp(z)) without an axis, it is higher by ln N where the digits'
own sums are equal, as they nearly are at the start, and by more once they differ. ln 10 = 2.303 becomes 2.303 + ln
128 = 7.155, and of 60,000 digits 13.305. The loss is far too high, but the accuracy is right: no output changes its
rank. To correct the first losses subtract ln N; later ones have to be measured again.
Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.104, 4.108."""


def judge(evidence: Evidence) -> Finding | None:
    """By the first reported loss, compared with the measured loss of the starting weights on the same digits."""
    batch = evidence.start.first_batch if evidence.start else None
    reported = float(evidence.losses[0]) if evidence.steps else math.nan
    if batch is None or not math.isfinite(reported):
        raise NotJudged
    excess, log_n = reported - batch.loss, math.log(batch.digits)
    if abs(excess) <= SOUND * log_n + batch.uncertainty:
        return None
    if not _is_over_batch(batch, excess):
        raise NotJudged
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"The first reported loss is {reported:.5g}, but the same weights have {batch.loss:.5g} on the same "
        f"{batch.digits:,} digits. A softmax that sums over all of them, not over the classes of one, adds at least "
        f"ln {batch.digits:,} = {log_n:.5g}; it is {excess:.5g}. The gradient shows whether the training is "
        "right.",
        value=excess,
        threshold=log_n,
        steps=(evidence.first_step + 1, evidence.first_step + 1),
    )


def _is_over_batch(batch: FirstBatch, excess: float) -> bool:
    """Whether a softmax over the whole batch explains the excess of the first loss.

    If only some of the digits were measured, those with the largest sums, which dominate it, may be missing: then it is
    enough that the excess is not due to chance.
    """
    if batch.is_as_trained and batch.uncertainty > 0.0:
        return excess >= (1.0 - NEAR) * math.log(batch.digits) + batch.uncertainty
    if batch.uncertainty > (0.5 - NEAR) * batch.over_batch:
        return False
    return abs(excess - batch.over_batch) <= NEAR * batch.over_batch + batch.uncertainty


def correct(evidence: Evidence) -> Evidence:
    """The evidence with the measured losses of the probe in place of the reported ones.

    They are interpolated linearly between measurements. The true loss on validation digits is unknown: nan.
    """
    readings = [each for each in evidence.readings if math.isfinite(each.probe_loss)]
    batch = evidence.start.first_batch if evidence.start else None
    if batch is None or not readings:
        return evidence
    known = {0: batch.loss} | {each.step - evidence.first_step: each.probe_loss for each in readings}
    losses = np.interp(np.arange(evidence.steps), list(known), list(known.values())).astype(np.float32)
    epochs, begun = [], 0
    for epoch in evidence.epochs:
        done = epoch.step - evidence.first_step
        loss = float(losses[begun:done].mean(dtype=np.float64)) if done > begun else math.nan
        epochs.append(dataclasses.replace(epoch, train_loss=loss, validation_loss=math.nan))
        begun = done
    return dataclasses.replace(evidence, losses=losses, epochs=tuple(epochs))


RULE = Rule(
    name="loss_over_batch",
    title="Loss is of a softmax over the batch",
    healthy="The first reported loss is that of the starting weights.",
    excludes="Weights, digits and learning rate: the same weights have the usual loss on the same digits, before any "
    "step.",
    why=WHY,
    judge=judge,
    harms_learning=False,
    correct=correct,
)
