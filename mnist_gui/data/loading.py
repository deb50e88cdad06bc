"""From a config to digits: the folder it names, or the MNIST that comes with the program.

A dataset takes some 60 MB: as long as it is in use and its files are unchanged, it is not read again.
"""

from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from mnist_gui.config.run_config import DataConfig
from mnist_gui.data.datasets import Dataset, FilesState, files_as_they_are, load_dataset
from mnist_gui.data.idx import DatasetError
from mnist_gui.data.splits import Splits, make_splits
from mnist_gui.system.paths import bundled_mnist
from mnist_gui.system.printable import named

_IN_USE: WeakValueDictionary[FilesState, Dataset] = WeakValueDictionary()
_READING = Lock()  # two threads that open the same files get one copy


def open_dataset(data: DataConfig) -> Dataset:
    """The files that a config names, read unless they are in use already. DatasetError if they cannot be used."""
    if not data.folder:
        return _opened(bundled_mnist())
    try:
        return _opened(Path(data.folder).expanduser())
    except RuntimeError as error:  # "~name" of an unknown user
        raise DatasetError(f"{named(data.folder)}: {error}") from error


def _opened(folder: Path) -> Dataset:
    with _READING:
        before = files_as_they_are(folder)
        dataset = _IN_USE.get(before)
        if dataset is None:
            dataset = load_dataset(folder)
            if files_as_they_are(folder) == before:
                _IN_USE[before] = dataset
        return dataset


def split_dataset(dataset: Dataset, data: DataConfig) -> Splits:
    """The splits of a dataset by a config. ConfigError if the files hold too few digits."""
    return make_splits(dataset, data)


def load_splits(data: DataConfig) -> Splits:
    """Open a config's dataset and split it."""
    return split_dataset(open_dataset(data), data)
