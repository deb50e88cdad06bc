"""How a run does on the drawings that the user kept: scored at every end of an epoch whose weights are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.data.splits import Split
from mnist_gui.storage.user_test_set import Kind, UserTestSet
from mnist_gui.training.records import EpochDone, Record, RunEnded
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.epoch_keyframes import keyframes_of
from mnist_gui.ui.services.load_budget import Throttle
from mnist_gui.ui.services.prediction_service import SECONDS_BETWEEN
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController

# So many ends of epochs are scored at a time, and then shown.
AT_ONCE = 32


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """The share of the drawings, 0..1, that the weights of a step, the end of an epoch, get right."""

    step: int
    epoch: int
    accuracy: float


class TestSetScores(QObject):
    """Scores in a helper thread, in sight or not; while a network trains, for a small share of the time.

    changed(): there are other scores.
    """

    changed = Signal()

    def __init__(self, run_controller: RunController, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller = run_controller
        self._digits: UserTestSet | None = None
        self._scores: dict[int, Score] = {}  # by step
        self._is_stale = False
        self._throttle = Throttle(run_controller.load_budget, SECONDS_BETWEEN)
        self._request_slot = RequestSlot(run_controller.task_runner, "personal epochs", self._throttle)
        run_controller.record_taken.connect(self._on_run_controller_record_taken)
        run_controller.run_shown.connect(self._begin)

    @property
    def scores(self) -> list[Score]:
        """Those of the run that is shown, by step."""
        return sorted(self._scores.values())

    def score(self, digits: UserTestSet | None) -> None:
        """Score on these from now on."""
        if digits is not self._digits:
            self._digits = digits
            self._begin()

    def refresh(self) -> None:
        """Score what is not scored yet, if training can spare the time."""
        if not self._is_stale or self._throttle.is_under_way or not self._throttle.is_due:
            return
        self._is_stale = False
        run, digits = self._run_controller.run, self._digits
        if run is None or digits is None or not len(digits):
            return
        ends = [end for end in keyframes_of(run, run.splits.validation) if end.step not in self._scores]
        if ends and Kind(ends[0].image_shape, ends[0].class_names) == digits.kind:
            self._ask(ends[:AT_ONCE], digits)

    def _ask(self, ends: Sequence[Snapshot], digits: UserTestSet) -> None:
        scores = self._scores
        should_cancel = self._run_controller.task_runner.should_cancel

        def answer(found: list[Score]) -> None:
            self._is_stale = True  # there may be more
            if scores is self._scores:
                scores.update({score.step: score for score in found})
                self.changed.emit()

        def failure(error: BaseException) -> None:
            self._run_controller.failed.emit("Your drawings could not be scored by epochs", str(error))

        self._request_slot.ask(lambda: _score(ends, digits.as_split(), should_cancel), answer, failure)

    @Slot()
    def _begin(self) -> None:
        had_some = bool(self._scores)
        self._scores = {}
        self._is_stale = True
        if had_some:
            self.changed.emit()

    @Slot(object)
    def _on_run_controller_record_taken(self, record: Record) -> None:
        if isinstance(record, (EpochDone, RunEnded)):
            self._is_stale = True


def _score(ends: Sequence[Snapshot], split: Split, should_cancel: Callable[[], bool]) -> list[Score]:
    """The scores of these weights; of those after which `should_cancel` answers True, none."""
    found = []
    for end in ends:
        predictions = end.predict(split, should_cancel)
        if predictions is None:
            break
        found.append(Score(end.step, end.epoch, predictions.accuracy))
    return found
