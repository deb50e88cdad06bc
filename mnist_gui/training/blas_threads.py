"""How many processor cores the matrix products should use: one, except where two are measured to be faster."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from statistics import median
from threading import Condition, Lock
from time import perf_counter

from threadpoolctl import OpenBLASController, ThreadpoolController

from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.types import Floats

# A step of fewer multiplications is over before a second thread has got under way: the default network is far below,
# so that its runs are the same to the bit on every machine of a kind.
LEAST_WORK = 100_000_000
ROUNDS = 3
# Two threads must gain this much on one, or a machine that is busy at times would lose by them.
WORTHWHILE = 0.85
# Timing again may take this share of the training time.
TIMING_SHARE = 0.03
# Steps whose median time is watched while two threads are in force.
WATCHED = 15
# After two threads have turned out slower they are not tried again for so many seconds.
REST_SECONDS = 120.0


class ProcessBlas:
    """Sets the number of BLAS threads, of which a process has only one, for all runs in it.

    Runs overlap: one that was left behind makes its last step while the next one begins, and settings are tried out
    while a run goes on. A step with another number than its run's record says could not be repeated to the bit. So the
    number is set for a step at a time, and steps that want different numbers wait for each other, in turn.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # taken twice a step, and a fraction of the time that its condition takes
        self._may_have_changed = Condition(self._lock)
        self._runs = 0
        self._in_force = 0
        self._steps = 0  # under way with the number in force
        self._waiting: deque[object] = deque()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """For the length of a run. After the last of several the number is again what it was before the first."""
        with self._lock:
            if not self._runs:
                self._libraries = ThreadpoolController().select(user_api="blas").lib_controllers
                self._before = [library.num_threads for library in self._libraries]
                self._set(1)
            self._runs += 1
        try:
            yield
        finally:
            with self._lock:
                self._runs -= 1
                if not self._runs:
                    self._set(*self._before)

    @contextmanager
    def using(self, count: int) -> Iterator[None]:
        """For the length of a step, within `lent`: so many threads. Must not be nested."""
        with self._lock:
            if self._waiting or not self._may_use(count):
                self._wait(count)
            if self._in_force != count:
                self._set(count)
            self._steps += 1
        try:
            yield
        finally:
            with self._lock:
                self._steps -= 1
                if self._waiting:
                    self._may_have_changed.notify_all()

    def _set(self, *counts: int) -> None:
        """One number for all libraries, or one for each."""
        _let_any_thread_set()
        for library, count in zip(self._libraries, cycle(counts)):
            library.set_num_threads(count)
        _let_any_thread_set()
        self._in_force = counts[0] if counts else 0

    def _may_use(self, count: int) -> bool:
        return not self._steps or self._in_force == count

    def _wait(self, count: int) -> None:
        """Until nobody who came earlier waits, and no step with another number is under way."""
        me = object()
        self._waiting.append(me)
        try:
            self._may_have_changed.wait_for(lambda: self._waiting[0] is me and self._may_use(count))
        finally:
            self._waiting.remove(me)
            self._may_have_changed.notify_all()  # the next one may want the same number


def _let_any_thread_set() -> None:
    """threadpoolctl heeds, from 3.8 on, only the thread that was the first to set a number, which trains nothing."""
    clear = getattr(OpenBLASController, "clear_controlling_thread", None)
    if clear:
        clear(force=True)


BLAS = ProcessBlas()


class BlasThreads:
    """The number in force for one run: as asked for, or by timing, again from time to time."""

    def __init__(self, asked: int, network: Network, inputs: Floats, parts: float = 1.0) -> None:
        """asked: 0 to choose. inputs (B, D): digits as in a step, or in one of the `parts` that a step is made in."""
        self.count = asked or 1
        self._network, self._inputs, self._parts = network, inputs, parts
        is_large = len(inputs) * network.parameters.size >= LEAST_WORK
        self._may_choose = not asked and is_large and _cores() > 1
        self._next_timing = 0.0
        self._seconds_with_one = 0.0
        self._watched: list[float] = []

    def fix(self, count: int) -> int:
        """Use so many from now on, without timing; how many there were."""
        before, self.count, self._may_choose = self.count, count, False
        return before

    def choose(self, should_cancel: Callable[[], bool]) -> bool:
        """Time one thread against two if that is due, and use the better; whether the number has changed."""
        started = perf_counter()
        if not self._may_choose or started < self._next_timing:
            return False
        before = self.count
        self._seconds_with_one, two = self._seconds(should_cancel)
        self.count = 2 if two < WORTHWHILE * self._seconds_with_one else 1
        self._watched.clear()
        done = perf_counter()
        self._next_timing = done + (done - started) / TIMING_SHARE
        return self.count != before

    def note_step(self, seconds: float) -> bool:
        """Take in the time of a training step; whether it made the number fall back to one.

        On a machine with other work a short timing flatters two threads, as the system favours those that have rested.
        So steps are watched, too: they must not take longer than their products alone did with one thread.
        """
        if not self._may_choose or self.count == 1:
            return False
        self._watched.append(seconds / self._parts)
        if len(self._watched) < WATCHED:
            return False
        is_slow = median(self._watched) > self._seconds_with_one
        self._watched.clear()
        if is_slow:
            self.count = 1
            self._next_timing = perf_counter() + REST_SECONDS
        return is_slow

    def _seconds(self, should_cancel: Callable[[], bool]) -> tuple[float, float]:
        """Median time of a forward and backward pass with one thread and with two, in turn; (0, 0) if abandoned.

        Within a run, so within `BLAS.lent`.
        """
        workspace, gradient = Workspace(self._network, len(self._inputs)), Gradient(self._network)
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(1 + ROUNDS):
            for threads, samples in seconds.items():
                if should_cancel():
                    return 0.0, 0.0
                with BLAS.using(threads):
                    started = perf_counter()
                    self._network.forward(self._inputs, workspace)
                    self._network.backward(self._inputs, workspace, gradient)
                    samples.append(perf_counter() - started)
        one, two = (median(samples[1:]) for samples in seconds.values())  # the first round warms up
        return one, two


def _cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
