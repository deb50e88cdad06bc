"""The audit of an epoch: order of labels, digits that are for measuring, best weights that change."""

import dataclasses

import numpy as np
import pytest

from mnist_gui.training.integrity_checks import IntegrityChecks, held_out, label_entropy
from mnist_gui.training.records import EpochDone
from tests.support import make_trainer, run


def test_the_entropy_of_sorted_labels_is_none_and_of_mixed_ones_that_of_all() -> None:
    labels = np.repeat(np.arange(4, dtype=np.uint8), 500)
    assert label_entropy(labels, 4, 500) == 0.0
    assert label_entropy(np.tile(np.arange(4, dtype=np.uint8), 500), 4, 500) == pytest.approx(np.log(4))
    assert label_entropy(labels[:7], 4, 500) == 0.0
    assert label_entropy(labels[499:501], 4, 500) == pytest.approx(np.log(2))


def test_a_sound_epoch_has_mixed_labels_no_held_out_digits_and_weights_that_stay() -> None:
    epochs = [record for record in run(make_trainer({"training.epochs": 4})) if isinstance(record, EpochDone)]
    for epoch in epochs:
        assert epoch.label_entropy == pytest.approx(np.log(10), abs=0.05)
        assert epoch.held_out_digits == 0
        assert not epoch.best_has_changed


def test_training_digits_that_are_validation_digits_too_are_counted() -> None:
    splits = make_trainer().splits
    rows = np.concatenate((splits.train.rows, splits.validation.rows[:30]))
    labels = np.concatenate((splits.train.labels, splits.validation.labels[:30]))
    leaky = dataclasses.replace(splits, train=dataclasses.replace(splits.train, rows=rows, labels=labels))
    assert np.flatnonzero(held_out(leaky)).tolist() == list(range(600, 630))
    assert IntegrityChecks(leaky, 50).held_out_digits(np.arange(595, 605)) == 5
    assert not held_out(splits).any()


def test_best_weights_that_move_under_the_step_of_old_ones_are_noticed() -> None:
    trainer = make_trainer()
    trainer.train_minibatch()
    best = trainer.snapshot()
    trainer.train_minibatch()
    later = trainer.snapshot()
    audit = IntegrityChecks(trainer.splits, 50)
    assert not audit.has_changed(best)
    audit.note(best)
    assert not audit.has_changed(best)
    assert not audit.has_changed(later)  # a new best
    assert audit.has_changed(dataclasses.replace(later, step=best.step))
    audit.note(None)
    assert not audit.has_changed(best)
