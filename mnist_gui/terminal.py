"""Standard output and standard error of commands: what was asked for goes to the one, all else to the other."""

import json
import os
import sys
from typing import Any

from mnist_gui import exit_status


def write_record(record: dict[str, Any]) -> None:
    """Write a record as a line of strict JSON."""
    write(as_line(record))


def as_line(record: dict[str, Any]) -> str:
    """A record as strict JSON: every number in it must be finite."""
    return json.dumps(record, allow_nan=False)


def write(text: str) -> None:
    """Write what was asked for; where that has no reader any more, there is nothing left to do."""
    try:
        print(text, flush=True)
    except OSError as error:  # the reader, such as head, has gone, or the disk is full
        if not isinstance(error, BrokenPipeError):
            say(f"mnist-gui: standard output cannot be written: {error.strerror}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # flushing at exit must find a reader
        raise SystemExit(exit_status.FAILED) from None


def say(text: str) -> None:
    """Write a warning, an error or the like."""
    print(text, file=sys.stderr, flush=True)
