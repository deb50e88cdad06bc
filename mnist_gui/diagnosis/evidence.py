"""All that rules judge by: what was measured before the first step, and what a run has told of itself since."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.preflight import Preflight
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, LayersMeasured, State

# The loss "now" is the mean of so many minibatches, or of a tenth of them all if that is fewer.
MOST_RECENT = 100
# In its first steps, of the first epoch, a sound network is thrown about, too.
EARLY = 200
# Small minibatches throw it about for longer: it has not seen more than so many digits then.
EARLY_DIGITS = 5000
# A loss that is lower by this share than a fifth of the run ago is falling, which takes so many steps in a fifth.
FALLING, FEWEST_FALLING = 0.02, 4
# A network that scores less than this share of the base-rate loss has learned something.
LEARNED = 0.5

# Weights this small beside those that suit their layer are hardly there, and any step is long beside them.
SMALLEST_SCALE = 0.01

# A mean loss above this share of the base-rate loss is that of a network that knows nothing any more.
NOTHING_LEFT = 0.95


@dataclass(frozen=True, slots=True)
class Lost:
    """How what was learned was lost. best: the smallest mean loss before; step: the first by which all was lost; rate,
    raised_rate: the learning rate at its best, and the largest from then to that step."""

    best: float
    step: int
    rate: float
    raised_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """start: measured before training; None where it was not.

    losses, accuracies, rates (n,) float32: of every minibatch, the first of which made step first_step + 1. readings,
    epochs: in their order. planned_steps: to the end of the schedule, counted from first_step. state: how the run
    ended, None while it goes on. is_rate_changed: by a person, on the way. config: what proposed changes start from;
    rules judge by the measurements.
    """

    config: RunConfig
    start: Preflight | None
    base_rate_loss: float
    steps_per_epoch: int
    planned_steps: int
    first_step: int
    losses: NDArray[np.float32]
    accuracies: NDArray[np.float32]
    rates: NDArray[np.float32]
    readings: tuple[LayersMeasured, ...]
    epochs: tuple[EpochDone, ...]
    state: State | None
    is_rate_changed: bool = False

    @classmethod
    def of(cls, history: History, start: Preflight | None) -> Self:
        """What a run's history, which must have begun, has to say."""
        started = history.starts[-1]
        return cls(
            config=started.config,
            start=start,
            base_rate_loss=started.base_rate_loss,
            steps_per_epoch=started.steps_per_epoch,
            planned_steps=started.last_step - history.first_step,
            first_step=history.first_step,
            losses=history.losses.values,
            accuracies=history.accuracies.values,
            rates=history.rates,
            # Of a run under way a reading may be told before the block of minibatches that it is in.
            readings=tuple(each for each in history.layers if each.step <= history.last_step),
            epochs=tuple(history.epochs),
            state=history.ended.state if history.ended else None,
            is_rate_changed=any(change.key == "training.learning_rate" for change in history.changes),
        )

    @property
    def steps(self) -> int:
        """Steps made."""
        return len(self.losses)

    @property
    def last_step(self) -> int:
        """The number of the last one."""
        return self.first_step + self.steps

    @property
    def recent(self) -> int:
        """How many minibatches count as the present."""
        return max(1, min(MOST_RECENT, self.steps // 10))

    @property
    def loss(self) -> float:
        """The mean loss of the present; nan before the first step."""
        return float(self.losses[-self.recent :].mean(dtype=np.float64)) if self.steps else math.nan

    @property
    def first_loss(self) -> float:
        """The mean loss of as many minibatches at the beginning; nan before the first step."""
        return float(self.losses[: self.recent].mean(dtype=np.float64)) if self.steps else math.nan

    @property
    def has_learned(self) -> bool:
        """Whether the loss is now well below that of knowing only how frequent each class is; of a single class there
        is nothing to learn."""
        return self.loss < LEARNED * self.base_rate_loss or self.base_rate_loss <= 0.0

    @property
    def lost(self) -> Lost | None:
        """Where a network that had learned something lost it again, if it has not got it back."""
        if self.has_learned or not self.steps:
            return None
        size = self.recent
        means = self.losses[: self.steps // size * size].reshape(-1, size).mean(axis=1, dtype=np.float64)
        means[~np.isfinite(means)] = np.inf
        best = int(means.argmin())
        bad = np.flatnonzero(means[best:] > NOTHING_LEFT * self.base_rate_loss)
        if means[best] >= LEARNED * self.base_rate_loss or not len(bad):
            return None
        first, last = best * size, (best + int(bad[0]) + 1) * size
        raised = first + int(self.rates[first:last].argmax())
        return Lost(float(means[best]), self.first_step + last, float(self.rates[first]), float(self.rates[raised]))

    @property
    def is_falling(self) -> bool:
        """Whether the loss of the last fifth of the steps is clearly below that of the fifth before."""
        fifth = self.steps // 5
        if fifth < FEWEST_FALLING:
            return False
        before, last = self.losses[-2 * fifth : -fifth], self.losses[-fifth:]
        return bool(last.mean(dtype=np.float64) < (1.0 - FALLING) * before.mean(dtype=np.float64))

    @property
    def know_nothing_loss(self) -> float:
        """The loss of knowing only how frequent each class is, or that of the starting weights where it is larger, as
        that of other losses than cross-entropy is: a sound network is never above it for long."""
        start = self.start.start_loss if self.start else float(self.losses[0]) if self.steps else math.nan
        return max(self.base_rate_loss, start) if math.isfinite(start) else self.base_rate_loss

    def longest_step(self, reading: LayersMeasured) -> float:
        """log10 of step by weights in the layer where it is largest, of those that have weights to speak of; -inf if
        there is none."""
        scales = reading.weight_scales or (1.0,) * len(reading.update_ratios)
        pairs = zip(reading.update_ratios, scales, strict=True)
        return max((ratio for ratio, scale in pairs if scale >= SMALLEST_SCALE and ratio < math.inf), default=-math.inf)

    @property
    def is_early(self) -> bool:
        """Whether so few steps were made that how it trains cannot be judged yet. Of a schedule that has no more, or
        of epochs that are as short, it can."""
        few_digits = self.start is not None and self.steps * self.start.batch_size < EARLY_DIGITS
        return self.steps < min(math.inf if few_digits else EARLY, self.steps_per_epoch, self.planned_steps)

    @property
    def layers(self) -> int:
        """Layers of weights."""
        return len(self.config.network.hidden) + 1

    def width(self, layer: int) -> int:
        """Units of a layer, classes of the last; 0 where it is not known how many."""
        hidden = self.config.network.hidden
        return hidden[layer] if layer < len(hidden) else self.start.classes if self.start else 0

    def rate_at(self, step: int) -> float:
        """The learning rate of a step that was made."""
        return float(self.rates[step - self.first_step - 1])
