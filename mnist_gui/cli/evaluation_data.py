"""The digits that a saved network is evaluated on: of its own dataset or another, and whether it was trained on
them."""

from dataclasses import dataclass, replace

import numpy as np

from mnist_gui.config.run_config import ConfigError, DataConfig, RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.idx import DatasetError
from mnist_gui.data.loading import open_dataset, split_dataset
from mnist_gui.data.splits import Split, SplitName, Splits
from mnist_gui.faults.run_factory import resolve_faults, with_faults
from mnist_gui.training.snapshot import Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatedDigits:
    """A split to evaluate.

    file: the file of its rows, "train" or "test". left_out: number of digits of these training files that were left out
    of training. is_out_of_sample: whether the network was certainly not trained on any of them.
    """

    split: Split
    file: str
    left_out: int
    is_out_of_sample: bool


class DigitsError(Exception):
    """Digits that cannot be used with a network; the text states why."""


def digits_for(snapshot: Snapshot, folder: str | None, name: SplitName) -> EvaluatedDigits:
    """The digits of a split. folder: of the dataset, None for that of the network.

    The network's own dataset, wherever its files are now, is split by the network's settings; another one by the
    defaults. DatasetError, ConfigError or DigitsError for what cannot be used.
    """
    config = resolve_faults(snapshot.config)
    data = config.data if folder is None else replace(config.data, folder=folder)
    dataset = open_dataset(data)
    own = dataset if data == config.data else _own_dataset(snapshot, config)
    is_own = own is not None and _has_same_pictures(dataset, own)
    if not is_own:
        data = DataConfig(folder=data.folder)
    splits = split_dataset(dataset, data)
    if misfit := snapshot.misfit(splits):
        raise DigitsError(misfit)
    if is_own:
        is_learned = _is_trained_on(name, with_faults(splits, config))
    elif own is not None:
        is_learned = _has_pictures_of(splits.named(name), with_faults(split_dataset(own, config.data), config).train)
    else:  # the network may have been trained on these files, split in another way
        is_learned = name == "validation" or _is_trained_on(name, with_faults(splits, config))
    return EvaluatedDigits(
        split=splits.named(name),
        file=data.validation_from if name == "validation" else name,
        left_out=len(data.left_out),
        is_out_of_sample=not is_learned,
    )


def _own_dataset(snapshot: Snapshot, config: RunConfig) -> Dataset | None:
    """The dataset that a network was trained on; None if it is missing, or another one is in its place."""
    try:
        dataset = open_dataset(config.data)
        misfit = snapshot.misfit(split_dataset(dataset, config.data))
    except (DatasetError, ConfigError):
        return None
    return None if misfit else dataset


def _has_same_pictures(one: Dataset, other: Dataset) -> bool:
    """Whether both have the same pictures; labels may have been corrected since."""
    return one is other or (
        np.array_equal(one.train_images, other.train_images) and np.array_equal(one.test_images, other.test_images)
    )


def _is_trained_on(name: SplitName, splits: Splits) -> bool:
    """Whether some digits of a split are among the training digits."""
    split, train = splits.named(name), splits.train
    return split.source is train.source and bool(np.isin(split.rows, train.rows).any())


def _has_pictures_of(split: Split, train: Split) -> bool:
    """Whether some pictures of a split are, to the pixel, among the training digits of another dataset."""
    if split.source.shape[1:] != train.source.shape[1:]:
        return False
    learned = {train.source[row].tobytes() for row in train.rows}
    return any(split.source[row].tobytes() in learned for row in split.rows)
