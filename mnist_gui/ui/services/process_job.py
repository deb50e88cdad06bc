"""Runs under way in processes of their own: the thread that waits for them, which can be asked to end."""

import logging
from abc import ABC, abstractmethod
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

from mnist_gui.experiments.process_pool import end_workers, workers
from mnist_gui.system.user_errors import user_facing_error

News = TypeVar("News")

# joblib makes the runs of a single process in this one, where they would take the interpreter from the window.
FEWEST_PROCESSES = 2

# How often those who wait for runs are looked at while they are asked to end.
CANCEL_SECONDS = 0.05


class ProcessJob(ABC, Generic[News]):
    """What `make` does in a thread, with some processes at hand. news: its results, and as the last of them the end:
    None, or what went wrong."""

    def __init__(self, name: str, processes: int, *, in_process: bool = False) -> None:
        """in_process: one by one in this process, for tests."""
        self.news: SimpleQueue[News | BaseException | None] = SimpleQueue()
        self._name, self._processes = name, 1 if in_process else max(FEWEST_PROCESSES, processes)
        self._cancelled, self._lock, self._has_workers = Event(), Lock(), False
        # A daemon: closing the window does not wait for a run that cannot be ended.
        self._thread = Thread(target=self._work, name=name, daemon=True)

    @abstractmethod
    def make(self) -> None:
        """Make the runs and put what they give into `news`, in the thread; give up if `is_cancelled` says so."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def is_cancelled(self) -> bool:
        """Whether it was asked to end."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End the runs under way; news says when that is done."""
        self._cancelled.set()
        Thread(target=self._end_workers, name=f"{self._name} cancel", daemon=True).start()

    def close(self, seconds: float) -> bool:
        """End the runs under way now; whether the thread has ended within so many seconds."""
        self._cancelled.set()
        self._end_workers(seconds)
        return not self._thread.is_alive()

    def _end_workers(self, seconds: float = float("inf")) -> None:
        """Until nobody makes new ones. Those of another job are let alone: there is one pool for all."""
        end = monotonic() + seconds
        while self._thread.is_alive() and monotonic() < end:
            with self._lock:
                if self._has_workers:
                    end_workers()
            self._thread.join(CANCEL_SECONDS)

    def _own(self, *, has_workers: bool) -> None:
        with self._lock:
            self._has_workers = has_workers

    def _work(self) -> None:
        end: BaseException | None = None
        try:
            with workers(self._processes, is_cancelled=self.is_cancelled):
                self._own(has_workers=True)
                try:
                    self.make()
                finally:
                    self._own(has_workers=False)
        except Exception as error:  # noqa: BLE001  the top of a thread: a failure must reach the user
            if not self.is_cancelled():  # else it may be what the end of its processes led to
                end = user_facing_error(error, logging.getLogger(__name__), f"the {self._name} failed")
        self.news.put(end)
