"""The faults: each does what its title says, against a step worked by hand, and none does anything uncalled."""

import dataclasses
import gc
import weakref
from collections.abc import Mapping
from itertools import combinations
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from mnist_gui.config.run_config import RunConfig
from mnist_gui.config.schema import FAULTS as NAMES
from mnist_gui.engine.components import Parts
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import hooks_for, idle, parts_of, resolve_faults, split_dataset, trainer_for
from mnist_gui.training.gradient_check import check_gradient
from mnist_gui.training.hooks import DEFAULT_HOOKS
from mnist_gui.training.records import EpochDone, RunEnded, RunStarted
from mnist_gui.training.replay import segments
from mnist_gui.training.run_output import RunOutput
from mnist_gui.training.trainer import Trainer
from tests.support import dataset, kinds, make_trainer, run, small_config

ONLY_SETTINGS = {name for name, fault in FAULTS.items() if fault.settings}
# One step on all of sixty digits, so that its order does not matter.
ONE_STEP = {
    "data.train": 60,
    "data.validation": 30,
    "training.batch_size": 0,
    "training.momentum": 0.9,
    "training.schedule": "constant",
    "network.hidden": [7],
    "network.bias_init": "as_weights",
}
FUNCTIONS = {
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0.0).astype(float)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "elu": (lambda z: np.where(z > 0, z, np.expm1(z)), lambda z: np.where(z > 0, 1.0, np.exp(z))),
}


def faulty(*names: str, **more: Any) -> Trainer:
    return make_trainer(
        {**ONE_STEP, **{key.replace("__", "."): value for key, value in more.items()}, "lab.faults": names}
    )


def arrays(trainer: Trainer) -> list[np.ndarray]:
    """Weights and biases of both layers, in float64."""
    snapshot = trainer.snapshot()
    return [array.astype(float) for array in (*snapshot.weights, *snapshot.biases)]


def by_hand(trainer: Trainer, *, slope: Any = None, outputs: Any = None) -> list[np.ndarray]:
    """The gradient of the mean cross-entropy of a network with one hidden layer, in float64, as `arrays`.

    slope(z): in place of the derivative of the activation. outputs(z): in place of the softmax of the logits.
    """
    w1, w2, b1, b2 = arrays(trainer)
    train, activation = trainer.splits.train, trainer.config.network.activation
    apply, derivative = FUNCTIONS[activation]
    x = train.images(np.arange(len(train))).reshape(len(train), -1) / 255
    z1 = x @ w1 + b1
    a1 = apply(z1)
    z2 = a1 @ w2 + b2
    p = (outputs or (lambda z: softmax(z, axis=1)))(z2)
    d2 = (p - np.eye(10)[train.labels]) / len(train)
    d1 = (d2 @ w2.T) * (slope or derivative)(z1)
    return [x.T @ d1, a1.T @ d2, d1.sum(axis=0), d2.sum(axis=0)]


