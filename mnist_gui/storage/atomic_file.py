"""Atomic writing of files; damaged files are renamed, not overwritten."""

import errno
import os
import stat
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import BinaryIO

from mnist_gui.storage.part_files import part_of
from mnist_gui.system.file_locks import locked_folder
from mnist_gui.system.regular_files import reason


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a new file beside `path`, then put it in the place of `path` in one step.

    If the program or the machine stops, `path` is the old file or the new one, never a part (a rename within
    a folder is atomic; fsync of file and folder puts it on the disk). OSError if it cannot be written, or is there and
    read-only or no regular file, such as a device: `path` is then as it was.
    """
    path = check_replaceable(path)
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
    """Rename a damaged file, so that its content is not lost. Returns its new path.

    OSError if that is not possible.
    """
    names = (f"{path.stem}.damaged-{number}{path.suffix}" for number in count(1))
    return path.rename(next(place for name in names if not (place := path.with_name(name)).exists()))


def set_aside_if(path: Path, is_damaged: Callable[[], bool]) -> Path | None:
    """`set_aside` a file in a folder that several programs change; None if `is_damaged` returns False, because another
    program has already replaced the file."""
    with locked_folder(path.parent):
        return set_aside(path) if is_damaged() else None


def write_problem(path: Path) -> str:
    """Why no file could be written at `path` now, "" if one could be. Found by trying: permissions are not
    sufficient."""
    try:
        path = check_replaceable(path)
        with part_of(path) as (part, file):
            file.close()
            part.unlink()
    except OSError as error:
        return reason(error)
    return ""


def check_replaceable(path: Path) -> Path:
    """The file that a path leads to, through links. OSError where there is something that must not be replaced.

    Replacing a file needs only permission for its folder, and root may do anything: so read-only and irregular files
    are checked for here.
    """
    if "\0" in str(path):  # of which Python's versions say different things
        raise OSError(errno.EINVAL, "there is a null byte in the name")
    try:
        path = path.resolve()
        mode = path.stat().st_mode
    except FileNotFoundError:
        return path
    except (RuntimeError, ValueError) as error:  # links that lead to each other; letters that no name can have
        raise OSError(errno.EINVAL, str(error)) from error
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a regular file", str(path))
    if not mode & 0o222 or not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is there already and read-only: take another name", str(path))
    return path


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows can neither open a folder nor needs to
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
