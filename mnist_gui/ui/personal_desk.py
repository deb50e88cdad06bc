"""The personal test set in the window: drawings that are kept on the disk, and how the network shown does on them."""

from collections import defaultdict, deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from mnist_gui import paths
from mnist_gui.engine.evaluation import Predictions
from mnist_gui.inspection.verdict import Verdict
from mnist_gui.runs.atomic import set_aside
from mnist_gui.runs.personal_digits import (
    Change,
    Kind,
    PersonalDigits,
    PersonalDigitsError,
    change_personal_digits,
    load_personal_digits,
)
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.bridge import Bridge
from mnist_gui.ui.draw_desk import DrawDesk
from mnist_gui.ui.draw_view import DrawView
from mnist_gui.ui.time_travel import TimeTravel

Picture = NDArray[np.uint8]
Kept = tuple[Picture, int]  # a drawing and its class

MOST_EPOCHS_TOLD = 12


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What is on the disk after a request. damage: why another file was set aside, "" if none was."""

    digits: PersonalDigits
    damage: str


class PersonalDesk(QObject):
    """Keeps drawings and deletes them, off the GUI thread; measures the weights that are shown on those kept.

    While a network trains, that is done for weights that were validated, as those at the end of an epoch are.
    """

    def __init__(self, bridge: Bridge, travel: TimeTravel, draw: DrawDesk, view: DrawView) -> None:
        super().__init__(view)
        self._bridge, self._travel, self._view = bridge, travel, view
        self._folder = paths.drawings_folder()
        self._kind: Kind | None = None
        self._digits: PersonalDigits | None = None  # None: not read yet
        self._waiting: defaultdict[Kind, deque[Change]] = defaultdict(deque)  # for the disk, until they are on it
        self._deleted: list[Kept] = []
        self._drawing: Picture | None = None
        self._verdict: Verdict | None = None
        self._kept_last: Picture | None = None
        self._is_network_shown = False
        self._snapshot: Snapshot | None = None  # the newest weights worth measuring
        self._is_stale = False
        self._by_epoch: dict[int, float] = {}
        travel.weights_shown.connect(self._on_travel_weights_shown)
        travel.nothing_shown.connect(self._on_travel_nothing_shown)
        draw.answered.connect(self._on_draw_answered)
        view.keep.keep_asked.connect(self.keep)
        view.kept.delete_asked.connect(self.delete)
        view.kept.undo_asked.connect(self.undo_delete)

    @property
    def digits(self) -> PersonalDigits | None:
        """The drawings for networks such as the one shown; None before they are read."""
        return self._digits

    # What is kept

    @Slot(int)
    def keep(self, label: int) -> None:
        """Keep the present drawing as one of this class."""
        picture = self._drawing
        if picture is None or self._kind is None:
            return
        self._kept_last = picture
        self._change(lambda digits: digits.with_digit(picture, label))
        self._show_drawing()

    @Slot(int)
    def delete(self, index: int) -> None:
        """Delete one of the drawings; `undo_delete` brings it back."""
        if self._digits is None or index >= len(self._digits):
            return
        picture, label = self._digits.images[index], int(self._digits.labels[index])
        self._deleted.append((picture, label))
        self._kept_last = None
        self._change(lambda digits: digits.without_digit(picture, label))

    @Slot()
    def undo_delete(self) -> None:
        """Bring back the drawing that was deleted last, at the end of the others."""
        if self._deleted:
            picture, label = self._deleted.pop()
            self._change(lambda digits: digits.with_digit(picture, label))

    def _change(self, change: Change) -> None:
        if self._kind is not None:
            self._waiting[self._kind].append(change)
            self._ask_disk()

    def _ask_disk(self) -> None:
        """Read the drawings after all changes that wait were made; what fails waits for the next time."""
        kind = self._kind
        if kind is None:
            return
        file, waiting = kind.file(self._folder), self._waiting[kind]

        def work() -> _Found:
            damage = ""
            try:
                digits = load_personal_digits(file, kind)
            except PersonalDigitsError as error:
                damage = f"{error}\nIt is kept as {set_aside(file)}, and a new file is begun."
                digits = PersonalDigits.none(kind)
            changes = list(waiting)
            if changes:
                digits = change_personal_digits(file, kind, _one_after_other(changes))
                for _ in changes:
                    waiting.popleft()
            return _Found(digits, damage)

        # A topic for each file: a request for another one must not replace this one, whose changes would be lost.
        self._bridge.background.request(f"personal {file}", work, self._take, self._tell_failure)

    def _take(self, found: _Found) -> None:
        if found.damage:
            self._bridge.failed.emit("Your drawings were damaged", found.damage)
        if found.digits.kind != self._kind:
            return
        self._digits = found.digits
        self._by_epoch.clear()
        self._show_kept(None)
        if len(found.digits):
            self._measure()
        else:
            self._show_gallery(None, "")

    def _tell_failure(self, error: BaseException) -> None:
        waits = self._kind is not None and bool(self._waiting[self._kind])
        hint = "\nIt will be tried again with the next drawing that you keep." if waits else ""
        done = "kept" if waits else "read"
        self._bridge.failed.emit(f"Your drawings could not be {done}", f"{error}{hint}")

    # The drawing

    @Slot(object, object)
    def _on_draw_answered(self, picture: Picture | None, found: Verdict | None) -> None:
        self._drawing, self._verdict = picture, found
        self._show_drawing()

    def _show_drawing(self) -> None:
        picture = self._drawing
        is_kept = picture is not None and self._kept_last is not None and np.array_equal(picture, self._kept_last)
        can_keep = picture is not None and self._is_network_shown and not is_kept
        self._view.keep.show_drawing(self._verdict.first if self._verdict else None, can_keep=can_keep)

    # Measuring

    @Slot(object, str, object)
    def _on_travel_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        kind = Kind(snapshot.image_shape, snapshot.class_names)
        self._is_network_shown = True
        if kind != self._kind:
            self._use_kind(kind)
        if snapshot.is_measured or not self._bridge.is_running or not self._travel.is_live:
            self._snapshot, self._is_stale = snapshot, True

    def _use_kind(self, kind: Kind) -> None:
        self._kind, self._digits, self._kept_last = kind, None, None
        self._deleted.clear()
        self._view.keep.show_classes(kind.class_names)
        self._view.show_kept_page(False)
        self._ask_disk()

    @Slot()
    def _on_travel_nothing_shown(self) -> None:
        self._is_network_shown = self._is_stale = False
        self._snapshot = None
        self._by_epoch.clear()
        self._bridge.background.cancel("personal score")
        self._show_drawing()
        self._show_kept(None)
        self._show_gallery(None, "")

    def refresh(self) -> bool:
        """Measure the newest weights on the drawings if it would be seen. Nothing is drawn until that is done."""
        if self._is_stale and not self._view.visibleRegion().isEmpty():
            self._measure()
        return False

    def _measure(self) -> None:
        self._is_stale = False
        digits, snapshot = self._digits, self._snapshot
        if digits is None or not len(digits):
            return
        if snapshot is None or Kind(snapshot.image_shape, snapshot.class_names) != digits.kind:
            self._show_gallery(None, "")
            return
        self._bridge.background.request(
            "personal score",
            lambda: snapshot.predict(digits.as_split(), self._bridge.background.is_closed),
            lambda predictions: self._show_score(snapshot, digits, predictions),
            lambda error: self._bridge.failed.emit("Your drawings could not be measured", str(error)),
        )

    def _show_score(self, snapshot: Snapshot, digits: PersonalDigits, predictions: Predictions | None) -> None:
        if predictions is None or digits is not self._digits:
            return
        if snapshot.is_measured:
            self._by_epoch[snapshot.epoch] = predictions.accuracy
        when = f"{predictions.accuracy:.1%} right with the weights of epoch {snapshot.epoch}, step {snapshot.step:,}"
        self._show_kept(predictions)
        self._show_gallery(predictions, when)

    def _show_kept(self, predictions: Predictions | None) -> None:
        count = len(self._digits) if self._digits else 0
        told = f"{predictions.accuracy:.1%} right" if predictions else ""
        epochs = [f"{epoch}: {accuracy:.1%}" for epoch, accuracy in sorted(self._by_epoch.items())]
        tip = f"After each epoch: {', '.join(epochs[-MOST_EPOCHS_TOLD:])}" if len(epochs) > 1 else ""
        self._view.keep.show_kept(count, told, tip)

    def _show_gallery(self, predictions: Predictions | None, told: str) -> None:
        if self._digits is not None:
            split, names = self._digits.as_split(), self._digits.kind.class_names
            self._view.kept.show_digits(split, predictions, names, told, can_undo=bool(self._deleted))


def _one_after_other(changes: list[Change]) -> Change:
    def change(digits: PersonalDigits) -> PersonalDigits:
        for each in changes:
            digits = each(digits)
        return digits

    return change
