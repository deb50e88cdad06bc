"""Splits: which digits are for training, for validation and for the test. They copy no pictures."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import ConfigError, DataConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.split_sizes import split_sizes

SplitName = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Some of the digits of a file. Everywhere in the program an index i, 0 <= i < len(split), identifies a digit.

    name: "train", "validation" or "test".
    source (M, rows, cols) uint8, read-only: all pictures of the file.
    rows (N,) intp, read-only: index in source of digit i.
    labels (N,) uint8, read-only: class of digit i.
    """

    name: SplitName
    source: NDArray[np.uint8]
    rows: NDArray[np.intp]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def title(self) -> str:
        """The word in front of "digits": training, validation or test."""
        return "training" if self.name == "train" else self.name

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
    """The three disjoint splits of a dataset, with its class names and the size of its pictures."""

    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    image_shape: tuple[int, int]

    def named(self, name: SplitName) -> Split:
        """The part of this name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    @property
    def inputs(self) -> int:
        """Pixels in a picture."""
        rows, cols = self.image_shape
        return rows * cols

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)


def make_splits(dataset: Dataset, data: DataConfig) -> Splits:
    """Split a dataset by a config: training digits, validation from their rest or the test files, test.

    Each file is shuffled by the seed and taken from the start: the first n digits of a split are a random sample, and a
    larger training split begins with the digits of a smaller. The test split is what is left of the test files, in
    the files' order if nothing was taken from them and all are used.

    A size at its default shrinks to fit smaller files, and data.digits. Sizes that do not fit raise ConfigError,
    and so does leaving out digits that do not exist, or all digits. Leaving out makes the training split smaller
    and changes nothing else: a validation digit stays one.
    """
    rng = np.random.default_rng(data.seed)
    train_order = rng.permutation(len(dataset.train_labels))
    sizes = split_sizes(data, len(dataset.train_labels), len(dataset.test_labels))
    if data.validation_from == "test":
        test_order = rng.permutation(len(dataset.test_labels))
        validation = _test_split("validation", dataset, test_order[: sizes.validation])
        test_order = test_order[sizes.validation :]
    else:
        rows = train_order[sizes.train : sizes.train + sizes.validation]
        validation = _train_split("validation", dataset, rows)
        uses_all = sizes.test == len(dataset.test_labels)
        test_order = np.arange(sizes.test) if uses_all else rng.permutation(len(dataset.test_labels))
    return Splits(
        train=_train_split("train", dataset, _without(train_order[: sizes.train], data.left_out, len(train_order))),
        validation=validation,
        test=_test_split("test", dataset, test_order[: sizes.test]),
        class_names=dataset.class_names,
        image_shape=dataset.image_shape,
    )


def _without(rows: NDArray[np.int64], left_out: tuple[int, ...], held: int) -> NDArray[np.int64]:
    """The rows of the training split less those at the places to leave out, in the same order."""
    if not left_out:
        return rows
    if max(left_out) >= held:
        legal = f"places from 0 to {held - 1:,}, for the training files hold {held:,} digits"
        raise ConfigError("data.left_out", list(left_out), legal)
    kept = rows[~np.isin(rows, left_out)]
    if not len(kept):
        raise ConfigError("data.left_out", list(left_out), f"fewer places: these are all {len(rows):,} training digits")
    return kept


def _train_split(name: SplitName, dataset: Dataset, rows: NDArray[np.int64]) -> Split:
    return _split(name, dataset.train_images, dataset.train_labels, rows)


def _test_split(name: SplitName, dataset: Dataset, rows: NDArray[np.int64]) -> Split:
    return _split(name, dataset.test_images, dataset.test_labels, rows)


def _split(name: SplitName, images: NDArray[np.uint8], labels: NDArray[np.uint8], rows: NDArray[np.int64]) -> Split:
    own_rows, own_labels = rows.astype(np.intp), labels[rows]
    own_rows.flags.writeable = own_labels.flags.writeable = False
    return Split(name, images, own_rows, own_labels)
