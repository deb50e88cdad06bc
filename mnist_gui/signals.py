"""The signals that ask the program to end: Ctrl-C, SIGTERM, and the hang-up of a terminal that is closed."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

HANG_UP: signal.Signals | None = getattr(signal, "SIGHUP", None)  # which Windows does not have


@contextmanager
def asked_to_end(end: Callable[[int], None]) -> Iterator[None]:
    """Within this context, in the main thread, call end(number) at the first signal of each kind.

    The next Ctrl-C or SIGTERM does what it did before the context. Of hang-ups several come when a terminal is closed:
    the others are ignored, and all of them where they were before, as nohup has it.
    """
    before: dict[int, Any] = {number: signal.getsignal(number) or signal.SIG_DFL for number in _heeded()}

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN if number == HANG_UP else before[number])
        end(number)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
