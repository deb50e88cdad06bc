"""A narrow copy of a network that is too large for checks within two seconds."""

import dataclasses
import math
from itertools import pairwise

import numpy as np

from mnist_gui.engine.network import layer_views, parameter_count
from mnist_gui.training.snapshot import Snapshot

# Limit of the parameters of the copy. Mistakes in derivatives or initialisation do not depend on the number of units.
MOST_PARAMETERS = 3_000_000


def suitable_width(sizes: tuple[int, ...]) -> int:
    """The largest width of hidden layers of these sizes within MOST_PARAMETERS, found by halving."""
    first, *hidden, last = sizes
    most = max(hidden, default=1)
    while most > 1 and parameter_count([first, *(min(size, most) for size in hidden), last]) > MOST_PARAMETERS:
        most //= 2
    return most


def narrowed(snapshot: Snapshot, most: int | None = None) -> Snapshot:
    """A network of the first `most` units (by default `suitable_width`) of every hidden layer, with their weights and
    biases; the snapshot itself if it has no more.

    With m of n inputs left, weights are multiplied by sqrt(n / m): for weights of mean 0 the sums keep their variance
    (Glorot & Bengio 2010, eq. 5).
    """
    most = suitable_width(snapshot.sizes) if most is None else most
    hidden = tuple(min(size, most) for size in snapshot.config.network.hidden)
    if hidden == snapshot.config.network.hidden:
        return snapshot
    sizes = (snapshot.sizes[0], *hidden, snapshot.sizes[-1])
    parameters = np.empty(parameter_count(sizes), np.float32)
    weights, biases = layer_views(parameters, sizes)
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        spread = np.float32(math.sqrt(snapshot.sizes[layer] / fan_in))
        np.multiply(snapshot.weights[layer][:fan_in, :fan_out], spread, out=weights[layer])
        biases[layer][:] = snapshot.biases[layer][:fan_out]
    config = snapshot.config.with_settings({"network.hidden": hidden})
    return dataclasses.replace(snapshot, config=config, parameters=parameters, validation=None)
