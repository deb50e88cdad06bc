"""Gradient check: the backward pass against central differences, layer by layer, in float64 and float32."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnist_gui.config.run_config import RunConfig
from mnist_gui.engine.components import Parts, build_network
from mnist_gui.engine.network import Gradient, Workspace, parameter_count
from mnist_gui.engine.regularization import add_l2_gradient, draw_dropout, l2_penalty
from mnist_gui.engine.types import Floats, Labels

# Number of weights, and of biases, of each layer that are tried; a wrong formula shows in nearly all of them.
SAMPLE = 60
# Tried in turn for each parameter: a large step suffers least from rounding, a small one seldom crosses a kink. The
# last is the smallest.
STEPS = (1e-4, 1e-3, 1e-5, 1e-2, 1e-6)
GOOD_ENOUGH = 1e-8
# A loss L in float64 is off by a few times 2^-52 L, and its difference over a step h by that / h.
ROUNDING = 4 * float(np.finfo(np.float64).eps)
# Healthy networks stay below 1e-4 in float64 and 0.02 in float32, wrong formulas come to 0.1 and more.
LARGEST_ERROR64, LARGEST_ERROR32 = 1e-3, 0.05
# Added to the denominator of the relative error, so that rounding is not taken for an error: this share of the
# root mean square of its layer, and of the largest gradient of the network in either precision.
OF_LAYER, OF_NETWORK64, OF_NETWORK32 = 1e-3, 1e-9, 1e-6
# Biases start at 0, and where all units below have output 0 so do the sums: exactly on the kink of relu, where the loss
# has no derivative. Moving biases by about this much avoids it.
NUDGE = 1e-3
SEED = 0


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """The result for the weights or the biases of one layer.

    name: such as "weights 1" or "biases 2", counted from 1 at the input.
    tried: number of parameters compared.
    error64, error32: largest relative error |g - n| / (|g| + |n| + floor) of these, >= 0; g is the backward pass in
    that precision, n the central difference in float64.
    worst: the parameter with the larger of the two errors, each relative to its limit, such as "weights 1[3, 4]".
    analytic: its g.
    numerical: its n.
    """

    name: str
    tried: int
    error64: float
    error32: float
    worst: str
    analytic: float
    numerical: float

    @property
    def is_right(self) -> bool:
        """Whether the backward pass agrees with the differences, in both precisions."""
        return self.error64 < LARGEST_ERROR64 and self.error32 < LARGEST_ERROR32


class Cancelled(Exception):  # noqa: N818 - not an error
    """The check was cancelled before its end."""


class UncheckableError(Exception):
    """The loss or its gradient is not finite, so that it cannot be checked; the text is for the user."""


def check_gradient(
    config: RunConfig,
    parameters: Floats,
    inputs: Floats,
    labels: Labels,
    *,
    train_digits: int,
    classes: int,
    should_cancel: Callable[[], bool],
    parts: Parts | None = None,
    sample: int = SAMPLE,
) -> list[LayerCheck]:
    """Compare the gradient of the mean loss over these digits, penalty and dropout included, with differences.

    parameters (P,): where the gradient is taken, except that biases are moved by about NUDGE; inputs (B, D); labels
    (B,).
    train_digits: n of the L2 penalty. parts: what is checked, by default what the config names. sample: number of
    weights, and of biases, tried in each layer. Raises Cancelled if `should_cancel` returns True, UncheckableError
    if the loss or the gradient is not finite.
    """
    with np.errstate(all="ignore"):
        exact, rounded = (
            _Problem(config, parts or Parts.of(config), parameters, inputs, labels, train_digits, classes, dtype)
            for dtype in (np.float64, np.float32)
        )
        analytic, analytic32 = exact.gradient(), rounded.gradient()
        if not (math.isfinite(exact.value()) and np.isfinite(analytic).all() and np.isfinite(analytic32).all()):
            raise UncheckableError(
                f"the gradient cannot be checked: the loss of this network is {rounded.value()}, or its gradient is no "
                "number (are the starting weights or the inputs too large?)"
            )
        largest = float(np.abs(analytic).max())
        rng = np.random.default_rng(SEED)
        checks = []
        for name, places, shape, start in _parts_of_layers(exact, rng, sample):
            numerical = np.empty(len(places))
            for index, place in enumerate(places):
                if should_cancel():
                    raise Cancelled
                numerical[index] = exact.difference(place, analytic[place])
            where = [", ".join(map(str, np.unravel_index(place, shape))) for place in places - start]
            checks.append(_compare(name, where, analytic[places], analytic32[places], numerical, largest))
        return checks


class _Problem:
    """The loss of a network on a few digits as a function of its parameters."""

    def __init__(
        self,
        config: RunConfig,
        parts: Parts,
        parameters: Floats,
        inputs: Floats,
        labels: Labels,
        train_digits: int,
        classes: int,
        dtype: DTypeLike,
    ) -> None:
        self._config, self._parts = config, parts
        self._labels, self._train_digits = labels, train_digits
        self.inputs = inputs.astype(dtype)
        self.network = build_network(config, inputs.shape[1], classes, parts, dtype)
        self.network.parameters[...] = parameters
        rng = np.random.default_rng(SEED)
        for biases in self.network.biases:
            biases += NUDGE * rng.choice((-1.0, 1.0), len(biases)) * rng.uniform(1.0, 2.0, len(biases))
        self._workspace = Workspace(self.network, len(labels))
        # Drawn once: with a new mask for every call, the loss would be another function each time.
        draw_dropout(self._workspace, config.training.dropout, rng)

    def value(self) -> float:
        """Mean loss and penalty."""
        logits = self.network.forward(self.inputs, self._workspace)
        loss = float(self._parts.loss.forward(logits, self._labels).mean())
        return loss + l2_penalty(self.network.weights, self._config.training.l2, self._train_digits)

    def gradient(self) -> Floats:
        """Its gradient by the backward pass, (P,)."""
        self.value()
        outputs = self._workspace.outputs[-1]
        self._parts.loss.backward(outputs, self._labels)
        outputs *= 1.0 / len(self._labels)
        gradient = Gradient(self.network)
        self.network.backward(self.inputs, self._workspace, gradient)
        add_l2_gradient(gradient, self.network, self._config.training.l2, self._train_digits)
        return gradient.flat

    def difference(self, place: int, expected: float) -> float:
        """(value(p + h) - value(p - h)) / 2h for one parameter, with the h that agrees best with `expected`.

        A wrong gradient agrees with no h; a right one may disagree with one where a kink lies within h. A gradient
        smaller than the rounding error, as below layers of tiny weights, is taken to be as expected.
        """
        best = found = np.inf
        for step in STEPS:
            found = self._central_difference(place, step)
            if abs(found - expected) < abs(best - expected):
                best = found
            if abs(best - expected) <= GOOD_ENOUGH * (abs(best) + abs(expected)):
                return best
        if abs(best - expected) <= LARGEST_ERROR64 * (abs(best) + abs(expected)):
            return best
        is_rounding = abs(found - expected) <= ROUNDING * abs(self.value()) / STEPS[-1]
        return expected if is_rounding else best

    def _central_difference(self, place: int, step: float) -> float:
        parameters = self.network.parameters
        before = parameters[place]
        parameters[place] = before + step
        above = self.value()
        parameters[place] = before - step
        below = self.value()
        parameters[place] = before
        return (above - below) / (2.0 * step)


def _parts_of_layers(
    problem: _Problem, rng: np.random.Generator, sample: int
) -> Iterator[tuple[str, NDArray[np.intp], tuple[int, ...], int]]:
    """Weights and biases of every layer: name, places to try in the flat parameters, shape, first place."""
    sizes = problem.network.sizes
    lit = np.flatnonzero(problem.inputs.any(axis=0))  # the weights of blank pixels have no gradient to compare
    for layer, weights in enumerate(problem.network.weights):
        fan_in, fan_out = weights.shape
        start = parameter_count(sizes[: layer + 1])
        rows = lit if layer == 0 and len(lit) else np.arange(fan_in)
        row, column = rows[rng.integers(len(rows), size=sample)], rng.integers(fan_out, size=sample)
        yield f"weights {layer + 1}", start + np.unique(row * fan_out + column), weights.shape, start
        start += fan_in * fan_out
        yield f"biases {layer + 1}", start + np.unique(rng.integers(fan_out, size=sample)), (fan_out,), start


def _compare(
    name: str, where: list[str], analytic: Floats, analytic32: Floats, numerical: Floats, largest: float
) -> LayerCheck:
    errors64 = relative_errors(analytic, numerical, OF_NETWORK64 * largest)
    errors32 = relative_errors(analytic32.astype(np.float64), numerical, OF_NETWORK32 * largest)
    is_32 = errors32.max() / LARGEST_ERROR32 > errors64.max() / LARGEST_ERROR64
    worst = int(np.argmax(errors32 if is_32 else errors64))
    return LayerCheck(
        name=name,
        tried=len(where),
        error64=float(errors64.max()),
        error32=float(errors32.max()),
        worst=f"{name}[{where[worst]}]" + (" in float32" if is_32 else ""),
        analytic=float((analytic32 if is_32 else analytic)[worst]),
        numerical=float(numerical[worst]),
    )


def relative_errors(one: Floats, other: Floats, floor: float) -> Floats:
    """|one - other| / (|one| + |other| + floor + OF_LAYER * the root mean square of other), for each; 0 for 0 / 0."""
    floor += OF_LAYER * math.sqrt(float(np.mean(np.square(other))))
    sizes = np.abs(one) + np.abs(other) + floor
    return np.divide(np.abs(one - other), sizes, out=np.zeros_like(sizes), where=sizes > 0.0)
