"""What happened in a run, as small frozen values in the past tense, in the order it happened.

A run posts RunStarted first (unless it failed before it could start) and RunEnded last, always.
"""

import dataclasses
import math
import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import RunConfig

# stopped: by a person; stopped_early: for lack of a better epoch.
State = Literal["finished", "stopped_early", "stopped", "diverged", "failed"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A schedule began at `step` and will end at `last_step`; step and epoch are above 0 where a network trains on.

    base_rate_loss: what a network scores on the training digits that knows only how frequent each class is.
    """

    config: RunConfig
    step: int
    epoch: int
    last_step: int
    steps_per_epoch: int
    train_digits: int
    validation_digits: int
    parameters: int
    blas_threads: int
    base_rate_loss: float = math.nan


@dataclass(frozen=True, slots=True, eq=False)
class MinibatchesDone:
    """A block of n consecutive minibatches; the first of them made step `first_step` (steps count from 1).

    losses, accuracies (0..1), rates, seconds : (n,) float32; seconds of training so far, pauses left out.
    """

    first_step: int
    losses: NDArray[np.float32]
    accuracies: NDArray[np.float32]
    rates: NDArray[np.float32]
    seconds: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EpochDone:
    """An epoch was trained and then validated. train_* are means over its minibatches; accuracies in 0..1.

    Losses are without the L2 penalty, which is `penalty` at the end of the epoch. validation_* are nan without
    validation digits. seconds: training time so far, pauses left out;
    images_per_second: training digits of this epoch by the time its minibatches took. label_entropy: of a few hundred
    consecutive labels, on average; held_out_digits: how many of the digits trained on are for validation or test;
    best_has_changed: whether the best weights, kept earlier, are no longer what they were.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
    images_per_second: float
    penalty: float = 0.0
    label_entropy: float = math.nan
    held_out_digits: int = 0
    best_has_changed: bool = False


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """A live setting took another value, in force from the minibatch after `step`."""

    step: int
    key: str
    old: float
    new: float


@dataclass(frozen=True, slots=True)
class RunPaused:
    """The run holds after `step`."""

    step: int


@dataclass(frozen=True, slots=True)
class RunResumed:
    """The run goes on after `step`."""

    step: int


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last record of a run.

    best_* tell of the kept weights: those with the smallest validation loss. best_epoch is None if no epoch was
    completed, best_validation_* are nan without validation digits. test_* are None unless the test digits were
    evaluated. error: what went wrong, for diverged and failed runs.
    """

    state: State
    step: int
    epoch: int
    best_epoch: int | None
    best_validation_loss: float
    best_validation_accuracy: float
    seconds: float
    test_loss: float | None = None
    test_accuracy: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LayersMeasured:
    """What went on in every layer at a step. Gradient and update are of its weights, and of all layers; activations,
    dead and saturated units (shares, 0..1) are of the hidden layers, on a fixed probe of training digits.

    gradient_rms: root mean square, without pixels that are the same in the whole probe. update_ratios: log10 of mean
    |step| by mean |weight|; -inf for no step. weight_scales: mean |weight| times the root of the layer's inputs, some
    tenths to 1 for weights that suit it. alike: the smallest correlation of two units' answers, nan for one unit, and
    where none tells digits apart; units: how many there are. downhill: the cosine between what is new in the step,
    besides the momentum's share of the last one, and minus the gradient, in the layers that move. shrinkages: the share
    of its weights that the step takes away beyond gradient and velocity. penalty_ratio: length of the penalty's
    gradient by that of the digits'. logit_spread: the deviation of a logit from digit to digit. silent_below,
    silent_above: the share of outputs without gradient among those with a logit below and above 0. non_finite: logits
    and derivatives that are no finite numbers. dead_units, saturated_units: the numbers of these units, the first few
    hundred of a layer. silent_classes: those that most of their own digits answer below 0, without a gradient that
    could raise it.
    """

    step: int
    gradient_rms: tuple[float, ...]
    update_ratios: tuple[float, ...]
    activation_means: tuple[float, ...]
    activation_sds: tuple[float, ...]
    dead: tuple[float, ...]
    saturated: tuple[float, ...]
    alike: tuple[float, ...] = ()
    units: tuple[int, ...] = ()
    downhill: float = math.nan
    shrinkages: tuple[float, ...] = ()
    penalty_ratio: float = 0.0
    probe_loss: float = math.nan
    probe_accuracy: float = math.nan
    lowest_logit: float = math.nan
    highest_logit: float = math.nan
    logit_spread: float = math.nan
    silent_below: float = math.nan
    silent_above: float = math.nan
    non_finite: int = 0
    dead_units: tuple[tuple[int, ...], ...] = ()
    saturated_units: tuple[tuple[int, ...], ...] = ()
    silent_classes: tuple[int, ...] = ()
    weight_scales: tuple[float, ...] = ()


Record = RunStarted | LayersMeasured | MinibatchesDone | EpochDone | SettingChanged | RunPaused | RunResumed | RunEnded


def as_json(record: Record) -> dict[str, Any]:
    """A record as a JSON object: "record" names its kind in snake_case; what is absent or not finite is None."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(record).__name__).lower()
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {"record": name, **{key: _json_value(value) for key, value in values.items()}}


def _json_value(value: Any) -> Any:
    if isinstance(value, RunConfig):
        return value.settings()
    if isinstance(value, tuple):
        return [_json_value(item) for item in value]
    if isinstance(value, np.ndarray):
        return [_json_value(item) for item in value.tolist()]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
