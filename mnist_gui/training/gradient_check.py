"""The gradient check on real digits: at the weights of a snapshot, or where training would begin."""

from collections.abc import Callable

import numpy as np

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.batches import Batches
from mnist_gui.data.splits import Splits
from mnist_gui.engine import gradient_check as engine
from mnist_gui.engine.components import Parts
from mnist_gui.engine.gradient_check import LayerCheck
from mnist_gui.training.snapshot import Snapshot, never
from mnist_gui.training.starting_network import starting_network

DIGITS = 16


def check_gradient(
    config: RunConfig,
    splits: Splits,
    snapshot: Snapshot | None = None,
    should_cancel: Callable[[], bool] = never,
    parts: Parts | None = None,
    sample: int = engine.SAMPLE,
) -> list[LayerCheck]:
    """Check every layer on the first training digits, undistorted. Raises Cancelled if `should_cancel` returns True.

    parts: of a network without a snapshot, by default those that the config names. sample: number of weights, and of
    biases, tried in each layer.
    """
    count = min(DIGITS, len(splits.train))
    inputs, labels = Batches(splits.train, config.data.scaling, count).gather(np.arange(count))
    parts = snapshot.parts if snapshot else parts or Parts.of(config)
    parameters = snapshot.parameters if snapshot else starting_network(config, splits, parts).parameters
    return engine.check_gradient(
        config,
        parameters,
        inputs,
        labels,
        train_digits=len(splits.train),
        classes=splits.classes,
        should_cancel=should_cancel,
        parts=parts,
        sample=sample,
    )
