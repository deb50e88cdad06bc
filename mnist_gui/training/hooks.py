"""The functions that a trainer is built from, besides its config and digits.

DEFAULT_HOOKS has the usual ones; to train in another way, pass TrainerHooks with another entry.
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


def kept_best(kept: Snapshot | None, live: Floats) -> Snapshot | None:
    """The best weights, unchanged since they were copied."""
    return kept


class LossReport:
    """How a run reports its loss: here the mean over the digits of a minibatch, or of a split.

    loss: the loss function, applied chunk by chunk. Used by one thread.
    """

    def __init__(self, loss: Loss) -> None:
        self.loss = loss

    def begin(self) -> None:
        """Called before each minibatch or split."""

    def excess(self) -> float:
        """The reported loss less the mean of the losses since `begin`, of at least one digit."""
        return 0.0


@dataclass(frozen=True, slots=True)
class TrainerHooks:
    """Replaceable functions of a trainer.

    parts(config): the functions that a config names.
    optimizer(parts, network): a new update rule for this network.
    order(rng, splits): the indexes of an epoch's training digits, (N,), to be taken a batch at a time.
    recall(kept, live): the snapshot returned as the best weights, given the one that was kept (None for none) and the
    live parameters (P,), of which only a copy may be returned.
    report(loss): how losses of this function are reported; the best weights are chosen by the reported loss.
    """

    parts: Callable[[RunConfig], Parts] = Parts.of
    optimizer: Callable[[Parts, Network], Optimizer] = optimizer_of_all
    order: Callable[[np.random.Generator, Splits], NDArray[np.intp]] = shuffled
    recall: Callable[[Snapshot | None, Floats], Snapshot | None] = kept_best
    report: Callable[[Loss], LossReport] = LossReport


DEFAULT_HOOKS = TrainerHooks()
