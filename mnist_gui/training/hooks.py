"""What a trainer is put together from besides its config and digits.

Everything has its ordinary entry in AS_NAMED; to train in another way is to hand in an assembly with another entry.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import Parts
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Network
from mnist_gui.engine.optimizers import Optimizer
from mnist_gui.engine.types import Floats
from mnist_gui.training.snapshot import Snapshot


def optimizer_of_all(parts: Parts, network: Network) -> Optimizer:
    """One update rule for all parameters."""
    return parts.optimizer(network.parameters)


def shuffled(rng: np.random.Generator, splits: Splits) -> NDArray[np.intp]:
    """All training digits in a random order."""
    return rng.permutation(len(splits.train)).astype(np.intp, copy=False)


def as_kept(kept: Snapshot | None, live: Floats) -> Snapshot | None:
    """The best weights as they were when they were best."""
    return kept


class LossReport:
    """What a run reports of its loss: the mean over the digits of a minibatch, or of a split, as it is.

    loss: what their logits are put through, chunk by chunk. Used by one thread.
    """

    def __init__(self, loss: Loss) -> None:
        self.loss = loss

    def begin(self) -> None:
        """Another minibatch or split comes, or the same once more."""

    def excess(self) -> float:
        """What the reported loss is above the mean of the losses since `begin`; at least one digit came."""
        return 0.0


@dataclass(frozen=True, slots=True)
class TrainerHooks:
    """parts(config): the functions that a config names.

    optimizer(parts, network): the update rule, begun for this network.
    order(rng, splits): the indexes of an epoch's training digits, (N,), to be taken a batch at a time.
    recall(kept, live): what the best weights are said to be, from the snapshot that was kept of them, None for none,
    and the live parameters (P,), of which only a copy may be handed out.
    report(loss): what is reported of the losses that this loss function gives; the best weights are chosen by it.
    """

    parts: Callable[[RunConfig], Parts] = Parts.of
    optimizer: Callable[[Parts, Network], Optimizer] = optimizer_of_all
    order: Callable[[np.random.Generator, Splits], NDArray[np.intp]] = shuffled
    recall: Callable[[Snapshot | None, Floats], Snapshot | None] = as_kept
    report: Callable[[Loss], LossReport] = LossReport


AS_NAMED = TrainerHooks()
