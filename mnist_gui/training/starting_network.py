"""The network of a run before its first step."""

import numpy as np

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import Parts, build_network, initialize
from mnist_gui.engine.network import Network


def starting_network(config: RunConfig, splits: Splits, parts: Parts) -> Network:
    """A network for these digits, with the starting weights that config and seed determine."""
    network = build_network(config, splits.inputs, splits.classes, parts)
    initialize(network, config, np.random.default_rng([config.training.seed, 0]), parts)
    return network
