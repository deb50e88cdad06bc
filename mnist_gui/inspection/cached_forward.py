"""A cached forward pass: the activations of all units of a network for many digits.

With it, digits can be ranked by one unit's activation, and a change in one layer needs only the layers above it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.batches import chunks
from mnist_gui.data.splits import Split
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Network, Workspace

Floats = NDArray[np.float32]

CHUNK = 1000

# A large network is given fewer digits, so that memory and time stay bounded. The first digits of a split are a random
# sample of it.
MOST_DIGITS = 10_000
MOST_VALUES = 12_500_000  # activations kept: 50 MB
MOST_WORK = 10_000_000_000  # digits times weights: about half a second
FEWEST_DIGITS = 100


@dataclass(frozen=True, slots=True, eq=False)
class CachedForward:
    """The activations of a network for the first N digits of a split. Nothing in it may be changed.

    network, loss: those that computed it.
    split: the split of the digits.
    scaling: name of the scaling of the inputs, in data.batches.SCALINGS.
    labels (N,) uint8: the true classes.
    activations: one array (N, H) float32 per hidden layer.
    logits (N, C) float32.
    """

    network: Network
    loss: Loss
    split: Split
    scaling: str
    labels: NDArray[np.uint8]
    activations: list[Floats]
    logits: Floats

    @property
    def hidden(self) -> int:
        """The number of hidden layers."""
        return len(self.activations)

    @property
    def covers_split(self) -> bool:
        """Whether all digits of the split are in it."""
        return len(self.labels) == len(self.split)

    def unit_outputs(self, layer: int, unit: int) -> Floats:
        """The activations of one unit for all digits, (N,), a copy; logits for an output unit."""
        layers = [*self.activations, self.logits]
        return layers[layer][:, unit].copy()

    def net_inputs(self, layer: int, unit: int) -> Floats:
        """The pre-activations of one unit for all digits, (N,)."""
        if layer == self.hidden:
            return self.unit_outputs(layer, unit)
        weights = np.ascontiguousarray(self.network.weights[layer][:, unit])
        bias = self.network.biases[layer][unit]
        with np.errstate(all="ignore"):
            if layer:
                below: Floats = self.activations[layer - 1] @ weights + bias
                return below
            digits = _first(self.split, len(self.labels))
            parts = [inputs @ weights + bias for inputs, _ in chunks(digits, self.scaling, CHUNK)]
            return np.concatenate(parts) if parts else np.empty(0, np.float32)


def digits_for(network: Network, split: Split) -> int:
    """The number of digits of a split to run through a network, so that memory and time stay bounded."""
    by_memory = MOST_VALUES // sum(network.sizes[1:])
    by_time = MOST_WORK // network.parameters.size
    return min(len(split), MOST_DIGITS, max(FEWEST_DIGITS, min(by_memory, by_time)))


def cache_forward(
    network: Network, loss: Loss, split: Split, scaling: str, should_cancel: Callable[[], bool] = lambda: False
) -> CachedForward | None:
    """Run the first digits of a split through a network; None if `should_cancel` returned True."""
    digits = _first(split, digits_for(network, split))
    layers = [np.empty((len(digits), size), np.float32) for size in network.sizes[1:]]
    done = 0
    workspaces: dict[int, Workspace] = {}
    for inputs, _ in chunks(digits, scaling, CHUNK):
        if should_cancel():
            return None
        count = len(inputs)
        workspace = workspaces.setdefault(count, Workspace(network, count))
        with np.errstate(all="ignore"):  # the outputs of a diverged network are nan
            network.forward(inputs, workspace)
        for kept, outputs in zip(layers, workspace.outputs, strict=True):
            kept[done : done + count] = outputs
        done += count
    return CachedForward(network, loss, split, scaling, digits.labels, layers[:-1], layers[-1])


def _first(split: Split, count: int) -> Split:
    return Split(split.name, split.source, split.rows[:count], split.labels[:count])
