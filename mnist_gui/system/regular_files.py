"""Files that are read whole: only regular ones, which come to an end, and none larger than what they are for needs.

A device or a named pipe may have no end, or keep its reader waiting for ever.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """A regular file, open for reading. OSError if it is none; its strerror says what it is instead."""
    _check(path.stat())
    # Another file may have come to this name since: opening a pipe must not wait for whoever writes to it.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    try:
        _check(os.fstat(file.fileno()))
    except OSError:
        file.close()
        raise
    return file


def read_regular(path: Path, most: int) -> bytes:
    """All bytes of a regular file. OSError if it is none, if it cannot be read, or has more than `most` bytes."""
    with open_regular(path) as file:
        content = file.read(most + 1)
        if len(content) > most:
            size = max(os.fstat(file.fileno()).st_size, len(content))
            raise OSError(errno.EFBIG, f"it has {size:,} bytes, more than the {most:,} that it may have")
    return content


def reason(error: BaseException) -> str:
    """Why a file cannot be read, used or written, as a part of a sentence that names it already."""
    if isinstance(error, RecursionError):
        return "what is in it is nested too deep"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _check(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a regular file")
