"""Splits: which digits are for training, for validation and for the test. They copy no pictures."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config import ConfigError
from mnist_gui.data.datasets import Dataset

SplitName = Literal["train", "validation", "test"]

DEFAULT_TRAIN = 55_000
DEFAULT_VALIDATION = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Some of the digits of a file. An index i, 0 <= i < len(split), is the name of a digit everywhere.

    source (M, rows, cols) uint8: all pictures of the file; rows (N,) intp: where in it digit i is; labels
    (N,) uint8. All read-only.
    """

    name: SplitName
    source: NDArray[np.uint8]
    rows: NDArray[np.intp]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.rows)

    def image(self, index: int) -> NDArray[np.uint8]:
        """The picture of one digit: (rows, cols), a read-only view."""
        picture: NDArray[np.uint8] = self.source[self.rows[index]]
        return picture

    def images(self, indexes: NDArray[np.integer]) -> NDArray[np.uint8]:
        """The pictures of some digits: (n, rows, cols), a copy."""
        pictures: NDArray[np.uint8] = self.source[self.rows[indexes]]
        return pictures


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """The three parts of a dataset, without a digit in common, and what their digits have in common."""

    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    image_shape: tuple[int, int]

    @property
    def inputs(self) -> int:
        """Pixels in a picture."""
        rows, cols = self.image_shape
        return rows * cols

    @property
    def classes(self) -> int:
        """How many classes there are to tell apart."""
        return len(self.class_names)


def make_splits(dataset: Dataset, *, train: int, validation: int, validation_from: str, seed: int) -> Splits:
    """Deal out the digits: `train` of the training files, `validation` of the rest or of the test files.

    validation_from is "train" or "test". Files are shuffled by the seed and dealt from the top: the first n
    digits of a split are a random sample, and a larger training split begins with the digits of a smaller.
    The test split is what is left of the test files, in the files' order if nothing was taken from them.

    A size left at its default gives way to smaller files. Sizes that do not fit raise ConfigError.
    """
    rng = np.random.default_rng(seed)
    train_order = rng.permutation(len(dataset.train_labels))
    if validation_from == "test":
        train_size, validation_size = _sizes_apart(train, validation, len(train_order), len(dataset.test_labels))
        test_order = rng.permutation(len(dataset.test_labels))
        validation_split = _test_split("validation", dataset, test_order[:validation_size])
        test_split = _test_split("test", dataset, test_order[validation_size:])
    else:
        train_size, validation_size = _sizes_together(train, validation, len(train_order))
        validation_split = _train_split("validation", dataset, train_order[train_size : train_size + validation_size])
        test_split = _test_split("test", dataset, np.arange(len(dataset.test_labels)))
    return Splits(
        train=_train_split("train", dataset, train_order[:train_size]),
        validation=validation_split,
        test=test_split,
        class_names=dataset.class_names,
        image_shape=dataset.image_shape,
    )


def _train_split(name: SplitName, dataset: Dataset, rows: NDArray[np.int64]) -> Split:
    return _split(name, dataset.train_images, dataset.train_labels, rows)


def _test_split(name: SplitName, dataset: Dataset, rows: NDArray[np.int64]) -> Split:
    return _split(name, dataset.test_images, dataset.test_labels, rows)


def _split(name: SplitName, images: NDArray[np.uint8], labels: NDArray[np.uint8], rows: NDArray[np.int64]) -> Split:
    own_rows, own_labels = rows.astype(np.intp), labels[rows]
    own_rows.flags.writeable = own_labels.flags.writeable = False
    return Split(name, images, own_rows, own_labels)


def _sizes_together(train: int, validation: int, held: int) -> tuple[int, int]:
    """The sizes of both splits when both come out of the `held` digits of the training files."""
    files = f"the training files hold {held:,} digits"
    if train == DEFAULT_TRAIN and validation == DEFAULT_VALIDATION:
        if held < 2:
            raise ConfigError("data.validation", validation, f"0 ({files})")
        # The defaults' own proportion, 11 : 1.
        validation = min(validation, max(1, held // 12))
        return min(train, held - validation), validation
    if train == DEFAULT_TRAIN:
        _check("data.validation", validation, 0, held - 1, files)
        return min(train, held - validation), validation
    if validation == DEFAULT_VALIDATION:
        _check("data.train", train, 1, held - 1, f"{files}, and validation needs one or data.validation = 0")
        return train, min(validation, held - train)
    _check("data.validation", validation, 0, held - 1, files)
    _check("data.train", train, 1, held - validation, f"{files}, of which validation takes {validation:,}")
    return train, validation


def _sizes_apart(train: int, validation: int, train_held: int, test_held: int) -> tuple[int, int]:
    """The sizes when validation comes out of the test files, which keep at least one, by default half."""
    if train == DEFAULT_TRAIN:
        train = min(train, train_held)
    if validation == DEFAULT_VALIDATION and test_held > 1:
        validation = min(validation, test_held // 2)
    _check("data.train", train, 1, train_held, f"the training files hold {train_held:,} digits")
    _check("data.validation", validation, 0, test_held - 1, f"the test files hold {test_held:,} digits")
    return train, validation


def _check(key: str, value: int, low: int, high: int, reason: str) -> None:
    if not low <= value <= high:
        raise ConfigError(key, value, f"a whole number from {low:,} to {high:,} ({reason})")
