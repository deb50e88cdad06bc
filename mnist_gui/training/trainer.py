"""Trains a network one minibatch at a time and owns its weights. When to train and what to report is up to `loop`."""

import copy
import dataclasses
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.augmentation import Distorter
from mnist_gui.data.batches import Batches
from mnist_gui.data.splits import Splits
from mnist_gui.engine.inference import Predictions
from mnist_gui.engine.regularization import euclidean_norm, l2_penalty
from mnist_gui.engine.schedules import warm_up
from mnist_gui.training.blas_threads import BlasThreads
from mnist_gui.training.divergence import Attempt, Diverged, Start, explain, first_overflow, weight_sizes
from mnist_gui.training.hooks import DEFAULT_HOOKS, TrainerHooks
from mnist_gui.training.integrity_checks import CheckedEpoch, IntegrityChecks
from mnist_gui.training.layer_statistics import PROBE, LayerStatistics
from mnist_gui.training.meters import Minibatch
from mnist_gui.training.minibatch_gradient import MinibatchGradient
from mnist_gui.training.records import LayersMeasured
from mnist_gui.training.snapshot import Snapshot, never, predict_split
from mnist_gui.training.starting_network import starting_network


class Trainer:
    """A network, its digits and its update rule.

    A trainer is a pure function of (config, splits, start, hooks): two with the same seed make bit-equal steps. With
    `start` training continues from a snapshot; the order of digits then depends on the seed and on start.step.
    """

    def __init__(
        self, config: RunConfig, splits: Splits, start: Snapshot | None = None, hooks: TrainerHooks = DEFAULT_HOOKS
    ) -> None:
        self.config = config
        self.splits = splits
        self.step = start.step if start else 0
        self.epoch = start.epoch if start else 0
        self._best = start

        self._hooks = hooks
        self._parts = hooks.parts(config)
        self._report = hooks.report(self._parts.loss)
        self._network = start.network() if start else starting_network(config, splits, self._parts)
        self._start_sizes, self._start_step = weight_sizes(self._network), self.step
        self._optimizer = hooks.optimizer(self._parts, self._network)

        self._order_rng, self._dropout_rng, self._augmentation_rng = (
            np.random.default_rng([config.training.seed, purpose, self.step]) for purpose in (1, 2, 3)
        )
        self._backprop = MinibatchGradient(self._network, self._dropout_rng)
        self._batches = self._make_batches()
        self.measured: LayersMeasured | None = None
        self._layer_statistics = self._make_layer_statistics()
        self.integrity: CheckedEpoch = {"label_entropy": math.nan, "held_out_digits": 0, "best_has_changed": False}
        self._checks = IntegrityChecks(splits, self._batches.batch_size)
        self._order: NDArray[np.intp] = np.empty(0, np.intp)
        self._position = 0
        self._start_schedule()

    @property
    def best(self) -> Snapshot | None:
        """The weights with the smallest validation loss, copied at that time."""
        return self._hooks.recall(self._best, self._network.parameters)

    @best.setter
    def best(self, snapshot: Snapshot) -> None:
        self._best = snapshot

    @property
    def best_step(self) -> int | None:
        """The step of the best weights; None before the first validation."""
        return self._best.step if self._best else None

    @property
    def steps_per_epoch(self) -> int:
        """Minibatches in an epoch; the last may be short."""
        return self._batches.steps_per_epoch

    @property
    def parameter_count(self) -> int:
        """The number of weights and biases."""
        return self._network.parameters.size

    @property
    def rate(self) -> float:
        """The learning rate of the next minibatch: the peak times the factors of schedule and warm-up."""
        training, one_step = self.config.training, 1 / self.steps_per_epoch
        done = (self.step - self._first_step) * one_step
        return training.learning_rate * self._parts.schedule(done, training) * warm_up(done, one_step, training)

    @property
    def penalty(self) -> float:
        """What the L2 penalty adds to the loss at the present weights."""
        return l2_penalty(self._network.weights, self.config.training.l2, len(self.splits.train))

    @property
    def base_rate_loss(self) -> float:
        """The loss on the training digits of a network whose outputs depend only on the class frequencies."""
        counts = np.bincount(self.splits.train.labels, minlength=self.splits.classes)
        return self._parts.loss.base_rate(counts / counts.sum())

    @property
    def is_finished(self) -> bool:
        """Whether the schedule has been trained to its end."""
        return self.step >= self.last_step

    @property
    def is_between_epochs(self) -> bool:
        """Whether the next minibatch begins a new epoch."""
        return self._position >= len(self._order)

    @property
    def steps_to_epoch_end(self) -> int:
        """Minibatches left in the present epoch, or in the next one between epochs."""
        digits_left = len(self._order) - self._position
        return -(-digits_left // self._batches.batch_size) or self.steps_per_epoch

    @property
    def measures_next(self) -> bool:
        """Whether the next step will be measured; `measured` holds the result after it."""
        return self._layer_statistics.is_due(self.step + 1)

    def blas_threads(self) -> BlasThreads:
        """The choice of the number of BLAS threads for steps of this size."""
        size = self._batches.batch_size
        digits = min(size, self._backprop.chunk)
        # Undistorted, so that no random number is drawn.
        inputs, _ = Batches(self.splits.train, self.config.data.scaling, digits).gather(np.arange(digits))
        return BlasThreads(self.config.training.blas_threads, self._network, inputs, size / digits)

    def coming_order(self) -> NDArray[np.intp]:
        """The indexes of the next epoch's training digits in their order, (N,); no random number is drawn."""
        return self._hooks.order(copy.deepcopy(self._order_rng), self.splits)

    def gradient_length(self, rows: NDArray[np.intp]) -> float:
        """The length of the gradient that the update rule would get for these digits, without penalty and unclipped.

        Undistorted; nothing is changed, and no random number drawn. nan if the loss is not finite.
        """
        batches = Batches(self.splits.train, self.config.data.scaling, len(rows))
        before = self._dropout_rng.bit_generator.state
        try:
            with np.errstate(all="ignore"):
                found = self._backprop.compute(batches, rows, self._report.loss, self.config.training.dropout, never)
        finally:
            self._dropout_rng.bit_generator.state = before
        if found is None or not math.isfinite(found[0]):
            return math.nan
        factor = len(rows) if self.config.training.gradient == "sum" else 1
        return euclidean_norm(self._backprop.gradient.flat) * factor

    def train_on(self, config: RunConfig) -> None:
        """Schedule more epochs with `config`, which may differ from the present one where that needs no new network."""
        before, self.config = self.config, config
        self._parts = self._hooks.parts(config)
        self._report = self._hooks.report(self._parts.loss)
        if config.training.optimizer != before.training.optimizer:
            self._optimizer = self._hooks.optimizer(self._parts, self._network)
        if config.augmentation != before.augmentation:
            self._batches = self._make_batches()
        self._start_schedule()

    def change(self, key: str, value: float) -> float:
        """Change a setting in the config from the next minibatch on; returns the value before."""
        before: float = self.config[key]
        self.config = self.config.with_settings({key: value})
        return before

    @property
    def nbytes(self) -> int:
        """Bytes that stay in memory between schedules: weights, gradient, state of the update rule, order."""
        of_optimizer = [value for value in vars(self._optimizer).values() if isinstance(value, np.ndarray)]
        arrays = (self._network.parameters, self._backprop.gradient.flat, self._order, *of_optimizer)
        return sum(array.nbytes for array in arrays)

    def release_buffers(self) -> None:
        """Free the memory that only steps and validations need, until the next one."""
        self._backprop.release_buffers()
        self._batches.release_buffers()

    def _start_schedule(self) -> None:
        """Start a schedule at the present step. An incomplete epoch is not finished; a new one starts."""
        self._position = len(self._order)
        self._first_step = self.step
        self.last_step = self.step + self.config.training.epochs * self.steps_per_epoch

    def train_minibatch(self, should_cancel: Callable[[], bool] = never) -> Minibatch | None:
        """Make one step. None, with no weight changed, if `should_cancel` returned True between parts of a large batch.

        Raises Diverged, with no weight changed, if the loss or the gradient is not finite.
        """
        if self.is_between_epochs:
            self._order = self._hooks.order(self._order_rng, self.splits)
            self._position = 0
        training, rate = self.config.training, self.rate
        rows = self._order[self._position : self._position + self._batches.batch_size]
        self._report.begin()
        found = self._backprop.compute(self._batches, rows, self._report.loss, training.dropout, should_cancel)
        if found is None:
            return None
        loss, correct = found
        if not math.isfinite(loss):
            raise self._diverged(loss, len(rows))
        excess = self._report.excess()
        self._finish_gradient(len(rows), loss / len(rows))
        measures = self.measures_next
        self._layer_statistics.begin(self.step + 1)
        gradient = self._backprop.gradient
        self._optimizer.update(self._network.parameters, gradient.flat, rate, training.momentum)
        self._position += len(rows)
        self.step += 1
        if measures:
            self.measured = self._layer_statistics.measure(self.step, gradient, training.momentum, self._penalty_ratio)
        if self.is_between_epochs:
            self.epoch += 1
        return Minibatch(loss / len(rows) + excess, correct / len(rows), rate, len(rows))

    def validate(self, should_cancel: Callable[[], bool] = never) -> Predictions | None:
        """The predictions for all validation digits, None if cancelled. Copies the weights if they are the best.

        Without validation digits the newest weights count as the best.
        """
        self._report.begin()
        predictions = predict_split(
            self._network, self._report.loss, self.splits.validation, self.config.data.scaling, should_cancel
        )
        if predictions and len(predictions.labels):
            predictions = dataclasses.replace(predictions, excess=self._report.excess())
        self.integrity = self._checks.check(self._order, self.best)
        if predictions and self._is_best(predictions.loss):
            self._best = self.snapshot(predictions)
        self._checks.note(self.best)
        return predictions

    def snapshot(self, validation: Predictions | None = None) -> Snapshot:
        """A copy of the present weights."""
        return Snapshot.of(
            self._network.parameters,
            config=self.config,
            image_shape=self.splits.image_shape,
            class_names=self.splits.class_names,
            step=self.step,
            epoch=self.epoch,
            validation=validation,
            validation_loss=validation.loss if validation else math.nan,
            validation_accuracy=validation.accuracy if validation else math.nan,
            own_parts=self._parts,
        )

    def explain_validation(self) -> str:
        """Why the validation loss is not finite: layer and likely cause."""
        chunk = Batches(self.splits.validation, self.config.data.scaling, self._backprop.chunk)
        inputs, workspace, loss = first_overflow(self._network, self._parts.loss, chunk)
        gradient = self._backprop.gradient
        attempt = Attempt(self.step, self._batches.batch_size, loss, inputs, workspace, gradient)
        return f"the validation digits cannot be measured: {self._explain(attempt)}"

    def _make_layer_statistics(self) -> LayerStatistics:
        count = min(PROBE, len(self.splits.train))
        probe = Batches(self.splits.train, self.config.data.scaling, count).gather(np.arange(count))
        size = self._batches.batch_size
        return LayerStatistics(self._network, self._parts.loss, probe, batch_size=size, first_step=self.step)

    def _make_batches(self) -> Batches:
        config, augmentation = self.config, self.config.augmentation
        shape, rng = self.splits.image_shape, self._augmentation_rng
        distorter = Distorter(augmentation, shape, rng) if augmentation.is_on else None
        return Batches(self.splits.train, config.data.scaling, config.training.batch_size, distorter)

    def _finish_gradient(self, digits: int, loss: float) -> None:
        """Make the gradient ready for the update rule. Raises Diverged if it is not finite."""
        training, train_digits = self.config.training, len(self.splits.train)
        if self.measures_next:
            self._penalty_ratio = self._backprop.penalty_ratio(training.l2 / train_digits)
        if not self._backprop.finish(training, train_digits, digits):
            raise self._diverged(loss, digits)

    def _diverged(self, loss: float, batch_size: int) -> Diverged:
        attempt = Attempt(
            self.step + 1, batch_size, loss, self._backprop.inputs, self._backprop.workspace, self._backprop.gradient
        )
        return Diverged(self._explain(attempt))

    def _explain(self, attempt: Attempt) -> str:
        start = Start(self._start_sizes, self.step - self._start_step, len(self.splits.train))
        return explain(attempt, self.config, self._network, start)

    def _is_best(self, validation_loss: float) -> bool:
        if len(self.splits.validation) and not math.isfinite(validation_loss):
            return False
        if self._best is None or math.isnan(self._best.validation_loss):
            return True
        return len(self.splits.validation) == 0 or validation_loss < self._best.validation_loss
