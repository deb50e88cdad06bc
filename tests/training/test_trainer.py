"""Single steps of training: full batches in parts, abandoned work, and training on from a snapshot."""

import numpy as np
import pytest

from mnist_gui.training import minibatch_gradient as gradient_module
from mnist_gui.training import snapshot as snapshot_module
from mnist_gui.training.trainer import Trainer
from tests.support import StopsAfter, make_trainer


def test_the_full_batch_is_one_step_an_epoch() -> None:
    trainer = make_trainer({"training.batch_size": 0})
    assert trainer.steps_per_epoch == 1
    minibatch = trainer.train_minibatch()
    assert minibatch
    assert minibatch.digits == 600
    assert trainer.epoch == 1


def test_a_large_batch_in_parts_has_the_gradient_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = make_trainer({"training.batch_size": 0})
    monkeypatch.setattr(gradient_module, "chunk_size", lambda network: 64)
    parts = make_trainer({"training.batch_size": 0})
    before = whole.snapshot().parameters
    one = whole.train_minibatch()
    other = parts.train_minibatch()
    moved, moved_in_parts = whole.snapshot().parameters - before, parts.snapshot().parameters - before
    assert np.linalg.norm(moved - moved_in_parts) <= 1e-6 * np.linalg.norm(moved) + 1e-7
    assert one
    assert other
    assert other.loss == pytest.approx(one.loss, rel=1e-6)
    assert other.accuracy == one.accuracy


def test_an_abandoned_batch_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_module, "chunk_size", lambda network: 64)
    trainer = make_trainer({"training.batch_size": 0})
    before = trainer.snapshot().parameters
    answers = iter([False, False, True])
    assert trainer.train_minibatch(lambda: next(answers)) is None
    np.testing.assert_array_equal(trainer.snapshot().parameters, before)
    assert (trainer.step, trainer.epoch) == (0, 0)


@pytest.mark.parametrize("times", [0, 1])
def test_an_abandoned_validation_ends_at_once_and_keeps_no_weights(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    monkeypatch.setattr(snapshot_module, "chunk_size", lambda network: 50)
    trainer, should_cancel = make_trainer(), StopsAfter(times)
    assert trainer.validate(should_cancel) is None
    assert should_cancel.asked == times + 1
    assert trainer.best is None


def test_training_on_from_a_snapshot_starts_with_its_weights_and_step() -> None:
    first = make_trainer()
    for _ in range(12):
        first.train_minibatch()
    first.validate()
    assert first.best
    second = Trainer(first.config, first.splits, start=first.best)
    assert (second.step, second.epoch, second.last_step) == (12, 1, 36)
    np.testing.assert_array_equal(second.snapshot().parameters, first.best.parameters)
    second.train_minibatch()
    assert not np.array_equal(second.snapshot().parameters, first.best.parameters)


def test_a_snapshot_predicts_what_the_trainer_measured() -> None:
    trainer = make_trainer()
    for _ in range(24):
        trainer.train_minibatch()
    measured = trainer.validate()
    assert measured
    assert trainer.best
    again = trainer.best.predict(trainer.splits.validation)
    assert again
    np.testing.assert_array_equal(again.predicted, measured.predicted)
    assert again.loss == pytest.approx(trainer.best.validation_loss)
    assert trainer.best.predict(trainer.splits.validation, lambda: True) is None


def test_a_trained_network_is_far_better_than_chance() -> None:
    trainer = make_trainer({"data.train": 3000, "training.epochs": 4})
    while not trainer.is_finished:
        trainer.train_minibatch()
    predictions = trainer.validate()
    assert predictions
    assert predictions.accuracy > 0.85


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_a_trainer_that_gave_back_its_buffers_goes_on_to_the_same_bits(optimizer: str) -> None:
    settings = {"training.optimizer": optimizer, "training.dropout": 0.2, "augmentation.shift": 1.0}
    rested, other = (make_trainer(settings) for _ in range(2))
    for trainer in (rested, other):
        for _ in range(5):
            trainer.train_minibatch()
    rested.release_buffers()
    for trainer in (rested, other):
        for _ in range(12):
            trainer.train_minibatch()
        trainer.validate()
    np.testing.assert_array_equal(rested.snapshot().parameters, other.snapshot().parameters)


def test_between_schedules_a_trainer_keeps_what_it_says_and_no_buffers() -> None:
    trainer = make_trainer({"network.hidden": [300], "training.batch_size": 500})
    trainer.train_minibatch()
    before = buffers_of(trainer)
    trainer.release_buffers()
    assert before > 500 * 784 * 4
    assert buffers_of(trainer) == 0
    weights = trainer.parameter_count * 4
    assert 3 * weights <= trainer.nbytes <= 4 * weights + 600 * 8  # gradient, velocity, a block of it; the order


def buffers_of(trainer: Trainer) -> int:
    """Bytes of the arrays that a step writes and nothing reads after it."""
    outputs = [array for workspace in trainer._backprop._workspaces.values() for array in workspace.outputs]
    arrays = [trainer._batches._inputs, trainer._batches._pixels, trainer._backprop.inputs, *outputs]
    return sum(array.nbytes for array in arrays)
