"""Makes t-SNE maps: one at a time, in a process of its own that a helper thread waits for."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from mnist_gui.inspection.digit_map import DigitMap
from mnist_gui.inspection.tsne import tsne
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.map.map_data import Reading, Subject
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.task_runner import TaskRunner


@dataclass(slots=True, eq=False)
class Attempt:
    """A map that is being made of some weights. share: how much is done, 0..1; is_wanted: until it is given up."""

    subject: Subject
    snapshot: Snapshot
    share: float = 0.0
    is_wanted: bool = True

    def report(self, share: float) -> None:
        """Say how much is done."""
        self.share = share


class MapTask(QObject):
    """made(attempt, picture): a map is there. failed(text): it could not be made."""

    made = Signal(object, object)
    failed = Signal(str)

    def __init__(self, background: TaskRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self.attempt: Attempt | None = None  # that under way
        self._request_slot = RequestSlot(background, "t-SNE")

    def make(self, subject: Subject, snapshot: Snapshot) -> None:
        """Make a map in place of the one under way."""
        self.cancel()
        self.attempt = attempt = Attempt(subject, snapshot)
        self._request_slot.ask(
            _work(attempt, self._background.should_cancel),
            lambda picture: self._take(attempt, picture),
            lambda error: self._give_up(attempt, error),
        )

    def cancel(self) -> None:
        """End the process that makes a map, if there is one: within PATIENCE of inspection.tsne."""
        if self.attempt:
            self.attempt.is_wanted = False
            self.attempt = None
            self._request_slot.cancel()

    def _take(self, attempt: Attempt, picture: DigitMap | None) -> None:
        if attempt is self.attempt and picture is not None:
            self.attempt = None
            self.made.emit(attempt, picture)

    def _give_up(self, attempt: Attempt, error: BaseException) -> None:
        if attempt is self.attempt:
            self.attempt = None
            self.failed.emit(str(error))


def _work(attempt: Attempt, should_cancel: Callable[[], bool]) -> Callable[[], DigitMap | None]:
    """A function for a helper thread."""

    def must_give_up() -> bool:
        return should_cancel() or not attempt.is_wanted

    def work() -> DigitMap | None:
        reading = Reading.of(attempt.subject, attempt.snapshot)
        places = tsne(reading.vectors, must_give_up, attempt.report)
        return None if places is None else reading.map_at(places)

    return work
