"""How digits were learned: lists of them for the gallery.

A history is made from the answers at the ends of epochs. Those to the validation digits are kept with the weights of
each; other digits are put to these weights when the user asks, in a helper thread.
"""

from collections.abc import Callable
from math import ceil
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.label_errors import Suspects, moves_of, rank, steady_confidences
from mnist_gui.inspection.learning_history import LearningHistory, learning_history
from mnist_gui.training.records import EpochDone, Record, RunEnded
from mnist_gui.training.snapshot import Snapshot, chunk_size
from mnist_gui.ui.panels.mistakes.view import MistakesView
from mnist_gui.ui.services.epoch_keyframes import answers_at, describe, keyframes_of, span
from mnist_gui.ui.services.prediction_service import PredictionService
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController, RunState

SUSPECTS = "label_suspects"
LISTS: dict[str, tuple[str, str]] = {
    "never_learned": ("never learned", "Wrong at the end of every epoch"),
    "forgotten": ("forgotten, most often first", "Right at the end of an epoch and wrong at the end of the next"),
    "learned_last": ("learned last", "Right for the first time at the end of a late epoch, the latest first"),
    SUSPECTS: (
        "label suspects",
        "Labels that the network contradicts most surely, wherever the digit lies in its picture. It cannot contradict "
        "what it learned by heart: of training digits only those are here that it failed to learn",
    ),
}

# While a network trains, whose epochs may be short, its history is made anew at most so often, in seconds.
SECONDS_BETWEEN = 2.0

NO_MOMENTS = "for no end of an epoch is kept"

# What the digits of a split, (N,), are taken for by the weights of a keyframe.
TakenFor = dict[tuple[Snapshot, Split], NDArray[np.uint8]]


