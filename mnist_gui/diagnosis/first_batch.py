"""The loss of the starting weights on the first minibatch, to compare with the first reported loss."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.splits import Split
from mnist_gui.training.snapshot import Snapshot

# Number of digits of a large minibatch that are measured; fewer for a larger network.
MOST, FEWEST, MOST_PRODUCTS = 2000, 256, 1_000_000_000


@dataclass(frozen=True, slots=True)
class FirstBatch:
    """The expected loss of the first minibatch.

    digits: size N of the minibatch.
    loss: mean cross-entropy of the softmax.
    over_batch: increase of this loss, >= 0, if the softmax summed over all N digits and all classes.
    is_as_trained: whether training uses the same inputs, without distortions and dropout.
    uncertainty: two standard errors of `loss` if only some digits were measured or training differs; else 0.
    """

    digits: int
    loss: float
    over_batch: float
    is_as_trained: bool
    uncertainty: float


def first_batch(snapshot: Snapshot, train: Split, rows: NDArray[np.intp]) -> FirstBatch | None:
    """Measure the weights of a run that has not begun on its first minibatch, training digits `rows` (N,).

    None for a minibatch of one digit, for losses without a softmax, and for losses that are not finite.
    """
    config = snapshot.config
    if len(rows) < 2 or config.network.loss != "cross_entropy":
        return None
    some = rows[: max(FEWEST, min(MOST, MOST_PRODUCTS // snapshot.parameters.size))]
    outputs = snapshot.answer(train.images(some)).logits  # (n, C), overwritten below
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
