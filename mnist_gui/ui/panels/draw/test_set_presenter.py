"""The user's own test digits in the panel Draw: what is kept of the drawings, and how the weights shown do on them."""

import numpy as np
from PySide6.QtCore import QObject, Slot

from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.top_two import Verdict
from mnist_gui.storage.user_test_set import Kind, UserTestSet
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.draw.presenter import DrawPresenter
from mnist_gui.ui.panels.draw.test_set_curve import describe
from mnist_gui.ui.panels.draw.view import DrawView
from mnist_gui.ui.services.load_budget import Throttle
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.prediction_service import SECONDS_BETWEEN
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.user_digits import Picture, UserDigits

MOST_EPOCHS_LISTED = 12


class TestSetPresenter(QObject):
    """Keeps the drawing as the user says, and measures the weights shown on those that are kept."""

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        user_digits: UserDigits,
        draw: DrawPresenter,
        view: DrawView,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._playhead, self._user_digits = run_controller, playhead, user_digits
        self._view = view
        self._drawing: Picture | None = None
        self._verdict: Verdict | None = None
        self._kept_last: Picture | None = None
        self._is_network_shown = False
        self._snapshot: Snapshot | None = None
        self._predictions: Predictions | None = None  # of the drawings, by the weights that were measured last
        self._is_stale = False
        self._throttle = Throttle(run_controller.load_budget, SECONDS_BETWEEN)
        self._score = RequestSlot(run_controller.task_runner, "personal score", self._throttle)
        draw.answered.connect(self._on_draw_answered)
        view.keep.keep_asked.connect(self.keep)
        view.kept.delete_asked.connect(self.delete)
        view.kept.undo_asked.connect(user_digits.undo_delete)
        view.kept.curve.step_chosen.connect(playhead.show_step)
        user_digits.kind_changed.connect(self._on_user_digits_kind_changed)
        user_digits.changed.connect(self._on_user_digits_changed)
        user_digits.scores.changed.connect(self._show_kept)
        if user_digits.kind is not None:
            self._on_user_digits_kind_changed()
        if user_digits.digits is not None:
            self._on_user_digits_changed()
        playhead.subscribe(self._on_playhead_weights_shown, self._on_playhead_nothing_shown)

    # What is kept

    @Slot(int)
    def keep(self, label: int) -> None:
        """Keep the present drawing as one of this class."""
        picture = self._drawing
        if picture is None or self._user_digits.kind is None:
            return
        self._kept_last = picture
        self._user_digits.keep(picture, label)
        self._show_drawing()

    @Slot(int)
    def delete(self, index: int) -> None:
        """Delete one of the drawings."""
        if self._user_digits.digits is not None and index < len(self._user_digits.digits):
            self._kept_last = None
            self._user_digits.delete(index)

    @Slot()
    def _on_user_digits_kind_changed(self) -> None:
        self._predictions = self._kept_last = None
        if self._user_digits.kind is not None:
            self._view.keep.show_classes(self._user_digits.kind.class_names)
        self._view.show_kept_page(False)

    @Slot()
    def _on_user_digits_changed(self) -> None:
        """Show these, and measure the network on them as soon as may be."""
        self._predictions, self._is_stale = None, True
        self._throttle.force()
        self._show_kept()
        self._show_gallery("")

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
        self._is_network_shown = True
        self._snapshot, self._is_stale = snapshot, True

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
        is_wanted = self._is_stale and bool(self._user_digits.digits) and not self._view.visibleRegion().isEmpty()
        if is_wanted and (not self._playhead.is_live or self._throttle.is_due):
            self._measure()
        return False

    def _measure(self) -> None:
        self._is_stale = False
        digits, snapshot = self._user_digits.digits, self._snapshot
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
        if predictions is None or digits is not self._user_digits.digits:
            return
        self._predictions = predictions
        self._show_kept()
        self._show_gallery(
            f"{predictions.accuracy:.1%} right with the weights of epoch {snapshot.epoch}, step {snapshot.step:,}"
        )

    @Slot()
    def _show_kept(self) -> None:
        digits, scores = self._user_digits.digits, self._user_digits.scores.scores
        scored = f"{self._predictions.accuracy:.1%} right" if self._predictions else ""
        by_epochs = ", ".join(describe(score) for score in scores[-MOST_EPOCHS_LISTED:])
        count = len(digits) if digits else 0
        self._view.keep.show_kept(count, scored, f"At the ends of epochs: {by_epochs}" if scores else "")
        self._view.kept.curve.show_scores(scores)

    def _show_gallery(self, scored: str) -> None:
        digits = self._user_digits.digits
        if digits is not None:
            split, names = digits.as_split(), digits.kind.class_names
            self._view.kept.show_digits(split, self._predictions, names, scored, can_undo=self._user_digits.can_undo)
