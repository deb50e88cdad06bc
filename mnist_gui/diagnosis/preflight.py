"""Pre-flight measurements, before the first step: digits, their labels and order, weights, loss and gradient."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_gui.data.batches import inputs_of
from mnist_gui.data.splits import Split, Splits
from mnist_gui.diagnosis.data_checks import (
    LOOKED_AT,
    copied_digits,
    distorted_agreement,
    neighbour_agreement,
    spare_digits,
    validation_agreement,
)
from mnist_gui.diagnosis.first_batch import FirstBatch, first_batch
from mnist_gui.diagnosis.gradient_origin import gradient_origin
from mnist_gui.diagnosis.init_scale import ideal_sizes, size
from mnist_gui.diagnosis.narrow_copy import narrowed
from mnist_gui.diagnosis.overfit_check import DIGITS, learned_by_heart
from mnist_gui.engine.gradient_check import SAMPLE, UncheckableError
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.types import Floats, Labels
from mnist_gui.training.gradient_check import check_gradient
from mnist_gui.training.integrity_checks import WINDOW, held_out, label_entropy
from mnist_gui.training.layer_statistics import PROBE, dead_share, saturated_share, smallest_correlation
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.trainer import Trainer

# Logits for which every correct loss must be finite; those of healthy networks stay within about 30.
LARGE_LOGIT = 1e4
# The gradient of this many digits is compared with that of the same digits repeated.
COMPARED = 32
# In a network of more parameters, fewer of each layer are checked, so that the check takes as long.
USUAL_PARAMETERS, FEWEST_TRIED = 100_000, 4
# Share of the way from the accuracy of the most frequent class to 1.
NEAR_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class GradientPart:
    """Gradient check of the weights or biases of a layer (from 0): name as in the check, largest relative error."""

    name: str
    layer: int
    error: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Preflight:
    """Measurements before the first step. Tuples have one entry per class or, from `units` on, per hidden layer.

    digits: number of training digits.
    classes: number of classes.
    batch_size: digits in a minibatch.
    class_names: name of each class.
    class_counts: training digits of each class.
    validation_counts: validation digits of each class.
    lowest_input, highest_input, input_sd: of the network's inputs (scaled pixels); sd: standard deviation.
    neighbour_agreement: share of training digits whose nearest other one has the same label, 0..1; nan for too few.
    validation_agreement: the same for validation digits and their nearest training digits.
    distorted_agreement: the same for distorted training digits and undistorted others; nan without augmentation.
    chance: expected agreement for random labels: sum of the squared class frequencies.
    order_entropy: mean entropy (nats) of the labels in consecutive windows of the first epoch.
    set_entropy: entropy (nats) of all training labels.
    held_out_digits: number of training digits that are also validation or test digits.
    copied_digits: number of validation digits whose picture is also one of a training digit.
    spare_digits: number of digits of the training files that are in no split and could be trained on.
    first_batch: expected loss of the first minibatch; None if the reported loss cannot be compared.
    start_loss: mean loss of the starting weights on the probe.
    zero_loss: mean loss for logits of 0.
    usual_loss: mean loss for logits drawn from Normal(0, 1).
    extreme_loss: largest loss for logits of +-LARGE_LOGIT.
    units: number of units.
    alike, dead, saturated: as in LayersMeasured.
    weight_sizes: root mean square of the weights.
    ideal_sizes: smallest and largest suitable root mean square.
    gradient: numerical gradient check of weights and biases; empty if it is not possible.
    gradient_of: origin of a wrong gradient, a name in gradient_origin.ORIGINS; "" if unknown.
    gradient_growth: factor of the gradient's length if a minibatch has the same digits twice; nan for no gradient.
    rate: peak learning rate.
    learned_by_heart: accuracy, 0..1, after training a copy on 16 digits only.
    picture_shape: rows and columns.

    `gradient` and `learned_by_heart` are measured on a narrow copy if the network is very wide.
    """

    digits: int
    classes: int
    batch_size: int
    class_names: tuple[str, ...]
    class_counts: tuple[int, ...]
    validation_counts: tuple[int, ...]
    lowest_input: float
    highest_input: float
    input_sd: float
    neighbour_agreement: float
    validation_agreement: float
    distorted_agreement: float
    chance: float
    order_entropy: float
    set_entropy: float
    held_out_digits: int
    copied_digits: int
    spare_digits: int
    first_batch: FirstBatch | None
    start_loss: float
    zero_loss: float
    usual_loss: float
    extreme_loss: float
    units: tuple[int, ...]
    alike: tuple[float, ...]
    dead: tuple[float, ...]
    saturated: tuple[float, ...]
    weight_sizes: tuple[float, ...]
    ideal_sizes: tuple[tuple[float, float], ...]
    gradient: tuple[GradientPart, ...]
    gradient_of: str
    gradient_growth: float
    rate: float
    learned_by_heart: float
    picture_shape: tuple[int, int]

    @property
    def near_chance(self) -> float:
        """Accuracies (0..1) below this are hardly above that of always predicting the most frequent class."""
        largest = max(self.class_counts) / self.digits
        return largest + NEAR_CHANCE * (1.0 - largest)


def preflight(trainer: Trainer) -> Preflight:
    """Measure a trainer before its first step; it is not changed."""
    splits = trainer.splits
    train, classes = splits.train, splits.classes
    scaling = trainer.config.data.scaling
    snapshot = trainer.snapshot()
    narrow = narrowed(snapshot)
    some = np.arange(min(LOOKED_AT, len(train)))
    inputs = inputs_of(train.images(some), scaling)
    batch_size = min(trainer.config.training.batch_size, len(train)) or len(train)
    order = trainer.coming_order()
    with np.errstate(all="ignore"):
        gradient = _check_gradient(narrow, splits)
        return Preflight(
            digits=len(train),
            classes=classes,
            batch_size=batch_size,
            lowest_input=float(inputs.min()),
            highest_input=float(inputs.max()),
            input_sd=float(inputs.std()),
            neighbour_agreement=neighbour_agreement(train, some),
            validation_agreement=validation_agreement(train, splits.validation),
            distorted_agreement=distorted_agreement(train, trainer.config.augmentation),
            order_entropy=label_entropy(train.labels[order], classes, max(WINDOW, batch_size)),
            set_entropy=label_entropy(train.labels, classes, len(train)),
            held_out_digits=int(np.count_nonzero(held_out(splits))),
            copied_digits=copied_digits(splits),
            spare_digits=spare_digits(splits, trainer.config.data),
            first_batch=first_batch(snapshot, train, order[:batch_size]),
            **_count_classes(splits),
            **_measure_start(snapshot, train),
            gradient=gradient,
            gradient_of="" if all(part.is_right for part in gradient) else gradient_origin(narrow, splits.train),
            gradient_growth=_gradient_growth(trainer),
            rate=trainer.config.training.learning_rate,
            picture_shape=splits.image_shape,
            learned_by_heart=learned_by_heart(narrow, inputs[:DIGITS], train.labels[:DIGITS]),
        )


def _count_classes(splits: Splits) -> dict[str, Any]:
    """The fields of Preflight about the numbers of digits of each class. Test digits are not read."""
    train, validation = (
        np.bincount(split.labels, minlength=splits.classes) for split in (splits.train, splits.validation)
    )
    return {
        "class_names": splits.class_names,
        "class_counts": tuple(train.tolist()),
        "validation_counts": tuple(validation.tolist()),
        "chance": float(np.square(train / train.sum()).sum()),
    }


def _measure_start(snapshot: Snapshot, train: Split) -> dict[str, Any]:
    """The fields of Preflight about losses and hidden layers, on the probe of a run."""
    loss, activation, labels = snapshot.parts.loss, snapshot.parts.activation, train.labels[:PROBE]
    answer = snapshot.answer(train.images(np.arange(len(labels))))
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=answer.logits.shape).astype(np.float32)
    extreme = np.where(drawn > 0.0, LARGE_LOGIT, -LARGE_LOGIT).astype(np.float32)
    return {
        "zero_loss": _mean_loss(loss, np.zeros_like(drawn), labels),
        "usual_loss": _mean_loss(loss, drawn, labels),
        "extreme_loss": float(loss.forward(extreme, labels).max()),
        "start_loss": _mean_loss(loss, answer.logits, labels),
        "units": snapshot.sizes[1:-1],
        "alike": tuple(map(smallest_correlation, answer.activations, snapshot.weights)),
        "dead": tuple(map(dead_share, answer.activations)),
        "saturated": tuple(saturated_share(outputs, activation) for outputs in answer.activations),
        "weight_sizes": tuple(map(size, snapshot.weights[:-1])),
        "ideal_sizes": tuple(
            ideal_sizes(len(weights), weights.shape[1], activation) for weights in snapshot.weights[:-1]
        ),
    }


def _mean_loss(loss: Loss, logits: Floats, labels: Labels) -> float:
    return float(loss.forward(logits, labels).mean(dtype=np.float64))


def _check_gradient(snapshot: Snapshot, splits: Splits) -> tuple[GradientPart, ...]:
    sample = max(FEWEST_TRIED, min(SAMPLE, SAMPLE * USUAL_PARAMETERS // snapshot.parameters.size))
    try:
        checks = check_gradient(snapshot.config, splits, snapshot, sample=sample)
    except UncheckableError:
        return ()
    # Two checks for each layer: weights and biases.
    return tuple(
        GradientPart(check.name, index // 2, max(check.error64, check.error32), check.is_right)
        for index, check in enumerate(checks)
    )


def _gradient_growth(trainer: Trainer) -> float:
    """The factor by which repeated digits change the gradient: 1 for a mean, 2 for a sum; nan for a zero gradient."""
    digits = np.arange(min(COMPARED, len(trainer.splits.train)))
    once, twice = trainer.gradient_length(digits), trainer.gradient_length(np.tile(digits, 2))
    return twice / once if once > 0.0 else math.nan
