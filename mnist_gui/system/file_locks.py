"""Locks between processes: two windows, or a window and a command, that change the same files lose nothing.

The locks are those of flock(2); the system releases them when a process ends, however it ends. Where there is no flock,
as on Windows and on some network drives, files are changed without a lock.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

if sys.platform != "win32":
    import fcntl

# A change takes some milliseconds: a process that holds the lock for longer has been stopped, or hangs.
MOST_SECONDS = 10.0
LOOK_SECONDS = 0.02


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file or folder, until it is closed. False if another process, or thread, has it."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # others: the drive does not support locks
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EAGAIN)
    return True


@contextmanager
def locked_folder(folder: Path, seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Within this context no other process that uses this lock changes the folder's files. OSError if another process
    holds the lock for `seconds`."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        end = monotonic() + seconds
        while not try_lock(descriptor):
            if monotonic() >= end:
                raise OSError(errno.EAGAIN, "another program is changing the files of this folder", str(folder))
            sleep(LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)
