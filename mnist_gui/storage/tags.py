"""Tags: the user's remarks on single digits, in one file on disk for each dataset.

A digit is identified by its place in the dataset's files, so that its tags do not depend on the splits. The file is
JSON: format_version, dataset (its name, for information), digits: a list of {"file", "row", "tags", "note"}.
"""

import errno
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Split
from mnist_gui.storage.atomic_file import write_atomically
from mnist_gui.system.file_locks import locked_folder
from mnist_gui.system.printable import named
from mnist_gui.system.regular_files import read_regular, reason

FORMAT_VERSION = 1

MOST_BYTES = 12_000_000  # a tag for each digit of MNIST takes 5 MB; malicious JSON takes 30 times its size in memory

Tag = Literal["bad label", "ambiguous", "interesting"]
FileName = Literal["train", "test"]
TAGS: tuple[Tag, ...] = get_args(Tag)
FILES: tuple[FileName, ...] = get_args(FileName)


class TagsError(Exception):
    """A damaged file of tags: the text has the file, what was found and expected."""


class _NewerError(Exception):
    """A file in a format of a later version of this program; it is not damaged."""


class Place(NamedTuple):
    """The place of a digit: training or test file, and row in it, from 0."""

    file: FileName
    row: int


@dataclass(frozen=True, slots=True)
class Remark:
    """The tags and the note of a digit."""

    tags: frozenset[Tag] = frozenset()
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is neither tag nor note."""
        return not self.tags and not self.note

    def __str__(self) -> str:
        named = ", ".join(tag for tag in TAGS if tag in self.tags)
        return ": ".join(text for text in (named, self.note) if text)


NO_REMARK = Remark()


@dataclass(frozen=True, slots=True)
class Tags:
    """The remarks on the digits of a dataset. None of them is empty."""

    remarks: Mapping[Place, Remark] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.remarks)

    def of(self, place: Place) -> Remark:
        """The remark on a digit, empty if there is none."""
        return self.remarks.get(place, NO_REMARK)

    def with_remarks(self, changes: Iterable[tuple[Place, Remark]]) -> "Tags":
        """These remarks with changes; an empty remark removes the digit's."""
        remarks = {**self.remarks, **dict(changes)}
        return Tags({place: remark for place, remark in remarks.items() if not remark.is_empty})

    def rows(self, file: FileName, tags: Iterable[Tag] | None = None) -> tuple[int, ...]:
        """The rows of the digits of a file that have any of these tags (None: any remark), ascending."""
        wanted = None if tags is None else frozenset(tags)
        found = (place for place, remark in self.remarks.items() if wanted is None or remark.tags & wanted)
        return tuple(sorted(place.row for place in found if place.file == file))


def place_of(split: Split, index: int, dataset: Dataset) -> Place | None:
    """The place of a digit of a split in a dataset's files; None if it is in neither, such as a drawing."""
    file = file_of(split, dataset)
    return None if file is None else Place(file, int(split.rows[index]))


def file_of(split: Split, dataset: Dataset) -> FileName | None:
    """Which of a dataset's files the digits of a split are from; None if from neither."""
    if split.source is dataset.train_images:
        return "train"
    return "test" if split.source is dataset.test_images else None


def file_for(dataset: Dataset, folder: Path) -> Path:
    """The file of a dataset's tags in a folder, named by a hash of all its pixels and labels."""
    digest = hashlib.sha256()
    for array in (dataset.train_images, dataset.train_labels, dataset.test_images, dataset.test_labels):
        digest.update(f"{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return folder / f"{digest.hexdigest()[:32]}.json"


def load_tags(path: Path, dataset: Dataset) -> Tags:
    """The tags in a file; none if there is no file.

    TagsError if it is damaged; OSError if it cannot be read, or is of a newer version of this program.
    """
    if not path.exists():
        return Tags()
    content = read_regular(path, MOST_BYTES)
    try:
        return _read(json.loads(content), {"train": len(dataset.train_labels), "test": len(dataset.test_labels)})
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, nested too deep, or raised by _read
        raise TagsError(f"{named(path)}: {reason(error)}") from error
    except _NewerError as error:
        raise OSError(f"{named(path)}: {error}") from error


def is_damaged(path: Path, dataset: Dataset) -> bool:
    """Whether `load_tags` raises TagsError."""
    try:
        load_tags(path, dataset)
    except TagsError:
        return True
    return False


def change_tags(path: Path, dataset: Dataset, changes: Iterable[tuple[Place, Remark]]) -> Tags:
    """Change the tags in a file, written atomically. Returns all tags in it.

    It is read again first, under a lock, since another window may have added some. Errors as in `load_tags`; OSError if
    it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked_folder(path.parent):
        tags = load_tags(path, dataset).with_remarks(changes)
        digits = [
            {"file": place.file, "row": place.row, "tags": sorted(remark.tags), "note": remark.note}
            for place, remark in sorted(tags.remarks.items())
        ]
        content = {"format_version": FORMAT_VERSION, "dataset": dataset.name, "digits": digits}
        text = json.dumps(content).encode()
        if len(text) > MOST_BYTES:
            raise OSError(errno.EFBIG, f"tags and notes would take more than {MOST_BYTES:,} bytes", str(path))
        write_atomically(path, lambda file: file.write(text))
    return tags


def _read(content: Any, counts: Mapping[FileName, int]) -> Tags:
    version = content.get("format_version") if isinstance(content, dict) else None
    if type(version) is not int or version < 1:
        raise ValueError("it names no format_version")
    if version > FORMAT_VERSION:
        raise _NewerError(f"format version {version} is newer than this program reads ({FORMAT_VERSION}): update it")
    digits = content.get("digits")
    if not isinstance(digits, list):
        raise ValueError("it has no list of digits")
    return Tags().with_remarks(_read_digit(digit, counts) for digit in digits)


def _read_digit(digit: Any, counts: Mapping[FileName, int]) -> tuple[Place, Remark]:
    if not isinstance(digit, dict):
        raise ValueError(f"{digit!r:.80}: expected an object")
    file, row, tags, note = (digit.get(key) for key in ("file", "row", "tags", "note"))
    if file not in FILES or type(row) is not int or not 0 <= row < counts[file]:
        raise ValueError(f"{file!r:.40}, {row!r:.40}: expected a file, train or test, and a row of it")
    if not isinstance(tags, list) or not all(tag in TAGS for tag in tags) or not isinstance(note, str):
        raise ValueError(f"{file} {row}: expected tags of {', '.join(TAGS)}, and a note")
    return Place(file, row), Remark(frozenset(tags), note)
