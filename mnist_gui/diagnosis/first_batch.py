"""What the starting weights score on the digits of the first minibatch, to hold the first reported loss against."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.splits import Split
from mnist_gui.training.snapshot import Snapshot

# Of a larger minibatch so many digits stand for the others.
MOST = 2000


@dataclass(frozen=True, slots=True)
class FirstBatch:
    """digits: of the minibatch, N. loss: the mean cross-entropy of their softmax. over_batch: by how much that would be
    higher if the sum of the softmax went over all N digits and all classes. uncertainty: two standard errors of the
    mean loss where only some of the digits stand for all, or where training sees them distorted or with dropout, as
    these are not; 0 where they are the very ones.
    """

    digits: int
    loss: float
    over_batch: float
    uncertainty: float


def first_batch(snapshot: Snapshot, train: Split, rows: NDArray[np.intp]) -> FirstBatch | None:
    """Measure the weights of a run that has not begun on its first minibatch, training digits `rows` (N,).

    None for one digit, which is a batch of its own, for losses without a softmax, and where they are not finite.
    """
    config = snapshot.config
    if len(rows) < 2 or config.network.loss != "cross_entropy":
        return None
    some = rows[:MOST]
    logits = snapshot.answer(train.images(some)).logits.astype(np.float64)  # (n, C)
    losses = snapshot.parts.loss.forward(logits.astype(np.float32), train.labels[some]).astype(np.float64)
    log_sums = np.logaddexp.reduce(logits, axis=1)
    over_batch = np.logaddexp.reduce(log_sums) - log_sums.mean() + np.log(len(rows) / len(some))
    if not (np.isfinite(losses).all() and np.isfinite(over_batch)):
        return None
    is_exact = len(some) == len(rows) and not config.augmentation.is_on and config.training.dropout == 0.0
    uncertainty = 0.0 if is_exact else 2.0 * float(losses.std()) / len(some) ** 0.5
    return FirstBatch(len(rows), float(losses.mean()), float(over_batch), uncertainty)
