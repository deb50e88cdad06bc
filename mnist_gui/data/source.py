"""From a config to digits: the folder it names, or the MNIST that comes with the program."""

from pathlib import Path

from mnist_gui.config import DataConfig
from mnist_gui.data.datasets import Dataset, load_dataset
from mnist_gui.data.idx import DatasetError
from mnist_gui.data.splits import Splits, make_splits
from mnist_gui.paths import bundled_mnist


def open_dataset(data: DataConfig) -> Dataset:
    """Read the files that a config names. DatasetError if they cannot be used."""
    if not data.folder:
        return load_dataset(bundled_mnist())
    try:
        return load_dataset(Path(data.folder).expanduser())
    except RuntimeError as error:  # "~name" of a person who has no home here
        raise DatasetError(f"{data.folder}: {error}") from error


def deal(dataset: Dataset, data: DataConfig) -> Splits:
    """The splits that a config asks for. ConfigError if the files hold too few digits."""
    return make_splits(dataset, data)


def load_splits(data: DataConfig) -> Splits:
    """Open and deal in one go."""
    return deal(open_dataset(data), data)
