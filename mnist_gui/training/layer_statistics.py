"""Statistics of the layers of a network in training: sizes of gradients and steps, activations, directions of steps.

Measured on a fixed probe of training digits, at steps that depend only on the sizes of network and minibatch, so that
the window and the command line measure the same, in a small share of the training time.
"""

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.activations import Activation
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Gradient, Network, Workspace, layer_views, parameter_count
from mnist_gui.engine.types import Floats, Labels
from mnist_gui.training.measurement_schedule import MeasurementSchedule
from mnist_gui.training.records import LayersMeasured
from mnist_gui.training.update_analysis import agreement, own_shrinkage

PROBE = 256
# A unit is dead if |activation| reaches the first number for less than the second as a share of the probe's digits.
SMALLEST_ANSWER, FEWEST_ANSWERS = 1e-5, 0.05
# A unit is saturated if its mean |activation|, scaled to -1..1, is above this: the rho of Rakitianskaia & Engelbrecht
# (2015) with one activation in each bin.
SATURATED = 0.85
# Dead or saturated units of a layer that are listed by number; their share counts all.
MOST_NAMED = 256
# Limit of the units that are compared with each other, evenly spread over the layer.
MOST_COMPARED = 64
# Activations whose deviation between digits is below this share of their size count as constant.
CONSTANT = 1e-6


class LayerStatistics:
    """Measures one network on one probe, inputs (B, D) and labels (B,), from the step after `first_step` on."""

    def __init__(
        self, network: Network, loss: Loss, probe: tuple[Floats, Labels], *, batch_size: int, first_step: int
    ) -> None:
        self._network, self._loss = network, loss
        self._inputs, self._labels = probe
        self._varying = self._inputs.min(axis=0) < self._inputs.max(axis=0)  # (D,)
        self._workspace = Workspace(network, len(self._inputs))
        self._schedule = MeasurementSchedule.of(network.sizes, len(self._inputs), batch_size)
        self._first_step = first_step
        self._before: Floats | None = None  # (P,) the parameters before the present step
        self._earlier: Floats | None = None  # (P,) before the previous step

    def is_due(self, step: int) -> bool:
        """Whether this step, as counted by the trainer, is to be measured."""
        return self._schedule.is_due(step - self._first_step)

    def begin(self, step: int) -> None:
        """Call before each step: copies the weights if a measurement needs them."""
        if self.is_due(step) or self.is_due(step + 1):
            self._earlier, self._before = self._before, self._network.parameters.copy()
        else:
            self._earlier = self._before = None

    def measure(self, step: int, gradient: Gradient, momentum: float, penalty_ratio: float) -> LayersMeasured:
        """Measure after a step for which `begin` was called. gradient, momentum: as passed to the update rule.

        penalty_ratio: length of the penalty's gradient divided by that of the digits' gradient.
        """
        assert self._before is not None
        is_first = step - self._first_step == 1
        earlier = self._before if is_first else self._earlier  # before the first step nothing moved
        assert earlier is not None
        network, sizes = self._network, self._network.sizes
        move, last_move = network.parameters - self._before, self._before - earlier
        moves, last_moves = layer_views(move, sizes)[0], layer_views(last_move, sizes)[0]
        weights = layer_views(self._before, sizes)[0]
        lengths = [float(np.mean(np.abs(layer))) for layer in weights]
        shrinkages = [own_shrinkage(*layer) for layer in zip(moves, last_moves, gradient.weights, weights, strict=True)]
        network.forward(self._inputs, self._workspace)
        hidden = self._workspace.outputs[:-1]
        dead = [are_dead(outputs) for outputs in hidden]
        saturated = [are_saturated(outputs, network.activation) for outputs in hidden]
        return LayersMeasured(
            step=step,
            gradient_rms=tuple(map(_rms, [gradient.weights[0][self._varying], *gradient.weights[1:]])),
            update_ratios=tuple(_ratio(*layer) for layer in zip(moves, lengths, strict=True)),
            weight_scales=tuple(length * math.sqrt(size) for length, size in zip(lengths, sizes[:-1], strict=True)),
            activation_means=tuple(float(outputs.mean()) for outputs in hidden),
            activation_sds=tuple(float(outputs.std()) for outputs in hidden),
            dead=tuple(map(_share, dead)),
            saturated=tuple(map(_share, saturated)),
            dead_units=tuple(map(_numbers, dead)),
            saturated_units=tuple(map(_numbers, saturated)),
            alike=tuple(map(smallest_correlation, hidden, network.weights)),
            units=network.sizes[1:-1],
            downhill=self._downhill(move, last_move, gradient, momentum),
            shrinkages=tuple(shrinkages),
            penalty_ratio=penalty_ratio,
            **self._measure_outputs(gradient),
        )

    def _downhill(self, move: Floats, last_move: Floats, gradient: Gradient, momentum: float) -> float:
        """The cosine between a step (P,) without its momentum part and minus the gradient, over the layers that it
        moves: a frozen layer has no direction."""
        fresh, slope = move - np.float32(momentum) * last_move, -gradient.flat
        ends = [parameter_count(self._network.sizes[: layer + 1]) for layer in range(len(self._network.sizes))]
        moves = [bool(fresh[first:last].any()) for first, last in pairwise(ends)]
        if not all(moves):
            is_moved = np.repeat(moves, np.diff(ends))
            fresh, slope = fresh[is_moved], slope[is_moved]
        return agreement(fresh, slope)

    def _measure_outputs(self, gradient: Gradient) -> dict[str, Any]:
        """The fields of LayersMeasured about the output layer. Overwrites the logits in the workspace."""
        outputs = self._workspace.outputs[-1]
        logits = outputs.copy()
        loss = float(self._loss.forward(outputs, self._labels).mean())
        accuracy = float(np.mean(outputs.argmax(axis=1) == self._labels))
        self._loss.backward(outputs, self._labels)
        is_silent = (logits < 0.0) & (outputs == 0.0)  # (B, C)
        return {
            "probe_loss": loss,
            "probe_accuracy": accuracy,
            "lowest_logit": float(logits.min()),
            "highest_logit": float(logits.max()),
            "logit_spread": float(logits.std(axis=0).mean()),
            "silent_below": _silent_share(outputs, logits < 0.0),
            "silent_above": _silent_share(outputs, logits > 0.0),
            "silent_classes": silent_classes(is_silent, self._labels),
            "non_finite": int(np.count_nonzero(~np.isfinite(logits)) + np.count_nonzero(~np.isfinite(gradient.flat))),
        }


