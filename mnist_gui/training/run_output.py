"""The one-way channel out of a run: all records, and the latest snapshot in a slot of one.

One thread posts, one other takes. Calls of Python's deque are atomic, so no lock is needed.

The reader may make the training thread wait while it draws. Both share the GIL, and a frame is some hundred short
calls, each of which would otherwise wait for the GIL. Measured at batch 32, a frame took up to 90 ms and training fell
to 0.3 of its speed; with waiting a frame takes 5 ms.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Protocol

from mnist_gui.training.records import Record
from mnist_gui.training.snapshot import Snapshot

# Memory of keyframes that wait to be taken, in bytes; further ones are left out.
MOST_WAITING_BYTES = 64_000_000

# Longest time, in seconds, that training waits for a reader that draws.
LONGEST_FRAME = 0.02


class OutputSink(Protocol):
    """The interface of a run's output for the training loop."""

    def post(self, record: Record) -> None:
        """Accept one record; must not block."""

    def wants_snapshot(self) -> bool:
        """Whether a snapshot offered now would be used."""

    def offer(self, snapshot: Snapshot) -> None:
        """Accept a snapshot; it replaces an earlier one that was not taken yet."""

    def keep(self, best: Snapshot) -> None:
        """Accept the best weights; they replace earlier ones."""

    def wants_keyframe(self) -> bool:
        """Whether a keyframe would be kept."""

    def keep_keyframe(self, keyframe: Snapshot) -> None:
        """Accept the weights of the present step, to be stored."""

    def yield_to_gui(self) -> None:
        """Called between minibatches, to let the reader draw."""


class RunOutput:
    """Stores all records and the newest snapshot until they are taken, and the best weights permanently."""

    best: Snapshot | None

    def __init__(self) -> None:
        self.best = None
        self._records: deque[Record] = deque()
        self._slot: deque[Snapshot] = deque(maxlen=1)
        self._keyframes: deque[Snapshot] = deque()
        self._is_idle = Event()
        self._is_idle.set()

    def post(self, record: Record) -> None:
        """Append a record."""
        self._records.append(record)

    def wants_snapshot(self) -> bool:
        """True while the slot is empty, so that a slow reader causes no copies."""
        return not self._slot

    def offer(self, snapshot: Snapshot) -> None:
        """Put a snapshot into the slot, in place of one that was not taken."""
        self._slot.append(snapshot)

    def keep(self, best: Snapshot) -> None:
        """Set `best`."""
        self.best = best

    def wants_keyframe(self) -> bool:
        """True unless too many wait to be taken; the first is always accepted."""
        waiting = list(self._keyframes)
        return sum(keyframe.parameters.nbytes for keyframe in waiting) < MOST_WAITING_BYTES

    def keep_keyframe(self, keyframe: Snapshot) -> None:
        """Append a keyframe."""
        self._keyframes.append(keyframe)

    def yield_to_gui(self) -> None:
        """Wait while the reader draws, at most LONGEST_FRAME."""
        if not self._is_idle.is_set():
            self._is_idle.wait(LONGEST_FRAME)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Context for the reader, in which the training thread waits. The reader itself never waits."""
        self._is_idle.clear()
        try:
            yield
        finally:
            self._is_idle.set()

    def take_records(self) -> list[Record]:
        """All records posted since the last call, oldest first."""
        return [self._records.popleft() for _ in range(len(self._records))]

    def take_keyframes(self) -> list[Snapshot]:
        """All keyframes since the last call, oldest first."""
        return [self._keyframes.popleft() for _ in range(len(self._keyframes))]

    def take_snapshot(self) -> Snapshot | None:
        """The newest snapshot, once; None if there is none since the last call."""
        return self._slot.pop() if self._slot else None
