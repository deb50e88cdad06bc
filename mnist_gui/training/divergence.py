"""Why a step could not be made: in which layer numbers ceased to be finite, and what most likely drove them there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_gui.config.run_config import RunConfig
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.types import Floats

# Inputs beyond this are not scaled; healthy ones stay within a few units.
LARGE_INPUT = 10.0
# Between what happened and why.
LIKELY_CAUSE = ". Likely cause: "
# Weights that have grown so many times since the start were driven there by steps that were too large.
LARGE_GROWTH = 3.0
SMALLEST_START = 1e-9


class Diverged(Exception):  # noqa: N818 - what happened, in the field's word
    """A step that could not be made; its text is for the person. The weights are those of the step before."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The step that failed: what went into it and what came out."""

    step: int
    batch_size: int
    loss: float
    inputs: Floats
    workspace: Workspace
    gradient: Gradient


@dataclass(frozen=True, slots=True)
class Start:
    """Where training began: `weight_sizes` then, the steps made since, and the training digits in all."""

    sizes: Sequence[float]
    steps: int
    train_digits: int


def explain(attempt: Attempt, config: RunConfig, network: Network, start: Start) -> str:
    """Step, layer and likely cause."""
    return f"{_what(attempt, network)}{LIKELY_CAUSE}{_cause(attempt, config, network, start)}"


def weight_sizes(network: Network) -> list[float]:
    """Root mean square of every layer's weights."""
    with np.errstate(over="ignore"):  # those a diverged network ended with may be the start of another schedule
        return [float(np.sqrt(np.mean(np.square(weights), dtype=np.float64))) for weights in network.weights]


def layer_name(layer: int, layers: int) -> str:
    """Layers are called as people count them."""
    return "the output layer" if layer == layers - 1 else f"hidden layer {layer + 1}"


def _what(attempt: Attempt, network: Network) -> str:
    layers = len(network.weights)
    if not math.isfinite(attempt.loss):
        hidden = attempt.workspace.outputs[:-1]
        layer = next((index for index, outputs in enumerate(hidden) if not np.isfinite(outputs).all()), layers - 1)
        return f"at step {attempt.step:,} the loss became {attempt.loss}, first in {layer_name(layer, layers)}"
    # The gradient runs from the output down, so the uppermost layer with a bad one is where it began.
    of_layers = list(zip(attempt.gradient.weights, attempt.gradient.biases, strict=True))
    bad = [index for index, parts in enumerate(of_layers) if not all(_has_norm(part) for part in parts)]
    where = layer_name(max(bad), layers) if bad else "the network"
    return f"at step {attempt.step:,} the gradient of {where} became too large for any number"


def _has_norm(values: Floats) -> bool:
    return bool(np.isfinite(np.dot(values.ravel(), values.ravel())))


def _cause(attempt: Attempt, config: RunConfig, network: Network, start: Start) -> str:
    training, largest_input = config.training, float(np.abs(attempt.inputs).max())
    if largest_input > LARGE_INPUT:
        return f"inputs of up to {largest_input:,.0f}, where about 1 is usual: scale the pixels (unit)"
    digits = attempt.batch_size if training.gradient == "sum" else 1
    if training.learning_rate * training.l2 * digits / start.train_digits > 1.0:
        return (
            f"an L2 penalty of {training.l2:g} at a learning rate of {training.learning_rate:g}: each step takes away "
            "more than the whole weight. Lower either"
        )
    sizes = weight_sizes(network)
    growths = [now / max(before, SMALLEST_START) for now, before in zip(sizes, start.sizes, strict=True)]
    layer = int(np.argmax(growths))
    if start.steps == 0 or growths[layer] < LARGE_GROWTH:
        layer = int(np.argmax(start.sizes))
        return (
            f"starting weights that are too large: {layer_name(layer, len(sizes))} began with a root mean square of "
            f"{start.sizes[layer]:.3g}"
        )
    rate = f"a learning rate of {training.learning_rate:g}"
    if digits > 1:
        rate += f" on the sum of {digits:,} gradients"
    if training.momentum >= 0.5:
        rate += f" with momentum {training.momentum:g}"
    return (
        f"steps that are too large, from {rate}: the weights of {layer_name(layer, len(sizes))} have grown from "
        f"{start.sizes[layer]:.2g} to {sizes[layer]:.2g} (root mean square) since the start. Lower the rate"
    )
