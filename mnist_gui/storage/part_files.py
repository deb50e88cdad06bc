"""Temporary files for atomic writing, each beside the file that it replaces in the end.

If a program is killed, its file stays behind. So each is locked while it is written, and the next writer removes those
that are not locked.
"""

import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":  # where open files cannot be removed
    import fcntl

ENDING = r"\.[0-9a-f]{16}\.part"


@contextmanager
def part_of(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Context of a new file beside `path`, locked, to be closed and renamed there; removed if that fails.

    Parts of the same file that were left behind are removed first. OSError if there can be no new one.
    """
    remove_parts(path.parent, path.name)
    part, descriptor = _new(path)
    # Holds the same lock, so that the file can be closed before it is renamed: Windows renames no open file.
    lock = os.dup(descriptor) if sys.platform != "win32" else None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield part, file
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise
    finally:
        if lock is not None:
            os.close(lock)


def remove_parts(folder: Path, name: str | None = None) -> None:
    """Remove the parts in a folder, of the file of this name or of all files, that are not being written."""
    pattern = re.compile(rf"\.{re.escape(name) if name is not None else '.+'}{ENDING}", re.DOTALL)
    with suppress(OSError):
        for entry in list(os.scandir(folder)):
            if pattern.fullmatch(entry.name):
                _remove_if_left(Path(entry.path))


def _new(path: Path) -> tuple[Path, int]:
    """A part that did not exist before, and its descriptor, locked where files can be."""
    while True:
        part = path.parent / f".{path.name}.{secrets.token_hex(8)}.part"
        # Not mkstemp, which ignores the umask: the umask can only be read by changing it, in all threads.
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        if sys.platform != "win32":
            with suppress(OSError):  # there are file systems without locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return part, descriptor
        os.close(descriptor)  # another program has removed it before it was locked


def _remove_if_left(part: Path) -> None:
    if sys.platform == "win32":
        return
    with suppress(OSError):
        descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()
        finally:
            os.close(descriptor)
