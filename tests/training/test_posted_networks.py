"""The posted networks, which asked why they do not learn, against the numbers that were posted and measured."""

import numpy as np
import pytest

from mnist_gui.presets import preset
from mnist_gui.training.records import EpochDone, MinibatchesDone, RunEnded
from tests.support import make_trainer, run

CASE_A, CASE_B, CASE_C = (preset(name).config.settings() for name in ("case-a", "case-b", "case-c"))


def test_case_cs_cost_falls_as_posted_to_the_score_of_knowing_only_how_frequent_each_digit_is() -> None:
    trainer = make_trainer({**CASE_C, "training.epochs": 12})
    frequencies = np.bincount(trainer.splits.train.labels, minlength=10) / 30_000
    floor = -np.sum(frequencies * np.log(frequencies) + (1 - frequencies) * np.log(1 - frequencies))
    assert trainer.base_rate_loss == pytest.approx(floor, rel=1e-9)
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


def test_case_a_starts_at_the_posted_weights_and_loss() -> None:
    trainer = make_trainer(CASE_A)
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
    trainer = make_trainer(CASE_B)
    assert trainer.steps_per_epoch == 3500
    minibatch = trainer.train_minibatch()
    assert minibatch is not None
    assert minibatch.digits == 1
    assert set(np.unique(trainer._inputs)) == {0.0, 1.0}


def test_the_base_rate_of_all_of_mnist_is_just_under_the_logarithm_of_ten() -> None:
    trainer = make_trainer({"data.train": 60_000, "data.validation": 0})
    assert trainer.base_rate_loss == pytest.approx(2.3012, abs=5e-5)
