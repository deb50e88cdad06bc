"""Trains a network one minibatch at a time. Sole owner of its weights; when to train and what to tell is loop's job."""

import copy
import dataclasses
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.augmentation import Distorter
from mnist_gui.data.batches import Batches
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import Parts, build_network, initialize
from mnist_gui.engine.inference import Predictions
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.regularization import add_l2_gradient, clip, draw_dropout, euclidean_norm, l2_penalty
from mnist_gui.engine.schedules import warm_up
from mnist_gui.training.blas_threads import BlasThreads
from mnist_gui.training.divergence import Attempt, Diverged, Start, explain, weight_sizes
from mnist_gui.training.hooks import AS_NAMED, TrainerHooks
from mnist_gui.training.integrity_checks import CheckedEpoch, IntegrityChecks
from mnist_gui.training.layer_statistics import PROBE, LayerStatistics
from mnist_gui.training.records import LayersMeasured
from mnist_gui.training.snapshot import Snapshot, chunk_size, never, predict_split


class Minibatch(NamedTuple):
    """What one step of training measured: mean loss without penalty, accuracy (0..1), rate used, digits seen.

    loss: as the run reports it, which is the mean but for faults of the report."""

    loss: float
    accuracy: float
    rate: float
    digits: int


class Trainer:
    """A network, its digits and its update rule.

    A trainer is a pure function of (config, splits, start, assembly): two with the same seed make bit-equal steps. With
    `start` the weights of a snapshot are trained on; its order of digits then depends on the seed and on start.step.
    """

    def __init__(
        self, config: RunConfig, splits: Splits, start: Snapshot | None = None, assembly: TrainerHooks = AS_NAMED
    ) -> None:
        self.config = config
        self.splits = splits
        self.step = start.step if start else 0
        self.epoch = start.epoch if start else 0
        self._best = start

        self._assembly = assembly
        self._parts = assembly.parts(config)
        self._report = assembly.report(self._parts.loss)
        self._network = start.network() if start else starting_network(config, splits, self._parts)
        self._start_sizes, self._start_step = weight_sizes(self._network), self.step
        self._optimizer = assembly.optimizer(self._parts, self._network)
        self._gradient = Gradient(self._network)
        self._chunk = chunk_size(self._network)
        self._workspaces: dict[int, Workspace] = {}
        self._forget_step()

        self._order_rng, self._dropout_rng, self._augmentation_rng = (
            np.random.default_rng([config.training.seed, purpose, self.step]) for purpose in (1, 2, 3)
        )
        self._batches = self._make_batches()
        self.measured: LayersMeasured | None = None
        self._layer_statistics = self._make_vitals()
        self.audited: CheckedEpoch = {"label_entropy": math.nan, "held_out_digits": 0, "best_has_changed": False}
        self._audit = IntegrityChecks(splits, self._batches.batch_size)
        self._order: NDArray[np.intp] = np.empty(0, np.intp)
        self._position = 0
        self._start_schedule()

    @property
    def best(self) -> Snapshot | None:
        """The weights with the smallest validation loss, copied when they had it."""
        return self._assembly.recall(self._best, self._network.parameters)

    @best.setter
    def best(self, snapshot: Snapshot) -> None:
        self._best = snapshot

    @property
    def best_step(self) -> int | None:
        """After how many steps the weights were best; None while none were measured."""
        return self._best.step if self._best else None

    @property
    def steps_per_epoch(self) -> int:
        """Minibatches in an epoch; the last may be short."""
        return self._batches.steps_per_epoch

    @property
    def parameter_count(self) -> int:
        """How many weights and biases are trained."""
        return self._network.parameters.size

    @property
    def momentum(self) -> float:
        """The momentum of the next minibatch."""
        return self.config.training.momentum

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
        """What a network scores on the training digits that knows only how frequent each class is."""
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
        """Minibatches left in the epoch under way, or in the next one if none is."""
        digits_left = len(self._order) - self._position
        return -(-digits_left // self._batches.batch_size) or self.steps_per_epoch

    @property
    def measures_next(self) -> bool:
        """Whether the coming step will be measured; what went on in every layer is in `measured` after it."""
        return self._layer_statistics.is_due(self.step + 1)

    def blas_threads(self) -> BlasThreads:
        """What chooses the number of BLAS threads for steps of this size."""
        size = self._batches.batch_size
        digits = min(size, self._chunk)
        # Undistorted, so that no random number is used up.
        inputs, _ = Batches(self.splits.train, self.config.data.scaling, digits).gather(np.arange(digits))
        return BlasThreads(self.config.training.blas_threads, self._network, inputs, size / digits)

    def coming_order(self) -> NDArray[np.intp]:
        """The indexes of the next epoch's training digits in their order, (N,); no random number is used up."""
        return self._assembly.order(copy.deepcopy(self._order_rng), self.splits)

    def gradient_length(self, rows: NDArray[np.intp]) -> float:
        """The length of the gradient that the update rule would get for these digits, without penalty and unclipped.

        Undistorted; nothing is changed, and no random number used up. nan if the loss is not finite.
        """
        batches, dropout = self._batches, self._dropout_rng.bit_generator.state
        self._batches = Batches(self.splits.train, self.config.data.scaling, len(rows))
        try:
            with np.errstate(all="ignore"):
                self._compute_gradient(rows, never)
                return euclidean_norm(self._gradient.flat) * self._gradient_scale(len(rows))
        except Diverged:
            return math.nan
        finally:
            self._batches, self._dropout_rng.bit_generator.state = batches, dropout

    def train_on(self, config: RunConfig) -> None:
        """Plan more epochs as `config` says, which may differ from the present one where that needs no new network."""
        before, self.config = self.config, config
        self._parts = self._assembly.parts(config)
        self._report = self._assembly.report(self._parts.loss)
        if config.training.optimizer != before.training.optimizer:
            self._optimizer = self._assembly.optimizer(self._parts, self._network)
        if config.augmentation != before.augmentation:
            self._batches = self._make_batches()
        self._start_schedule()

    def change(self, key: str, value: float) -> float:
        """Use another value of a live setting from the next minibatch on; the one before. Goes into the config."""
        before: float = self.config[key]
        self.config = self.config.with_settings({key: value})
        return before

    @property
    def nbytes(self) -> int:
        """What stays in memory between schedules: weights, gradient, what the update rule remembers, the order."""
        of_optimizer = [value for value in vars(self._optimizer).values() if isinstance(value, np.ndarray)]
        arrays = (self._network.parameters, self._gradient.flat, self._order, *of_optimizer)
        return sum(array.nbytes for array in arrays)

    def release_buffers(self) -> None:
        """Give back the memory that only steps and validations need, until the next one."""
        self._workspaces.clear()
        self._batches.release_buffers()
        self._forget_step()

    def _forget_step(self) -> None:
        """No step is there to be explained."""
        self._inputs, self._workspace = np.empty((0, self.splits.inputs), np.float32), Workspace(self._network, 0)

    def _start_schedule(self) -> None:
        """Put the schedule at its beginning, here. An epoch under way is not finished; the next one starts afresh."""
        self._position = len(self._order)
        self._first_step = self.step
        self.last_step = self.step + self.config.training.epochs * self.steps_per_epoch

    def train_minibatch(self, should_cancel: Callable[[], bool] = never) -> Minibatch | None:
        """Make one step. None, with no weight changed, if `should_cancel` returned True between parts of a large batch.

        Diverged, and the weights as they were, if the loss or the gradient is not finite.
        """
        if self.is_between_epochs:
            self._order = self._assembly.order(self._order_rng, self.splits)
            self._position = 0
        rate, momentum = self.rate, self.momentum
        rows = self._order[self._position : self._position + self._batches.batch_size]
        self._report.begin()
        measured = self._compute_gradient(rows, should_cancel)
        if measured is None:
            return None
        excess = self._report.excess()
        self._shape_gradient(len(rows), measured[0] / len(rows))
        measures = self.measures_next
        self._layer_statistics.begin(self.step + 1)
        self._optimizer.update(self._network.parameters, self._gradient.flat, rate, momentum)
        self._position += len(rows)
        self.step += 1
        if measures:
            self.measured = self._layer_statistics.measure(self.step, self._gradient, momentum, self._penalty_ratio)
        if self.is_between_epochs:
            self.epoch += 1
        loss, correct = measured
        return Minibatch(loss / len(rows) + excess, correct / len(rows), rate, len(rows))

    def validate(self, should_cancel: Callable[[], bool] = never) -> Predictions | None:
        """The answers to all validation digits, None if abandoned. Copies the weights if they are the best yet.

        Without validation digits there is no measure, and the newest weights count as the best.
        """
        self._report.begin()
        predictions = predict_split(
            self._network, self._report.loss, self.splits.validation, self.config.data.scaling, should_cancel
        )
        if predictions and len(predictions.labels):
            predictions = dataclasses.replace(predictions, excess=self._report.excess())
        self.audited = {
            "label_entropy": self._audit.label_entropy(self._order) if len(self._order) else math.nan,
            "held_out_digits": self._audit.held_out_digits(self._order),
            "best_has_changed": self._audit.has_changed(self.best),
        }
        if predictions and self._is_best(predictions.loss):
            self._best = self.snapshot(predictions)
        self._audit.note(self.best)
        return predictions

    def snapshot(self, validation: Predictions | None = None) -> Snapshot:
        """A copy of the weights as they are now."""
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
        batches = Batches(self.splits.validation, self.config.data.scaling, self._chunk)
        order = np.arange(len(self.splits.validation))
        for start in range(0, len(order), self._chunk):
            inputs, labels = batches.gather(order[start : start + self._chunk])
            workspace = Workspace(self._network, len(labels))
            loss = float(self._parts.loss.forward(self._network.forward(inputs, workspace), labels).sum())
            if not math.isfinite(loss):
                break
        attempt = Attempt(self.step, self._batches.batch_size, loss, inputs, workspace, self._gradient)
        return f"the validation digits cannot be measured: {self._explain(attempt)}"

    def _make_vitals(self) -> LayerStatistics:
        count = min(PROBE, len(self.splits.train))
        probe = Batches(self.splits.train, self.config.data.scaling, count).gather(np.arange(count))
        size = self._batches.batch_size
        return LayerStatistics(self._network, self._parts.loss, probe, batch_size=size, first_step=self.step)

    def _make_batches(self) -> Batches:
        config = self.config
        distorter = None
        if config.augmentation.is_on:
            distorter = Distorter(config.augmentation, self.splits.image_shape, self._augmentation_rng)
        return Batches(self.splits.train, config.data.scaling, config.training.batch_size, distorter)

    def _shape_gradient(self, digits: int, loss: float) -> None:
        """From the gradient of the mean loss to the one that the update rule gets: penalty, sum, length."""
        training = self.config.training
        if self.measures_next:
            self._penalty_ratio = self._measure_penalty()
        add_l2_gradient(self._gradient, self._network, training.l2, len(self.splits.train))
        if (scale := self._gradient_scale(digits)) != 1:
            self._gradient.flat *= scale
        norm = euclidean_norm(self._gradient.flat)
        # A gradient whose norm float32 can hold moves no weight out of its range, so weights are always finite.
        if not math.isfinite(norm):
            raise self._diverged(loss, digits)
        clip(self._gradient.flat, norm, training.clip)

    def _gradient_scale(self, digits: int) -> int:
        """What the mean gradient of a minibatch of so many digits is multiplied by."""
        return digits if self.config.training.gradient == "sum" else 1

    def _measure_penalty(self) -> float:
        """How long the penalty's gradient is beside that of the digits', which is all there is in the gradient yet."""
        strength = self.config.training.l2 / len(self.splits.train)
        if strength == 0.0:
            return 0.0
        sizes = [strength * euclidean_norm(weights.ravel()) for weights in self._network.weights]
        of_digits = euclidean_norm(self._gradient.flat)
        return math.hypot(*sizes) / of_digits if of_digits else math.inf

    def _diverged(self, loss: float, batch_size: int) -> Diverged:
        attempt = Attempt(self.step + 1, batch_size, loss, self._inputs, self._workspace, self._gradient)
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

    def _compute_gradient(self, rows: NDArray[np.intp], should_cancel: Callable[[], bool]) -> tuple[float, int] | None:
        """Fill the gradient of the mean loss over these digits; the sum of losses and the number right."""
        if len(rows) <= self._chunk:
            return self._gradient_of(rows, len(rows), self._gradient)
        total_loss, total_correct = 0.0, 0
        part = Gradient(self._network)
        self._gradient.flat[...] = 0.0
        for start in range(0, len(rows), self._chunk):
            if should_cancel():
                return None
            loss, correct = self._gradient_of(rows[start : start + self._chunk], len(rows), part)
            self._gradient.flat += part.flat
            total_loss, total_correct = total_loss + loss, total_correct + correct
        return total_loss, total_correct

    def _gradient_of(self, rows: NDArray[np.intp], batch_size: int, gradient: Gradient) -> tuple[float, int]:
        """Overwrite `gradient` by the share that these rows of a batch have in the gradient of its mean loss."""
        inputs, labels = self._batches.gather(rows)
        workspace = self._workspaces.get(len(rows))
        if workspace is None:
            workspace = self._workspaces[len(rows)] = Workspace(self._network, len(rows))
        self._inputs, self._workspace = inputs, workspace
        draw_dropout(workspace, self.config.training.dropout, self._dropout_rng)
        outputs = self._network.forward(inputs, workspace)
        loss = float(self._report.loss.forward(outputs, labels).sum())
        if not math.isfinite(loss):
            raise self._diverged(loss, batch_size)
        correct = int(np.count_nonzero(outputs.argmax(axis=1) == labels))
        self._report.loss.backward(outputs, labels)
        outputs *= 1.0 / batch_size
        self._network.backward(inputs, workspace, gradient)
        return loss, correct


def starting_network(config: RunConfig, splits: Splits, parts: Parts) -> Network:
    """The network as it is before the first step."""
    network = build_network(config, splits.inputs, splits.classes, parts)
    initialize(network, config, np.random.default_rng([config.training.seed, 0]), parts)
    return network
