"""Standard output and standard error of commands: results go to the first, messages to the second.

A stream that cannot be written, because its reader has gone or the disk is full, is redirected to nowhere: the command
itself, such as training and saving, goes on. `end` reports the loss in the exit status.
"""

import json
import os
import sys
from contextlib import suppress
from io import FileIO, TextIOWrapper
from typing import Any, TextIO

from mnist_gui.system import exit_status
from mnist_gui.system.printable import on_one_line

# Standard output was closed when the program began; something that was written to it was lost.
_is_closed = False
_is_lost = False


def begin() -> None:
    """Make the standard streams writable. Call this first in a command.

    Closed streams are opened on the null device, so that no other file gets the descriptor of standard error, which
    libraries write to. Characters that the encoding cannot hold, such as the surrogates of a file name that is not
    UTF-8, are written as escapes (\\u2192).
    """
    global _is_closed, _is_lost
    _is_closed, _is_lost = sys.stdout is None, False
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere(number, "r" if name == "stdin" else "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def end(status: int) -> int:
    """The exit status of a command that would end with `status`: 1 if some of its output was lost."""
    _flush()
    return exit_status.FAILED if _is_lost and status in (exit_status.FINISHED, exit_status.FOUND) else status


def is_lost() -> bool:
    """Whether standard output cannot be written any more: a command that only writes can end."""
    return _is_lost


def write_record(record: dict[str, Any]) -> None:
    """Write a record as a line of strict JSON."""
    write(as_line(record))


def as_line(record: dict[str, Any]) -> str:
    """A record as strict JSON: every number in it must be finite."""
    return json.dumps(record, allow_nan=False)


def write(text: str) -> None:
    """Write a line to standard output."""
    global _is_lost
    _is_lost |= _is_closed
    try:
        sys.stdout.write(f"{on_one_line(text)}\n")
        sys.stdout.flush()
    except OSError as error:
        _lose(error)


def write_lines(text: str) -> None:
    """Write a text of several lines to standard output."""
    for line in text.split("\n"):
        write(line)


def write_message(text: str) -> None:
    """Write a message, such as a warning or an error, as one line to standard error."""
    show(f"{on_one_line(text)}\n")


def show(text: str) -> None:
    """Write a text to standard error as it is; no line end is added."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError as error:
        _lose(error)


def _lose(error: OSError) -> None:
    """Give up standard output. Reported on standard error, but not where the reader has gone, as with `| head`."""
    global _is_lost
    _is_lost = True
    _silence(sys.stdout)
    if not isinstance(error, BrokenPipeError):
        write_message(f"mnist-gui: standard output cannot be written: {error.strerror}")


def _silence(stream: TextIO) -> None:
    """Redirect a stream, and what is left in its buffer, to the null device."""
    with suppress(OSError):  # a stream that is not a file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _nowhere(number: int, mode: str) -> TextIO:
    """A stream on the null device, with this descriptor if it is free."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    if descriptor != number and not _is_open(number):
        os.dup2(descriptor, number)
        os.close(descriptor)
        descriptor = number
    os.set_inheritable(descriptor, descriptor == number)
    return TextIOWrapper(FileIO(descriptor, mode, closefd=False), encoding="utf-8", write_through=True)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
