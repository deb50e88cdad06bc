"""The number of BLAS threads for matrix products: one, except where two are measured to be faster."""

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

# A step of fewer multiplications ends before a second thread has started. The default network is far below, so that its
# runs are bit-equal on all machines of a kind.
LEAST_WORK = 100_000_000
ROUNDS = 3
# Two threads must take at most this share of the time of one; else they are slower when the machine is busy.
WORTHWHILE = 0.85
# Timing again may take this share of the training time.
TIMING_SHARE = 0.03
# Number of steps whose median time is checked while two threads are used.
WATCHED = 15
# Seconds before two threads are tried again after they were slower.
REST_SECONDS = 120.0


class ProcessBlas:
    """Sets the number of BLAS threads, which is one global value of the process, for all its runs.

    Runs overlap: one that was stopped makes its last step while the next one begins, and pre-flight checks train during
    a run. A step with another number than its run's record states could not be repeated bit by bit. So the number is
    set for each step, and steps with different numbers wait for each other, in turn.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # taken twice a step; much cheaper than its condition
        self._may_have_changed = Condition(self._lock)
        self._runs = 0
        self._in_force = 0
        self._steps = 0  # running now with the number in force
        self._waiting: deque[object] = deque()

    @contextmanager
    def managed(self) -> Iterator[None]:
        """Context of a run: sets one thread. After the last of several runs the number is what it was before the
        first."""
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
        """Context of a step, within `managed`: sets `count` threads. Must not be nested."""
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
        """Wait until no earlier thread waits and no step with another number is running."""
        me = object()
        self._waiting.append(me)
        try:
            self._may_have_changed.wait_for(lambda: self._waiting[0] is me and self._may_use(count))
        finally:
            self._waiting.remove(me)
            self._may_have_changed.notify_all()  # the next one may use the same number


def _let_any_thread_set() -> None:
    """From 3.8 on threadpoolctl obeys only the thread that first set a number; clear that restriction."""
    clear = getattr(OpenBLASController, "clear_controlling_thread", None)
    if clear:
        clear(force=True)


BLAS = ProcessBlas()


class BlasThreads:
    """The number of threads of one run: fixed by its settings, or chosen by timing, repeated from time to time."""

    def __init__(self, asked: int, network: Network, inputs: Floats, parts: float = 1.0) -> None:
        """asked: 0 to choose. inputs (B, D): as many digits as in a step, or in each of the `parts` of a step."""
        self.count = asked or 1
        self._network, self._inputs, self._parts = network, inputs, parts
        is_large = len(inputs) * network.parameters.size >= LEAST_WORK
        self._may_choose = not asked and is_large and _cores() > 1
        self._next_timing = 0.0
        self._seconds_with_one = 0.0
        self._watched: list[float] = []

    def fix(self, count: int) -> int:
        """Use `count` threads from now on, without timing; returns the number before."""
        before, self.count, self._may_choose = self.count, count, False
        return before

    def choose(self, should_cancel: Callable[[], bool]) -> bool:
        """Time one thread against two if that is due, and use the faster. Returns whether the number has changed."""
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
        """Record the time of a training step. Returns whether the number falls back to one.

        On a busy machine a short timing favours two threads, since the scheduler favours threads that were idle. So the
        median of steps is checked, too: it must not exceed the time of the products alone with one thread.
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
        """Median time of a forward and backward pass with one thread and with two, in turn; (0, 0) if cancelled.

        Only within `BLAS.managed`.
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
    """Number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
