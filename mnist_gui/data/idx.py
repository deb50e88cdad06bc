"""IDX files, the format of MNIST: read whole, plain or gzipped, and checked for damage.

The format: a magic number, the count and the other dimensions as big-endian 32-bit numbers, then one byte a
value (LeCun, Cortes & Burges, "The MNIST database of handwritten digits").
"""

import gzip
import math
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_gui.system.printable import named
from mnist_gui.system.user_errors import RefusedError

# Bytes read at once: enough that unpacking them, without the GIL, takes longer than the Python code around it.
PIECE = 1 << 18


class DatasetError(RefusedError):
    """Files that cannot be used as a dataset: its text has the file, what was found and expected, and what to do."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of IDX file: what it holds, its magic number and its number of dimensions."""

    noun: str
    magic: int
    dimensions: int

    @property
    def header_size(self) -> int:
        return 4 * (1 + self.dimensions)


_IMAGES = _Kind("images", 0x00000803, 3)
_LABELS = _Kind("labels", 0x00000801, 1)


def read_shape(path: Path, *, is_labels: bool = False) -> tuple[int, ...]:
    """What the header of an IDX file claims: (N, rows, cols) of images, (N,) of labels.

    Nothing else is read. DatasetError if it is no header of such a file.
    """
    kind = _LABELS if is_labels else _IMAGES
    header = bytearray()
    with _as_dataset_errors(path, kind, header, kind.header_size), _open(path) as file:
        _extend(header, file, kind.header_size)
        return _shape(path, kind, header)


def read_images(path: Path) -> NDArray[np.uint8]:
    """The images of an IDX file: (N, rows, cols) uint8, N, rows and cols >= 1, read-only and C-contiguous.

    Gzipped if the name ends in .gz. DatasetError for whatever is not an intact file of images.
    """
    return _read(path, _IMAGES)


def read_labels(path: Path) -> NDArray[np.uint8]:
    """The labels of an IDX file: (N,) uint8, N >= 1, read-only. Otherwise as `read_images`."""
    return _read(path, _LABELS)


def _read(path: Path, kind: _Kind) -> NDArray[np.uint8]:
    # The size in the header may be wrong, and so may gzip's: memory is taken for bytes that were really read.
    shape = read_shape(path, is_labels=kind is _LABELS)
    data, expected = bytearray(), kind.header_size + math.prod(shape)
    with _as_dataset_errors(path, kind, data, expected), _open(path) as file:
        if path.suffix != ".gz":
            _check_size(path, kind, shape, os.fstat(file.fileno()).st_size)
        # One byte too many finds trailing bytes, and lets gzip come to its end and check its CRC.
        _extend(data, file, expected + 1)
    _check_size(path, kind, shape, len(data))
    array = np.frombuffer(data, np.uint8, offset=kind.header_size).reshape(shape)
    array.flags.writeable = False
    return array


@contextmanager
def _as_dataset_errors(path: Path, kind: _Kind, data: bytearray, expected: int) -> Iterator[None]:
    """Context that turns errors of reading a file into a DatasetError. data: the bytes read; expected: their number if
    the file is intact."""
    try:
        yield
    except EOFError as error:
        raise DatasetError(
            f"{path.name}: its gzip data break off after {len(data):,} unpacked bytes, expected {expected:,} "
            "and an end mark (copy or download the file again)"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DatasetError(
            f"{path.name}: damaged gzip data after {len(data):,} unpacked bytes ({error}), expected "
            f"{expected:,} intact ones (copy or download the file again; if it is already unpacked, "
            "take .gz off its name)"
        ) from error
    except OSError as error:
        raise DatasetError(
            f"{named(path)}: cannot be read ({error.strerror or error}), expected an IDX file of {kind.noun} "
            "(check the folder and the permissions)"
        ) from error


def _open(path: Path) -> BufferedIOBase:
    if not stat.S_ISREG(path.stat().st_mode):
        found = "a folder" if path.is_dir() else "not a regular file"
        raise DatasetError(f"{named(path)}: is {found}, expected an IDX file (move or rename it)")
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _extend(data: bytearray, file: BufferedIOBase, size: int) -> None:
    """Read on until data has `size` bytes or the file ends."""
    # read1, not read: when gzip data break off, read would throw away the good bytes before the break.
    while len(data) < size and (piece := file.read1(min(PIECE, size - len(data)))):
        data += piece


def _shape(path: Path, kind: _Kind, header: bytearray) -> tuple[int, ...]:
    """The dimensions that the header claims, each at least 1."""
    if len(header) >= 4:
        _check_magic(path, kind, int.from_bytes(header[:4], "big"))
    if len(header) < kind.header_size:
        raise DatasetError(
            f"{path.name}: ends at byte {len(header)}, expected a header of {kind.header_size} bytes "
            "(copy or download the file again)"
        )
    shape = struct.unpack_from(f">{kind.dimensions}I", header, 4)
    if shape[0] == 0:
        raise DatasetError(f"{path.name}: 0 {kind.noun} at byte 4, expected at least 1 (is this the whole dataset?)")
    if 0 in shape:
        raise DatasetError(
            f"{path.name}: images of {shape[1]:,}x{shape[2]:,} pixels at byte 8, expected at least 1x1 "
            "(copy or download the file again)"
        )
    return shape


def _check_magic(path: Path, kind: _Kind, magic: int) -> None:
    if magic == kind.magic:
        return
    if magic == _LABELS.magic:
        hint = "is this the label file?"
    elif magic == _IMAGES.magic:
        hint = "is this the image file?"
    elif magic >> 16 == 0x1F8B:
        hint = "it is gzipped: add .gz to its name"
    else:
        hint = f"not an IDX file of {kind.noun} in single bytes: copy or download the file again"
    raise DatasetError(f"{path.name}: magic 0x{magic:08x} at byte 0, expected 0x{kind.magic:08x} ({hint})")


def _check_size(path: Path, kind: _Kind, shape: tuple[int, ...], found: int) -> None:
    """Compare all bytes of the unpacked file, header included, with what the header claims."""
    expected = kind.header_size + math.prod(shape)
    if found == expected:
        return
    claim = f"{shape[0]:,} {kind.noun}"
    if kind is _IMAGES:
        claim += f" of {shape[1]:,}x{shape[2]:,} pixels"
    if found < expected:
        hint = f"{expected - found:,} bytes are missing"
    else:
        # Gzipped data are read one byte too far only: unpacking the rest could take for ever.
        at_least = "at least " if path.suffix == ".gz" else ""
        hint = f"{at_least}{found - expected:,} bytes too many"
    raise DatasetError(
        f"{path.name}: {found:,} bytes, expected {expected:,} for {claim} ({hint}: copy or download the file again)"
    )
