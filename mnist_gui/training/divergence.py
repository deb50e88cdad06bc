"""Why a step could not be made: the layer where numbers became non-finite, and the most likely cause."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.batches import Batches
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.types import Floats

# Inputs beyond this are not scaled; scaled ones stay within a few units.
LARGE_INPUT = 10.0
# Between the two parts of the explanation.
LIKELY_CAUSE = ". Likely cause: "
# Growth of the weights since the start from which on steps are considered too large.
LARGE_GROWTH = 3.0
SMALLEST_START = 1e-9


class Diverged(Exception):  # noqa: N818 - the field's term
    """A step could not be made; the text is for the user. The weights are those of the step before."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The step that failed: its number, inputs (B, D), loss, workspace and gradient."""

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
    with np.errstate(over="ignore"):  # a schedule may start with the weights of a diverged network
        return [float(np.sqrt(np.mean(np.square(weights), dtype=np.float64))) for weights in network.weights]


def first_overflow(network: Network, loss: Loss, batches: Batches) -> tuple[Floats, Workspace, float]:
    """Inputs (B, D), workspace and sum of losses of the first minibatch whose loss is not finite, else of the last."""
    count, size = batches.digits, batches.batch_size
    for start in range(0, count, size):
        inputs, labels = batches.gather(np.arange(start, min(start + size, count)))
        workspace = Workspace(network, len(labels))
        total = float(loss.forward(network.forward(inputs, workspace), labels).sum())
        if not math.isfinite(total):
            break
    return inputs, workspace, total


def layer_name(layer: int, layers: int) -> str:
    """The layer's name as shown to the user: hidden layers count from 1."""
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
