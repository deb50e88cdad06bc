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
def asked_to_end(end: Callable[[int], None]) -> Iterator[None]:
    """Within this context, in the main thread, call end(number) at the first of these signals.

    The next one, of whichever kind, does what it did before the context. But of hang-ups several come when a terminal
    is closed: those after the first are ignored, and all of them where they were before, as nohup has it.
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
    """Within this context Ctrl-C ends the program at once: while a large library is imported, an exception is lost in
    some of its code, and the program goes on."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL) or signal.SIG_DFL
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def end_at_the_second() -> None:
    """From now on the next Ctrl-C or SIGTERM still goes to its handler, and another one of the same kind ends the
    program at once, also while Python itself is held up and handles nothing. Where libc cannot do that, it stays as it
    is."""
    set_once = getattr(ctypes.CDLL(None), "sysv_signal", None) if os.name == "posix" else None
    if set_once is None:
        return
    set_once.argtypes, set_once.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
    for number in (signal.SIGINT, signal.SIGTERM):
        # As System V had it: a handler is called once, and the default is back. Python's, which notes the signal.
        set_once(number, set_once(number, None))


def ignore_all() -> None:
    """From now on nothing but SIGKILL interrupts."""
    for number in _heeded():
        signal.signal(number, signal.SIG_IGN)


def name_of(number: int) -> str:
    """As people and manuals name a signal."""
    return signal.Signals(number).name


def _heeded() -> list[signal.Signals]:
    hears = HANG_UP is not None and signal.getsignal(HANG_UP) is not signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([HANG_UP] if HANG_UP is not None and hears else [])]