def are_dead(outputs: Floats) -> NDArray[np.bool_]:
    """Which units, columns of (B, H), are active for hardly any digit: (H,)."""
    dead: NDArray[np.bool_] = np.mean(np.abs(outputs) >= SMALLEST_ANSWER, axis=0) < FEWEST_ANSWERS
    return dead


def are_saturated(outputs: Floats, activation: Activation) -> NDArray[np.bool_]:
    """Which units, columns of (B, H), are near the limits of the activation: (H,); none if it does not saturate at two
    ends."""
    if activation.ends is None:
        return np.zeros(outputs.shape[1], bool)
    low, high = activation.ends
    scaled = (outputs - (low + high) / 2) / ((high - low) / 2)
    saturated: NDArray[np.bool_] = np.abs(scaled).mean(axis=0) > SATURATED
    return saturated


def dead_share(outputs: Floats) -> float:
    """The share of dead units, columns of (B, H), 0..1."""
    return _share(are_dead(outputs))


def saturated_share(outputs: Floats, activation: Activation) -> float:
    """The share of saturated units, 0..1; 0 if the activation does not saturate at two ends."""
    return _share(are_saturated(outputs, activation))


def silent_classes(is_silent: NDArray[np.bool_], labels: Labels) -> tuple[int, ...]:
    """The classes whose output is silent for more than half of their own digits. is_silent (B, C), labels (B,)."""
    of_own = np.bincount(labels[is_silent[np.arange(len(labels)), labels]], minlength=is_silent.shape[1])
    own = np.bincount(labels, minlength=is_silent.shape[1])
    return _numbers(2 * of_own > own)


def smallest_correlation(outputs: Floats, weights: Floats) -> float:
    """The smallest correlation between the activations (B, H) of two units of a layer with incoming weights (D, H).

    1 if all units are copies. Units with constant activations are left out; if fewer than two others remain, it is 1 if
    all units have the same weights, as after a start at 0, else nan, as for dead units. nan for a single unit.
    """
    count = outputs.shape[1]
    if count < 2:
        return float("nan")
    chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_COMPARED)).astype(np.intp))
    answers = outputs[:, chosen].astype(np.float64)
    centred = answers - answers.mean(axis=0)
    lengths = np.sqrt(np.square(centred).sum(axis=0))
    varies = lengths > CONSTANT * np.sqrt(np.square(answers).sum(axis=0))
    if np.count_nonzero(varies) < 2:
        return 1.0 if np.ptp(weights[:, chosen], axis=1).max() == 0.0 else math.nan
    units: NDArray[np.float64] = centred[:, varies] / lengths[varies]
    return float((units.T @ units).min())


def _share(units: NDArray[np.bool_]) -> float:
    return float(np.mean(units))


def _numbers(units: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(units)[:MOST_NAMED].tolist())


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(values)))) if values.size else 0.0


def _silent_share(derivatives: Floats, where: NDArray[np.bool_]) -> float:
    """The share of these outputs whose derivative is exactly 0; nan if there are none."""
    return float(np.mean(derivatives[where] == 0.0)) if where.any() else float("nan")


def _ratio(move: Floats, length: float) -> float:
    """log10(mean |step| / mean |weight|): about -3 in healthy training; -inf for no step, inf for zero weights."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.log10(np.mean(np.abs(move)) / np.float64(length)))
