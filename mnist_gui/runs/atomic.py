"""Files that are written whole or not at all, and not written over where they are damaged."""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import BinaryIO

from mnist_gui.runs.part_files import part_of


def write_atomically(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Let `write` fill a new file beside `path`, then put it in the place of `path` in one step.

    Whenever the program or the machine stops, `path` is the old file or the new one, never a part (a rename within
    a folder is atomic; fsync of file and folder puts it on the disk). OSError if it cannot be written: `path` is then
    as it was.
    """
    path = path.resolve()
    with part_of(path) as (part, file):
        write(file)
        file.flush()
        os.fsync(file.fileno())
        file.close()
        if path.exists():
            os.chmod(part, path.stat().st_mode & 0o777)
        os.replace(part, path)
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
    try:
        with part_of(path) as (part, file):
            file.close()
            part.unlink()
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
