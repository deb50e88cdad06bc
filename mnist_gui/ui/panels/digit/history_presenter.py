"""The line on how the chosen digit was learned: from the answers at the ends of epochs, when it would be seen."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QLabel, QWidget

from mnist_gui.data.splits import Split
from mnist_gui.inspection.learning_history import LearningHistory, learning_history
from mnist_gui.training.records import EpochDone, Record, RunEnded
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.epoch_keyframes import describe, keyframes_of, span, taken_for_at
from mnist_gui.ui.services.prediction_service import PredictionService
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController, RunState

# While a network trains, whose epochs may be short, it is found anew at most so often, in seconds.
SECONDS_BETWEEN = 2.0


class HistoryPresenter(QObject):
    """Follows the chosen digit and the epochs of the run. view: the panel that the line is in."""

    def __init__(
        self,
        run_controller: RunController,
        predictions: PredictionService,
        choice: DigitSelection,
        view: QWidget,
        line: QLabel,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._choice, self._clock = run_controller, choice, clock
        self._view, self._line = view, line
        self._next_time = 0.0
        self._request_slot = RequestSlot(run_controller.task_runner, "digit history")
        self._is_stale = choice.split is not None
        predictions.nothing_shown.connect(self._on_predictions_nothing_shown)
        run_controller.record_taken.connect(self._on_run_controller_record_taken)
        choice.chosen.connect(self._on_choice_chosen)
        choice.forgotten.connect(self._on_choice_forgotten)

    @Slot()
    def refresh(self) -> bool:
        """Bring the line up to date if it would be seen; whether anything was done for it."""
        now, is_training = self._clock(), self._run_controller.state is RunState.TRAINING
        if not self._is_stale or self._view.visibleRegion().isEmpty() or (is_training and now < self._next_time):
            return False
        self._next_time = now + SECONDS_BETWEEN
        self._show_history()
        return True

    def _show_history(self) -> None:
        self._is_stale = False
        split, index = self._choice.split, self._choice.index
        if split is None:
            return
        keyframes = keyframes_of(self._run_controller.run, split)
        picture, label = split.image(index)[None], int(split.labels[index])

        def work() -> LearningHistory:
            taken_for = [taken_for_at(keyframe, split, index, picture) for keyframe in keyframes]
            return learning_history([np.array([each]) for each in taken_for], np.array([label], np.uint8))

        def show(found: LearningHistory) -> None:
            if (split, index) == (self._choice.split, self._choice.index):
                text = f"{describe(found, 0, keyframes).capitalize()}." if keyframes else ""
                self._line.setText(text)
                self._line.setToolTip(f"<p>{text} From {span(keyframes)}.</p>" if text else "")

        def fail(error: BaseException) -> None:
            self._run_controller.failed.emit("The digit's history could not be found", str(error))

        self._request_slot.ask(work, show, fail)

    @Slot()
    def _on_predictions_nothing_shown(self) -> None:
        self._request_slot.cancel()
        self._is_stale = False

    @Slot(object)
    def _on_run_controller_record_taken(self, record: Record) -> None:
        if isinstance(record, (EpochDone, RunEnded)) and self._choice.split is not None:
            self._is_stale = True

    @Slot(object, int)
    def _on_choice_chosen(self, split: Split, index: int) -> None:
        self._line.setText("")
        self._is_stale = True
        self._next_time = 0.0  # the user waits for it
        self.refresh()

    @Slot()
    def _on_choice_forgotten(self) -> None:
        self._line.setText("")
        self._is_stale = False
