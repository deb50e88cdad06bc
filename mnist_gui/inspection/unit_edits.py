"""Unit edits: the outputs of a network with changed units, and the parameters of a network that includes the edits.

An edited unit has the activation scale * a + shift instead of a. With scale 0 and shift 0 it is switched off, as if the
network were without it (ablation; for single units: Morcos, Barrett, Rabinowitz & Botvinick 2018). Switching off also
shifts the mean inputs of the layer above; replacing a unit by its mean removes only its variation between digits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import layer_views
from mnist_gui.inspection.cached_forward import CachedForward

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Edit:
    """A unit with scale * a + shift instead of its activation a (of an output unit: its logit).

    layer: 0 for the first hidden layer, the last for the output.
    """

    layer: int
    unit: int
    scale: float = 1.0
    shift: float = 0.0

    @property
    def changes_nothing(self) -> bool:
        """Whether the unit is unchanged."""
        return (self.scale, self.shift) == (1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Score:
    """Accuracy 0..1 and mean loss on some digits; nan for no digits."""

    accuracy: float
    loss: float


def score(loss: Loss, logits: Floats, labels: NDArray[np.uint8]) -> Score:
    """The score of logits (N, C), not changed, for digits of these labels (N,)."""
    if not len(labels):
        return Score(float("nan"), float("nan"))
    outputs = logits.copy()
    with np.errstate(all="ignore"):
        losses = loss.forward(outputs, labels)
        return Score(float(np.mean(outputs.argmax(axis=1) == labels)), float(losses.mean(dtype=np.float64)))


def edited_score(kept: CachedForward, edits: Sequence[Edit]) -> Score:
    """The score of a cached forward pass with these units edited."""
    return score(kept.loss, edited_logits(kept, edits), kept.labels)


def edited_logits(kept: CachedForward, edits: Sequence[Edit]) -> Floats:
    """The logits (N, C), a new array, of a cached forward pass with these units edited, at most one edit a unit.

    Layers below the lowest edit are not computed again; for units of the last hidden layer only the change of their
    activations, times their outgoing weights, is added to the logits.
    """
    lowest = min((edit.layer for edit in edits), default=kept.hidden)
    with np.errstate(all="ignore"):
        if lowest < kept.hidden - 1:
            logits = _from_layer(kept, edits, lowest)
        else:
            logits = kept.logits.copy()
            units = _of_layer(edits, kept.hidden - 1)
            if units:
                columns = [edit.unit for edit in units]
                before = kept.activations[-1][:, columns]  # (N, E)
                logits += (_edited(before, units) - before) @ kept.network.weights[-1][columns]
        _apply(logits, _of_layer(edits, kept.hidden))
    return logits


def folded(parameters: Floats, sizes: Sequence[int], edits: Iterable[Edit]) -> Floats:
    """The parameters (P,), a new array, of a network that includes the edits.

    Of a hidden unit, W are its outgoing weights, b the biases they lead to: W (s a + t) + b = (s W) a + (b + t W). Of
    an output unit, they are those that lead to it: s (W a + b) + t = (s W) a + (s b + t).
    """
    result: Floats = parameters.copy()
    weights, biases = layer_views(result, sizes)
    output = len(weights) - 1
    with np.errstate(all="ignore"):
        for edit in sorted(
            edits, key=lambda edit: edit.layer
        ):  # output units last: they scale weights that hidden ones changed
            unit, scale, shift = edit.unit, np.float32(edit.scale), np.float32(edit.shift)
            if edit.layer < output:
                biases[edit.layer + 1] += shift * weights[edit.layer + 1][unit]
                weights[edit.layer + 1][unit] *= scale
            else:
                weights[output][:, unit] *= scale
                biases[output][unit] = scale * biases[output][unit] + shift
    return result


def _from_layer(kept: CachedForward, edits: Sequence[Edit], lowest: int) -> Floats:
    network = kept.network
    signal = kept.activations[lowest].copy()
    _apply(signal, _of_layer(edits, lowest))
    for layer in range(lowest + 1, kept.hidden):
        signal = np.matmul(signal, network.weights[layer], dtype=np.float32)  # (N, H)
        signal += network.biases[layer]
        network.activation.apply(signal)
        _apply(signal, _of_layer(edits, layer))
    logits: Floats = np.matmul(signal, network.weights[-1], dtype=np.float32)
    logits += network.biases[-1]
    return logits


def _of_layer(edits: Iterable[Edit], layer: int) -> list[Edit]:
    return [edit for edit in edits if edit.layer == layer]


def _apply(activations: Floats, edits: Sequence[Edit]) -> None:
    """Change the activations (N, H) of the edited units in place."""
    if edits:
        columns = [edit.unit for edit in edits]
        activations[:, columns] = _edited(activations[:, columns], edits)


def _edited(before: Floats, edits: Sequence[Edit]) -> Floats:
    """The activations of edited units, (N, E), given those before, a column for each edit."""
    scales = np.array([edit.scale for edit in edits], np.float32)
    shifts = np.array([edit.shift for edit in edits], np.float32)
    # 0 * inf is nan, but a unit that is switched off must be 0.
    return np.where(scales == 0.0, shifts, before * scales + shifts)
