"""Repeated predictions with the same weights: the network of a snapshot is built once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.batches import inputs_of
from mnist_gui.engine.inference import Answer, answer
from mnist_gui.training.snapshot import Snapshot


class Predictor:
    """The network of one snapshot. For one thread at a time."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._network = snapshot.network()
        self._loss = snapshot.parts.loss

    def answer(self, pictures: NDArray[np.uint8]) -> Answer:
        """Activations and outputs for a few pictures (n, rows, cols) uint8."""
        return answer(self._network, self._loss, inputs_of(pictures, self.snapshot.config.data.scaling))


class Predictors:
    """Several networks for the same picture; each is built when it is first used. For one thread at a time."""

    def __init__(self) -> None:
        self._readers: list[Predictor] = []

    def answers(self, snapshots: Sequence[Snapshot], picture: NDArray[np.uint8]) -> list[Answer]:
        """The answer of each network for one picture (rows, cols). Networks that are not in `snapshots` are dropped."""
        known = {id(reader.snapshot): reader for reader in self._readers}
        self._readers = [known.get(id(snapshot)) or Predictor(snapshot) for snapshot in snapshots]
        return [reader.answer(picture[np.newaxis]) for reader in self._readers]
