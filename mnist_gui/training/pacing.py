"""Slow motion: so few minibatches a second that a person can follow them."""

from queue import Empty, SimpleQueue
from time import perf_counter

from mnist_gui.training.commands import Command
from mnist_gui.training.meters import Stopwatch


class Pacer:
    """Keeps a run to its pace. Waiting is no training time: the stopwatch stands still."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self._stopwatch = stopwatch
        self._pause_between = 0.0  # seconds from one minibatch to the next; 0: as fast as it goes
        self._next_minibatch = 0.0

    def set_pace(self, minibatches_per_second: float | None) -> None:
        """Let through at most so many minibatches a second; None: all."""
        self._pause_between = 1.0 / minibatches_per_second if minibatches_per_second else 0.0
        self._next_minibatch = 0.0

    @property
    def is_on(self) -> bool:
        """Whether there is a pace to keep to. Then each minibatch is told by itself, also one that took too long."""
        return self._pause_between > 0.0

    def must_wait(self) -> bool:
        """Whether it is too early for the next minibatch. If not, it counts as let through."""
        if not self._pause_between:
            return False
        now = perf_counter()
        if now < self._next_minibatch:
            return True
        self._next_minibatch = now + self._pause_between
        return False

    def wait(self, inbox: SimpleQueue[Command]) -> Command | None:
        """Wait for the next minibatch's turn, which is then taken; or for a command that comes before it."""
        self._stopwatch.pause()
        try:
            return inbox.get(timeout=max(0.0, self._next_minibatch - perf_counter()))
        except Empty:
            self._next_minibatch = perf_counter() + self._pause_between
            return None
        finally:
            self._stopwatch.resume()
