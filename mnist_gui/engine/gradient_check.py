"""Is the backward pass right? Its gradient against central differences, layer by layer, in float64 and float32."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnist_gui.config import RunConfig
from mnist_gui.engine.arrays import Floats, Labels
from mnist_gui.engine.network import Gradient, Network, Workspace, parameter_count
from mnist_gui.engine.parts import Parts, build_network
from mnist_gui.engine.regularization import add_l2_gradient, draw_dropout, l2_penalty

# So many weights and biases of a layer are tried; a wrong formula shows in nearly all of them.
SAMPLE = 60
# Tried in turn for each parameter: a large step suffers least from rounding, a small one seldom crosses a kink.
STEPS = (1e-4, 1e-3, 1e-5, 1e-2, 1e-6)
GOOD_ENOUGH = 1e-8
# Healthy networks read below 1e-7 here, wrong ones above 1e-2.
LARGEST_ERROR = 1e-4
DROPOUT_SEED = 0


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """The weights or the biases of one layer.

    error64, error32: |g - n| / (|g| + |n|) over the parameters tried, g the backward pass in that precision and n the
    central differences in float64. worst: the parameter with the largest share in error64, with its g and n.
    """

    name: str
    tried: int
    error64: float
    error32: float
    worst: str
    worst_error: float
    analytic: float
    numerical: float

    @property
    def is_right(self) -> bool:
        """Whether the backward pass agrees with the differences."""
        return self.error64 < LARGEST_ERROR


class Abandoned(Exception):  # noqa: N818 - nothing went wrong
    """The check was given up half way."""


def check_gradient(
    config: RunConfig,
    parameters: Floats,
    inputs: Floats,
    labels: Labels,
    *,
    train_digits: int,
    classes: int,
    abandon: Callable[[], bool],
) -> list[LayerCheck]:
    """Compare the gradient of the mean loss over these digits, penalty and dropout included, with differences.

    parameters (P,): where the gradient is taken; inputs (B, D), labels (B,). Abandoned if `abandon` answers True.
    """
    exact, rounded = (
        _Problem(config, parameters, inputs, labels, train_digits, classes, dtype) for dtype in (np.float64, np.float32)
    )
    analytic, analytic32 = exact.gradient(), rounded.gradient()
    rng = np.random.default_rng(0)
    checks = []
    for name, places, shape, start in _parts_of_layers(exact, rng):
        numerical = np.empty(len(places))
        for index, place in enumerate(places):
            if abandon():
                raise Abandoned
            numerical[index] = exact.difference(place, analytic[place])
        checks.append(_compare(name, analytic[places], analytic32[places], numerical, places - start, shape))
    return checks


class _Problem:
    """The loss of a network on a few digits as a function of its parameters."""

    def __init__(
        self,
        config: RunConfig,
        parameters: Floats,
        inputs: Floats,
        labels: Labels,
        train_digits: int,
        classes: int,
        dtype: DTypeLike,
    ) -> None:
        self._config, self._parts = config, Parts.of(config)
        self._labels, self._train_digits = labels, train_digits
        self.inputs = inputs.astype(dtype)
        shaped = build_network(config, inputs.shape[1], classes)
        self.network = Network(shaped.sizes, shaped.activation, dtype)
        self.network.parameters[...] = parameters
        self._workspace = Workspace(self.network, len(labels))
        # The same units are left out every time, or the loss would be another function with every call.
        draw_dropout(self._workspace, config.training.dropout, np.random.default_rng(DROPOUT_SEED))

    def value(self) -> float:
        """Mean loss and penalty."""
        logits = self.network.forward(self.inputs, self._workspace)
        loss = float(self._parts.loss.forward(logits, self._labels).mean())
        return loss + l2_penalty(self.network.weights, self._config.training.l2, self._train_digits)

    def gradient(self) -> Floats:
        """What the backward pass makes of it, (P,)."""
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

        A wrong gradient agrees with no h; a right one may disagree with one where a kink lies within h.
        """
        best = np.inf
        for step in STEPS:
            found = self._central_difference(place, step)
            if abs(found - expected) < abs(best - expected):
                best = found
            if abs(best - expected) <= GOOD_ENOUGH * (abs(best) + abs(expected)):
                break
        return best

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
    problem: _Problem, rng: np.random.Generator
) -> Iterator[tuple[str, NDArray[np.intp], tuple[int, ...], int]]:
    """Weights and biases of every layer: name, places to try in the flat parameters, shape, first place."""
    sizes = problem.network.sizes
    lit = np.flatnonzero(problem.inputs.any(axis=0))  # the weights of blank pixels have no gradient to compare
    for layer, weights in enumerate(problem.network.weights):
        fan_in, fan_out = weights.shape
        start = parameter_count(sizes[: layer + 1])
        rows = lit if layer == 0 and len(lit) else np.arange(fan_in)
        row, column = rows[rng.integers(len(rows), size=SAMPLE)], rng.integers(fan_out, size=SAMPLE)
        yield f"weights {layer + 1}", start + np.unique(row * fan_out + column), weights.shape, start
        start += fan_in * fan_out
        yield f"biases {layer + 1}", start + np.unique(rng.integers(fan_out, size=SAMPLE)), (fan_out,), start


def _compare(
    name: str, analytic: Floats, analytic32: Floats, numerical: Floats, places: NDArray[np.intp], shape: tuple[int, ...]
) -> LayerCheck:
    apart = np.abs(analytic - numerical)
    worst = int(np.argmax(apart))
    where = ", ".join(str(index) for index in np.unravel_index(places[worst], shape))
    return LayerCheck(
        name=name,
        tried=len(places),
        error64=relative_error(analytic, numerical),
        error32=relative_error(analytic32.astype(np.float64), numerical),
        worst=f"{name}[{where}]",
        worst_error=relative_error(analytic[worst : worst + 1], numerical[worst : worst + 1]),
        analytic=float(analytic[worst]),
        numerical=float(numerical[worst]),
    )


def relative_error(one: Floats, other: Floats) -> float:
    """|one - other| / (|one| + |other|) of two vectors; 0 if both are 0."""
    size = float(np.linalg.norm(one) + np.linalg.norm(other))
    return float(np.linalg.norm(one - other)) / size if size else 0.0
