"""Regularisation and gradient clipping: L2 penalty, dropout, longest gradient."""

import math
from collections.abc import Sequence

import numpy as np

from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.types import Floats


def l2_penalty(weights: Sequence[Floats], strength: float, digits: int) -> float:
    """strength / (2 digits) * the sum of all squared weights; biases are left out (Bishop 2006, eq. 5.112)."""
    if strength == 0.0:
        return 0.0
    squares = math.fsum(float(np.sum(np.square(layer), dtype=np.float64)) for layer in weights)
    return strength / (2.0 * digits) * squares


def add_l2_gradient(gradient: Gradient, network: Network, strength: float, digits: int) -> None:
    """Add the penalty's gradient, strength / digits * W, to that of every layer's weights."""
    if strength == 0.0:
        return
    for of_layer, weights in zip(gradient.weights, network.weights, strict=True):
        of_layer += (strength / digits) * weights


def draw_dropout(workspace: Workspace, share: float, rng: np.random.Generator) -> None:
    """Draw the dropout masks of the next forward and backward pass in `workspace`, for each digit.

    Each is left out with probability `share`, 0 <= share < 1, and the others count 1 / (1 - share) times, so that every
    sum keeps its expectation and inference needs no change (Srivastava et al. 2014, section 10).
    """
    if share == 0.0:
        workspace.masks = None
        return
    workspace.masks = [
        (rng.random(outputs.shape, np.float32) >= share) * outputs.dtype.type(1.0 / (1.0 - share))
        for outputs in workspace.outputs[:-1]
    ]


def euclidean_norm(gradient: Floats) -> float:
    """|g|; infinite or nan if any value is, or if float32 cannot hold the sum of the squares."""
    return math.sqrt(square) if (square := float(np.dot(gradient, gradient))) >= 0.0 else math.nan


def clip(gradient: Floats, norm: float, longest: float) -> None:
    """Shorten a gradient of this norm to `longest`, its direction kept; 0: never (Pascanu et al. 2013, algorithm 1)."""
    if 0.0 < longest < norm:
        gradient *= longest / norm
