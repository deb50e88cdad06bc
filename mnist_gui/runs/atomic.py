"""Files that are written whole or not at all, and not written over where they are damaged."""

import os
import secrets
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import BinaryIO


def write_atomically(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Let `write` fill a new file beside `path`, then put it in the place of `path` in one step.

    Whenever the program or the machine stops, `path` is the old file or the new one, never a part (a rename within
    a folder is atomic; fsync of file and folder puts it on the disk). OSError if it cannot be written: `path` is then
    as it was.
    """
    path = path.resolve()
    temporary = path.parent / f".{path.name}.{secrets.token_hex(8)}.part"
    # Not mkstemp, whose files are for the owner alone: the umask can only be read by changing it, in all threads.
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(temporary, path.stat().st_mode & 0o777)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(path.parent)


def set_aside(path: Path) -> Path:
    """Give a damaged file another name, under which no program looks for it: nothing in it is lost. Its new path.

    OSError if that is not possible.
    """
    names = (f"{path.stem}.damaged-{number}{path.suffix}" for number in count(1))
    return path.rename(next(place for name in names if not (place := path.with_name(name)).exists()))


def can_write(path: Path) -> bool:
    """Whether a file could be written at `path` now: tried, for what is permitted does not say what is possible."""
    path = path.resolve()
    if path.is_dir():
        return False
    temporary = path.parent / f".{path.name}.{secrets.token_hex(8)}.part"
    try:
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))
        os.unlink(temporary)
    except OSError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows can neither open a folder nor needs to
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
