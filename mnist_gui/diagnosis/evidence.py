"""The evidence for rules: measurements before the first step, and the values that a run has recorded."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.preflight import Preflight
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, LayersMeasured, State

# The present loss is the mean of this many minibatches, or of a tenth of all if that is fewer.
MOST_RECENT = 100
# In this many first steps, within the first epoch, the loss of a correct network fluctuates, too.
EARLY = 200
# With small minibatches it fluctuates for longer: until this many digits were used.
EARLY_DIGITS = 5000
# A loss that is lower by this share than a fifth of the run ago is falling; a fifth must have this many steps.
FALLING, FEWEST_FALLING = 0.02, 4
# A network with a loss below this share of the base-rate loss has learned something.
LEARNED = 0.5

# Layers with weights below this share of a suitable size are left out: any step is large relative to them.
SMALLEST_SCALE = 0.01

# A mean loss above this share of the base-rate loss means that all was lost.
NOTHING_LEFT = 0.95


@dataclass(frozen=True, slots=True)
class Lost:
    """How a network lost what it had learned. best: the smallest mean loss before; step: the first at which all was
    lost; rate: the learning rate at the smallest loss; raised_rate: the largest from there to `step`."""

    best: float
    step: int
    rate: float
    raised_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The measurements that rules judge.

    config: settings of the run, from which changes are proposed; rules judge by the measurements.
    start: measurements before training; None if there are none.
    base_rate_loss: loss on the training digits of outputs that depend only on the class frequencies.
    steps_per_epoch: minibatches in an epoch.
    planned_steps: steps from first_step to the end of the schedule.
    first_step: steps made before the first value.
    losses (n,) float32: mean loss of every minibatch; the first one made step first_step + 1.
    accuracies (n,) float32: of every minibatch, 0..1.
    rates (n,) float32: learning rate of every minibatch.
    readings: measurements of the layers, by step.
    epochs: records of the epochs, in their order.
    state: how the run ended; None while it goes on.
    is_rate_changed: whether the user changed the learning rate during the run.
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
        """The evidence of a run's history, which must have a RunStarted."""
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
            # A reading may be posted before the block of minibatches that it belongs to.
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
        """The number of the last step made."""
        return self.first_step + self.steps

    @property
    def recent(self) -> int:
        """The number of minibatches in the present loss."""
        return max(1, min(MOST_RECENT, self.steps // 10))

    @property
    def loss(self) -> float:
        """The mean loss of the last `recent` minibatches; nan before the first step."""
        return float(self.losses[-self.recent :].mean(dtype=np.float64)) if self.steps else math.nan

    @property
    def first_loss(self) -> float:
        """The mean loss of the first `recent` minibatches; nan before the first step."""
        return float(self.losses[: self.recent].mean(dtype=np.float64)) if self.steps else math.nan

    @property
    def has_learned(self) -> bool:
        """Whether the present loss is well below the base-rate loss; always with a single class."""
        return self.loss < LEARNED * self.base_rate_loss or self.base_rate_loss <= 0.0

    @property
    def lost(self) -> Lost | None:
        """Where a network that had learned something lost it again; None if it did not, or has recovered."""
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
    def uninformed_loss(self) -> float:
        """The base-rate loss, or the loss of the starting weights where that is larger, as with other losses than
        cross-entropy: a correct network is never above it for long."""
        start = self.start.start_loss if self.start else float(self.losses[0]) if self.steps else math.nan
        return max(self.base_rate_loss, start) if math.isfinite(start) else self.base_rate_loss

    def longest_step(self, reading: LayersMeasured) -> float:
        """The largest update ratio (log10 of |step| / |weight|) of the layers whose weights are not tiny; -inf if there
        is none."""
        scales = reading.weight_scales or (1.0,) * len(reading.update_ratios)
        pairs = zip(reading.update_ratios, scales, strict=True)
        return max((ratio for ratio, scale in pairs if scale >= SMALLEST_SCALE and ratio < math.inf), default=-math.inf)

    @property
    def is_early(self) -> bool:
        """Whether too few steps were made to judge the training. Not if the schedule or the epoch has no more."""
        few_digits = self.start is not None and self.steps * self.start.batch_size < EARLY_DIGITS
        return self.steps < min(math.inf if few_digits else EARLY, self.steps_per_epoch, self.planned_steps)

    @property
    def layers(self) -> int:
        """The number of layers of weights."""
        return len(self.config.network.hidden) + 1

    def width(self, layer: int) -> int:
        """The units of a layer, classes for the last; 0 if unknown."""
        hidden = self.config.network.hidden
        return hidden[layer] if layer < len(hidden) else self.start.classes if self.start else 0

    def rate_at(self, step: int) -> float:
        """The learning rate used in a step that was made."""
        return float(self.rates[step - self.first_step - 1])
