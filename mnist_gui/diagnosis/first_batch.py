"""What the starting weights score on the digits of the first minibatch, to hold the first reported loss against."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.splits import Split
from mnist_gui.training.snapshot import Snapshot

# Of a large minibatch so many digits stand for the others; the larger the network, the fewer.
MOST, FEWEST, MOST_PRODUCTS = 2000, 256, 1_000_000_000


@dataclass(frozen=True, slots=True)
class FirstBatch:
    """digits: of the minibatch, N. loss: the mean cross-entropy of their softmax. over_batch: by how much that would be
    higher if the sum of the softmax went over all N digits and all classes. is_as_trained: whether training sees them
    as they are here, neither distorted nor with dropout. uncertainty: two standard errors of the mean loss where only
    some of the digits stand for all, or where training sees them otherwise; 0 where they are the very ones.
    """

    digits: int
    loss: float
    over_batch: float
    is_as_trained: bool
    uncertainty: float


def first_batch(snapshot: Snapshot, train: Split, rows: NDArray[np.intp]) -> FirstBatch | None:
    """Measure the weights of a run that has not begun on its first minibatch, training digits `rows` (N,).

    None for one digit, which is a batch of its own, for losses without a softmax, and where they are not finite.
    """
    config = snapshot.config
    if len(rows) < 2 or config.network.loss != "cross_entropy":
        return None
    some = rows[: max(FEWEST, min(MOST, MOST_PRODUCTS // snapshot.parameters.size))]
    outputs = snapshot.answer(train.images(some)).logits  # (n, C), to be overwritten
    largest = outputs.max(axis=1).astype(np.float64)
    losses = snapshot.parts.loss.forward(outputs, train.labels[some]).astype(np.float64)
    log_sums = largest - np.log(outputs.max(axis=1).astype(np.float64))  # ln sum exp z, as p = exp(z) / sum exp z
    over_batch = np.logaddexp.reduce(log_sums) - log_sums.mean() + np.log(len(rows) / len(some))
    if not (np.isfinite(losses).all() and np.isfinite(over_batch)):
        return None
    is_as_trained = not config.augmentation.is_on and config.training.dropout == 0.0
    is_exact = is_as_trained and len(some) == len(rows)
    uncertainty = 0.0 if is_exact else 2.0 * float(losses.std()) / len(some) ** 0.5
    return FirstBatch(len(rows), float(losses.mean()), float(over_batch), is_as_trained, uncertainty)
