"""The signals that ask the program to end: Ctrl-C, SIGTERM, and the hang-up of a terminal that is closed."""

import ctypes
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Any

HANG_UP: signal.Signals | None = getattr(signal, "SIGHUP", None)  # which Windows does not have

# So long after a hang-up SIGTERM belongs to the same request.
SAME_REQUEST_SECONDS = 1.0


@contextmanager
def end_on_signal(end: Callable[[int], None], *, may_be_hurried: bool = True) -> Iterator[None]:
    """Context, for the main thread, that calls end(number) at the first of these signals.

    The next one does what it did before the context, or nothing if not may_be_hurried. Hang-ups after the first signal
    are ignored, as closing a terminal sends several, and so is SIGTERM shortly after a hang-up: at the end of a session
    both come at once. All hang-ups are ignored where they were before, as under nohup.

    The handlers stay in place until the end: Python complains of a signal that was received before its handler was
    taken away.
    """
    before: dict[int, Any] = {number: signal.getsignal(number) or signal.SIG_DFL for number in _heeded()}
    first: list[tuple[int, float]] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if not first:
            first.append((number, monotonic()))
            end(number)
        elif may_be_hurried and not _is_same_request(number, *first[0]):
            _do(number, before[number], frame)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_same_request(number: int, first: int, since: float) -> bool:
    """Whether a signal says again what the first one said."""
    is_of_session = number == signal.SIGTERM and first == HANG_UP and monotonic() - since < SAME_REQUEST_SECONDS
    return number == HANG_UP or is_of_session


def _do(number: int, handler: Any, frame: FrameType | None) -> None:
    """What a handler does at a signal that was received."""
    if callable(handler):
        handler(number, frame)
    elif handler == signal.SIG_DFL:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)


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


def name_of(number: int) -> str:
    """The signal's usual name, such as SIGTERM."""
    return signal.Signals(number).name


def _heeded() -> list[signal.Signals]:
    is_handled = HANG_UP is not None and signal.getsignal(HANG_UP) is not signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([HANG_UP] if HANG_UP is not None and is_handled else [])]