def step_of(trainer: Trainer) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The parameters before and after a step."""
    before = arrays(trainer)
    trainer.train_minibatch()
    return before, arrays(trainer)


def check(expected: list[np.ndarray], found: list[np.ndarray]) -> None:
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=2e-7)


# The table


def test_the_table_has_the_names_that_settings_know_in_their_order() -> None:
    assert tuple(FAULTS) == NAMES
    assert all(fault.name == name for name, fault in FAULTS.items())


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_is_explained_and_shows_a_few_short_lines_that_differ(name: str) -> None:
    fault = FAULTS[name]
    assert fault.title
    assert fault.text.endswith(".")
    assert fault.rule
    assert fault.wrong != fault.right
    for lines in (fault.wrong.split("\n"), fault.right.split("\n")):
        assert 1 <= len(lines) <= 3
        assert all(len(line) <= 60 for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_changes_a_run_that_has_what_it_needs(name: str) -> None:
    activation = "sigmoid" if name == "overwritten_preactivations" else "relu"
    common = {"network.activation": activation, "training.epochs": 2}
    healthy, trainer = make_trainer(common), make_trainer({**common, "lab.faults": [name]})
    assert idle(small_config({**common, "lab.faults": [name]})) == {}
    for each in (healthy, trainer):
        run(each)
    assert healthy.best is not None
    assert trainer.best is not None
    if name == "unshifted_softmax":
        return  # which shows only where logits are large
    if name == "best_by_reference":
        np.testing.assert_array_equal(trainer.best.parameters, trainer.snapshot().parameters)
    elif name == "softmax_over_batch":  # which is seen in what is reported only
        assert trainer.best.validation_loss > healthy.best.validation_loss + 5.0
    else:
        assert not np.array_equal(trainer.best.parameters, healthy.best.parameters)


def test_without_faults_a_run_is_the_ordinary_one_to_the_bit() -> None:
    config = small_config({"training.dropout": 0.2})
    assert hooks_for(config) is DEFAULT_HOOKS
    assert parts_of(config) == Parts.of(config)
    ours, plain = trainer_for(config, split_dataset(dataset(), config)), Trainer(config, make_trainer().splits)
    for trainer in (ours, plain):
        run(trainer)
    np.testing.assert_array_equal(ours.snapshot().parameters, plain.snapshot().parameters)
    assert ours.best is not None
    assert ours.best.parameters is ours.best.parameters  # no copies are made on the way


# What a run lacks


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("sorted_data", {"training.batch_size": 0}),
        ("trains_on_validation", {"data.validation": 0}),
        ("best_by_reference", {"data.validation": 0}),
        ("one_unit", {"network.hidden": []}),
        ("zero_init", {"network.hidden": []}),
        ("alike_init", {"network.hidden": []}),
        ("frozen_layer", {"network.hidden": []}),
        ("wrong_relu_derivative", {"network.activation": "tanh"}),
        ("wrong_relu_derivative", {"network.hidden": []}),
        ("overwritten_preactivations", {"network.activation": "relu"}),
        ("overwritten_preactivations", {"network.activation": "leaky_relu"}),
        ("overwritten_preactivations", {"network.activation": "identity"}),
        ("unshifted_softmax", {"network.loss": "mse"}),
        ("derivative_without_softmax", {"network.loss": "binary_cross_entropy"}),
        ("softmax_over_batch", {"network.loss": "mse"}),
        ("softmax_over_batch", {"training.batch_size": 1, "data.train": 20}),
        ("momentum_on_weights", {"training.optimizer": "adam", "training.learning_rate": 0.001}),
        ("summed_gradient", {"training.batch_size": 1, "data.train": 20}),
    ],
)
def test_a_fault_changes_nothing_in_a_run_that_lacks_what_it_needs_and_says_what(
    name: str, setting: Mapping[str, Any]
) -> None:
    config = small_config({**setting, "lab.faults": [name]})
    assert list(idle(config)) == [FAULTS[name].title]
    healthy, trainer = make_trainer(setting), make_trainer({**setting, "lab.faults": [name]})
    for each in (healthy, trainer):
        run(each)
    np.testing.assert_array_equal(healthy.snapshot().parameters, trainer.snapshot().parameters)


# Faults of the update rule


def test_momentum_on_weights_keeps_nine_tenths_of_the_weights_and_steps_nearly_twice() -> None:
    trainer = faulty("momentum_on_weights")
    gradient = by_hand(trainer)
    before, after = step_of(trainer)
    check([0.9 * p - 1.9 * 0.1 * g for p, g in zip(before, gradient, strict=True)], after)


def test_steps_uphill_go_as_far_as_they_should_but_the_other_way() -> None:
    trainer = faulty("climbs_uphill")
    gradient = by_hand(trainer)
    before, after = step_of(trainer)
    check([p + 0.1 * g for p, g in zip(before, gradient, strict=True)], after)


def test_a_frozen_layer_stays_and_the_others_step_as_usual() -> None:
    trainer = faulty("frozen_layer")
    gradient = by_hand(trainer)
    (w1, w2, b1, b2), after = step_of(trainer)
    check([w1, w2 - 0.1 * gradient[1], b1, b2 - 0.1 * gradient[3]], after)
    np.testing.assert_array_equal(after[0], w1)


def test_a_summed_gradient_makes_a_step_as_many_times_longer_as_there_are_digits() -> None:
    trainer = faulty("summed_gradient", training__learning_rate=0.001)
    gradient = by_hand(trainer)
    before, after = step_of(trainer)
    check([p - 0.001 * 60 * g for p, g in zip(before, gradient, strict=True)], after)


def test_best_weights_by_reference_bear_the_name_of_the_best_epoch_and_are_the_last() -> None:
    trainer = make_trainer({"training.learning_rate": 5.0, "training.epochs": 4, "lab.faults": ["best_by_reference"]})
    healthy = make_trainer({"training.learning_rate": 5.0, "training.epochs": 4})
    for each in (trainer, healthy):
        run(each)
    assert trainer.best is not None
    assert healthy.best is not None
    assert trainer.best.step == healthy.best.step < trainer.step
    assert trainer.best.validation_loss == healthy.best.validation_loss
    np.testing.assert_array_equal(trainer.best.parameters, trainer.snapshot().parameters)
    assert not np.array_equal(trainer.best.parameters, healthy.best.parameters)


def test_best_weights_by_reference_are_a_copy_for_whoever_else_reads_them() -> None:
    trainer = faulty("best_by_reference")
    trainer.validate()
    held = trainer.best
    assert held is not None
    before = held.parameters.copy()
    trainer.train_minibatch()
    np.testing.assert_array_equal(held.parameters, before)
    assert not held.parameters.flags.writeable
    assert not np.array_equal(trainer.best.parameters, before)  # type: ignore[union-attr]


def test_best_weights_by_reference_are_the_last_ones_in_the_outbox_too() -> None:
    from mnist_gui.training.loop import Inbox, train

    trainer = make_trainer({"training.learning_rate": 5.0, "lab.faults": ["best_by_reference"]})
    run_output = RunOutput()
    train(trainer, Inbox(), run_output)
    assert run_output.best is not None
    np.testing.assert_array_equal(run_output.best.parameters, trainer.snapshot().parameters)


@pytest.mark.parametrize("names", [(), ("best_by_reference",)])
def test_patience_is_lost_by_the_validation_loss_however_the_best_weights_are_kept(names: tuple[str, ...]) -> None:
    trainer = make_trainer(
        {"training.learning_rate": 1e-7, "training.epochs": 9, "training.patience": 2, "lab.faults": names}
        | {"training.momentum": 0.0, "training.gradient": "mean", "network.init": "zeros", "data.train": 10}
        | {"training.l2": 1e6}
    )
    records = run(trainer)
    epochs = [record.validation_loss for record in records if isinstance(record, EpochDone)]
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    best = int(np.argmin(epochs))
    assert ended.state == ("stopped_early" if best + 2 < 9 else "finished")
    assert len(epochs) == min(9, best + 1 + 2)


# Faults of the backward pass and of the losses


def test_the_wrong_derivative_of_relu_leaves_the_hidden_layer_without_a_gradient() -> None:
    trainer = faulty("wrong_relu_derivative")
    gradient = by_hand(trainer, slope=lambda z: np.maximum(z, 0) * (np.maximum(z, 0) <= 0))
    assert not gradient[0].any()
    before, after = step_of(trainer)
    check([p - 0.1 * g for p, g in zip(before, gradient, strict=True)], after)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "elu"])
def test_overwritten_preactivations_give_the_derivative_at_the_activation(activation: str) -> None:
    trainer = faulty("overwritten_preactivations", network__activation=activation)
    apply, derivative = FUNCTIONS[activation]
    gradient = by_hand(trainer, slope=lambda z: derivative(apply(z)))
    before, after = step_of(trainer)
    check([p - 0.1 * g for p, g in zip(before, gradient, strict=True)], after)


def test_biases_without_a_gradient_stay_and_weights_step_as_usual() -> None:
    trainer = faulty("missing_bias_gradient")
    gradient = by_hand(trainer)
    (w1, w2, b1, b2), after = step_of(trainer)
    check([w1 - 0.1 * gradient[0], w2 - 0.1 * gradient[1], b1, b2], after)


def test_a_flipped_gradient_steps_the_other_way() -> None:
    trainer = faulty("flipped_gradient")
    gradient = by_hand(trainer)
    before, after = step_of(trainer)
    check([p + 0.1 * g for p, g in zip(before, gradient, strict=True)], after)


def test_a_derivative_without_softmax_steps_down_the_squared_error_of_the_logits() -> None:
    trainer = faulty("derivative_without_softmax")
    gradient = by_hand(trainer, outputs=lambda z: z)
    before, after = step_of(trainer)
    check([p - 0.1 * g for p, g in zip(before, gradient, strict=True)], after)


def test_a_derivative_without_softmax_leaves_answers_and_losses_as_they_are() -> None:
    right, wrong = faulty().snapshot(), faulty("derivative_without_softmax").snapshot()
    split = make_trainer(ONE_STEP).splits.validation
    ours, theirs = right.predict(split), wrong.predict(split)
    assert ours is not None
    assert theirs is not None
    np.testing.assert_array_equal(ours.losses, theirs.losses)
    np.testing.assert_array_equal(ours.confidence, theirs.confidence)


def test_a_derivative_without_softmax_and_relu_on_the_outputs_go_together() -> None:
    trainer = faulty("relu_on_output", "derivative_without_softmax")
    w1, w2, b1, b2 = arrays(trainer)
    images = trainer.splits.train.images(np.arange(60)).reshape(60, -1) / 255
    logits = np.maximum(images @ w1 + b1, 0.0) @ w2 + b2
    delta = (np.maximum(logits, 0.0) - np.eye(10)[trainer.splits.train.labels]) * (logits > 0.0)
    before, after = step_of(trainer)
    check([before[3] - 0.1 * delta.mean(axis=0)], [after[3]])


WRONG = {
    "derivative_without_softmax": {"weights 1", "biases 1", "weights 2", "biases 2"},
    "softmax_over_batch": set(),
    "wrong_relu_derivative": {"weights 1", "biases 1"},
    "overwritten_preactivations": {"weights 1", "biases 1"},
    "missing_bias_gradient": {"biases 1", "biases 2"},
    "flipped_gradient": {"weights 1", "biases 1", "weights 2", "biases 2"},
    "relu_on_output": set(),
    "unshifted_softmax": set(),
    "init_times_20": set(),
    "trains_on_validation": set(),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_gradient_check_finds_the_layers_whose_gradient_a_fault_makes_wrong(name: str) -> None:
    activation = "sigmoid" if name == "overwritten_preactivations" else "relu"
    config = small_config({"lab.faults": [name], "network.activation": activation})
    splits = split_dataset(dataset(), config)
    checks = check_gradient(config, splits, parts=parts_of(config))
    assert {each.name for each in checks if not each.is_right} == WRONG[name]
    later = check_gradient(config, splits, trainer_for(config, splits).snapshot())
    assert {each.name for each in later if not each.is_right} == WRONG[name]


def test_relu_on_the_outputs_leaves_classes_below_zero_without_a_gradient_and_all_others_with_theirs() -> None:
    loss = parts_of(small_config({"lab.faults": ["relu_on_output"]})).loss
    logits = np.array([[2.0, -1.0, 0.5], [-3.0, -0.1, -2.0]])
    labels = np.array([0, 1])
    outputs = logits.copy()
    found = loss.forward(outputs, labels)
    rectified = np.exp(np.maximum(logits, 0))
    probabilities = rectified / rectified.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(outputs, probabilities)
    np.testing.assert_allclose(found, -np.log(probabilities[[0, 1], labels]))
    loss.backward(outputs, labels)
    expected = (probabilities - np.eye(3)[labels]) * (logits > 0)
    np.testing.assert_allclose(outputs, expected)
    assert (outputs[1] == 0.0).all()


@pytest.mark.parametrize("name", ["relu_on_output", "derivative_without_softmax"])
def test_a_backward_pass_is_not_confused_by_another_thread_that_asks_for_answers(name: str) -> None:
    loss = parts_of(small_config({"lab.faults": [name]})).loss
    labels = np.array([0])
    outputs = np.array([[2.0, -1.0]])
    loss.forward(outputs, labels)
    other = Thread(target=lambda: loss.forward(np.array([[-1.0, 2.0]] * 5), np.zeros(5, int)))
    other.start()
    other.join()
    loss.backward(outputs, labels)
    expected = [softmax([2.0, 0.0])[0] - 1.0, 0.0] if name == "relu_on_output" else [2.0 - 1.0, -1.0]
    np.testing.assert_allclose(outputs, [expected])


def test_a_softmax_without_shift_is_right_for_small_logits_and_no_number_for_large_ones() -> None:
    config = small_config({"lab.faults": ["unshifted_softmax"]})
    faulty_loss, right = parts_of(config).loss, Parts.of(config).loss
    logits, labels = np.random.default_rng(0).normal(0, 3, (5, 10)).astype(np.float32), np.arange(5)
    one, other = logits.copy(), logits.copy()
    np.testing.assert_allclose(faulty_loss.forward(one, labels), right.forward(other, labels), rtol=1e-5)
    np.testing.assert_allclose(one, other, rtol=1e-5)
    large = np.array([[1e4, -1e4], [-1e4, 1e4], [89.0, 0.0]], np.float32)
    assert not np.isfinite(faulty_loss.forward(large, np.array([0, 0, 0]))).any()


def test_a_start_times_20_has_twenty_times_the_weights() -> None:
    large, right = arrays(faulty("init_times_20")), arrays(faulty())
    check([20 * array for array in right], large)


# Faults of what is reported


def logits_of(trainer: Trainer, split: Any) -> np.ndarray:
    """Logits (N, C) of all digits of a split, float64."""
    return trainer.snapshot().answer(split.images(np.arange(len(split)))).logits.astype(float)


def over_all(logits: np.ndarray, labels: np.ndarray) -> float:
    """The mean cross-entropy of one softmax over all of logits (N, C)."""
    flat = log_softmax(logits, axis=None)
    return float(-flat[np.arange(len(labels)), labels].mean())


@pytest.mark.parametrize("chunk", [60, 17], ids=["at once", "in chunks"])
@pytest.mark.parametrize("also", [(), ("init_times_20",), ("derivative_without_softmax",)])
def test_a_softmax_over_the_batch_reports_the_loss_of_one_softmax_over_all_its_digits(
    chunk: int, also: tuple[str, ...]
) -> None:
    trainer = faulty("softmax_over_batch", *also)
    trainer._backprop.chunk = chunk
    train = trainer.splits.train
    expected = over_all(logits_of(trainer, train), train.labels)
    minibatch = trainer.train_minibatch()
    assert minibatch is not None
    assert minibatch.loss == pytest.approx(expected, rel=1e-5)
    if not also:  # the sums of the digits are nearly equal then
        assert minibatch.loss == pytest.approx(np.log(10) + np.log(60), abs=0.5)


def test_a_softmax_over_the_batch_reports_validation_losses_of_all_validation_digits_and_keeps_the_best_by_them() -> (
    None
):
    trainer = faulty("softmax_over_batch")
    validation = trainer.splits.validation
    expected = over_all(logits_of(trainer, validation), validation.labels)
    predictions = trainer.validate()
    assert predictions is not None
    assert predictions.loss == pytest.approx(expected, rel=1e-5)
    assert trainer.best is not None
    assert trainer.best.validation_loss == predictions.loss
    right = trainer.snapshot().predict(validation)
    assert right is not None
    np.testing.assert_array_equal(predictions.losses, right.losses)


def test_a_softmax_over_the_batch_changes_no_weight_and_no_answer() -> None:
    healthy, trainer = make_trainer(), make_trainer({"lab.faults": ["softmax_over_batch"]})
    losses = [np.array([each.train_minibatch().loss for _ in range(20)]) for each in (healthy, trainer)]  # type: ignore[union-attr]
    np.testing.assert_array_equal(healthy.snapshot().parameters, trainer.snapshot().parameters)
    assert (losses[1] - losses[0] > np.log(50) - 1e-6).all()


def test_a_batch_that_was_abandoned_half_way_is_not_in_the_next_reported_loss() -> None:
    plain, trainer = faulty("softmax_over_batch"), faulty("softmax_over_batch")
    trainer._backprop.chunk = plain._backprop.chunk = 17
    asked = iter([False, False, True])
    assert trainer.train_minibatch(lambda: next(asked)) is None
    assert trainer.train_minibatch() == plain.train_minibatch()


# Faults of the digits


def epoch_of(trainer: Trainer) -> np.ndarray:
    """The indexes of the digits of an epoch, in the order in which they are learned."""
    return trainer._hooks.order(np.random.default_rng(0), trainer.splits)


def test_shuffled_labels_are_as_many_of_each_class_and_of_the_training_digits_only() -> None:
    healthy, trainer = make_trainer(), make_trainer({"lab.faults": ["shuffled_labels"]})
    theirs, ours = healthy.splits, trainer.splits
    np.testing.assert_array_equal(np.bincount(theirs.train.labels), np.bincount(ours.train.labels))
    assert 0.05 < np.mean(theirs.train.labels == ours.train.labels) < 0.2  # a tenth agrees by chance
    np.testing.assert_array_equal(theirs.train.rows, ours.train.rows)
    for name in ("validation", "test"):
        np.testing.assert_array_equal(theirs.named(name).labels, ours.named(name).labels)
    np.testing.assert_array_equal(
        ours.train.labels, make_trainer({"lab.faults": ["shuffled_labels"]}).splits.train.labels
    )


def test_sorted_digits_come_class_by_class_in_every_epoch() -> None:
    trainer = make_trainer({"lab.faults": ["sorted_data"]})
    order = epoch_of(trainer)
    assert sorted(order) == list(range(600))
    assert (np.diff(trainer.splits.train.labels[order].astype(int)) >= 0).all()
    np.testing.assert_array_equal(order, epoch_of(trainer))


@pytest.mark.parametrize("source", ["train", "test"])
def test_training_on_validation_learns_each_validation_digit_once_after_the_training_digits(source: str) -> None:
    trainer = make_trainer({"data.validation_from": source, "lab.faults": ["trains_on_validation"]})
    splits, order = trainer.splits, epoch_of(trainer)
    assert sorted(order[:600]) == list(range(600))
    assert not np.array_equal(order[:600], np.sort(order[:600]))
    learned_last = splits.train.images(order[600:])
    wanted = splits.validation.images(np.arange(200))
    assert sorted(map(bytes, learned_last)) == sorted(map(bytes, wanted))
    np.testing.assert_array_equal(splits.train.labels[600:], splits.validation.labels)
    assert trainer.steps_per_epoch == 800 // 50


@pytest.mark.parametrize("source", ["train", "test"])
def test_digits_of_both_files_keep_their_pictures_and_share_rows_where_they_are_shared(source: str) -> None:
    settings = {"data.validation_from": source}
    theirs = make_trainer(settings).splits
    ours = make_trainer({**settings, "lab.faults": ["test_digits_in_training"]}).splits
    for name in ("train", "validation", "test"):
        before, after = theirs.named(name), ours.named(name)
        some = np.arange(0, len(before), 37)
        np.testing.assert_array_equal(before.images(some), after.images(some))
        np.testing.assert_array_equal(before.labels, after.labels[: len(before)])
        assert after.source is ours.train.source
    assert len(ours.train) == 600 + len(theirs.test)
    assert set(ours.test.rows) <= set(ours.train.rows)
    assert not set(ours.validation.rows) & set(ours.train.rows)


def test_runs_that_train_on_test_digits_share_one_copy_of_the_pictures_which_goes_with_the_last() -> None:
    settings = {"lab.faults": ["test_digits_in_training"]}
    first, second = make_trainer(settings).splits, make_trainer(settings | {"training.seed": 5}).splits
    assert first.train.source is second.test.source
    source = weakref.ref(first.train.source)
    del first, second
    gc.collect()
    assert source() is None


def test_sorted_digits_and_training_on_validation_and_on_the_test_go_together() -> None:
    names = ["sorted_data", "trains_on_validation", "test_digits_in_training"]
    trainer = make_trainer({"data.test": 100, "lab.faults": names})
    order, labels = epoch_of(trainer), trainer.splits.train.labels.astype(int)
    assert sorted(order) == list(range(900))
    assert (np.diff(labels[order[:700]]) >= 0).all()
    assert (np.diff(labels[order[700:]]) >= 0).all()
    np.testing.assert_array_equal(trainer.splits.train.labels[700:], trainer.splits.validation.labels)


# Faults that are only other settings


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("raw_pixels", {}, {"data.scaling": "raw"}),
        ("few_digits", {}, {"data.train": 200, "training.batch_size": 20, "training.epochs": 100}),
        ("few_digits", {"training.batch_size": 5, "training.epochs": 300}, {"data.train": 200}),
        ("zero_init", {"network.bias_init": "as_weights"}, {"network.init": "zeros", "network.bias_init": "zeros"}),
        (
            "alike_init",
            {},
            {"network.init": "uniform", "network.init_low": 0.0, "network.init_high": 0.01}
            | {"network.bias_init": "as_weights"},
        ),
        ("one_unit", {"network.hidden": [30, 20]}, {"network.hidden": [1, 1]}),
        ("summed_gradient", {}, {"training.gradient": "sum"}),
        ("rate_times_30", {}, {"training.learning_rate": 3.0}),
        ("rate_times_30", {"training.learning_rate": 50.0}, {"training.learning_rate": 100.0}),
        ("rate_over_1000", {}, {"training.learning_rate": 1e-4}),
        ("rate_over_1000", {"training.learning_rate": 1e-7}, {}),
        ("huge_penalty", {}, {"training.l2": 55_000.0}),
        ("huge_penalty", {"data.digits": 5000, "data.train": 0.5}, {"training.l2": 2500.0}),
        ("huge_penalty", {"data.train": 9_000_000}, {"training.l2": 1e6}),
        ("five_steps", {}, {"training.batch_size": 0, "training.epochs": 5}),
    ],
)
def test_a_fault_that_is_only_other_settings_is_spelled_out_as_those(
    name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    config = RunConfig().with_settings(before)
    changed = resolve_faults(config.with_settings({"lab.faults": [name]}))
    assert changed == config.with_settings(after)
    assert resolve_faults(changed) == changed


def test_other_faults_stay_named_when_settings_are_spelled_out() -> None:
    asked = small_config({"lab.faults": ["rate_times_30", "frozen_layer", "few_digits"]})
    assert resolve_faults(asked).lab.faults == ("frozen_layer",)
    assert len(split_dataset(dataset(), asked).train) == 200


# Together, and in records


@pytest.mark.parametrize("pair", list(combinations(["unshifted_softmax", "relu_on_output", "flipped_gradient"], 2)))
def test_faults_of_one_part_combine(pair: tuple[str, str]) -> None:
    both, first, second = (parts_of(small_config({"lab.faults": names})) for names in (pair, pair[:1], pair[1:]))
    plain = Parts.of(small_config())
    for field in ("loss", "network"):
        changed = [getattr(parts, field) != getattr(plain, field) for parts in (first, second)]
        assert (getattr(both, field) != getattr(plain, field)) == any(changed)
    if set(pair) == {"unshifted_softmax", "relu_on_output"}:
        outputs = np.array([[100.0, 0.0], [-100.0, 0.0]], np.float32)
        losses = both.loss.forward(outputs, np.array([0, 0]))
        assert not np.isfinite(losses[0])
        assert losses[1] == pytest.approx(np.log(2))


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.sampled_from(NAMES), max_size=6),
    st.sampled_from(["relu", "sigmoid"]),
    st.sampled_from([[], [1], [9, 5]]),
)
def test_any_faults_together_make_a_run_that_ends_in_good_order(
    names: set[str], activation: str, hidden: list[int]
) -> None:
    trainer = make_trainer(
        {"network.activation": activation, "network.hidden": hidden, "lab.faults": sorted(names - {"few_digits"})}
        | {"data.train": 100, "data.validation": 40, "data.test": 50, "training.epochs": 1}
    )
    records = run(trainer)
    assert kinds(records)[-1] == "RunEnded"
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert ended.state in ("finished", "diverged")
    assert np.isfinite(trainer.snapshot().parameters).all()


@pytest.mark.parametrize("name", sorted(set(NAMES) - ONLY_SETTINGS))
def test_a_faulty_run_is_in_its_record_and_runs_again_from_it_to_the_bit(name: str) -> None:
    settings = {"network.activation": "sigmoid" if name == "overwritten_preactivations" else "relu"}
    first = make_trainer({**settings, "lab.faults": [name]})
    records = run(first)
    started = records[0]
    assert isinstance(started, RunStarted)
    assert started.config.lab.faults == (name,)
    (leg,) = segments(records)
    again = trainer_for(leg.config, split_dataset(dataset(), leg.config))
    run(again, *leg.commands)
    np.testing.assert_array_equal(first.snapshot().parameters, again.snapshot().parameters)


def test_training_on_keeps_the_faults() -> None:
    trainer = faulty("momentum_on_weights", training__epochs=1)
    run(trainer)
    trainer.train_on(dataclasses.replace(trainer.config))
    gradient = by_hand(trainer)
    before, after = step_of(trainer)
    check([0.9 * p - 1.9 * 0.1 * g for p, g in zip(before, gradient, strict=True)], after)
