"""A run with the thread that trains it: what comes out of the thread goes into the run."""

import math
from collections.abc import Callable

from mnist_gui.runs.run import Run
from mnist_gui.training.records import Record, RunEnded
from mnist_gui.training.thread import TrainingThread

UNTOLD = "the training ended without telling why; the log may know more"


class LiveRun:
    """One run and its session. has_ended: the thread has nothing more to tell."""

    def __init__(self, run: Run, session: TrainingThread) -> None:
        self.run, self.session = run, session
        self.has_ended = False

    def take(self, tell: Callable[[Record], None] = lambda record: None) -> None:
        """Take in all that is new. Each record is told of when the run knows it, and not yet those after it."""
        run_output, run = self.session.run_output, self.run
        is_over = self.session.is_over  # asked before, so that all its records are among those taken
        records = run_output.take_records()
        run.best = run_output.best or run.best  # after the records were taken, it is at least as new as they
        for keyframe in run_output.take_keyframes():
            run.timeline.add(keyframe)
        for record in records:
            run.add(record)
            if isinstance(record, RunEnded):
                self._end(record)
            tell(record)
        if is_over and not self.has_ended:
            self._end_without_a_word(tell)

    def _end_without_a_word(self, tell: Callable[[Record], None]) -> None:
        """The thread failed even at telling its end: nobody must wait for that."""
        run, history = self.run, self.run.history
        ended = RunEnded("failed", history.last_step, run.epoch, None, math.nan, math.nan, run.seconds, error=UNTOLD)
        run.add(ended)
        self._end(ended)
        tell(ended)

    def _end(self, record: RunEnded) -> None:
        # The weights of a run that went wrong are of no use: training on would start from the best ones.
        went_well = record.state in ("finished", "stopped_early", "stopped")
        self.run.trainer = self.session.trainer if went_well else None
        self.has_ended = True
