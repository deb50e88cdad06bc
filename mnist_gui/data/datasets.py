"""Datasets: the four IDX files of a folder, found, checked against each other and given as one value."""

import string
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset_files import (
    check_all_there,
    check_counts,
    check_sizes,
    different_counts,
    existing_file,
    find_dataset,
)
from mnist_gui.data.idx import DatasetError, read_images, read_labels
from mnist_gui.system.printable import named

with warnings.catch_warnings():
    # The package compares strings by identity; Python warns of that when it first compiles it.
    warnings.simplefilter("ignore", SyntaxWarning)
    import mnist

# The characters behind EMNIST's labels, in their order, from its mapping files (Cohen et al. 2017, "EMNIST:
# extending MNIST to handwritten letters"). The sets of digits need no entry: there the label is the name.
_EMNIST_CHARACTERS: Mapping[str, str] = {
    "letters": string.ascii_lowercase,
    "byclass": string.digits + string.ascii_uppercase + string.ascii_lowercase,
    "bymerge": string.digits + string.ascii_uppercase + "abdefghnqrt",
    "balanced": string.digits + string.ascii_uppercase + "abdefghnqrt",
}


# Path, inode, size in bytes, and the times of the last change to contents and entry, in ns, of each of the four files.
FilesState = tuple[tuple[Path, int, int, int, int], ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Dataset:
    """Labelled pictures for training and for the final test, in the order of the files.

    name: the dataset's title, such as "EMNIST letters" or the folder's name.
    folder: the folder that holds the files.
    train_images (N, rows, cols) uint8, read-only: grey levels, 0 blank.
    train_labels (N,) uint8, read-only: 0..classes - 1.
    test_images (M, rows, cols) uint8, read-only.
    test_labels (M,) uint8, read-only.
    class_names: class_names[k] is the name of label k.
    """

    name: str
    folder: Path
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]
    class_names: tuple[str, ...]

    @property
    def image_shape(self) -> tuple[int, int]:
        """Rows and columns of every picture."""
        _, rows, cols = self.train_images.shape
        return rows, cols

    @property
    def inputs(self) -> int:
        """Pixels in a picture."""
        rows, cols = self.image_shape
        return rows * cols

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays in memory."""
        arrays = (self.train_images, self.train_labels, self.test_images, self.test_labels)
        return sum(array.nbytes for array in arrays)


class VerifiedMNIST(mnist.MNIST):
    """python-mnist's reader with the same file names and values, but checked, fast, and in bytes.

    The original `load` takes seconds, holds the GIL and accepts damaged files. This one finds either
    spelling of a file, gzipped or not. load_training() and load_testing() give copies: images
    (N, rows * cols), labels (N,).
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), return_type="numpy")

    def load(
        self, path_img: str | Path, path_lbl: str | Path, batch: list[int] | None = None
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Images (N, rows, cols) and labels (N,), uint8, read-only; of batch = [start, size] only, if given.

        Paths are without .gz. EMNIST's pictures, which its files hold transposed, come upright. DatasetError
        if a file is missing or damaged or the counts differ.
        """
        image_file, label_file = existing_file(Path(path_img)), existing_file(Path(path_lbl))
        check_counts(image_file, label_file)
        labels, images = read_labels(label_file), read_images(image_file)
        if len(images) != len(labels):  # one of them was changed meanwhile
            raise different_counts(image_file, len(images), label_file, len(labels))
        if self.emnistRotate:
            images = np.ascontiguousarray(images.transpose(0, 2, 1))
            images.flags.writeable = False
        if batch is not None:
            start, size = batch
            images, labels = images[start : start + size], labels[start : start + size]
        return images, labels

    def process_images(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """The images as load_training() returns them: one row a picture, in the reader's mode."""
        return super().process_images(images.reshape(len(images), -1))  # type: ignore[no-any-return]


def load_dataset(folder: Path) -> Dataset:
    """The dataset of a folder, or of the folders raw or MNIST/raw in it, as torchvision lays them out.

    Number of classes and size of the pictures are those of the files. A label is stored as its distance from
    the smallest one. DatasetError if a file is missing or damaged, or if the files do not belong together.
    """
    reader, place, emnist, train_files, test_files = _files_of(folder)
    # All headers first: files that do not belong together need not be read.
    for files in (train_files, test_files):
        check_counts(*map(existing_file, files))
    check_sizes(*(existing_file(files[0]) for files in (train_files, test_files)))
    _check_classes(existing_file(train_files[1]))  # before the images, which may be a thousand times as large
    train_images, train_labels = reader.load(*train_files)
    test_images, test_labels = reader.load(*test_files)
    first = min(train_labels.min(), test_labels.min())
    last = max(train_labels.max(), test_labels.max())
    return Dataset(
        name=_dataset_name(place, emnist),
        folder=place,
        train_images=train_images,
        train_labels=_from_zero(train_labels, first),
        test_images=test_images,
        test_labels=_from_zero(test_labels, first),
        class_names=_class_names(int(first), int(last), emnist),
    )


def _check_classes(label_file: Path) -> None:
    labels = read_labels(label_file)
    if labels.min() == labels.max():
        raise DatasetError(
            f"{label_file.name}: every label is {labels[0]}, expected at least two classes (there is nothing to "
            "classify)"
        )


def files_as_they_are(folder: Path) -> FilesState:
    """Which files `load_dataset` would read, with the sizes and times of each: it changes with their contents.

    DatasetError as there, as far as it can be found without reading them.
    """
    _, _, _, train_files, test_files = _files_of(folder)
    paths = [existing_file(path) for path in (*train_files, *test_files)]
    try:
        states = [(path, path.stat()) for path in paths]
    except OSError as error:
        raise _unreadable(folder, error) from error
    return tuple((path, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns) for path, stat in states)


class _Files(NamedTuple):
    reader: VerifiedMNIST
    place: Path
    emnist: str
    train: tuple[Path, Path]
    test: tuple[Path, Path]


def _files_of(folder: Path) -> _Files:
    """The files of a folder's dataset, as the reader spells them, and the reader."""
    try:
        place, emnist = find_dataset(folder)
        reader = VerifiedMNIST(place)
        if emnist:
            reader.select_emnist(emnist)
        train = place / reader.train_img_fname, place / reader.train_lbl_fname
        test = place / reader.test_img_fname, place / reader.test_lbl_fname
        check_all_there(place, train + test)
    except OSError as error:
        raise _unreadable(folder, error) from error
    return _Files(reader, place, emnist, train, test)


def _unreadable(folder: Path, error: OSError) -> DatasetError:
    return DatasetError(
        f"{named(folder)}: cannot be read ({error.strerror}), expected a folder with the four IDX files "
        "of a dataset (check its permissions)"
    )


def _dataset_name(place: Path, emnist: str) -> str:
    if emnist:
        return f"EMNIST {emnist}"
    resolved = place.resolve()
    return resolved.parent.name if resolved.name == "raw" else resolved.name


def _class_names(first: int, last: int, emnist: str) -> tuple[str, ...]:
    characters = _EMNIST_CHARACTERS.get(emnist, "")
    if len(characters) == last - first + 1:
        return tuple(characters)
    return tuple(str(label) for label in range(first, last + 1))


def _from_zero(labels: NDArray[np.uint8], first: np.uint8) -> NDArray[np.uint8]:
    shifted = labels - first
    shifted.flags.writeable = False
    return shifted
