"""Analysis of a step of the weights: its direction relative to the gradient, and shrinkage of the weights."""

import math

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.types import Floats

# Limit of the weights that are used: about this many, every k-th.
MOST_WEIGHTS = 20_000
# Weights that are a linear combination of step and gradient, up to this share of their squared length, cannot be
# separated.
SMALLEST_REST = 1e-8
# A shrinkage is reported only if it, the step before and the gradient leave at most this share of a step unexplained.
LARGEST_REST = 0.02


def agreement(one: Floats, other: Floats) -> float:
    """The cosine of the angle between two arrays of one shape; nan where either is 0 or not finite."""
    with np.errstate(all="ignore"):
        product = math.sqrt(float(np.dot(one, one)) * float(np.dot(other, other)))
        cosine = float(np.dot(one, other)) / product if product else math.nan
    return max(-1.0, min(1.0, cosine)) if math.isfinite(cosine) else math.nan


def own_shrinkage(move: Floats, last_move: Floats, gradient: Floats, weights: Floats) -> float:
    """The share of the weights that a step removes beyond what gradient and velocity explain; 0 in correct training.

    Least squares: move = a last_move + b gradient - shrinkage weights. The weights are fitted to what the other two
    leave, so that neither momentum nor the penalty, which is in the gradient, counts. nan where the three do not
    explain the step (adam), or cannot be separated.
    """
    every = -(-weights.size // MOST_WEIGHTS) | 1  # odd, so that not always the same units are used
    y, *known, w = (array.reshape(-1)[::every].astype(np.float64) for array in (move, last_move, gradient, weights))
    size_y, size_w = float(y @ y), float(w @ w)
    if not math.isfinite(size_y) or size_y == 0.0 or size_w == 0.0:
        return math.nan
    for base in _orthonormal(known):
        y, w = y - (base @ y) * base, w - (base @ w) * base
    rest = float(w @ w)
    if rest <= SMALLEST_REST * size_w:
        return math.nan
    shrinkage = -float(w @ y) / rest
    unexplained = y + shrinkage * w
    return shrinkage if float(unexplained @ unexplained) <= LARGEST_REST**2 * size_y else math.nan


def _orthonormal(vectors: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Gram-Schmidt basis of these vectors; those that are 0, or depend linearly on earlier ones, add none."""
    bases: list[NDArray[np.float64]] = []
    for vector in vectors:
        rest = vector
        for base in bases:
            rest = rest - (base @ rest) * base
        length = float(np.linalg.norm(rest))
        if length > math.sqrt(SMALLEST_REST) * float(np.linalg.norm(vector)):
            bases.append(rest / length)
    return bases
