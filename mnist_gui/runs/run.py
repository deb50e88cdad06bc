"""One run: its settings and training, its history, its keyframes, its weights."""

import math
from collections import deque
from dataclasses import dataclass

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Splits
from mnist_gui.engine.inference import Predictions
from mnist_gui.training.history import History
from mnist_gui.training.keyframes import Keyframes
from mnist_gui.training.records import EpochDone, LayersMeasured, MinibatchesDone, Record, RunEnded, SettingChanged
from mnist_gui.training.replay import ScheduleSegment, segments
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.trainer import Trainer


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """The predictions on the test digits, and the weights they are of."""

    snapshot: Snapshot
    predictions: Predictions


class Run:
    """The only owner of a run's results. It changes only in the thread that takes the records.

    number: identifies the run, from 1.
    config: its present settings, changes during training included.
    dataset, splits: its digits.
    start: the weights it began with; None if they were drawn at random.
    best: the weights with the smallest validation loss, at first `start`; None before the first validation.
    saved: those of the weights that are in a file; None for none.
    trainer: continues the training; None: training continues from the best weights.
    is_hidden: whether its faults are not shown yet; its config and a saved model have them nevertheless.
    tests_asked: number of evaluations on the test digits.
    test_revealed_at: epochs done when test digits were first visible; None: never.
    tested: the last evaluation on the test digits.
    to_replay: the schedules that are still to be run again.
    history: the values of its records.
    timeline: its keyframes.
    """

    def __init__(
        self, number: int, config: RunConfig, dataset: Dataset, splits: Splits, start: Snapshot | None = None
    ) -> None:
        self.number = number
        self.config = config
        self.dataset, self.splits = dataset, splits
        self.start = self.best = start
        self.saved: Snapshot | None = None
        self.trainer: Trainer | None = None
        self.is_hidden = False
        self.tests_asked = 0
        self.test_revealed_at: int | None = None
        self.tested: Tested | None = None
        self.to_replay: deque[ScheduleSegment] = deque()
        self.history, self.timeline = History(_start_scores(start)), Keyframes()
        self._begun_as = config
        self._records: list[Record] = []
        if start is not None:
            self.timeline.add(start)

    @property
    def begun_as(self) -> RunConfig:
        """The settings at the start."""
        return self._begun_as

    @property
    def segments(self) -> list[ScheduleSegment]:
        """The schedules that repeat the run from `start`."""
        return segments(self._records)

    @property
    def ended(self) -> RunEnded | None:
        """The last end of the run; None before any end."""
        return next((record for record in reversed(self._records) if isinstance(record, RunEnded)), None)

    @property
    def has_unsaved(self) -> bool:
        """Whether its best weights are not in a file."""
        return self.best is not self.saved

    @property
    def is_empty(self) -> bool:
        """Whether it has neither weights nor history."""
        return self.best is None and not len(self.history)

    @property
    def epoch(self) -> int:
        """Epochs done in all."""
        if self.history.epochs:
            return self.history.epochs[-1].epoch
        return self.start.epoch if self.start else 0

    @property
    def planned_epoch(self) -> int:
        """Epochs done in all when the newest schedule ends."""
        starts = self.history.starts
        return starts[-1].epoch + starts[-1].config.training.epochs if starts else self.epoch

    @property
    def seconds(self) -> float:
        """Training time, pauses left out."""
        return float(self.history.seconds[-1]) if len(self.history) else 0.0

    def reveal_test(self) -> None:
        """Record that the user has seen the test digits or results on them; from now on they can be shown."""
        if self.test_revealed_at is None:
            self.test_revealed_at = self.epoch

    def add(self, record: Record) -> None:
        """Add the next record."""
        self.history.add(record)
        if isinstance(record, SettingChanged) and self.config[record.key] == record.old:
            # As in a replay; a change by the user is in the settings before it is sent to the thread.
            self.config = self.config.with_settings({record.key: record.new})
        if not isinstance(record, (MinibatchesDone, LayersMeasured, EpochDone)):  # the history has these
            self._records.append(record)


def _start_scores(start: Snapshot | None) -> EpochDone | None:
    """The scores of the weights that a run begins with, as the record of an epoch."""
    if start is None:
        return None
    return EpochDone(
        epoch=start.epoch,
        step=start.step,
        train_loss=math.nan,
        train_accuracy=math.nan,
        validation_loss=start.validation_loss,
        validation_accuracy=start.validation_accuracy,
        seconds=0.0,
        images_per_second=math.nan,
    )
