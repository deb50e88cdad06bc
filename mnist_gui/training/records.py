"""Records of a run: small frozen values, named in the past tense, in the order of the events.

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

# stopped: by the user; stopped_early: no better epoch within the patience.
State = Literal["finished", "stopped_early", "stopped", "diverged", "failed"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A schedule began. step and epoch are above 0 where training of a network continues.

    config: settings of the schedule.
    step: steps made before it.
    epoch: epochs done before it.
    last_step: step at which it will end.
    steps_per_epoch: minibatches in an epoch.
    train_digits: number of training digits.
    validation_digits: number of validation digits, may be 0.
    parameters: number of weights and biases.
    blas_threads: threads of the matrix products at the start, >= 1.
    base_rate_loss: loss on the training digits of a network whose outputs depend only on the class frequencies.
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

    losses (n,) float32: mean loss of each minibatch, without the L2 penalty.
    accuracies (n,) float32: 0..1.
    rates (n,) float32: learning rate used.
    seconds (n,) float32: training time since the start of the schedule, pauses left out.
    """

    first_step: int
    losses: NDArray[np.float32]
    accuracies: NDArray[np.float32]
    rates: NDArray[np.float32]
    seconds: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EpochDone:
    """An epoch was trained and then validated. Losses are without the L2 penalty; accuracies are in 0..1.

    epoch: its number, from 1.
    step: steps made at its end.
    train_loss, train_accuracy: means over its minibatches, weighted by their digits.
    validation_loss, validation_accuracy: on all validation digits; nan without any.
    seconds: training time since the start of the schedule, pauses left out.
    images_per_second: training digits divided by the time their minibatches took.
    penalty: the L2 penalty at the end of the epoch, >= 0.
    label_entropy: mean entropy, in nats, of the labels of some hundred consecutive training digits.
    held_out_digits: number of digits trained on that are validation or test digits.
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
    """A setting took another value during training, in force from the minibatch after `step`."""

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
    """The last record of a run. The best weights are those with the smallest validation loss.

    state: how it ended.
    step: steps made.
    epoch: epochs done.
    best_epoch: epoch of the best weights; None if no epoch was completed.
    best_validation_loss, best_validation_accuracy: of the best weights; nan without validation digits.
    seconds: training time since the start of the schedule, pauses left out.
    test_loss, test_accuracy: of the best weights; None unless the test digits were evaluated.
    error: the reason, for diverged and failed runs.
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
    """Measurements of every layer after a step, on a fixed probe of B training digits. Tuples have one entry per layer.

    Gradients and weights are of all layers, without biases; activations are of hidden layers only, without dropout.

    step: number of the step, from 1.
    gradient_rms: root mean square of the gradient as the update rule got it; without pixels constant on the probe.
    update_ratios: log10(mean |step| / mean |weight|); about -3 in healthy training, -inf for no step.
    activation_means, activation_sds: over units and digits.
    dead, saturated: share of dead and of saturated units, 0..1.
    alike: smallest correlation between two units' activations, -1..1; nan for one unit and where none varies.
    units: number of units.
    downhill: cosine, -1..1, between the step without its momentum part and minus the gradient, over layers that move.
    shrinkages: share of the weights that the step removes beyond gradient and velocity; nan if not explained.
    penalty_ratio: length of the penalty's gradient divided by that of the digits' gradient, >= 0.
    probe_loss: mean loss on the probe.
    probe_accuracy: accuracy on the probe, 0..1.
    lowest_logit, highest_logit: over digits and classes.
    logit_spread: standard deviation of a logit between digits, mean over the classes.
    silent_below, silent_above: share of outputs with derivative 0 among those with a logit below and above 0.
    non_finite: number of logits and derivatives that are not finite.
    dead_units, saturated_units: numbers of these units, at most 256 for each layer.
    silent_classes: classes with logits below 0 and derivative 0 for more than half of their own digits.
    weight_scales: mean |weight| * sqrt(inputs of the layer); a few tenths to 1 for suitable weights.
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
