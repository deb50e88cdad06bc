"""A network that answers again and again: a snapshot, unpacked once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.batches import inputs_of
from mnist_gui.engine.inference import Answer, answer
from mnist_gui.training.snapshot import Snapshot


class Predictor:
    """For one thread at a time."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._network = snapshot.network()
        self._loss = snapshot.parts.loss

    def answer(self, pictures: NDArray[np.uint8]) -> Answer:
        """What the network makes of a few pictures (n, rows, cols)."""
        return answer(self._network, self._loss, inputs_of(pictures, self.snapshot.config.data.scaling))


class Predictors:
    """Several networks that answer to the same picture; each is unpacked when it is first asked. For one thread."""

    def __init__(self) -> None:
        self._readers: list[Predictor] = []

    def answers(self, snapshots: Sequence[Snapshot], picture: NDArray[np.uint8]) -> list[Answer]:
        """What each network makes of one picture (rows, cols). Networks that are not asked this time are forgotten."""
        known = {id(reader.snapshot): reader for reader in self._readers}
        self._readers = [known.get(id(snapshot)) or Predictor(snapshot) for snapshot in snapshots]
        return [reader.answer(picture[np.newaxis]) for reader in self._readers]
