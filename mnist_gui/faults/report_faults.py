"""Reporting faults: the reported numbers are wrong, the training is right."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.losses import Loss
from mnist_gui.engine.types import Floats, Labels
from mnist_gui.faults import preconditions as needs
from mnist_gui.faults.fault import Fault
from mnist_gui.training.hooks import LossReport, TrainerHooks


class OverBatch(LossReport):
    """The cross-entropy of a softmax whose sum goes over all N digits and all classes of a minibatch or split.

    ln sum[i,k] exp z[i,k] stands for ln sum[k] exp z[i,k] in the loss of every digit i. The reported mean is therefore
    higher by ln N + ln mean[i] s[i] - mean[i] ln s[i], with s[i] = sum[k] exp z[i,k]: by ln N where the sums s are
    equal, as they nearly are at the start, and else by more.
    """

    def __init__(self, loss: Loss) -> None:
        self._original = loss
        self._log_sums: list[NDArray[np.float64]] = []  # ln s of each digit, chunk by chunk
        super().__init__(dataclasses.replace(loss, forward=self._forward))

    def begin(self) -> None:
        """As in LossReport."""
        self._log_sums.clear()

    def excess(self) -> float:
        """As in LossReport."""
        log_sums = np.concatenate(self._log_sums)
        largest = float(log_sums.max())
        return largest + float(np.log(np.exp(log_sums - largest).sum())) - float(log_sums.mean())

    def _forward(self, logits: Floats, labels: Labels) -> Floats:
        largest = logits.max(axis=1).astype(np.float64)
        losses = self._original.forward(logits, labels)  # the logits are probabilities now: p = exp(z) / s
        self._log_sums.append(largest - np.log(logits.max(axis=1).astype(np.float64)))
        return losses


def softmax_over_batch(hooks: TrainerHooks) -> TrainerHooks:
    """OverBatch in place of the correct report."""
    return dataclasses.replace(hooks, report=OverBatch)


FAULTS_OF_REPORTS = (
    Fault(
        name="softmax_over_batch",
        title="Softmax over the whole batch",
        text="The softmax of the reported loss divides by the sum over all N digits and classes: every loss is ln N or "
        "more too high, and the best weights are chosen by it. What is trained is right.",
        rule="loss_over_batch",
        seen="run",
        wrong="e = np.exp(z - z.max())\np = e / e.sum()\nloss = -np.log(p[rows, y]).mean()",
        right="e = np.exp(z - z.max(axis=1, keepdims=True))\np = e / e.sum(axis=1, keepdims=True)\n"
        "loss = -np.log(p[rows, y]).mean()",
        need=needs.SOFTMAX_OF_SEVERAL,
        hooks=softmax_over_batch,
    ),
)
