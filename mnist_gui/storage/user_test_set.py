"""The user's test set: drawings with labels, in one file on disk for each kind of network.

The file is an .npz without pickle or compression, as `safe_npz` reads it:

header   uint8 (n,): JSON text in UTF-8: format_version, image_shape, class_names
pixels   uint8 (N * rows * cols,): the pictures, centred, light ink on dark, one after the other
labels   uint8 (N,): their classes, each less than the number of names
"""

import errno
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.splits import Split
from mnist_gui.storage.atomic_file import write_atomically
from mnist_gui.storage.safe_npz import LARGEST_HEADER, UNREADABLE, NewerError, NpzError, PlainNpz, as_header, plain_npz
from mnist_gui.system.file_locks import locked_folder
from mnist_gui.system.printable import named
from mnist_gui.system.regular_files import read_regular, reason

FORMAT_VERSION = 1
MOST_BYTES = 128_000_000  # 160,000 drawings for MNIST
MEMBERS = ("header", "pixels", "labels")


class UserTestSetError(Exception):
    """A damaged file of drawings: the text has the file, what was found and expected."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What drawings and a network must have in common: size (rows, cols) and class names."""

    image_shape: tuple[int, int]
    class_names: tuple[str, ...]

    def file(self, folder: Path) -> Path:
        """The file of the drawings of this kind in a folder."""
        rows, columns = self.image_shape
        names = hashlib.sha256(json.dumps(self.class_names).encode()).hexdigest()[:12]
        return folder / f"{rows}x{columns}-{len(self.class_names)}-classes-{names}.npz"


@dataclass(frozen=True, slots=True, eq=False)
class UserTestSet:
    """images (N, rows, cols) uint8, light ink on dark; labels (N,) uint8. In the order in which they were added."""

    kind: Kind
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @classmethod
    def none(cls, kind: Kind) -> "UserTestSet":
        """An empty set."""
        return cls(kind, np.empty((0, *kind.image_shape), np.uint8), np.empty(0, np.uint8))

    def __len__(self) -> int:
        return len(self.labels)

    def with_digit(self, image: NDArray[np.uint8], label: int) -> "UserTestSet":
        """This set and one more drawing, (rows, cols), at its end."""
        labels = np.append(self.labels, np.uint8(label))
        return UserTestSet(self.kind, np.concatenate([self.images, image[np.newaxis]]), labels)

    def without_digit(self, image: NDArray[np.uint8], label: int) -> "UserTestSet":
        """This set without the first drawing that is equal; this set if there is none."""
        same = (self.images == image).all(axis=(1, 2)) & (self.labels == label)
        if not same.any():
            return self
        at = int(same.argmax())
        return UserTestSet(self.kind, np.delete(self.images, at, axis=0), np.delete(self.labels, at))

    def holds_the_same_as(self, other: "UserTestSet") -> bool:
        """Whether both have the same drawings with the same labels, in the same order."""
        return (
            self.kind == other.kind
            and np.array_equal(self.labels, other.labels)
            and np.array_equal(self.images, other.images)
        )

    def as_split(self) -> Split:
        """The drawings as a test split, to evaluate and to show."""
        return Split("test", self.images, np.arange(len(self)), self.labels)


Change = Callable[[UserTestSet], UserTestSet]


def load_user_test_set(path: Path, kind: Kind) -> UserTestSet:
    """The drawings in a file; none if there is no file.

    UserTestSetError if it is damaged or of another kind; OSError if it cannot be read, or is of a newer version of this
    program.
    """
    if not path.exists():
        return UserTestSet.none(kind)
    content = BytesIO(read_regular(path, MOST_BYTES))  # errors after this are the content's, not the disk's
    try:
        with plain_npz(content, MEMBERS) as archive:
            return _read(archive, kind)
    except NewerError as error:
        raise OSError(f"{named(path)}: {error}") from error
    except NpzError as error:
        raise UserTestSetError(f"{named(path)}: {error}") from error
    except UNREADABLE as error:
        raise UserTestSetError(f"{named(path)}: not a readable file of drawings ({reason(error)})") from error


def is_damaged(path: Path, kind: Kind) -> bool:
    """Whether `load_user_test_set` raises UserTestSetError."""
    try:
        load_user_test_set(path, kind)
    except UserTestSetError:
        return True
    return False


def change_user_test_set(path: Path, kind: Kind, change: Change) -> UserTestSet:
    """Change the drawings in a file, written atomically. Returns all drawings in it.

    It is read again first, under a lock, since another window may have added some. Errors as in `load_user_test_set`;
    OSError if it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked_folder(path.parent):
        digits = change(load_user_test_set(path, kind))
        _write(path, digits)
    return digits


def _write(path: Path, digits: UserTestSet) -> None:
    kind = digits.kind
    if digits.images.nbytes > MOST_BYTES - LARGEST_HEADER:
        raise OSError(errno.EFBIG, f"drawings would take more than {MOST_BYTES:,} bytes: delete some", str(path))
    facts = {"format_version": FORMAT_VERSION, "image_shape": kind.image_shape, "class_names": kind.class_names}

    def write(file: BinaryIO) -> None:
        pixels = digits.images.ravel()
        np.savez(file, allow_pickle=False, header=as_header(facts), pixels=pixels, labels=digits.labels)

    write_atomically(path, write)


def _read(archive: PlainNpz, kind: Kind) -> UserTestSet:
    header = archive.header(FORMAT_VERSION)
    found = header.get("image_shape"), header.get("class_names")
    if found != (list(kind.image_shape), list(kind.class_names)):
        raise NpzError("its drawings are of other pictures or classes than its name says")
    labels = archive.array("labels", np.uint8)
    rows, columns = kind.image_shape
    pixels = archive.array("pixels", np.uint8, len(labels) * rows * columns)
    if len(labels) and labels.max() >= len(kind.class_names):
        raise NpzError(f"label {labels.max()}, expected less than {len(kind.class_names)}, the number of classes")
    return UserTestSet(kind, pixels.reshape(-1, rows, columns), labels)
