"""Robustness: the accuracy of a network on corrupted digits."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.batches import inputs_of, until_cancelled
from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import predict
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Network
from mnist_gui.engine.types import Floats, Labels
from mnist_gui.inspection.corruptions import corrupt

# The standard error of an accuracy on this many digits is at most 1.1 %.
MOST_DIGITS = 2_000
# Pixels corrupted at a time, those of 250 MNIST digits: a few milliseconds, so that cancelling is quick.
PIXELS_AT_ONCE = 250 * 784


def sampled_digits(split: Split) -> NDArray[np.intp]:
    """The digits of a split that are measured, (n,): at most MOST_DIGITS, evenly spaced, since parts of a file may
    differ."""
    count = min(len(split), MOST_DIGITS)
    return (np.arange(count) * len(split) // max(count, 1)).astype(np.intp)


def accuracy_under(
    network: Network,
    loss: Loss,
    split: Split,
    scaling: str,
    corruption: str,
    strength: float,
    rng: np.random.Generator,
    should_cancel: Callable[[], bool],
) -> float | None:
    """The accuracy on the sampled digits with this corruption, 0..1; nan for no digits.

    With generators of the same seed the digits keep their noise, directions and places at every strength. None if
    `should_cancel` answered True on the way.
    """
    digits = sampled_digits(split)
    chunks = _disturbed(split, digits, scaling, {corruption: strength}, rng)
    predictions = predict(network, loss, until_cancelled(should_cancel, chunks))
    return predictions.accuracy if len(predictions.labels) == len(digits) else None


def _disturbed(
    split: Split, digits: NDArray[np.intp], scaling: str, strengths: dict[str, float], rng: np.random.Generator
) -> Iterator[tuple[Floats, Labels]]:
    """Inputs and labels of the corrupted digits in chunks, each with its own generator."""
    at_once = max(1, PIXELS_AT_ONCE // math.prod(split.source.shape[1:]))
    for start in range(0, len(digits), at_once):
        some = digits[start : start + at_once]
        (stream,) = rng.spawn(1)
        yield inputs_of(corrupt(split.images(some), strengths, stream), scaling), split.labels[some]
