"""A sweep under way: a thread that waits for its runs, which are in processes of their own, and writes them down."""

import logging
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic

from mnist_gui.lab.pool import end_workers, run_all, workers
from mnist_gui.lab.sweep_runs import Outcome, SweepRuns
from mnist_gui.lab.trial import try_or_tell

# joblib makes the runs of a single process in this one, where they would take the interpreter from the window.
FEWEST_PROCESSES = 2

# How often those who wait for runs are looked at while they are told to end.
CANCEL_SECONDS = 0.05

# What the thread tells: the place of a run and what it gave, or how it all ended: None, or what went wrong.
News = tuple[int, Outcome] | Exception | None


class SweepJob:
    """Makes the runs that are left, `at_once` at the same time.

    Each is on the disk before `news` tell it; the last of the news is the end.
    """

    def __init__(self, runs: SweepRuns, at_once: int, *, in_process: bool = False) -> None:
        """in_process: one by one in this process, for tests."""
        self.runs, self.left = runs, runs.left
        self.news: SimpleQueue[News] = SimpleQueue()
        self.at_once, self._in_process = at_once, in_process
        self._cancelled = Event()
        # A daemon: closing the window does not wait for a run that cannot be ended.
        self._thread = Thread(target=self._work, name="sweep", daemon=True)
        self._thread.start()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was told to end."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End the runs under way; the news will tell when that is done."""
        self._cancelled.set()
        Thread(target=self._end_workers, name="sweep cancel", daemon=True).start()

    def close(self, seconds: float) -> bool:
        """End the runs under way now; whether the thread has ended within so many seconds."""
        self._cancelled.set()
        self._end_workers(seconds)
        return not self._thread.is_alive()

    def _end_workers(self, seconds: float = float("inf")) -> None:
        """Until nobody makes new ones."""
        end = monotonic() + seconds
        while self._thread.is_alive() and monotonic() < end:
            end_workers()
            self._thread.join(CANCEL_SECONDS)

    def _work(self) -> None:
        configs = [self.runs.configs[place] for place in self.left]
        jobs = 1 if self._in_process else max(FEWEST_PROCESSES, self.at_once)
        trials = run_all(
            configs, attempt=try_or_tell, at_once=1 if self.at_once == 1 else None, is_cancelled=self._cancelled.is_set
        )
        try:
            with workers(jobs):
                for number, trial in trials:
                    place = self.left[number]
                    self.news.put((place, self.runs.keep(place, trial)))
            self.news.put(None)
        except Exception as error:  # the top of a thread: a failure must reach the person
            logging.getLogger(__name__).exception("the sweep failed")
            self.news.put(error)
