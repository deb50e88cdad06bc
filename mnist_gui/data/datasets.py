"""Datasets: the four IDX files of a folder, found, checked against each other and given as one value."""

import math
import re
import string
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.schema import MOST_DIGITS
from mnist_gui.data.idx import DatasetError, read_images, read_labels, read_shape
from mnist_gui.system.printable import named

with warnings.catch_warnings():
    # The package compares strings by identity; Python warns of that when it first compiles it.
    warnings.simplefilter("ignore", SyntaxWarning)
    import mnist

# Pixels of a picture, such as 256x256. Larger pictures need more weights than can be trained here, and the window shows
# hundreds of pictures at a time.
MOST_PIXELS = 1 << 16

# Bytes of a file of images; EMNIST's largest has 547 MB. All files are held in memory.
MOST_BYTES = 2_000_000_000

_FILE_NAME = re.compile(
    r"(?:train|t10k|emnist-(?P<emnist>\w+)-(?:train|test))-(?:images[-.]idx3|labels[-.]idx1)-ubyte(?:\.gz)?"
)

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
        image_file, label_file = _found(Path(path_img)), _found(Path(path_lbl))
        _check_counts(image_file, label_file)
        labels, images = read_labels(label_file), read_images(image_file)
        if len(images) != len(labels):  # one of them was changed meanwhile
            raise _different_counts(image_file, len(images), label_file, len(labels))
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
        _check_counts(*map(_found, files))
    _check_sizes(*(_found(files[0]) for files in (train_files, test_files)))
    train_images, train_labels = reader.load(*train_files)
    test_images, test_labels = reader.load(*test_files)
    if train_labels.min() == train_labels.max():
        raise DatasetError(
            f"{_found(train_files[1]).name}: every label is {train_labels[0]}, expected at least two classes "
            "(there is nothing to classify)"
        )
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


def files_as_they_are(folder: Path) -> FilesState:
    """Which files `load_dataset` would read, with the sizes and times of each: it changes with their contents.

    DatasetError as there, as far as it can be found without reading them.
    """
    _, _, _, train_files, test_files = _files_of(folder)
    paths = [_found(path) for path in (*train_files, *test_files)]
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
        place, emnist = _find_dataset(folder)
        reader = VerifiedMNIST(place)
        if emnist:
            reader.select_emnist(emnist)
        train = place / reader.train_img_fname, place / reader.train_lbl_fname
        test = place / reader.test_img_fname, place / reader.test_lbl_fname
        _check_all_there(place, train + test)
    except OSError as error:
        raise _unreadable(folder, error) from error
    return _Files(reader, place, emnist, train, test)


def _unreadable(folder: Path, error: OSError) -> DatasetError:
    return DatasetError(
        f"{named(folder)}: cannot be read ({error.strerror}), expected a folder with the four IDX files "
        "of a dataset (check its permissions)"
    )


def _check_counts(image_file: Path, label_file: Path) -> None:
    """DatasetError if the headers of two files do not claim as many images as labels."""
    (labels,), (images, *_) = read_shape(label_file, is_labels=True), read_shape(image_file)
    if images != labels:
        raise _different_counts(image_file, images, label_file, labels)


def _different_counts(image_file: Path, images: int, label_file: Path, labels: int) -> DatasetError:
    return DatasetError(
        f"{label_file.name}: {labels:,} labels, expected {images:,}, the number of images "
        f"in {image_file.name} (are both of the same dataset?)"
    )


def _check_sizes(train_file: Path, test_file: Path) -> None:
    """DatasetError if the headers of two files do not claim pictures of the same size, or more than can be held."""
    (train_count, *train_size), (test_count, *test_size) = read_shape(train_file), read_shape(test_file)
    if math.prod(train_size) > MOST_PIXELS:
        raise DatasetError(
            f"{train_file.name}: pictures of {_size(train_size)} pixels, expected at most {MOST_PIXELS:,} in each "
            "(make them smaller)"
        )
    for file, count in ((train_file, train_count), (test_file, test_count)):
        most = min(MOST_DIGITS, MOST_BYTES // math.prod(train_size))
        if count > most:
            raise DatasetError(f"{file.name}: {count:,} pictures, expected at most {most:,} of this size (take fewer)")
    if test_size != train_size:
        raise DatasetError(
            f"{test_file.name}: pictures of {_size(test_size)} pixels, expected "
            f"{_size(train_size)} as in {train_file.name} (are both of the same dataset?)"
        )


def _spellings(path: Path) -> list[Path]:
    """The files that a reader's file name may stand for, the preferred first."""
    dotted = path.with_name(path.name.replace("-idx", ".idx"))
    return [path, dotted, path.with_name(path.name + ".gz"), dotted.with_name(dotted.name + ".gz")]


def _found(path: Path) -> Path:
    """The file in one of its spellings; the path itself if there is none; reading it then fails."""
    spellings = _spellings(path)
    # Some archives unpack to a folder of the file's name: a file in another spelling is preferred.
    files = [spelling for spelling in spellings if spelling.is_file()]
    others = [spelling for spelling in spellings if spelling.exists()]
    return (files + others + [path])[0]


def _find_dataset(folder: Path) -> tuple[Path, str]:
    """The folder that holds IDX files, this one or one inside, and their EMNIST set ("" for none)."""
    if not folder.is_dir():
        found = "is not a folder" if folder.exists() else "does not exist"
        raise DatasetError(f"{named(folder)}: {found}, expected a folder with the four IDX files of a dataset")
    for place in (folder, folder / "raw", folder / "MNIST" / "raw"):
        sets = _sets_in(place)
        if len(sets) > 1:
            names = ", ".join(f"EMNIST {name}" if name else "MNIST" for name in sets)
            raise DatasetError(
                f"{named(place)}: files of {len(sets)} datasets ({names}), expected one (give each its own folder)"
            )
        if sets:
            return place, sets[0]
    return folder, ""


def _sets_in(place: Path) -> list[str]:
    """The datasets that have files here: "letters" for EMNIST letters and so on, "" for MNIST's own names."""
    if not place.is_dir():
        return []
    matches = filter(None, (_FILE_NAME.fullmatch(path.name) for path in place.iterdir()))
    return sorted({match["emnist"] or "" for match in matches})


def _check_all_there(place: Path, paths: tuple[Path, ...]) -> None:
    missing = [path.name for path in paths if not _found(path).exists()]
    if missing:
        spellings = ", ".join(path.name for path in _spellings(place / missing[0]))
        raise DatasetError(
            f"{place}: {len(missing)} of 4 files missing ({', '.join(missing)}), expected all four, each "
            f"in one of these spellings: {spellings}"
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


def _size(size: Sequence[int]) -> str:
    return f"{size[0]:,}x{size[1]:,}"
