"""The one-way channel out of a run: every record, and the latest snapshot in a slot of one.

One thread posts, one other takes. Python's deque makes each of the calls below atomic, so there is no lock to wait for.

The reader may ask the training thread to give way while it draws. Both share one interpreter, and a frame is some
hundred short calls: without this, each of them would wait for its turn among the minibatch's own calls. Measured at
batch 32, a frame took up to 90 ms and training fell to 0.3 of its speed; giving way, a frame takes 5 ms.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Protocol

from mnist_gui.training.records import Record
from mnist_gui.training.snapshot import Snapshot

# Keyframes that wait to be taken may take so much memory; further ones are left out.
MOST_WAITING_BYTES = 64_000_000

# A reader that draws longer than this, in seconds, no longer holds up training.
LONGEST_FRAME = 0.02


class OutputSink(Protocol):
    """What the training loop needs of an outbox."""

    def post(self, record: Record) -> None:
        """Take over one record; must not wait."""

    def wants_snapshot(self) -> bool:
        """Whether a snapshot offered now would be looked at."""

    def offer(self, snapshot: Snapshot) -> None:
        """Take over a snapshot in place of any earlier one that nobody has taken yet."""

    def keep(self, best: Snapshot) -> None:
        """Take over the best weights so far, in place of earlier ones."""

    def wants_keyframe(self) -> bool:
        """Whether a keyframe would be kept."""

    def keep_keyframe(self, keyframe: Snapshot) -> None:
        """Take over the weights of a moment for good."""

    def yield_to_gui(self) -> None:
        """Called between minibatches: the moment to let the reader draw."""


class RunOutput:
    """Keeps all records and the newest snapshot until they are taken, and the best weights for good."""

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
        """True while the slot is empty: a reader that is slow to take costs the run no copies."""
        return not self._slot

    def offer(self, snapshot: Snapshot) -> None:
        """Put a snapshot into the slot; one that was not taken gives way."""
        self._slot.append(snapshot)

    def keep(self, best: Snapshot) -> None:
        """Put the best weights where `best` shows them."""
        self.best = best

    def wants_keyframe(self) -> bool:
        """True unless a reader that takes none has let too many pile up; the first is always wanted."""
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
        """For the reader: within this context the training thread gives way. The reader itself never waits."""
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
