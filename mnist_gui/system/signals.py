"""The signals that ask the program to end: Ctrl-C, SIGTERM, and the hang-up of a terminal that is closed."""

import ctypes
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

HANG_UP: signal.Signals | None = getattr(signal, "SIGHUP", None)  # which Windows does not have


@contextmanager
def end_on_signal(end: Callable[[int], None]) -> Iterator[None]:
    """Context, for the main thread, that calls end(number) at the first of these signals.

    The next signal of any of these kinds does what it did before the context. Closing a terminal sends several
    hang-ups: those after the first are ignored; all are where they were ignored before, as under nohup.
    """
    before: dict[int, Any] = {number: signal.getsignal(number) or signal.SIG_DFL for number in _heeded()}

    def handle(number: int, frame: FrameType | None) -> None:
        for each, handler in before.items():
            signal.signal(each, signal.SIG_IGN if each == number == HANG_UP else handler)
        end(number)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def ended_by_ctrl_c() -> Iterator[None]:
    """Context in which Ctrl-C ends the program at once: a KeyboardInterrupt raised while a large library is imported
    may be swallowed by its code."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL) or signal.SIG_DFL
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def end_at_the_second() -> None:
    """Let the next Ctrl-C or SIGTERM go to its handler, and another one of the same kind end the program at once, even
    while Python is blocked and runs no handlers. Does nothing where libc has no sysv_signal."""
    set_once = getattr(ctypes.CDLL(None), "sysv_signal", None) if os.name == "posix" else None
    if set_once is None:
        return
    set_once.argtypes, set_once.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
    for number in (signal.SIGINT, signal.SIGTERM):
        # System V semantics: the handler (here Python's own, which records the signal) runs once, then the default is
        # back.
        set_once(number, set_once(number, None))


def ignore_all() -> None:
    """Ignore all these signals from now on."""
    for number in _heeded():
        signal.signal(number, signal.SIG_IGN)


def name_of(number: int) -> str:
    """The signal's usual name, such as SIGTERM."""
    return signal.Signals(number).name


def _heeded() -> list[signal.Signals]:
    is_handled = HANG_UP is not None and signal.getsignal(HANG_UP) is not signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([HANG_UP] if HANG_UP is not None and is_handled else [])]
