"""Inference: a network's outputs and predictions for given digits, in chunks, so that memory stays bounded."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Network, Workspace
from mnist_gui.engine.types import Floats, Labels


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """A network's predictions for N labelled digits, in their order.

    labels (N,) uint8: the true classes.
    predicted (N,) uint8: the classes with the largest outputs.
    confidence (N,) float32, 0..1: the output of the predicted class; 0 is the loss's target for a wrong class, 1 that
    for the right class.
    losses (N,) float32: the loss of each digit.
    margins (N,) float32, 0..1: confidence in the predicted class less that in the second.
    excess: added to the mean of the losses where `loss` is reported; 0 unless the run has a reporting fault.
    """

    labels: NDArray[np.uint8]
    predicted: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    losses: NDArray[np.float32]
    margins: NDArray[np.float32]
    excess: float = 0.0

    @property
    def loss(self) -> float:
        """The mean loss, plus `excess`; nan for no digits."""
        return float(self.losses.mean(dtype=np.float64)) + self.excess if len(self.losses) else float("nan")

    @property
    def accuracy(self) -> float:
        """The share of correct predictions, 0..1; nan for no digits."""
        return float(np.mean(self.predicted == self.labels)) if len(self.labels) else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """All activations and outputs of a network for B pictures.

    activations: those of each hidden layer, (B, H). logits, outputs (B, C). confidences (B, C): the outputs scaled to
    0..1 as in `Predictions`.
    """

    activations: list[Floats]
    logits: Floats
    outputs: Floats
    confidences: Floats


def answer(network: Network, loss: Loss, inputs: Floats) -> Answer:
    """All activations and outputs for inputs (B, D), B small: everything is kept in memory."""
    workspace = Workspace(network, len(inputs))
    with np.errstate(all="ignore"):
        logits = network.forward(inputs, workspace).copy()
        outputs = logits.copy()
        loss.forward(outputs, np.zeros(len(inputs), np.intp))  # only the outputs are needed
        return Answer(workspace.outputs[:-1], logits, outputs, _confidences(outputs, loss))


def confidences(network: Network, loss: Loss, chunks: Iterable[tuple[Floats, Labels]]) -> Floats:
    """The network's confidence in each class for all digits of the chunks, (N, C) float32, 0..1."""
    parts = [answer(network, loss, inputs).confidences for inputs, _ in chunks]
    return np.concatenate(parts) if parts else np.empty((0, network.sizes[-1]), np.float32)


def predict(network: Network, loss: Loss, chunks: Iterable[tuple[Floats, Labels]]) -> Predictions:
    """The network's predictions for all digits of the chunks: pairs of inputs (B, D) float32 and labels (B,)."""
    with np.errstate(all="ignore"):  # the outputs of a diverged network are nan
        return _predict(network, loss, chunks)


def _predict(network: Network, loss: Loss, chunks: Iterable[tuple[Floats, Labels]]) -> Predictions:
    answers: list[tuple[Labels, Labels, Floats, Floats, Floats]] = []
    workspaces: dict[int, Workspace] = {}
    for inputs, labels in chunks:
        if len(labels) not in workspaces:
            workspaces[len(labels)] = Workspace(network, len(labels))
        outputs = network.forward(inputs, workspaces[len(labels)])
        losses = loss.forward(outputs, labels)
        predicted = outputs.argmax(axis=1)
        best, second = _best_two(_confidences(outputs, loss), predicted)
        answers.append((labels, predicted, best, losses, best - second))
    if not answers:
        nothing = np.empty(0, np.float32)
        return Predictions(nothing.astype(np.uint8), nothing.astype(np.uint8), nothing, nothing, nothing)
    labels, predicted, confidence, losses, margins = (np.concatenate(column) for column in zip(*answers, strict=True))
    return Predictions(
        labels.astype(np.uint8),
        predicted.astype(np.uint8),
        confidence.astype(np.float32),
        losses.astype(np.float32),
        margins.astype(np.float32),
    )


def _confidences(outputs: Floats, loss: Loss) -> Floats:
    scaled: Floats = np.clip((outputs - loss.no) / (loss.yes - loss.no), 0.0, 1.0)
    return scaled


def _best_two(confidences: Floats, predicted: Labels) -> tuple[Floats, Floats]:
    """The confidence in the predicted class and the largest of the others, (B,) each. Overwrites the former by -1."""
    rows = np.arange(len(predicted))
    best = confidences[rows, predicted]
    confidences[rows, predicted] = -1.0
    return best, confidences.max(axis=1)
