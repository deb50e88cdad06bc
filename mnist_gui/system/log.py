"""The log file: what happened in the program, to find the cause of an error. It stays on the user's disk."""

import faulthandler
import logging
import logging.handlers
import os
import platform
import sys
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

import numpy as np

from mnist_gui import __version__

# A file that has grown to this, in bytes, becomes FILE.1, in place of an earlier one.
LARGEST = 1_000_000

# Length of a line of the head, in characters: a command may be given thousands of files.
LONGEST_FACT = 4_000

# Number of different records whose repetitions are counted.
REMEMBERED = 500


class Log:
    """All logging and the traces of crashes in a file, after a head with versions and `facts`, one a line.

    Lines that cannot be written, as on a full disk, are dropped silently; where the file cannot be created, logging
    goes to standard error. shows_warnings: warnings go to standard error in any case. crashes: the stream that
    faulthandler writes crashes to, open until `close`; None if there is none.
    """

    def __init__(self, path: Path, facts: Sequence[str] = (), *, shows_warnings: bool = False) -> None:
        self.crashes: TextIO | None = None
        self._handlers: list[logging.Handler] = []
        try:
            if path.exists() and not path.is_file():
                raise OSError(f"{path} is no regular file")
            path.parent.mkdir(parents=True, exist_ok=True)
            file = _File(path, [_versions(), *facts])
        except OSError:
            self.crashes = sys.stderr
            shows_warnings = True
        else:
            self.crashes = file.crashes
            self._handlers.append(file)
        if shows_warnings and logging.lastResort:
            self._handlers.append(logging.lastResort)
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.INFO)
        for handler in self._handlers:
            root.addHandler(handler)
        self._writes_crashes = self.crashes is not None and not faulthandler.is_enabled()
        if self.crashes and self._writes_crashes:
            faulthandler.enable(self.crashes)

    def close(self) -> None:
        """Stop logging and close the file."""
        root = logging.getLogger()
        root.setLevel(self._level)
        if self._writes_crashes:
            faulthandler.disable()
        for handler in self._handlers:
            root.removeHandler(handler)
            if handler is not logging.lastResort:
                handler.close()


class SeldomRepeated(logging.Filter):
    """Lets a repeated record through the 1st, 2nd, 4th, 8th, ... time only, with the number of times it came."""

    def __init__(self) -> None:
        super().__init__()
        self._times: OrderedDict[tuple[Any, ...], int] = OrderedDict()
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write it."""
        key = record.name, record.levelno, record.getMessage(), _error_of(record)
        with self._lock:
            times = self._times[key] = self._times.pop(key, 0) + 1
            if len(self._times) > REMEMBERED:
                self._times.popitem(last=False)
        if times & (times - 1):
            return False
        if times > 1:
            error = f": {record.exc_info[1]!r}" if record.exc_info else ""
            record.msg, record.args = f"{record.getMessage()}{error} ({times:,} times by now)", ()
            record.exc_info = record.exc_text = None  # already written with the first one
        return True


class _File(logging.handlers.RotatingFileHandler):
    """crashes: a second stream to the file, for faulthandler, which does not use this handler."""

    def __init__(self, path: Path, head: Sequence[str]) -> None:
        super().__init__(path, maxBytes=LARGEST, backupCount=1, encoding="utf-8", errors="backslashreplace")
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self.addFilter(SeldomRepeated())
        # Windows renames no file that is open twice, so crashes are not written there.
        self.crashes = self._open() if sys.platform != "win32" else None
        self._head: Sequence[str] = ()
        self._write(head)
        self._head = head  # for later files

    def doRollover(self) -> None:  # noqa: N802  logging's own name
        """Begin a new file, with the head."""
        super().doRollover()
        assert self.stream
        if self.crashes:
            os.dup2(self.stream.fileno(), self.crashes.fileno())
        self._write(self._head)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's own name
        """Ignore it: on a full disk every line would write a traceback to standard error."""

    def close(self) -> None:
        """Close both, though what is left in their buffers may not find room any more."""
        streams, self.stream = [self.stream, self.crashes], None
        super().close()
        for stream in filter(None, streams):
            with suppress(OSError):
                stream.close()

    def _write(self, head: Sequence[str]) -> None:
        for line in head:
            self.emit(logging.LogRecord("mnist_gui", logging.INFO, __file__, 0, line[:LONGEST_FACT], (), None))


def _versions() -> str:
    """Versions and machine, in one line."""
    return (
        f"mnist_gui {__version__}, process {os.getpid()}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"{platform.platform()}, {os.cpu_count()} processors"
    )


def _error_of(record: logging.LogRecord) -> tuple[object, ...]:
    """What distinguishes one error from another: its class, its text and where it was raised."""
    if not record.exc_info or record.exc_info[1] is None:
        return ()
    trace, place = record.exc_info[2], None
    while trace is not None:
        place, trace = (trace.tb_frame.f_code.co_filename, trace.tb_lineno), trace.tb_next
    return record.exc_info[0], str(record.exc_info[1]), place
