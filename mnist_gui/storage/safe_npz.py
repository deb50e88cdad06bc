"""Files of flat arrays: .npz without pickle or compression, checked member by member before a value is read.

What the arrays mean is up to `model_file` and `user_test_set`.
"""

import json
import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mnist_gui.system.printable import named
from mnist_gui.system.regular_files import open_regular

LARGEST_HEADER = 1_000_000  # bytes; real ones have about one thousand

# What zipfile and NumPy raise for damaged or malicious files; RuntimeError includes too deep a nesting.
UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


class NpzError(Exception):
    """An invalid archive: the text has what was found and expected, not the file."""


class NewerError(NpzError):
    """An archive in a format of a later version of this program; it is not damaged."""


class PlainNpz:
    """An open archive with exactly the expected members."""

    def __init__(self, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
        self._archive, self._members = archive, members

    def array(self, name: str, dtype: type[Any], length: int | None = None) -> NDArray[Any]:
        """A one-dimensional array, its dtype, length and byte count checked before its values are read.

        Without a length at most LARGEST_HEADER bytes are read.
        """
        with self._checked(name, dtype, length) as (file, size):
            return np.frombuffer(file.read(size), dtype)

    def check(self, name: str, dtype: type[Any], length: int) -> None:
        """NpzError if `array` would refuse this array because of its dtype or length."""
        with self._checked(name, dtype, length):
            pass

    @contextmanager
    def _checked(self, name: str, dtype: type[Any], length: int | None) -> Iterator[tuple[IO[bytes], int]]:
        """Context of an array's member, open at the start of its values, and their number of bytes."""
        member, wanted_dtype = self._members[name], np.dtype(dtype)
        with self._archive.open(member) as file:
            version = np.lib.format.read_magic(file)
            if version != (1, 0):
                raise NpzError(f"{member.filename}: array format {version}, expected (1, 0)")
            try:
                shape, _, found = np.lib.format.read_array_header_1_0(file)
            except (MemoryError, RecursionError) as error:  # raised by Python's parser for many brackets or signs
                raise NpzError(f"{member.filename}: the description of its array is nested too deep") from error
            expected = (length,) if length is not None else shape[:1]
            if found != wanted_dtype or len(shape) != 1 or shape != expected:
                wanted = "(n,)" if length is None else f"({length:,},)"
                raise NpzError(f"{member.filename}: {found} {shape}, expected {wanted_dtype} {wanted}")
            size = math.prod(shape) * wanted_dtype.itemsize
            if size != member.file_size - file.tell() or (length is None and size > LARGEST_HEADER):
                raise NpzError(f"{member.filename}: {member.file_size:,} bytes do not hold an array of shape {shape}")
            yield file, size

    def header(self, newest_version: int) -> dict[str, Any]:
        """The JSON object in the member "header", of a format_version that this program reads."""
        header = json.loads(self.array("header", np.uint8).tobytes(), parse_constant=_no_number)
        version = header.get("format_version") if isinstance(header, dict) else None
        if type(version) is not int or version < 1:
            raise NpzError("its header names no format_version")
        if version > newest_version:
            raise NewerError(f"format version {version} is newer than this program reads ({newest_version}): update it")
        return dict(header)


def as_header(facts: dict[str, Any]) -> NDArray[np.uint8]:
    """Facts as a header that `PlainNpz.header` reads."""
    return np.frombuffer(json.dumps(facts).encode(), np.uint8)


def _no_number(text: str) -> None:
    raise NpzError(f"its header holds {text}, which is no number")


@contextmanager
def plain_npz(file: Path | BinaryIO, names: Iterable[str]) -> Iterator[PlainNpz]:
    """Open an archive of these arrays. NpzError if it has others or is not one; one of UNREADABLE if it is damaged."""
    with open_regular(file) if isinstance(file, Path) else file as content, _zip(content) as archive:
        yield PlainNpz(archive, _checked_members(archive, [f"{name}.npy" for name in names]))


def _zip(content: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(content)
    except zipfile.BadZipFile as error:  # its list of members, at the end, is missing or wrong
        raise NpzError("this is no file that this program has saved, or not the whole of it") from error


def _checked_members(archive: zipfile.ZipFile, expected: list[str]) -> dict[str, zipfile.ZipInfo]:
    """The members by name. They are stored uncompressed, so none can inflate to more than the file's own size."""
    members = archive.infolist()
    names = sorted(member.filename for member in members)
    if names != sorted(expected):
        wanted = " and ".join([", ".join(expected[:-1]), expected[-1]])
        raise NpzError(f"holds {named(', '.join(names)) or 'nothing'}; expected {wanted}")
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
            raise NpzError(f"{member.filename} is compressed; expected it as it is")
    return {member.filename.removesuffix(".npy"): member for member in members}
