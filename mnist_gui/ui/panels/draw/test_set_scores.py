"""How a run does on the drawings that a person kept: scored at every end of an epoch whose weights are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.data.splits import Split
from mnist_gui.storage.user_test_set import Kind, PersonalDigits
from mnist_gui.training.records import EpochDone, Record, RunEnded
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.epoch_keyframes import moments_of
from mnist_gui.ui.services.load_budget import Turns
from mnist_gui.ui.services.prediction_service import SECONDS_BETWEEN
from mnist_gui.ui.services.request import Inquiry
from mnist_gui.ui.services.run_controller import Bridge

# So many ends of epochs are scored at a time, and then shown.
AT_ONCE = 32


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """The share of the drawings, 0..1, that the weights of a step, the end of an epoch, get right."""

    step: int
    epoch: int
    accuracy: float


class PersonalScores(QObject):
    """Scores in a helper thread, in sight or not; while a network trains, for a small share of the time.

    changed(): there are other scores.
    """

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._digits: PersonalDigits | None = None
        self._scores: dict[int, Score] = {}  # by step
        self._is_stale = False
        self._turns = Turns(bridge.spare_time, SECONDS_BETWEEN)
        self._inquiry = Inquiry(bridge.background, "personal epochs", self._turns)
        bridge.record_taken.connect(self._on_bridge_record_taken)
        bridge.run_shown.connect(self._begin)

    @property
    def scores(self) -> list[Score]:
        """Those of the run that is shown, by step."""
        return sorted(self._scores.values())

    def score(self, digits: PersonalDigits | None) -> None:
        """Score on these from now on."""
        if digits is not self._digits:
            self._digits = digits
            self._begin()

    def refresh(self) -> None:
        """Score what is not scored yet, if training can spare the time."""
        if not self._is_stale or self._turns.is_under_way or not self._turns.is_due:
            return
        self._is_stale = False
        run, digits = self._bridge.run, self._digits
        if run is None or digits is None or not len(digits):
            return
        ends = [end for end in moments_of(run, run.splits.validation) if end.step not in self._scores]
        if ends and Kind(ends[0].image_shape, ends[0].class_names) == digits.kind:
            self._ask(ends[:AT_ONCE], digits)

    def _ask(self, ends: Sequence[Snapshot], digits: PersonalDigits) -> None:
        scores = self._scores
        is_unwanted = self._bridge.background.is_unwanted

        def answer(found: list[Score]) -> None:
            self._is_stale = True  # there may be more
            if scores is self._scores:
                scores.update({score.step: score for score in found})
                self.changed.emit()

        def failure(error: BaseException) -> None:
            self._bridge.failed.emit("Your drawings could not be scored by epochs", str(error))

        self._inquiry.ask(lambda: _score(ends, digits.as_split(), is_unwanted), answer, failure)

    @Slot()
    def _begin(self) -> None:
        had_some = bool(self._scores)
        self._scores = {}
        self._is_stale = True
        if had_some:
            self.changed.emit()

    @Slot(object)
    def _on_bridge_record_taken(self, record: Record) -> None:
        if isinstance(record, (EpochDone, RunEnded)):
            self._is_stale = True


def _score(ends: Sequence[Snapshot], split: Split, abandon: Callable[[], bool]) -> list[Score]:
    """The scores of these weights; of those after which `abandon` answers True, none."""
    found = []
    for end in ends:
        predictions = end.predict(split, abandon)
        if predictions is None:
            break
        found.append(Score(end.step, end.epoch, predictions.accuracy))
    return found
