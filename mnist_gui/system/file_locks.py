"""Locks between processes: two windows, or a window and a command, that change the same files lose nothing.

They are flock's, which the system lets go of when a process ends, however it ends. Where there are none, as on Windows
and on some network drives, files are changed without.
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

# A change takes some milliseconds: who has not let go after so many seconds has been stopped, or hangs.
MOST_SECONDS = 10.0
LOOK_SECONDS = 0.02


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file or folder, until it is closed. False if another process, or thread, has it."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # others: the drive knows no locks
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EAGAIN)
    return True


@contextmanager
def locked_folder(folder: Path, seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Within this context nobody else changes a folder's files who asks for this too. OSError if another does not let
    go of it for so long."""
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