class LearningLists(QObject):
    """Answers to the gallery's wish for a list, and follows the epochs of the run."""

    def __init__(
        self,
        run_controller: RunController,
        answers: PredictionService,
        mistakes: MistakesView,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        super().__init__(mistakes)
        self._run_controller, self._clock = run_controller, clock
        self._next_time = 0.0
        self._making: _Making | None = None  # the list that was asked for last
        self._asked_history = RequestSlot(run_controller.task_runner, "learning history")
        self._asked_suspects = RequestSlot(run_controller.task_runner, "label suspects")
        self._mistakes = mistakes
        self._answered: tuple[Snapshot, Split, Predictions] | None = None
        self._taken_for: TakenFor = {}
        self._is_list_stale = False
        for key, (title, tip) in LISTS.items():
            self._mistakes.offer_list(key, title, tip)
        self._mistakes.list_wanted.connect(self._on_mistakes_list_wanted)
        self._mistakes.list_cancelled.connect(self._cancel_lists)
        run_controller.record_taken.connect(self._on_run_controller_record_taken)
        answers.subscribe(self._on_answers_shown, self._on_answers_nothing_shown, lambda: None)

    @Slot()
    def refresh(self) -> bool:
        """Bring the list up to date if it would be seen; whether anything was done for it."""
        if self._making is not None:
            self._mistakes.show_progress(self._making.share)
        list_turn = self._is_list_stale and not self._mistakes.visibleRegion().isEmpty()
        now, is_training = self._clock(), self._run_controller.state is RunState.TRAINING
        if not list_turn or (is_training and now < self._next_time):
            return False
        self._next_time = now + SECONDS_BETWEEN
        self._list(self._mistakes.list_key)
        return True

    # When to look again

    @Slot(object, object, object, str)
    def _on_answers_shown(self, snapshot: Snapshot, split: Split, predictions: Predictions, when: str) -> None:
        self._answered = snapshot, split, predictions
        if self._mistakes.list_key == SUSPECTS and self._run_controller.state is not RunState.TRAINING:
            self._is_list_stale = True

    @Slot()
    def _on_answers_nothing_shown(self) -> None:
        self._cancel_lists()
        self._answered = None
        self._is_list_stale = False
        self._taken_for.clear()

    @Slot(object)
    def _on_run_controller_record_taken(self, record: Record) -> None:
        if not isinstance(record, (EpochDone, RunEnded)):
            return
        split, key = self._mistakes.split, self._mistakes.list_key
        # While a network trains, only answers that are there already are looked at.
        has_ended = isinstance(record, RunEnded)
        if key in LISTS and (has_ended or (key != SUSPECTS and split is not None and split.name == "validation")):
            self._is_list_stale = True

    @Slot()
    def _cancel_lists(self) -> None:
        self._making = None
        for inquiry in (self._asked_history, self._asked_suspects):
            inquiry.cancel()

    @Slot(str)
    def _on_mistakes_list_wanted(self, key: str) -> None:
        if self._making is not None and self._making.of == (key, self._mistakes.split):
            return  # it is on its way: newer answers are no reason to begin it again
        self._cancel_lists()  # nobody waits for another one any more
        if key in LISTS:
            self._list(key)

    # Lists

    def _list(self, key: str) -> None:
        self._is_list_stale = False
        split = self._mistakes.split
        if key == SUSPECTS:
            self._list_suspects()
        elif key in LISTS and split is not None:
            self._ask_history(key, split)

    def _ask_history(self, key: str, split: Split) -> None:
        """Show a list by the history of a whole split; answers that are known are not asked for again."""
        keyframes = keyframes_of(self._run_controller.run, split)
        is_kept = {id(keyframe) for keyframe in keyframes}
        self._taken_for = {key: found for key, found in self._taken_for.items() if id(key[0]) in is_kept}
        known = dict(self._taken_for)
        new = sum((keyframe, split) not in known for keyframe in keyframes)
        making = self._make(key, split, new * _chunks(keyframes[0], split) if keyframes else 0)

        def work() -> tuple[TakenFor, LearningHistory] | None:
            taken_for: TakenFor = {}
            for keyframe in keyframes:
                found = known.get((keyframe, split))
                if found is None:
                    predictions = answers_at(keyframe, split, making)
                    if predictions is None:
                        return None
                    found = predictions.predicted
                taken_for[keyframe, split] = found
            return taken_for, learning_history(list(taken_for.values()), split.labels)

        def take(found: tuple[TakenFor, LearningHistory] | None) -> None:
            self._end(making)
            if found is not None:
                self._taken_for |= found[0]
                self._show_history(key, split, keyframes, found[1])

        self._asked_history.ask(
            work, take, lambda error: self._fail(making, "The learning history could not be made", error)
        )

    def _make(self, key: str, split: Split, pieces: int) -> "_Making":
        self._making = _Making((key, split), self._run_controller.task_runner.should_cancel, pieces)
        return self._making

    def _show_history(self, key: str, split: Split, keyframes: list[Snapshot], found: LearningHistory) -> None:
        if self._mistakes.split is not split or self._mistakes.list_key != key:
            return
        if not keyframes:
            self._mistakes.show_list(np.empty(0, np.intp), str, NO_MOMENTS)
            return
        digits = {
            "never_learned": found.never_learned,
            "forgotten": found.most_forgotten,
            "learned_last": found.learned_last,
        }[key]
        self._mistakes.show_list(digits, lambda digit: describe(found, digit, keyframes), f"by {span(keyframes)}")

    def _list_suspects(self) -> None:
        if self._answered is None or self._mistakes.split is not self._answered[1]:
            return
        snapshot, split, predictions = self._answered
        making = self._make(SUSPECTS, split, len(moves_of(split)) * _chunks(snapshot, split))

        def take(found: Suspects | None) -> None:
            self._end(making)
            self._show_suspects(snapshot, split, found)

        self._asked_suspects.ask(
            lambda: _suspects(snapshot, split, predictions, making),
            take,
            lambda error: self._fail(making, "The labels could not be examined", error),
        )

    def _end(self, making: "_Making") -> None:
        """One of the lists is made, or will not be; a newer one may be on its way."""
        if making is self._making:
            self._making = None

    def _fail(self, making: "_Making", title: str, error: BaseException) -> None:
        self._end(making)
        self._run_controller.failed.emit(title, str(error))

    def _show_suspects(self, snapshot: Snapshot, split: Split, found: Suspects | None) -> None:
        if found is None or self._mistakes.split is not split or self._mistakes.list_key != SUSPECTS:
            return
        names = snapshot.class_names
        suggested = dict(zip(found.digits.tolist(), found.suggested.tolist(), strict=True))
        self._mistakes.show_list(
            found.digits[: found.contradicted],
            lambda digit: f"perhaps a {names[suggested[digit]]}",
            f"by the weights of step {snapshot.step:,}",
        )


class _Making:
    """How far a list is made, and whether to go on: asked by the work before each of so many pieces.

    of: which list, of which digits.
    """

    def __init__(self, of: tuple[str, Split], should_cancel: Callable[[], bool], pieces: int) -> None:
        self.of = of
        self._should_cancel, self._pieces, self._begun = should_cancel, pieces, 0

    @property
    def share(self) -> float:
        """What is done of it, 0..1."""
        return min(max(self._begun - 1, 0) / max(self._pieces, 1), 1.0)

    def __call__(self) -> bool:
        self._begun += 1
        return self._should_cancel()


def _chunks(snapshot: Snapshot, split: Split) -> int:
    """In how many pieces the digits of a split are put to a network."""
    return ceil(len(split) / chunk_size(snapshot.network()))


def _suspects(
    snapshot: Snapshot, split: Split, predictions: Predictions, should_cancel: Callable[[], bool]
) -> Suspects | None:
    network, config = snapshot.network(), snapshot.config
    steady = steady_confidences(
        network, snapshot.parts.loss, split, config.data.scaling, chunk_size(network), should_cancel
    )
    return None if steady is None else rank(steady, split.labels, predictions.losses)
