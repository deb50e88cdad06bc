"""A reported loss whose softmax sums over all digits of a minibatch, and not over the classes of one."""

import dataclasses
import math

import numpy as np

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import NotJudged, Rule

# The reported loss is taken for one over the batch if it comes so near to that, as a share of the difference.
NEAR = 0.1
# What is reported is averaged over so many minibatches before and after a measurement of the probe.
AROUND = 5

WHY = """\
The cross-entropy of a digit is ln sum[k] exp z[k] - z[t], with the sum over the classes of that digit. With all N
digits of a minibatch in the sum, as after np.sum(np.exp(z)) without an axis, it is higher by ln N where the digits'
own sums are equal, as they nearly are at the start, and by more later. ln 10 = 2.303 becomes 2.303 + ln 128 = 7.155,
and of 60,000 digits 13.305. The loss looks hopeless and the accuracy does not: no output changes its rank. To read
such numbers take ln N off.
Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.104, 4.108."""


def judge(evidence: Evidence) -> Finding | None:
    """By the first reported loss: what the starting weights really score on the very same digits is known."""
    batch = evidence.start.first_batch if evidence.start else None
    if batch is None or not evidence.steps or batch.uncertainty > (0.5 - NEAR) * batch.over_batch:
        raise NotJudged
    reported = float(evidence.losses[0])
    excess = reported - batch.loss
    if not abs(excess - batch.over_batch) <= NEAR * batch.over_batch + batch.uncertainty:
        return None
    log_n = math.log(batch.digits)
    step = evidence.first_step + 1
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"The first reported loss is {reported:.5g}, but the same weights score {batch.loss:.5g} on the same "
        f"{batch.digits:,} digits: it is {excess:.5g} too high, and a softmax that sums over all of them, not over the "
        f"classes of one, makes it {batch.over_batch:.5g} (ln {batch.digits:,} = {log_n:.5g}). What is trained may be "
        "right; take ln N off to read it.",
        value=excess,
        threshold=batch.over_batch,
        steps=(step, step),
    )


def correct(evidence: Evidence) -> Evidence:
    """With losses as they are: what is reported above the losses of the probe, where both were measured, is taken off.

    Between two measurements of the probe the difference is taken to change evenly. Of validation digits no true loss is
    known: nan.
    """
    readings = [each for each in evidence.readings if math.isfinite(each.probe_loss)]
    batch = evidence.start.first_batch if evidence.start else None
    if batch is None or not readings:
        return evidence
    steps = [each.step - evidence.first_step for each in readings]
    excess = [
        float(evidence.losses[max(0, step - AROUND) : step + AROUND].mean(dtype=np.float64)) - reading.probe_loss
        for step, reading in zip(steps, readings, strict=True)
    ]
    excesses = np.interp(np.arange(1, evidence.steps + 1), [1, *steps], [batch.over_batch, *excess])
    losses = (evidence.losses - excesses).astype(np.float32)
    epochs = []
    for epoch in evidence.epochs:
        last = epoch.step - evidence.first_step
        of_epoch = losses[max(0, last - evidence.steps_per_epoch) : last]
        loss = float(of_epoch.mean(dtype=np.float64))
        epochs.append(dataclasses.replace(epoch, train_loss=loss, validation_loss=math.nan))
    return dataclasses.replace(evidence, losses=losses, epochs=tuple(epochs))


RULE = Rule(
    name="loss_over_batch",
    title="Reported loss is ln N too high",
    healthy="The first reported loss is what the starting weights score.",
    excludes="Weights, digits and learning rate: the same weights score the usual loss on the same digits, before any "
    "step.",
    why=WHY,
    judge=judge,
    harms_learning=False,
    correct=correct,
)
