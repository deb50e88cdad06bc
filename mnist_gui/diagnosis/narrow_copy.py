"""A network too large to be tried many times within two seconds is tried in a narrow copy of itself."""

import dataclasses
import math
from itertools import pairwise

import numpy as np

from mnist_gui.engine.network import layer_views, parameter_count
from mnist_gui.training.snapshot import Snapshot

# Parameters that can be tried often enough: what is wrong with derivatives, or with how weights start, does not depend
# on how many units more there are.
MOST_PARAMETERS = 3_000_000


def suitable_width(sizes: tuple[int, ...]) -> int:
    """To how many units hidden layers of these sizes have to be narrowed; halved as often as it takes."""
    first, *hidden, last = sizes
    most = max(hidden, default=1)
    while most > 1 and parameter_count([first, *(min(size, most) for size in hidden), last]) > MOST_PARAMETERS:
        most //= 2
    return most


def narrowed(snapshot: Snapshot, most: int | None = None) -> Snapshot:
    """The first `most` units of every hidden layer, by default `suitable_width`, with their own weights and biases, as
    a network of its own; the snapshot itself if it has no more.

    Of n units that hand on their answers m are left, so weights from them are sqrt(n / m) times as large: for weights
    of mean 0 sums keep their spread (Glorot & Bengio 2010, eq. 5).
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
