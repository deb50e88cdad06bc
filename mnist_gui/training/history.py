"""The history of a run: collects the values of its records, for curves and marks. The only owner of past values."""

import math

import numpy as np
from numpy.typing import NDArray

from mnist_gui.training.minmax_pyramid import Column
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

# Limit of the layer measurements that are kept: above it every other one is dropped.
MOST_LAYERS = 2000

# Limit of the separate stretches without a finite loss; above it neighbours are joined.
MOST_GAPS = 1000


BYTES_A_MINIBATCH = 17


class History:
    """Every minibatch, epoch and change of one network's training, also over several schedules.

    A minibatch costs BYTES_A_MINIBATCH: loss, accuracy, rate and seconds as float32, and the extremes that make
    thinning cheap. With the spare capacity of growing arrays, at most 21.
    """

    def __init__(self, begun_with: EpochDone | None = None) -> None:
        """begun_with: scores, epoch and step of the weights that training continues from."""
        self.begun_with = begun_with
        # Steps before the first value: above 0 where a saved network trains on.
        self.first_step = begun_with.step if begun_with else 0
        self.planned_step = 0  # where the run will end, or where it ended
        self.epochs: list[EpochDone] = []
        # The one with the smallest finite validation loss; it may be begun_with.
        self.best_epoch: EpochDone | None = _better(None, begun_with)
        self.starts: list[RunStarted] = []
        self.changes: list[SettingChanged] = []
        self.layers: list[LayersMeasured] = []
        self.pauses: list[int] = []  # steps after which the run was held
        self.gaps: list[tuple[int, int]] = []  # first and last step of each stretch without a finite loss
        self.ended: RunEnded | None = None  # how it ended; None while it runs
        self._losses = Series()
        self._accuracies = Series()
        self._rates = Column(np.float32)
        self._seconds = Column(np.float32)
        self._seconds_before = np.float32(0.0)

    def __len__(self) -> int:
        return len(self._rates)

    @property
    def nbytes(self) -> int:
        """Bytes of the values of all minibatches."""
        return BYTES_A_MINIBATCH * len(self)

    @property
    def last_step(self) -> int:
        """The number of the last step, over all schedules."""
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

    def add(self, record: Record) -> None:
        """Add the values of a record; records without values to draw are ignored."""
        match record:
            case MinibatchesDone():
                self._add_minibatches(record)
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
                self._start(record)
            case RunEnded():
                self.planned_step = record.step
                self.ended = record

    def thinned(self, series: Series, most: int, between: tuple[int, int] | None = None) -> Curve:
        """A series as a curve of at most `most` >= 1 points, at a cost proportional to `most`.

        between: only steps in this range, both ends included, and those that share a point with them; None: all.
        """
        first, last = (0, None) if between is None else (between[0] - 1 - self.first_step, between[1] - self.first_step)
        curve = series.thinned(most, first, last)
        return Curve(curve.steps + self.first_step, curve.low, curve.high, curve.mean)

    def _add_minibatches(self, record: MinibatchesDone) -> None:
        self._add_gaps(self.last_step + 1, np.isfinite(record.losses))
        self._losses.extend(record.losses)
        self._accuracies.extend(record.accuracies)
        self._rates.extend(record.rates)
        self._seconds.extend(self._seconds_before + record.seconds)

    def _add_gaps(self, first_step: int, is_finite: NDArray[np.bool_]) -> None:
        """Add the stretches of steps that are not finite; one that continues the last one is joined to it."""
        if is_finite.all():
            return
        edges = np.flatnonzero(np.diff(np.concatenate([[True], is_finite, [True]]))).reshape(-1, 2)
        for start, end in (first_step + edges).tolist():  # from start up to, but without, end
            if self.gaps and self.gaps[-1][1] + 1 == start:
                start, _ = self.gaps.pop()
            self.gaps.append((start, end - 1))
        while len(self.gaps) > MOST_GAPS:
            pairs = (self.gaps[at : at + 2] for at in range(0, len(self.gaps), 2))
            self.gaps = [(pair[0][0], pair[-1][1]) for pair in pairs]

    def _start(self, record: RunStarted) -> None:
        if not self.starts:
            self.first_step = record.step
        self._forget_after(record.step)
        self._seconds_before = self.seconds[-1] if len(self) else np.float32(0.0)
        self._losses.window = self._accuracies.window = min(WINDOW, max(1, record.steps_per_epoch // 4))
        self.starts.append(record)
        self.planned_step = record.last_step
        self.ended = None
        for column in (self._losses, self._accuracies, self._rates, self._seconds):
            column.reserve(record.last_step - self.first_step)

    def _forget_after(self, step: int) -> None:
        """Drop what came after `step`: training continues from earlier weights, as after a divergence."""
        for column in (self._losses, self._accuracies, self._rates, self._seconds):
            column.truncate(step - self.first_step)
        self.epochs = [epoch for epoch in self.epochs if epoch.step <= step]
        self.best_epoch = _better(None, self.begun_with)
        for epoch in self.epochs:
            self.best_epoch = _better(self.best_epoch, epoch)
        self.layers = [each for each in self.layers if each.step <= step]
        self.changes = [change for change in self.changes if change.step <= step]
        self.pauses = [pause for pause in self.pauses if pause <= step]
        self.gaps = [(first, min(last, step)) for first, last in self.gaps if first <= step]


def _better(best: EpochDone | None, epoch: EpochDone | None) -> EpochDone | None:
    """The one with the smaller finite validation loss; of equal ones the earlier."""
    if epoch is None or not math.isfinite(epoch.validation_loss):
        return best
    return epoch if best is None or epoch.validation_loss < best.validation_loss else best
