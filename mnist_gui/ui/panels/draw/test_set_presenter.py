"""The personal test set in the window: drawings that are kept on the disk, and how the network shown does on them."""

from collections import defaultdict, deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.top_two import Verdict
from mnist_gui.storage.atomic_file import set_aside_if
from mnist_gui.storage.user_test_set import (
    Change,
    Kind,
    UserTestSet,
    UserTestSetError,
    change_personal_digits,
    is_damaged,
    load_personal_digits,
)
from mnist_gui.system import paths
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.draw.presenter import DrawPresenter
from mnist_gui.ui.panels.draw.test_set_curve import describe
from mnist_gui.ui.panels.draw.test_set_scores import TestSetScores
from mnist_gui.ui.panels.draw.view import DrawView
from mnist_gui.ui.services.load_budget import Throttle
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.prediction_service import SECONDS_BETWEEN
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController

Picture = NDArray[np.uint8]
Kept = tuple[Picture, int]  # a drawing and its class

MOST_EPOCHS_TOLD = 12


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What is on the disk after a request. damage: why another file was set aside, "" if none was."""

    digits: UserTestSet
    damage: str


class TestSetPresenter(QObject):
    """Keeps drawings and deletes them, at once here and then on the disk; measures the weights shown on those kept.

    How the run does on them by epochs is measured in sight or not, by `scores`.
    """

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        draw: DrawPresenter,
        view: DrawView,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._playhead, self._view = run_controller, playhead, view
        self.scores = TestSetScores(run_controller, self)
        self._folder = paths.drawings_folder()
        self._kind: Kind | None = None
        self._digits: UserTestSet | None = None  # None: not read yet
        self._waiting: defaultdict[Kind, deque[Change]] = defaultdict(deque)  # for the disk, until they are on it
        self._deleted: list[Kept] = []
        self._drawing: Picture | None = None
        self._verdict: Verdict | None = None
        self._kept_last: Picture | None = None
        self._is_network_shown = False
        self._snapshot: Snapshot | None = None
        self._predictions: Predictions | None = None  # of the drawings, by the weights that were measured last
        self._is_stale = False
        self._throttle = Throttle(run_controller.load_budget, SECONDS_BETWEEN)
        self._score = RequestSlot(run_controller.task_runner, "personal score", self._throttle)
        playhead.weights_shown.connect(self._on_playhead_weights_shown)
        playhead.nothing_shown.connect(self._on_playhead_nothing_shown)
        draw.answered.connect(self._on_draw_answered)
        view.keep.keep_asked.connect(self.keep)
        view.kept.delete_asked.connect(self.delete)
        view.kept.undo_asked.connect(self.undo_delete)
        view.kept.curve.moment_chosen.connect(playhead.show_moment)
        self.scores.changed.connect(self._show_kept)

    @property
    def digits(self) -> UserTestSet | None:
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
        if self._kind is None:
            return
        self._waiting[self._kind].append(change)
        if self._digits is not None:
            self._use_digits(change(self._digits))
        self._ask_disk(self._kind)

    def keep_all(self) -> None:
        """Try again to put on the disk what could not be put there before, as before the window closes."""
        for kind, waiting in self._waiting.items():
            if waiting:
                self._ask_disk(kind)

    def _ask_disk(self, kind: Kind) -> None:
        """Read the drawings after all changes that wait were made; what fails waits for the next time."""
        file, waiting = kind.file(self._folder), self._waiting[kind]

        def work() -> _Found:
            damage = ""
            try:
                digits = load_personal_digits(file, kind)
            except UserTestSetError as error:
                aside = set_aside_if(file, lambda: is_damaged(file, kind))
                damage = f"{error}\nIt is kept as {aside}, and a new file is begun." if aside else ""
                digits = load_personal_digits(file, kind)
            changes = list(waiting)
            if changes:
                digits = change_personal_digits(file, kind, _one_after_other(changes))
                for _ in changes:
                    waiting.popleft()
            return _Found(digits, damage)

        # A key for each file: a request for another one must not replace this one, whose changes would be lost.
        self._run_controller.task_runner.request(
            f"personal {file}", work, self._take, self._tell_failure, is_writing=bool(waiting)
        )

    def _take(self, found: _Found) -> None:
        if found.damage:
            self._run_controller.failed.emit("Your drawings were damaged", found.damage)
        kind = found.digits.kind
        if kind != self._kind:
            return
        digits = _one_after_other(list(self._waiting[kind]))(found.digits)
        if self._digits is None or not digits.holds_the_same_as(self._digits):
            self._use_digits(digits)

    def _use_digits(self, digits: UserTestSet) -> None:
        """Show these, and measure the network on them as soon as may be."""
        self._digits, self._predictions = digits, None
        self._is_stale = True
        self._throttle.force()
        self.scores.score(digits)
        self._show_kept()
        self._show_gallery("")

    def _tell_failure(self, error: BaseException) -> None:
        waits = self._kind is not None and bool(self._waiting[self._kind])
        hint = "\nIt will be tried again with the next drawing that you keep." if waits else ""
        done = "kept" if waits else "read"
        self._run_controller.failed.emit(f"Your drawings could not be {done}", f"{error}{hint}")

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
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        kind = Kind(snapshot.image_shape, snapshot.class_names)
        self._is_network_shown = True
        if kind != self._kind:
            self._use_kind(kind)
        self._snapshot, self._is_stale = snapshot, True

    def _use_kind(self, kind: Kind) -> None:
        self._kind, self._digits, self._predictions, self._kept_last = kind, None, None, None
        self.scores.score(None)
        self._deleted.clear()
        self._view.keep.show_classes(kind.class_names)
        self._view.show_kept_page(False)
        self._ask_disk(kind)

    @Slot()
    def _on_playhead_nothing_shown(self) -> None:
        self._is_network_shown = self._is_stale = False
        self._snapshot = self._predictions = None
        self._score.cancel()
        self._throttle.force()
        self._show_drawing()
        self._show_kept()
        self._show_gallery("")

    def refresh(self) -> bool:
        """Measure the newest weights on the drawings if it would be seen and training can spare the time.

        Nothing is drawn until that is done.
        """
        self.scores.refresh()
        is_wanted = self._is_stale and bool(self._digits) and not self._view.visibleRegion().isEmpty()
        if is_wanted and (not self._playhead.is_live or self._throttle.is_due):
            self._measure()
        return False

    def _measure(self) -> None:
        self._is_stale = False
        digits, snapshot = self._digits, self._snapshot
        if digits is None or not len(digits):
            return
        if snapshot is None or Kind(snapshot.image_shape, snapshot.class_names) != digits.kind:
            self._show_gallery("")
            return

        def answer(predictions: Predictions | None) -> None:
            self._show_score(snapshot, digits, predictions)

        def failure(error: BaseException) -> None:
            self._run_controller.failed.emit("Your drawings could not be measured", str(error))

        should_cancel = self._run_controller.task_runner.should_cancel
        self._score.ask(lambda: snapshot.predict(digits.as_split(), should_cancel), answer, failure)

    def _show_score(self, snapshot: Snapshot, digits: UserTestSet, predictions: Predictions | None) -> None:
        if predictions is None or digits is not self._digits:
            return
        self._predictions = predictions
        self._show_kept()
        self._show_gallery(
            f"{predictions.accuracy:.1%} right with the weights of epoch {snapshot.epoch}, step {snapshot.step:,}"
        )

    @Slot()
    def _show_kept(self) -> None:
        count, scores = len(self._digits) if self._digits else 0, self.scores.scores
        told = f"{self._predictions.accuracy:.1%} right" if self._predictions else ""
        by_epochs = ", ".join(describe(score) for score in scores[-MOST_EPOCHS_TOLD:])
        self._view.keep.show_kept(count, told, f"At the ends of epochs: {by_epochs}" if scores else "")
        self._view.kept.curve.show_scores(scores)

    def _show_gallery(self, told: str) -> None:
        if self._digits is not None:
            split, names = self._digits.as_split(), self._digits.kind.class_names
            self._view.kept.show_digits(split, self._predictions, names, told, can_undo=bool(self._deleted))


def _one_after_other(changes: list[Change]) -> Change:
    def change(digits: UserTestSet) -> UserTestSet:
        for each in changes:
            digits = each(digits)
        return digits

    return change
