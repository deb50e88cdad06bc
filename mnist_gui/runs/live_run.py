"""A run with the thread that trains it: moves the thread's output into the run."""

import math
from collections.abc import Callable

from mnist_gui.runs.run import Run
from mnist_gui.training.records import Record, RunEnded
from mnist_gui.training.thread import TrainingThread

NO_REASON = "the training ended without a reason; the log may have more"


class LiveRun:
    """One run and its training thread. has_ended: all records of the thread are in the run."""

    def __init__(self, run: Run, session: TrainingThread) -> None:
        self.run, self.session = run, session
        self.has_ended = False

    def take(self, on_record: Callable[[Record], None] = lambda record: None) -> None:
        """Take all new output. on_record is called with each record after it, but none after it, is in the run."""
        run_output, run = self.session.run_output, self.run
        is_over = self.session.is_over  # read first, so that all its records are among those taken
        records = run_output.take_records()
        run.best = run_output.best or run.best  # read after the records, so it is at least as new
        for keyframe in run_output.take_keyframes():
            run.timeline.add(keyframe)
        for record in records:
            run.add(record)
            if isinstance(record, RunEnded):
                self._end(record)
            on_record(record)
        if is_over and not self.has_ended:
            self._end_without_record(on_record)

    def _end_without_record(self, on_record: Callable[[Record], None]) -> None:
        """End the run if its thread ended without a RunEnded record."""
        run, history = self.run, self.run.history
        ended = RunEnded("failed", history.last_step, run.epoch, None, math.nan, math.nan, run.seconds, error=NO_REASON)
        run.add(ended)
        self._end(ended)
        on_record(ended)

    def _end(self, record: RunEnded) -> None:
        # The last weights of a failed run are not used: training continues from the best ones.
        went_well = record.state in ("finished", "stopped_early", "stopped")
        self.run.trainer = self.session.trainer if went_well else None
        self.has_ended = True
