"""Neighbours: the digits most similar to one digit in the last hidden layer of a network.

Digits that are close in the last hidden layer are nearly equal for the output layer (compare Papernot & McDaniel 2018,
"Deep k-nearest neighbors"). For a network without hidden layers the pixels are compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.network import Network, Workspace
from mnist_gui.engine.types import Floats, Labels

Measure = Literal["euclid", "cosine"]

# Limits of the digits that are compared, so that memory and time stay bounded.
MOST_DIGITS = 60_000
MOST_VALUES = 10_000_000  # 40 MB
MOST_WORK = 6_000_000_000  # digits times parameters: about a third of a second

CHUNK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """digits (k,): indexes of the nearest, the nearest first; distances (k,) >= 0; compared: number of candidates.

    farthest: the largest distance among all compared; nan if there is none.
    """

    digits: NDArray[np.intp]
    distances: NDArray[np.float64]
    compared: int
    farthest: float

    @property
    def are_distinct(self) -> bool:
        """Whether distances differ at all; they do not where all units of the layer are dead."""
        return self.compared > 0 and self.farthest > self.distances[0]


def most_digits(network: Network) -> int:
    """The largest number of digits to compare: fewer for a large network, at least one."""
    width = network.sizes[-2]
    return max(1, min(MOST_DIGITS, MOST_VALUES // width, MOST_WORK // network.parameters.size))


def hidden_values(network: Network, chunks: Iterable[tuple[Floats, Labels]]) -> Floats:
    """The activations of the last hidden layer for all digits of the chunks, (N, H) float32; the inputs if there is
    none."""
    parts = [_values(network, inputs) for inputs, _ in chunks]
    return np.concatenate(parts) if parts else np.empty((0, network.sizes[-2]), network.parameters.dtype)


def _values(network: Network, inputs: Floats) -> Floats:
    if len(network.weights) == 1:
        return inputs.copy()
    workspace = Workspace(network, len(inputs))
    with np.errstate(all="ignore"):
        network.forward(inputs, workspace)
    return workspace.outputs[-2]


def nearest(values: Floats, one: Floats, measure: Measure, most: int, without: int | None = None) -> Neighbours | None:
    """The `most` digits whose values (N, H) are nearest to those of one digit, (H,). without: the digit's own index.

    euclid: the length of the difference. cosine: 1 less the cosine of the angle between them, 0..2; a zero vector has
    distance 1 to all. Of equal distances the smaller index comes first. None where the digit's own values are not
    finite; other digits with such values are left out.
    """
    if not np.isfinite(one).all():
        return None
    distances = np.concatenate(
        [_distances(values[start : start + CHUNK], one, measure) for start in range(0, len(values), CHUNK)]
        or [np.empty(0)]
    )
    is_compared = np.isfinite(distances)
    if without is not None and without < len(distances):
        is_compared[without] = False
    candidates = np.flatnonzero(is_compared)
    order = candidates[np.argsort(distances[candidates], kind="stable")]
    farthest = float(distances[order[-1]]) if len(order) else float("nan")
    return Neighbours(order[:most], distances[order[:most]], len(order), farthest)


def _distances(values: Floats, one: Floats, measure: Measure) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        if measure == "euclid":
            # The differences themselves: products of the values would cancel where digits are alike.
            away = (values - one).astype(np.float64)
            distances: NDArray[np.float64] = np.sqrt(np.einsum("nh,nh->n", away, away))
            return distances
        exact, mine = values.astype(np.float64), one.astype(np.float64)
        lengths = np.sqrt(np.einsum("nh,nh->n", exact, exact)) * np.sqrt(mine @ mine)
        cosines = np.divide(exact @ mine, lengths, out=np.zeros(len(values)), where=lengths != 0.0)
        angles: NDArray[np.float64] = np.clip(1.0 - cosines, 0.0, 2.0)
        return angles
