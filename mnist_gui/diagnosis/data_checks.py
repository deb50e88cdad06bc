"""Checks of digits and labels without a network: do labels match pictures, and are the splits disjoint?"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import AugmentationConfig, DataConfig
from mnist_gui.data.augmentation import Distorter
from mnist_gui.data.batches import inputs_of, unit
from mnist_gui.data.splits import Split, Splits
from mnist_gui.engine.types import Floats

# Number of digits that are checked and searched for nearest neighbours.
LOOKED_AT = 2000
FEWEST_NEIGHBOURS = 200
# Number of validation digits whose nearest training digits are searched.
VALIDATED = 500


def neighbour_agreement(split: Split, some: NDArray[np.intp]) -> float:
    """The share of these digits whose nearest other one (Euclidean, on pixels) has the same label; nan for too few."""
    if len(some) < FEWEST_NEIGHBOURS:
        return math.nan
    pixels, labels = inputs_of(split.images(some), "unit"), split.labels[some]
    distances = _distances(pixels, pixels)
    np.fill_diagonal(distances, np.inf)
    return float(np.mean(labels[distances.argmin(axis=1)] == labels))


def validation_agreement(train: Split, validation: Split) -> float:
    """The share of up to VALIDATED validation digits whose nearest of LOOKED_AT training digits has the same label; nan
    for too few."""
    known, asked = _sample(train, LOOKED_AT), _sample(validation, VALIDATED)
    if min(len(known), len(asked)) < FEWEST_NEIGHBOURS:
        return math.nan
    pixels = (inputs_of(split.images(some), "unit") for split, some in ((validation, asked), (train, known)))
    nearest = known[_distances(*pixels).argmin(axis=1)]
    return float(np.mean(train.labels[nearest] == validation.labels[asked]))


def distorted_agreement(train: Split, augmentation: AugmentationConfig) -> float:
    """The share of VALIDATED distorted training digits whose nearest of LOOKED_AT other, undistorted ones has the same
    label; nan without augmentation, or for too few."""
    some = _sample(train, LOOKED_AT + VALIDATED)
    known, asked = some[:LOOKED_AT], some[LOOKED_AT:]
    if not augmentation.is_on or len(asked) < FEWEST_NEIGHBOURS:
        return math.nan
    pictures = train.images(asked)
    inputs = np.empty((len(asked), pictures[0].size), np.float32)
    distorter = Distorter(augmentation, pictures.shape[1:], np.random.default_rng(0))
    distorter.distort(pictures.reshape(inputs.shape), inputs)
    unit(inputs)
    nearest = known[_distances(inputs, inputs_of(train.images(known), "unit")).argmin(axis=1)]
    return float(np.mean(train.labels[nearest] == train.labels[asked]))


def _sample(split: Split, most: int) -> NDArray[np.intp]:
    """Up to `most` random digits: in a sorted file the first ones are all of one class."""
    rng = np.random.default_rng(0)
    return rng.permutation(len(split))[:most]


def _distances(some: Floats, others: Floats) -> Floats:
    """|x - y|^2 - |x|^2 = |y|^2 - 2 x.y, which ranks the y for each x: (A, B) for x (A, D) and y (B, D)
    (Cover & Hart 1967)."""
    distances: Floats = np.square(others).sum(axis=1) - 2.0 * (some @ others.T)
    return distances


def copied_digits(splits: Splits) -> int:
    """The number of validation digits whose picture is equal to that of a training digit.

    Pictures of test digits are not read before the user evaluates them; only their places in the files are compared.
    """
    train = {picture.tobytes() for picture in _pictures(splits.train)}
    return sum(picture.tobytes() in train for picture in _pictures(splits.validation))


def _pictures(split: Split) -> Iterator[NDArray[np.uint8]]:
    for first in range(0, len(split), LOOKED_AT):
        yield from split.images(np.arange(first, min(first + LOOKED_AT, len(split))))


def spare_digits(splits: Splits, data: DataConfig) -> int:
    """The number of digits of the training file that are in no split. 0 if the settings leave digits out or limit their
    number."""
    if data.digits or data.left_out:
        return 0
    source = splits.train.source
    in_use = [split.rows for split in (splits.train, splits.validation, splits.test) if split.source is source]
    return len(source) - len(np.unique(np.concatenate(in_use)))
