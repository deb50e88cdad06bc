"""The posted networks, which asked why they do not learn, against the numbers that were posted and measured."""

import numpy as np
import pytest

from mnist_gui.training.records import EpochDone, MinibatchesDone, RunEnded
from tests.support import make_trainer, run

CASE_C = {
    "data.train": 30_000,
    "data.validation": 5_000,
    "data.scaling": "signed",
    "network.hidden": [5, 5],
    "network.activation": "sigmoid",
    "network.loss": "binary_cross_entropy",
    "network.init": "uniform",
    "network.init_low": 0.0,
    "network.init_high": 0.01,
    "network.bias_init": "as_weights",
    "training.learning_rate": 2.0,
    "training.momentum": 0.0,
    "training.schedule": "constant",
    "training.l2": 1.0,
    "training.batch_size": 0,
    "training.epochs": 12,
}


def test_case_cs_cost_falls_as_posted_to_the_score_of_knowing_only_how_frequent_each_digit_is() -> None:
    trainer = make_trainer(CASE_C)
    frequencies = np.bincount(trainer.splits.train.labels, minlength=10) / 30_000
    floor = -np.sum(frequencies * np.log(frequencies) + (1 - frequencies) * np.log(1 - frequencies))
    records = run(trainer)
    losses = np.concatenate([record.losses for record in records if isinstance(record, MinibatchesDone)])
    penalties = [record.penalty for record in records if isinstance(record, EpochDone)]
    costs = losses[1:] + penalties[:-1]  # the loss of a step is that of the weights before it, as is its penalty
    assert losses[0] == pytest.approx(7.005, rel=0.03)
    np.testing.assert_allclose(costs[:4], [3.327, 3.262, 3.251, 3.2496], atol=0.005)
    assert floor == pytest.approx(3.2490, abs=0.002)
    assert costs[-1] == pytest.approx(floor, abs=0.001)
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert ended.best_validation_accuracy < 0.2


def test_case_cs_penalty_is_of_all_training_digits_also_when_the_update_uses_a_minibatch() -> None:
    trainer = make_trainer({**CASE_C, "data.train": 600, "training.batch_size": 100, "training.l2": 600.0})
    before = trainer.snapshot()
    penalty = 0.5 * sum(float(np.square(weights).sum()) for weights in before.weights)
    assert trainer.penalty == pytest.approx(penalty, rel=1e-6)


CASE_A = {
    "data.train": 60_000,
    "data.validation_from": "test",
    "network.activation": "sigmoid",
    "network.init": "normal",
    "network.init_mean": -0.1,
    "network.init_sd": 0.02,
    "network.bias_init": "as_weights",
    "training.gradient": "sum",
    "training.learning_rate": 1e-5,
    "training.schedule": "constant",
    "training.batch_size": 0,
}


def test_case_a_starts_at_the_posted_weights_and_loss() -> None:
    trainer = make_trainer({**CASE_A, "network.hidden": [1], "training.epochs": 1})
    assert np.linalg.norm(trainer.snapshot().weights[0]) == pytest.approx(0.1 * 28 * (1 + 0.04) ** 0.5, rel=0.05)
    minibatch = trainer.train_minibatch()
    assert minibatch is not None
    assert minibatch.loss == pytest.approx(2.303, abs=0.005)


def test_a_summed_gradient_moves_the_weights_as_many_times_further_as_the_batch_has_digits() -> None:
    def step(settings: dict[str, object]) -> np.ndarray:
        trainer = make_trainer({"training.batch_size": 50, "training.momentum": 0.0, **settings})
        before = trainer.snapshot().parameters
        trainer.train_minibatch()
        return trainer.snapshot().parameters - before

    mean = step({"training.learning_rate": 0.1, "training.l2": 3.0})
    summed = step({"training.learning_rate": 0.002, "training.gradient": "sum", "training.l2": 3.0})
    np.testing.assert_allclose(summed, mean, rtol=1e-3, atol=1e-8)


def test_case_b_starts_with_five_thousand_binary_digits_one_at_a_time() -> None:
    trainer = make_trainer(
        {
            "data.digits": 5_000,
            "data.train": 0.7,
            "data.validation": 0.15,
            "data.test": 0.15,
            "data.scaling": "binary",
            "network.hidden": [32],
            "training.batch_size": 1,
        }
    )
    assert trainer.steps_per_epoch == 3500
    minibatch = trainer.train_minibatch()
    assert minibatch is not None
    assert minibatch.digits == 1
    assert set(np.unique(trainer._inputs)) == {0.0, 1.0}
