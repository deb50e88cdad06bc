"""What a network makes of digits it is not being trained on, in chunks, so that memory stays bounded."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.arrays import Floats, Labels
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Network, Workspace


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """The answers of a network to N labelled digits, in their order.

    labels, predicted (N,) uint8; losses (N,) float32; confidence (N,) float32: the output of the predicted class, 0..1,
    0 being what the loss wants for a class the digit is not of, 1 for the one it is of.
    """

    labels: NDArray[np.uint8]
    predicted: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    losses: NDArray[np.float32]

    @property
    def loss(self) -> float:
        """The mean loss; nan for no digits."""
        return float(self.losses.mean(dtype=np.float64)) if len(self.losses) else float("nan")

    @property
    def accuracy(self) -> float:
        """The share of digits predicted rightly, 0..1; nan for no digits."""
        return float(np.mean(self.predicted == self.labels)) if len(self.labels) else float("nan")


def predict(network: Network, loss: Loss, chunks: Iterable[tuple[Floats, Labels]]) -> Predictions:
    """The network's answers to all digits of the chunks: pairs of inputs (B, D) float32 and labels (B,)."""
    with np.errstate(all="ignore"):  # a network that diverged answers with nan, not with warnings
        return _predict(network, loss, chunks)


def _predict(network: Network, loss: Loss, chunks: Iterable[tuple[Floats, Labels]]) -> Predictions:
    answers: list[tuple[Labels, Labels, Floats, Floats]] = []
    workspaces: dict[int, Workspace] = {}
    for inputs, labels in chunks:
        if len(labels) not in workspaces:
            workspaces[len(labels)] = Workspace(network, len(labels))
        outputs = network.forward(inputs, workspaces[len(labels)])
        losses = loss.forward(outputs, labels)
        confidence = np.clip((outputs.max(axis=1) - loss.no) / (loss.yes - loss.no), 0.0, 1.0)
        answers.append((labels, outputs.argmax(axis=1), confidence, losses))
    if not answers:
        nothing = np.empty(0, np.float32)
        return Predictions(nothing.astype(np.uint8), nothing.astype(np.uint8), nothing, nothing)
    labels, predicted, confidence, losses = (np.concatenate(column) for column in zip(*answers, strict=True))
    return Predictions(
        labels.astype(np.uint8),
        predicted.astype(np.uint8),
        confidence.astype(np.float32),
        losses.astype(np.float32),
    )
