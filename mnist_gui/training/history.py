"""The curves of a run: collects the records' values and thins them out for drawing. The sole owner of past values."""

import math
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from mnist_gui.training.columns import Column
from mnist_gui.training.records import (
    EpochDone,
    LayersMeasured,
    MinibatchesDone,
    Record,
    RunEnded,
    RunPaused,
    RunStarted,
    SettingChanged,
)
from mnist_gui.training.series import WINDOW, Curve, Series

# Measurements of the layers that are kept: of more, every other one goes, however long the run.
MOST_LAYERS = 2000


class History:
    """Every minibatch, epoch and change of one network's training, also over several schedules.

    A minibatch costs 32 bytes: loss, accuracy, rate and seconds as float32, and two running sums as float64.
    """

    def __init__(self) -> None:
        self.first_step = 0  # steps before the first value: above 0 where a saved network trains on
        self.planned_step = 0  # where the run will end, or where it ended
        self.epochs: list[EpochDone] = []
        self.starts: list[RunStarted] = []
        self.changes: list[SettingChanged] = []
        self.layers: list[LayersMeasured] = []
        self.pauses: list[int] = []  # the steps after which it was held
        self.gaps: list[tuple[int, int]] = []  # first and last step of stretches without a finite loss
        self.ended: RunEnded | None = None  # how the newest schedule ended; None while it is under way
        self.best_epoch: EpochDone | None = None  # the one of the smallest validation loss, if any is finite
        self._losses = Series()
        self._accuracies = Series()
        self._rates = Column(np.float32)
        self._seconds = Column(np.float32)
        self._seconds_before = np.float32(0.0)

    def __len__(self) -> int:
        return len(self._rates.values)

    @property
    def last_step(self) -> int:
        """Steps made so far."""
        return self.first_step + len(self)

    @property
    def rates(self) -> NDArray[np.float32]:
        """The learning rate used in each minibatch, (n,)."""
        return self._rates.values

    @property
    def seconds(self) -> NDArray[np.float32]:
        """Training time at the end of each minibatch, over all schedules, (n,)."""
        return self._seconds.values

    @property
    def losses(self) -> Series:
        """The mean loss of each minibatch."""
        return self._losses

    @property
    def accuracies(self) -> Series:
        """The accuracy of each minibatch, 0..1."""
        return self._accuracies

    def epoch_before(self, step: int) -> EpochDone | None:
        """The last epoch that was validated at this step or before it."""
        place = bisect_right(self.epochs, step, key=lambda epoch: epoch.step)
        return self.epochs[place - 1] if place else None

    def add(self, record: Record) -> None:
        """Take in what a record says; records that carry no values are passed over."""
        match record:
            case MinibatchesDone():
                self._note_gaps(record)
                self._losses.extend(record.losses)
                self._accuracies.extend(record.accuracies)
                self._rates.extend(record.rates)
                self._seconds.extend(self._seconds_before + record.seconds)
            case EpochDone():
                self.epochs.append(record)
                self.best_epoch = _better(self.best_epoch, record)
            case LayersMeasured():
                self.layers.append(record)
                if len(self.layers) > MOST_LAYERS:
                    del self.layers[1:-1:2]
            case SettingChanged():
                self.changes.append(record)
            case RunPaused():
                self.pauses.append(record.step)
            case RunStarted():
                if not self.starts:
                    self.first_step = record.step
                self._forget_after(record.step)
                self._seconds_before = self._seconds.values[-1] if len(self) else np.float32(0.0)
                self._losses.window = self._accuracies.window = min(WINDOW, max(1, record.steps_per_epoch // 4))
                self.starts.append(record)
                self.planned_step, self.ended = record.last_step, None
                self._reserve(record.last_step - self.first_step)
            case RunEnded():
                self.ended = record
                self.planned_step = record.step

    def _forget_after(self, step: int) -> None:
        """Training goes on from weights of earlier, as after a divergence: what came after them is not its past."""
        for column in (self._losses, self._accuracies, self._rates, self._seconds):
            column.truncate(step - self.first_step)
        self.epochs = [epoch for epoch in self.epochs if epoch.step <= step]
        self.layers = [each for each in self.layers if each.step <= step]
        self.changes = [change for change in self.changes if change.step <= step]
        self.pauses = [pause for pause in self.pauses if pause <= step]
        self.gaps = [(first, min(last, step)) for first, last in self.gaps if first <= step]
        self.best_epoch = None
        for epoch in self.epochs:
            self.best_epoch = _better(self.best_epoch, epoch)

    def _reserve(self, length: int) -> None:
        for column in (self._losses, self._accuracies, self._rates, self._seconds):
            column.reserve(length)

    def thinned(self, series: Series, most: int, first_step: int | None = None, last_step: int | None = None) -> Curve:
        """A series as a curve of at most `most` points, `most` >= 1: all of it, or the steps after first_step up to
        last_step."""
        first = 0 if first_step is None else first_step - self.first_step
        curve = series.thinned(most, first, None if last_step is None else last_step - self.first_step)
        return Curve(curve.steps + self.first_step, curve.low, curve.high, curve.mean)

    def _note_gaps(self, record: MinibatchesDone) -> None:
        """Stretches of steps without a finite loss; neighbours become one."""
        if np.isfinite(record.losses).all():
            return
        for place in np.flatnonzero(~np.isfinite(record.losses)):
            step = record.first_step + int(place)
            if self.gaps and self.gaps[-1][1] == step - 1:
                self.gaps[-1] = (self.gaps[-1][0], step)
            else:
                self.gaps.append((step, step))


def _better(best: EpochDone | None, epoch: EpochDone) -> EpochDone | None:
    """The one of the smaller finite validation loss, the earlier of equals."""
    if not math.isfinite(epoch.validation_loss):
        return best
    return epoch if best is None or epoch.validation_loss < best.validation_loss else best
