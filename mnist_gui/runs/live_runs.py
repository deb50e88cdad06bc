"""The training threads of the window: that of the current run, and those of runs that were left and are ending."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from time import monotonic

from mnist_gui.runs.live_run import LiveRun
from mnist_gui.runs.run import Run
from mnist_gui.training.commands import Command, Stop
from mnist_gui.training.records import Record
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.thread import TrainingThread


class LiveRuns:
    """At most one run is current. The output of all threads is moved into their runs in the calls below only."""

    def __init__(self) -> None:
        self._watched: LiveRun | None = None
        self._leaving: list[LiveRun] = []

    @property
    def leaving(self) -> list[Run]:
        """The runs that were left and have not ended yet."""
        return [live.run for live in self._leaving]

    @property
    def session(self) -> TrainingThread | None:
        """The thread of the current run; None before its first schedule."""
        return self._watched.session if self._watched else None

    def start(self, run: Run, session: TrainingThread, *commands: Command) -> None:
        """Make a run current and train it. commands: sent before its first minibatch."""
        self._watched = LiveRun(run, session)
        for command in commands:
            session.send(command)
        session.start()

    def send(self, command: Command) -> None:
        """Send a command to the current run, unless it has ended."""
        if self._watched and not self._watched.has_ended:
            self._watched.session.send(command)

    def leave(self) -> None:
        """Have no current run. One that still trains is stopped; its output is taken until it has ended."""
        live, self._watched = self._watched, None
        if live and not live.has_ended:
            live.session.send(Stop())
            live.run.to_replay.clear()
            self._leaving.append(live)

    def take(self, on_record: Callable[[Record], None]) -> None:
        """Take the new output of the current run; on_record is called with each record."""
        if self._watched:
            self._watched.take(on_record)

    def take_snapshot(self) -> Snapshot | None:
        """The newest weights of the current run, once; the thread then makes another copy."""
        return self._watched.session.run_output.take_snapshot() if self._watched else None

    def take_leaving(self) -> Iterator[Run]:
        """Take the new output of the runs that were left; yields those that have now ended."""
        for live in self._leaving.copy():
            live.take()
            if live.has_ended:
                self._leaving.remove(live)
                yield live.run

    def drawing(self) -> AbstractContextManager[None]:
        """Context in which the training thread waits while a frame is drawn."""
        return self._watched.session.run_output.drawing() if self._watched else nullcontext()

    def close(self, seconds: float, *, keep_seconds: float = 0.0) -> bool:
        """End all threads, and wait at most `seconds`. Returns whether they have ended.

        keep_seconds: how long to let them validate and keep their weights before.
        """
        lives = [live for live in (*self._leaving, self._watched) if live]
        if keep_seconds:
            self._end(lives, Stop(), keep_seconds)
        have_ended = self._end(lives, Stop(keep=False), seconds)
        for live in lives:
            live.take()
        return have_ended

    def _end(self, lives: Sequence[LiveRun], stop: Stop, seconds: float) -> bool:
        for live in lives:
            live.session.send(stop)
        deadline = monotonic() + seconds
        have_ended = [live.session.join(max(0.0, deadline - monotonic())) for live in lives]
        return all(have_ended)
