"""How many processor cores the matrix products should use: one, except where two are measured to be faster."""

import os
from collections.abc import Callable
from statistics import median
from time import perf_counter

from threadpoolctl import threadpool_limits

from mnist_gui.engine.arrays import Floats
from mnist_gui.engine.network import Gradient, Network, Workspace

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

    def choose(self, abandon: Callable[[], bool]) -> bool:
        """Time one thread against two if that is due, and use the better; whether the number has changed."""
        started = perf_counter()
        if not self._may_choose or started < self._next_timing:
            return False
        before = self.count
        self._seconds_with_one, two = self._seconds(abandon)
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

    def _seconds(self, abandon: Callable[[], bool]) -> tuple[float, float]:
        """Median time of a forward and backward pass with one thread and with two, in turn; (0, 0) if abandoned."""
        workspace, gradient = Workspace(self._network, len(self._inputs)), Gradient(self._network)
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(1 + ROUNDS):
            for threads, samples in seconds.items():
                if abandon():
                    return 0.0, 0.0
                with threadpool_limits(threads, user_api="blas"):
                    started = perf_counter()
                    self._network.forward(self._inputs, workspace)
                    self._network.backward(self._inputs, workspace, gradient)
                    samples.append(perf_counter() - started)
        one, two = (median(samples[1:]) for samples in seconds.values())  # the first round warms up
        return one, two


def _cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
