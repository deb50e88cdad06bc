"""The one-way channel out of a run: every record, and the latest snapshot in a slot of one.

One thread posts, one other takes. Python's deque makes each of the calls below atomic, so there is no lock to wait for.
"""

from collections import deque
from typing import Protocol

from mnist_gui.training.records import Record
from mnist_gui.training.snapshot import Snapshot


class Outgoing(Protocol):
    """What the training loop needs of an outbox."""

    def post(self, record: Record) -> None:
        """Take over one record; must not wait."""

    def wants_snapshot(self) -> bool:
        """Whether a snapshot offered now would be looked at."""

    def offer(self, snapshot: Snapshot) -> None:
        """Take over a snapshot in place of any earlier one that nobody has taken yet."""

    def keep(self, best: Snapshot) -> None:
        """Take over the best weights so far, in place of earlier ones."""


class Outbox:
    """Keeps all records and the newest snapshot until they are taken, and the best weights for good."""

    best: Snapshot | None

    def __init__(self) -> None:
        self.best = None
        self._records: deque[Record] = deque()
        self._slot: deque[Snapshot] = deque(maxlen=1)

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

    def take_records(self) -> list[Record]:
        """All records posted since the last call, oldest first."""
        return [self._records.popleft() for _ in range(len(self._records))]

    def take_snapshot(self) -> Snapshot | None:
        """The newest snapshot, once; None if there is none since the last call."""
        return self._slot.pop() if self._slot else None
