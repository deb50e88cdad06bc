"""The files of a dataset in a folder: found by name, and checked against each other by their headers."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

from mnist_gui.config.data_settings import MOST_DIGITS
from mnist_gui.data.idx import DatasetError, read_shape
from mnist_gui.system.printable import named

# Pixels of a picture, such as 256x256. Larger pictures need more weights than can be trained here, and the window shows
# hundreds of pictures at a time.
MOST_PIXELS = 1 << 16

# Bytes of a file of images; EMNIST's largest has 547 MB. All files are held in memory.
MOST_BYTES = 2_000_000_000

_FILE_NAME = re.compile(
    r"(?:train|t10k|emnist-(?P<emnist>\w+)-(?:train|test))-(?:images[-.]idx3|labels[-.]idx1)-ubyte(?:\.gz)?"
)


def find_dataset(folder: Path) -> tuple[Path, str]:
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


def check_all_there(place: Path, paths: tuple[Path, ...]) -> None:
    """DatasetError if one of the four files is missing in every spelling."""
    missing = [path.name for path in paths if not existing_file(path).exists()]
    if missing:
        spellings = ", ".join(path.name for path in _spellings(place / missing[0]))
        raise DatasetError(
            f"{place}: {len(missing)} of 4 files missing ({', '.join(missing)}), expected all four, each "
            f"in one of these spellings: {spellings}"
        )


def existing_file(path: Path) -> Path:
    """The file in one of its spellings; the path itself if there is none; reading it then fails."""
    spellings = _spellings(path)
    # Some archives unpack to a folder of the file's name: a file in another spelling is preferred.
    files = [spelling for spelling in spellings if spelling.is_file()]
    others = [spelling for spelling in spellings if spelling.exists()]
    return (files + others + [path])[0]


def _spellings(path: Path) -> list[Path]:
    """The files that a reader's file name may stand for, the preferred first."""
    dotted = path.with_name(path.name.replace("-idx", ".idx"))
    return [path, dotted, path.with_name(path.name + ".gz"), dotted.with_name(dotted.name + ".gz")]


def check_counts(image_file: Path, label_file: Path) -> None:
    """DatasetError if the headers of two files do not claim as many images as labels."""
    (labels,), (images, *_) = read_shape(label_file, is_labels=True), read_shape(image_file)
    if images != labels:
        raise different_counts(image_file, images, label_file, labels)


def different_counts(image_file: Path, images: int, label_file: Path, labels: int) -> DatasetError:
    """The error for files with different numbers of images and labels."""
    return DatasetError(
        f"{label_file.name}: {labels:,} labels, expected {images:,}, the number of images "
        f"in {image_file.name} (are both of the same dataset?)"
    )


def check_sizes(train_file: Path, test_file: Path) -> None:
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


def _size(size: Sequence[int]) -> str:
    return f"{size[0]:,}x{size[1]:,}"
