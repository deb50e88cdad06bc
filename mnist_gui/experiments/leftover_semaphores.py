"""What is left of processes that were killed together with all that cleans up after them: joblib's semaphores.

Their names hold the number of the process that made them. Each that makes some keeps a note with its number, locked
for as long as it lives; the next one to come finds the notes that nobody holds any more.
"""

import atexit
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from mnist_gui.system.paths import NoFolderError, state_dir

if sys.platform != "win32":  # where nothing is left
    import fcntl

# Where Linux has named semaphores, and what joblib calls its own.
SHARED_MEMORY = Path("/dev/shm")
SEMAPHORES = "sem.loky-{pid}-*"


def clean_up() -> None:
    """Remove what processes left that are no more. What cannot be removed stays."""
    with suppress(OSError, NoFolderError):  # also where this user has no home folder
        for note in list(_folder().glob("*.pid")):
            _clean_after(note)


@cache
def keep_note() -> None:
    """Note that this process makes semaphores: to be called before the first one is. Without a place for the note they
    are made all the same."""
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
    """Remove what is left of the process of a note, and the note, if nobody holds it."""
    if sys.platform == "win32" or not note.stem.isdecimal() or _is_alive(int(note.stem)):
        return
    with note.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # held: in another container, where this number is another process's
            return
        for semaphore in SHARED_MEMORY.glob(SEMAPHORES.format(pid=note.stem)):
            semaphore.unlink(missing_ok=True)
        note.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    """Whether a process has this number; perhaps another one than the note's, whose names are then alike."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
