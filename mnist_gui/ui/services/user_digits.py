"""The user's own test digits: drawings that are kept on the disk, and the scores of the run that is shown on them."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.storage.atomic_file import set_aside_if
from mnist_gui.storage.user_test_set import (
    Change,
    Kind,
    UserTestSet,
    UserTestSetError,
    change_user_test_set,
    is_damaged,
    load_user_test_set,
)
from mnist_gui.system import paths
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.test_set_scores import TestSetScores

Picture = NDArray[np.uint8]
Kept = tuple[Picture, int]  # a drawing and its class


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What is on the disk after a request. damage: why another file was set aside, "" if none was."""

    digits: UserTestSet
    damage: str


class UserDigits(QObject):
    """Keeps drawings and deletes them, at once here and then on the disk, for networks such as the one that is shown.

    kind_changed(): networks now see other pictures or name other classes. changed(): the drawings are others.
    """

    kind_changed = Signal()
    changed = Signal()

    def __init__(self, run_controller: RunController, playhead: Playhead, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller = run_controller
        self.scores = TestSetScores(run_controller, self)
        self._folder = paths.drawings_folder()
        self.kind: Kind | None = None
        self.digits: UserTestSet | None = None  # None: not read yet
        self._waiting: defaultdict[Kind, deque[Change]] = defaultdict(deque)  # for the disk, until they are on it
        self._deleted: list[Kept] = []
        playhead.weights_shown.connect(self._on_playhead_weights_shown)

    @property
    def can_undo(self) -> bool:
        """Whether a drawing was deleted that can be brought back."""
        return bool(self._deleted)

    def keep(self, picture: Picture, label: int) -> None:
        """Keep a drawing as one of this class."""
        self._change(lambda digits: digits.with_digit(picture, label))

    def delete(self, index: int) -> bool:
        """Delete one of the drawings, which `undo_delete` brings back; whether there was one."""
        if self.digits is None or index >= len(self.digits):
            return False
        picture, label = self.digits.images[index], int(self.digits.labels[index])
        self._deleted.append((picture, label))
        self._change(lambda digits: digits.without_digit(picture, label))
        return True

    @Slot()
    def undo_delete(self) -> None:
        """Bring back the drawing that was deleted last, at the end of the others."""
        if self._deleted:
            picture, label = self._deleted.pop()
            self._change(lambda digits: digits.with_digit(picture, label))

    def keep_all(self) -> None:
        """Try again to put on the disk what could not be put there before, as before the window closes."""
        for kind, waiting in self._waiting.items():
            if waiting:
                self._ask_disk(kind)

    def refresh(self) -> bool:
        """Score what is not scored yet, if training can spare the time; nothing is drawn."""
        self.scores.refresh()
        return False

    def _change(self, change: Change) -> None:
        if self.kind is None:
            return
        self._waiting[self.kind].append(change)
        if self.digits is not None:
            self._use(change(self.digits))
        self._ask_disk(self.kind)

    def _use(self, digits: UserTestSet) -> None:
        self.digits = digits
        self.scores.score(digits)
        self.changed.emit()

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        kind = Kind(snapshot.image_shape, snapshot.class_names)
        if kind != self.kind:
            self.kind, self.digits = kind, None
            self.scores.score(None)
            self._deleted.clear()
            self.kind_changed.emit()
            self._ask_disk(kind)

    # The disk

    def _ask_disk(self, kind: Kind) -> None:
        """Read the drawings after all changes that wait were made; what fails waits for the next time."""
        file, waiting = kind.file(self._folder), self._waiting[kind]

        def work() -> _Found:
            damage = ""
            try:
                digits = load_user_test_set(file, kind)
            except UserTestSetError as error:
                aside = set_aside_if(file, lambda: is_damaged(file, kind))
                damage = f"{error}\nIt is kept as {aside}, and a new file is begun." if aside else ""
                digits = load_user_test_set(file, kind)
            changes = list(waiting)
            if changes:
                digits = change_user_test_set(file, kind, _one_after_other(changes))
                for _ in changes:
                    waiting.popleft()
            return _Found(digits, damage)

        # A key for each file: a request for another one must not replace this one, whose changes would be lost.
        self._run_controller.task_runner.request(
            f"personal {file}", work, self._take, self._report_failure, is_writing=bool(waiting)
        )

    def _take(self, found: _Found) -> None:
        if found.damage:
            self._run_controller.failed.emit("Your drawings were damaged", found.damage)
        kind = found.digits.kind
        if kind != self.kind:
            return
        digits = _one_after_other(list(self._waiting[kind]))(found.digits)
        if self.digits is None or not digits.holds_the_same_as(self.digits):
            self._use(digits)

    def _report_failure(self, error: BaseException) -> None:
        waits = self.kind is not None and bool(self._waiting[self.kind])
        hint = "\nIt will be tried again with the next drawing that you keep." if waits else ""
        done = "kept" if waits else "read"
        self._run_controller.failed.emit(f"Your drawings could not be {done}", f"{error}{hint}")


def _one_after_other(changes: Sequence[Change]) -> Change:
    def change(digits: UserTestSet) -> UserTestSet:
        for each in changes:
            digits = each(digits)
        return digits

    return change
