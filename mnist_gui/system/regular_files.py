"""Reading whole files: regular files only, and only up to a given size.

A device or a named pipe may have no end, or block its reader for ever.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """A regular file, open for reading. OSError if it is not one; strerror states what it is."""
    _check(path.stat())
    # Another file may have this name by now: opening a pipe must not wait for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    try:
        _check(os.fstat(file.fileno()))
    except OSError:
        file.close()
        raise
    return file


def read_regular(path: Path, most: int) -> bytes:
    """All bytes of a regular file. OSError if it is not regular, cannot be read, or has more than `most` bytes."""
    with open_regular(path) as file:
        content = file.read(most + 1)
        if len(content) > most:
            size = max(os.fstat(file.fileno()).st_size, len(content))
            raise OSError(errno.EFBIG, f"it has {size:,} bytes, more than the {most:,} that it may have")
    return content


def reason(error: BaseException) -> str:
    """Why a file cannot be read, used or written, for a message that names the file already."""
    if isinstance(error, RecursionError):
        return "what is in it is nested too deep"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _check(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a regular file")
