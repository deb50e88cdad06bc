"""Removes joblib's semaphores that are left when processes are killed together with their cleaners.

Their names contain the id of the process that made them. Each such process has a file with its id, locked while it
lives; the next one finds files that are not locked any more.
"""

import atexit
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from mnist_gui.system.paths import NoFolderError, state_dir

if sys.platform != "win32":  # where none are left
    import fcntl

# Where Linux has named semaphores, and the names of joblib's.
SHARED_MEMORY = Path("/dev/shm")
SEMAPHORES = "sem.loky-{pid}-*"


def clean_up() -> None:
    """Remove the semaphores of processes that have ended. Those that cannot be removed stay."""
    with suppress(OSError, NoFolderError):  # also where this user has no home folder
        for note in list(_folder().glob("*.pid")):
            _clean_after(note)


@cache
def register() -> None:
    """Write the file of this process. Call it before the first semaphore is made. Ignored where it cannot be
    written."""
    if sys.platform == "win32":
        return
    with suppress(OSError, NoFolderError):  # also where this user has no home folder
        _folder().mkdir(parents=True, exist_ok=True)
        note = _folder() / f"{os.getpid()}.pid"
        descriptor = os.open(note, os.O_RDWR | os.O_CREAT, 0o600)  # open, and so locked, to the end of the process
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        atexit.register(note.unlink, missing_ok=True)


def _folder() -> Path:
    return state_dir() / "pools"


def _clean_after(note: Path) -> None:
    """Remove the semaphores of the process of a file, and the file, if it is not locked."""
    if sys.platform == "win32" or not note.stem.isdecimal() or _is_alive(int(note.stem)):
        return
    with note.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # locked: by a process with this id in another container
            return
        for semaphore in SHARED_MEMORY.glob(SEMAPHORES.format(pid=note.stem)):
            semaphore.unlink(missing_ok=True)
        note.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    """Whether a process has this id; it may be another one, whose semaphores have the same names."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
