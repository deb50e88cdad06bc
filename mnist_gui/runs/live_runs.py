"""The training threads of the window: of the run that is watched, and of those that were left and are still ending."""

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
    """At most one run is watched. What comes out of all threads goes into their runs in the calls below, only there."""

    def __init__(self) -> None:
        self._watched: LiveRun | None = None
        self._leaving: list[LiveRun] = []

    @property
    def leaving(self) -> list[Run]:
        """The runs that were left behind and have not handed on their weights yet."""
        return [live.run for live in self._leaving]

    @property
    def session(self) -> TrainingThread | None:
        """The thread of the run that is watched; None before its first schedule."""
        return self._watched.session if self._watched else None

    def start(self, run: Run, session: TrainingThread, *commands: Command) -> None:
        """Train a run and watch it."""
        self._watched = LiveRun(run, session)
        for command in commands:
            session.send(command)
        session.start()

    def send(self, command: Command) -> None:
        """Tell the run that is watched something."""
        if self._watched and not self._watched.has_ended:
            self._watched.session.send(command)

    def leave(self) -> None:
        """Watch no run. One that still trains is stopped, and takes in what comes until it has ended."""
        live, self._watched = self._watched, None
        if live and not live.has_ended:
            live.session.send(Stop())
            live.run.to_replay.clear()
            self._leaving.append(live)

    def take(self, tell: Callable[[Record], None]) -> None:
        """Take in what is new of the run that is watched, and tell of each record."""
        if self._watched:
            self._watched.take(tell)

    def take_snapshot(self) -> Snapshot | None:
        """Its newest weights, once; the thread then makes another copy."""
        return self._watched.session.run_output.take_snapshot() if self._watched else None

    def take_leaving(self) -> Iterator[Run]:
        """Take in what is new of the runs that were left; those that have now ended."""
        for live in self._leaving.copy():
            live.take()
            if live.has_ended:
                self._leaving.remove(live)
                yield live.run

    def drawing(self) -> AbstractContextManager[None]:
        """Within this context the training thread gives way to the drawing of a frame."""
        return self._watched.session.run_output.drawing() if self._watched else nullcontext()

    def close(self, seconds: float, *, keep_seconds: float = 0.0) -> bool:
        """End all threads, and wait at most so long; whether they have ended.

        keep_seconds: how long to wait before for what they would keep of their weights, which goes into their runs.
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
