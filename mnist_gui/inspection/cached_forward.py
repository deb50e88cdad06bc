"""A forward pass of which everything is kept: what the units of a network said to many digits.

From it, digits can be ranked by what one unit made of them, and a change in one layer needs only the layers above it.
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

# Of a large network, fewer digits are put to it: memory and time stay bounded. The first digits of a split are a random
# sample of it.
MOST_DIGITS = 10_000
MOST_VALUES = 12_500_000  # activations kept: 50 MB
MOST_WORK = 10_000_000_000  # digits times weights: about half a second
FEWEST_DIGITS = 100


@dataclass(frozen=True, slots=True, eq=False)
class CachedForward:
    """What a network made of the first N digits of a split.

    activations: those of every hidden layer, (N, H) each. logits (N, C), labels (N,). network and loss are those that
    made them; nothing of it may be changed.
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
        """How many hidden layers there are."""
        return len(self.activations)

    @property
    def covers_split(self) -> bool:
        """Whether all digits of the split took part."""
        return len(self.labels) == len(self.split)

    def said(self, layer: int, unit: int) -> Floats:
        """What one unit said to every digit, (N,), a copy: its activation; for an output unit its logit."""
        layers = [*self.activations, self.logits]
        return layers[layer][:, unit].copy()

    def net_inputs(self, layer: int, unit: int) -> Floats:
        """What came in at one unit, (N,): its activation before the activation function."""
        if layer == self.hidden:
            return self.said(layer, unit)
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
    """How many digits of a split to put to a network, so that memory and time stay bounded."""
    by_memory = MOST_VALUES // sum(network.sizes[1:])
    by_time = MOST_WORK // network.parameters.size
    return min(len(split), MOST_DIGITS, max(FEWEST_DIGITS, min(by_memory, by_time)))


def keep_pass(
    network: Network, loss: Loss, split: Split, scaling: str, should_cancel: Callable[[], bool] = lambda: False
) -> CachedForward | None:
    """Put the first digits of a split to a network; None if `abandon` answered True on the way."""
    digits = _first(split, digits_for(network, split))
    layers = [np.empty((len(digits), size), np.float32) for size in network.sizes[1:]]
    done = 0
    workspaces: dict[int, Workspace] = {}
    for inputs, _ in chunks(digits, scaling, CHUNK):
        if should_cancel():
            return None
        count = len(inputs)
        workspace = workspaces.setdefault(count, Workspace(network, count))
        with np.errstate(all="ignore"):  # a network that diverged answers with nan, not with warnings
            network.forward(inputs, workspace)
        for kept, outputs in zip(layers, workspace.outputs, strict=True):
            kept[done : done + count] = outputs
        done += count
    return CachedForward(network, loss, split, scaling, digits.labels, layers[:-1], layers[-1])


def _first(split: Split, count: int) -> Split:
    return Split(split.name, split.source, split.rows[:count], split.labels[:count])
