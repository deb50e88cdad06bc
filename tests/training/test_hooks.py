"""What a trainer is put together from: the ordinary entries, and others in their place."""

import dataclasses

import numpy as np

from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import Parts
from mnist_gui.training.hooks import DEFAULT_HOOKS, TrainerHooks, shuffled
from mnist_gui.training.trainer import Trainer
from tests.support import make_trainer


def test_the_order_of_an_epoch_visits_every_digit_once_and_depends_on_the_generator_alone() -> None:
    splits = make_trainer().splits
    first, again = ([shuffled(rng, splits) for _ in range(2)] for rng in map(np.random.default_rng, (4, 4)))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], first[1])
    for order in first:
        assert sorted(order) == list(range(len(splits.train)))


def test_another_order_is_the_one_that_digits_are_learned_in() -> None:
    def backwards(rng: np.random.Generator, splits: Splits) -> np.ndarray:
        return np.arange(len(splits.train))[::-1]

    plain = make_trainer()
    trainer = Trainer(plain.config, plain.splits, hooks=TrainerHooks(order=backwards))
    trainer.train_minibatch()
    digits = plain.splits.train.images(np.arange(599, 549, -1))
    np.testing.assert_allclose(trainer._backprop.inputs, digits.reshape(50, -1) / 255, rtol=2e-7)


def test_other_parts_are_in_the_snapshot_that_answers_later() -> None:
    def linear(config: object) -> Parts:
        named = Parts.of(plain.config)
        identity = Parts.of(plain.config.with_settings({"network.activation": "identity"})).activation
        return dataclasses.replace(named, activation=identity)

    plain = make_trainer()
    snapshot = Trainer(plain.config, plain.splits, hooks=TrainerHooks(parts=linear)).snapshot()
    pictures = plain.splits.test.images(np.arange(20))
    inputs = pictures.reshape(20, -1) / 255
    by_hand = (inputs @ snapshot.weights[0] + snapshot.biases[0]) @ snapshot.weights[1] + snapshot.biases[1]
    np.testing.assert_allclose(snapshot.answer(pictures).logits, by_hand, atol=1e-4)


def test_what_is_recalled_of_the_best_weights_is_the_assemblys_business() -> None:
    plain = make_trainer()
    trainer = Trainer(
        plain.config, plain.splits, hooks=dataclasses.replace(DEFAULT_HOOKS, recall=lambda kept, live: None)
    )
    trainer.train_minibatch()
    trainer.validate()
    assert trainer.best is None
    assert trainer.best_step == 1
