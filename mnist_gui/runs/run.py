"""One network and all that is known of it: how it was made and trained, its curves, its keyframes, its weights."""

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
    """What the test digits gave, and for which weights."""

    snapshot: Snapshot
    predictions: Predictions


class Run:
    """The sole owner of what a run has brought forth. It changes in the thread that takes the records, and only there.

    number: names the run, from 1. config: its settings as they stand, live changes included. start: the weights it
    began with, None if they were drawn anew. best, saved: the weights it is known by, and those that are in a file.
    trainer: what goes on training it where it left off; None: it goes on from its best weights. tests_asked: how often
    its test digits were measured; test_revealed_at: after how many epochs they could first be looked at, None: never.
    to_replay: the schedules that are still to be run again. is_secret: whether its faults are not to be told yet;
    its config holds them all the same, and so does a model that is saved, which is a record of what was done.
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
        self.history, self.timeline = History(_worth(start)), Keyframes()
        self._begun_as = config
        self._records: list[Record] = []
        if start is not None:
            self.timeline.add(start)

    @property
    def begun_as(self) -> RunConfig:
        """The settings it began with."""
        return self._begun_as

    @property
    def segments(self) -> list[ScheduleSegment]:
        """What to do to run it again, from `start`."""
        return segments(self._records)

    @property
    def ended(self) -> RunEnded | None:
        """How it ended; None before any end."""
        return next((record for record in reversed(self._records) if isinstance(record, RunEnded)), None)

    @property
    def has_unsaved(self) -> bool:
        """Whether it has weights that are in no file."""
        return self.best is not self.saved

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to come back to."""
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
        """How long it was trained, pauses left out."""
        return float(self.history.seconds[-1]) if len(self.history) else 0.0

    def reveal_test(self) -> None:
        """Note that the test digits, or what came out for them, were seen: from now on they can be looked at."""
        if self.test_revealed_at is None:
            self.test_revealed_at = self.epoch

    def add(self, record: Record) -> None:
        """Take in what happened next."""
        self.history.add(record)
        if isinstance(record, SettingChanged) and self.config[record.key] == record.old:
            # As when a run is run again; what a person changes is in the settings before the training hears of it.
            self.config = self.config.with_settings({record.key: record.new})
        if not isinstance(record, (MinibatchesDone, LayersMeasured, EpochDone)):  # of which the history keeps enough
            self._records.append(record)


def _worth(start: Snapshot | None) -> EpochDone | None:
    """What the weights that a run begins with are known to be worth, told as if by the run itself."""
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
