"""Robustness: what share of some digits a network still tells rightly when they are disturbed."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.batches import inputs_of, until
from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import predict
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Network
from mnist_gui.engine.types import Floats, Labels
from mnist_gui.inspection.corruptions import corrupt

# The standard error of a share of so many digits is at most 1.1 %.
MOST_DIGITS = 2_000
# Pixels disturbed at a time, those of 250 of MNIST's digits: a few milliseconds, so that a stop is heard soon.
PIXELS_AT_ONCE = 250 * 784


def sampled_digits(split: Split) -> NDArray[np.intp]:
    """Which digits of a split stand for all, (n,): at most MOST_DIGITS, evenly spaced, since files have better and
    worse parts."""
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
    """The share of the sampled digits that is told rightly when disturbed so, 0..1; nan for no digits.

    With generators of one seed the digits keep their noise, directions and places at every strength. None if `abandon`
    answered True on the way.
    """
    digits = sampled_digits(split)
    chunks = _disturbed(split, digits, scaling, {corruption: strength}, rng)
    predictions = predict(network, loss, until(should_cancel, chunks))
    return predictions.accuracy if len(predictions.labels) == len(digits) else None


def _disturbed(
    split: Split, digits: NDArray[np.intp], scaling: str, strengths: dict[str, float], rng: np.random.Generator
) -> Iterator[tuple[Floats, Labels]]:
    """Inputs and labels of the digits, a few at a time, each time with a generator of their own."""
    at_once = max(1, PIXELS_AT_ONCE // math.prod(split.source.shape[1:]))
    for start in range(0, len(digits), at_once):
        some = digits[start : start + at_once]
        (stream,) = rng.spawn(1)
        yield inputs_of(corrupt(split.images(some), strengths, stream), scaling), split.labels[some]
