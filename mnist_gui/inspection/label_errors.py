"""Label errors: digits whose label a network contradicts with the most confidence. The user decides which are wrong.

The network must not have been trained on the digits: it does not contradict labels it has memorised. So this is for
test and validation digits; of training digits it finds only those that the network failed to learn.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.batches import inputs_of, until_cancelled
from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import confidences
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Network
from mnist_gui.engine.types import Floats, Labels

Confidences = NDArray[np.float64]

# A picture of this size is also shifted by one pixel to either side, others in proportion.
ONE_PIXEL_OF = 28
SIDES = (0, -1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Suspects:
    """All N digits, the most suspect label first. digits (N,): their indexes; suggested (N,) uint8: the network's best
    class other than the label; contradicted: the number of digits, at the start, whose label is not its first choice.
    """

    digits: NDArray[np.intp]
    suggested: NDArray[np.uint8]
    contradicted: int


def rank(confidences: Confidences, labels: NDArray[np.uint8], losses: Floats) -> Suspects:
    """Order digits by the confidence with which a network contradicts their labels.

    confidences (N, C): in each class, 0..1, of a network that was not trained on these digits; labels (N,); losses
    (N,): break ties, as an overconfident network may have.

    Where the network's first choice is another class, the label is the more suspect the further its confidence in that
    class is above the class's threshold: its mean confidence in the digits that do have this label. The threshold is
    that of confident learning (Northcutt, Jiang and Chuang 2021, eq. 2), which counts digits above it; here they are
    ordered by their distance from it. All other digits follow in the same way.
    """
    rows = np.arange(len(labels))
    clean = np.nan_to_num(confidences, nan=0.0)
    own = clean[rows, labels]
    others = clean.copy()
    others[rows, labels] = -1.0
    suggested = others.argmax(axis=1)
    best = others[rows, suggested]
    is_contradicted = best > own
    above = best - _thresholds(own, labels, confidences.shape[1])[suggested]
    order = np.lexsort((-np.nan_to_num(losses, nan=np.inf), -above, ~is_contradicted))
    return Suspects(order, suggested[order].astype(np.uint8), int(np.count_nonzero(is_contradicted)))


def _thresholds(own: Confidences, labels: NDArray[np.uint8], classes: int) -> Confidences:
    """The mean confidence in the label over the digits of each class, (C,); over all of them for one without digits."""
    count, sums = np.bincount(labels, minlength=classes), np.bincount(labels, weights=own, minlength=classes)
    overall = own.mean() if len(own) else 0.0
    thresholds: Confidences = np.divide(sums, count, out=np.full(classes, overall), where=count > 0)
    return thresholds


def steady_confidences(
    network: Network, loss: Loss, split: Split, scaling: str, chunk: int, should_cancel: Callable[[], bool]
) -> Confidences | None:
    """The mean confidences in each class for pictures moved by at most a pixel each way, (N, C), 0..1.

    A network misclassifies many digits only because of their position; a label that it contradicts on average over nine
    shifts is more likely wrong. None if `should_cancel` returned True between chunks of `chunk` digits.
    """
    total = np.zeros((len(split), network.sizes[-1]))
    moves = moves_of(split)
    for down, right in moves:
        found = confidences(network, loss, until_cancelled(should_cancel, _moved(split, scaling, chunk, down, right)))
        if len(found) < len(split):
            return None
        total += found
    total /= len(moves)
    return total


def moves_of(split: Split) -> list[tuple[int, int]]:
    """Shifts in pixels, (down, right): nine of them; only (0, 0) for pictures smaller than half of MNIST's."""
    rows, columns = (round(length / ONE_PIXEL_OF) for length in split.source.shape[1:])
    return list(dict.fromkeys((down * rows, right * columns) for down in SIDES for right in SIDES))


def _moved(split: Split, scaling: str, chunk: int, down: int, right: int) -> Iterator[tuple[Floats, Labels]]:
    """Inputs and labels of all digits, their pictures shifted and filled with blank."""
    for start in range(0, len(split), chunk):
        digits = np.arange(start, min(start + chunk, len(split)))
        yield inputs_of(moved(split.images(digits), down, right), scaling), split.labels[digits]


def moved(pictures: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    """Pictures (n, rows, cols) shifted by this many pixels down and right, a new array."""
    result = np.zeros_like(pictures)
    _, rows, columns = pictures.shape
    to_rows, to_columns = slice(max(down, 0), rows + min(down, 0)), slice(max(right, 0), columns + min(right, 0))
    from_rows, from_columns = slice(max(-down, 0), rows - max(down, 0)), slice(max(-right, 0), columns - max(right, 0))
    result[:, to_rows, to_columns] = pictures[:, from_rows, from_columns]
    return result
