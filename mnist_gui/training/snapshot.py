"""A network's weights at one step of a run, as a value that may cross threads."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.batches import chunks, inputs_of, until_cancelled
from mnist_gui.data.splits import Split, Splits
from mnist_gui.engine.components import Parts, build_network
from mnist_gui.engine.inference import Answer, Predictions, answer, predict
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Network, layer_views

# Larger sets of digits go through a network in chunks: bounded memory, and cancelling in between.
CHUNK = 4096
SMALLEST_CHUNK = 256
CHUNK_WORK = 4_000_000_000  # digits times parameters: about half a second


def chunk_size(network: Network) -> int:
    """The number of digits that go through a network at a time: fewer for a large one."""
    return max(SMALLEST_CHUNK, min(CHUNK, CHUNK_WORK // network.parameters.size))


def never() -> bool:
    """A `should_cancel` that never cancels."""
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A read-only copy of all parameters after `step` minibatches and `epoch` whole epochs.

    config: settings of the run; its network settings give the hidden layers.
    image_shape: (rows, columns) of the pictures; rows * columns inputs.
    class_names: names of the C classes, label 0 first.
    parameters (P,) float32, read-only: laid out as in engine.network.
    step: minibatches trained, >= 0.
    epoch: whole epochs trained, >= 0.
    validation_loss: mean loss on the validation digits; nan if not measured.
    validation_accuracy: 0..1; nan if not measured.
    validation: the predictions these come from; None if not measured or the weights come from a file.
    own_parts: the parts of the network; None: those that the config names.
    """

    config: RunConfig
    image_shape: tuple[int, int]
    class_names: tuple[str, ...]
    parameters: NDArray[np.float32]
    step: int
    epoch: int
    validation_loss: float = float("nan")
    validation_accuracy: float = float("nan")
    validation: Predictions | None = None
    own_parts: Parts | None = None

    @classmethod
    def of(cls, parameters: NDArray[np.float32], **facts: object) -> Self:
        """A snapshot with its own, read-only copy of `parameters`."""
        copy = parameters.copy()
        copy.flags.writeable = False
        return cls(parameters=copy, **facts)  # type: ignore[arg-type]

    @property
    def parts(self) -> Parts:
        """The functions of the network."""
        return self.own_parts or Parts.of(self.config)

    @property
    def is_measured(self) -> bool:
        """Whether these weights were validated, as at the end of an epoch."""
        return not math.isnan(self.validation_loss)

    @property
    def weights(self) -> list[NDArray[np.float32]]:
        """The weights (fan_in, fan_out) of every layer, read-only views."""
        return layer_views(self.parameters, self.sizes)[0]

    @property
    def biases(self) -> list[NDArray[np.float32]]:
        """The biases (fan_out,) of every layer, read-only views."""
        return layer_views(self.parameters, self.sizes)[1]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units in every layer, from the pixels to the classes."""
        rows, columns = self.image_shape
        return rows * columns, *self.config.network.hidden, len(self.class_names)

    def network(self) -> Network:
        """A new network with these weights, to evaluate or to train on."""
        network = build_network(self.config, self.sizes[0], self.sizes[-1], self.parts)
        network.parameters[...] = self.parameters
        return network

    def predict(self, split: Split, should_cancel: Callable[[], bool] = never) -> Predictions | None:
        """The predictions for all digits of a split, None if `should_cancel` returned True between chunks."""
        return predict_split(self.network(), self.parts.loss, split, self.config.data.scaling, should_cancel)

    def answer(self, pictures: NDArray[np.uint8]) -> Answer:
        """Activations and outputs for a few pictures (n, rows, cols) uint8."""
        return answer(self.network(), self.parts.loss, inputs_of(pictures, self.config.data.scaling))

    def misfit(self, splits: Splits) -> str | None:
        """Why the network cannot be used on these digits, or None if it can."""
        if self.image_shape != splits.image_shape:
            ours, theirs = ("x".join(map(str, shape)) for shape in (self.image_shape, splits.image_shape))
            return f"the network sees pictures of {ours} pixels, the dataset has {theirs}"
        if self.class_names != splits.class_names:
            ours, theirs = (", ".join(names) for names in (self.class_names, splits.class_names))
            return f"the network tells apart {ours}; the dataset has {theirs}"
        return None


def predict_split(
    network: Network, loss: Loss, split: Split, scaling: str, should_cancel: Callable[[], bool] = never
) -> Predictions | None:
    """The network's predictions for all digits of a split, None if `should_cancel` returned True between chunks."""
    predictions = predict(network, loss, until_cancelled(should_cancel, chunks(split, scaling, chunk_size(network))))
    return predictions if len(predictions.labels) == len(split) else None
