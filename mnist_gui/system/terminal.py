"""Standard output and standard error of commands: what was asked for goes to the one, all else to the other.

A stream that cannot be written, because its reader has gone or the disk is full, falls silent: what a command does
besides, such as to train and to save, goes on. `end` then says so in the exit status.
"""

import json
import os
import sys
from contextlib import suppress
from io import FileIO, TextIOWrapper
from typing import Any, TextIO

from mnist_gui.system import exit_status
from mnist_gui.system.printable import on_one_line

# Of standard output: closed when the program began, and something that was written did not arrive.
_is_closed = False
_is_lost = False


def begin() -> None:
    """Make the standard streams such that they can be written to: first of all in a command.

    Closed ones lead nowhere; lest the next file that is opened takes the number of standard error, and is written to by
    libraries. Letters that their encoding cannot hold are written out, as \\u2192: half a surrogate pair, which a file
    name that is no UTF-8 is given, and much else under a locale of 8 bits.
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
    """The exit status of a command that would end with `status`: 1 if not all that it wrote has arrived."""
    _flush()
    return exit_status.FAILED if _is_lost and status in (exit_status.FINISHED, exit_status.FOUND) else status


def is_lost() -> bool:
    """Whether standard output has fallen silent: a command that does nothing besides can end."""
    return _is_lost


def write_record(record: dict[str, Any]) -> None:
    """Write a record as a line of strict JSON."""
    write(as_line(record))


def as_line(record: dict[str, Any]) -> str:
    """A record as strict JSON: every number in it must be finite."""
    return json.dumps(record, allow_nan=False)


def write(text: str) -> None:
    """Write a line of what was asked for."""
    global _is_lost
    _is_lost |= _is_closed
    try:
        sys.stdout.write(f"{on_one_line(text)}\n")
        sys.stdout.flush()
    except OSError as error:
        _lose(error)


def write_lines(text: str) -> None:
    """Write what was asked for, a text of several lines."""
    for line in text.split("\n"):
        write(line)


def say(text: str) -> None:
    """Write a warning, an error or the like, in one line."""
    show(f"{on_one_line(text)}\n")


def show(text: str) -> None:
    """Write to standard error as it is, without the end of a line."""
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
    """Standard output cannot be written any more. A reader that has gone, such as head, wants to be told nothing."""
    global _is_lost
    _is_lost = True
    _silence(sys.stdout)
    if not isinstance(error, BrokenPipeError):
        say(f"mnist-gui: standard output cannot be written: {error.strerror}")


def _silence(stream: TextIO) -> None:
    """From now on lead a stream nowhere, together with what is left in its buffer."""
    with suppress(OSError):  # of a stream that is no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _nowhere(number: int, mode: str) -> TextIO:
    """A stream without an end, by this number if no file has it."""
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
