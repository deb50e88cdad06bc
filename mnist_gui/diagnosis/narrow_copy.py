"""A network too large to be tried many times within two seconds is tried in a narrow copy of itself."""

import dataclasses
import math
from itertools import pairwise

import numpy as np

from mnist_gui.engine.network import layer_views, parameter_count
from mnist_gui.training.snapshot import Snapshot

# Hidden units of a layer that are tried: what is wrong with derivatives, or with how weights start, does not depend on
# how many more there are.
MOST_UNITS = 1024


def narrowed(snapshot: Snapshot, most: int = MOST_UNITS) -> Snapshot:
    """The first `most` units of every hidden layer, with their own weights and biases, as a network of its own; the
    snapshot itself if it has no more.

    Of n units that hand on their answers m are left, so weights from them are sqrt(n / m) times as large: for weights
    of mean 0 sums keep their spread (Glorot & Bengio 2010, eq. 5).
    """
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
