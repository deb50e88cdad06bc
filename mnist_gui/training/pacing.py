"""Slow motion: few minibatches a second, so that the user can follow them."""

from queue import Empty, SimpleQueue
from time import perf_counter

from mnist_gui.training.commands import Command
from mnist_gui.training.meters import Stopwatch


class Pacer:
    """Limits the speed of a run. Waiting is not training time: the stopwatch is paused."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self._stopwatch = stopwatch
        self._pause_between = 0.0  # seconds from one minibatch to the next; 0: full speed
        self._next_minibatch = 0.0

    def set_pace(self, minibatches_per_second: float | None) -> None:
        """Allow at most this many minibatches a second; None: no limit."""
        self._pause_between = 1.0 / minibatches_per_second if minibatches_per_second else 0.0
        self._next_minibatch = 0.0

    @property
    def is_on(self) -> bool:
        """Whether the speed is limited. Then each minibatch is posted separately, even a slow one."""
        return self._pause_between > 0.0

    def must_wait(self) -> bool:
        """Whether it is too early for the next minibatch. If not, it counts as started."""
        if not self._pause_between:
            return False
        now = perf_counter()
        if now < self._next_minibatch:
            return True
        self._next_minibatch = now + self._pause_between
        return False

    def wait(self, inbox: SimpleQueue[Command]) -> Command | None:
        """Wait until the next minibatch is due and return None, or return a command that comes before."""
        self._stopwatch.pause()
        try:
            return inbox.get(timeout=max(0.0, self._next_minibatch - perf_counter()))
        except Empty:
            self._next_minibatch = perf_counter() + self._pause_between
            return None
        finally:
            self._stopwatch.resume()
