"""The posted networks, which asked why they do not learn, against the numbers that were posted and measured.

What takes many epochs is measured in full by `make diagnosis` (`tests/posted_numbers.py`), and here in fewer.
"""

import math
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
import pytest

from mnist_gui.casebook.posted_networks import CASES, Curve
from mnist_gui.training.records import EpochDone, MinibatchesDone, RunEnded
from tests.posted_numbers import (
    A_LEFT_OUT,
    A_REPAIRED,
    C_POSTED_START,
    CASE_A,
    CASE_B,
    CASE_B_REPAIRED,
    CASE_C,
    CASE_C_REPAIRED,
    GLOROT,
    MOMENTUM,
    SOFTMAX,
    accuracy_on_test,
    epochs_of,
)
from tests.support import make_trainer, run


def end_of(settings: Mapping[str, Any]) -> EpochDone:
    """The last epoch of a run."""
    return epochs_of(make_trainer(settings))[-1]


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


def test_case_as_losses_and_weights_go_as_posted() -> None:
    """A fifth of the digits at five times the rate: the gradient is a sum, so that steps are as long as with all.
    `make diagnosis` holds three starts with all digits against the posted losses."""
    trainer = make_trainer({**CASE_A, "data.train": 12_000, "training.learning_rate": 5e-5})
    trainer.validate()
    norms: list[float] = []
    reported: dict[Curve, list[float]] = {curve: [] for curve in get_args(Curve)}
    posted = [series for series in CASES["case-a"].series if series.origin == "posted"]
    validated = {epoch for series in posted for epoch in series.epochs if series.curve.startswith("validation")}
    for epoch in range(1, 201):
        minibatch = trainer.train_minibatch()
        assert minibatch is not None
        measured = trainer.validate() if epoch in validated else None
        reported["train_loss"].append(minibatch.loss)
        reported["validation_loss"].append(measured.loss if measured else math.nan)
        reported["validation_accuracy"].append(measured.accuracy if measured else math.nan)
        norms.append(float(np.linalg.norm(trainer.snapshot().weights[0])))
    assert len(posted) == 4
    for series in posted:
        for epoch, value in zip(series.epochs, series.values, strict=True):
            within = 0.02 if series.curve == "validation_accuracy" else 0.0005 if epoch > 100 else 0.002
            assert reported[series.curve][int(epoch) - 1] == pytest.approx(value, abs=within), (series.source, epoch)
    # Of a program of its own, in float64.
    np.testing.assert_allclose(norms[:3], [2.571, 2.314, 2.082], rtol=0.02)
    np.testing.assert_allclose(np.divide(norms[1:4], norms[:3]), 0.9, rtol=0.002)
    assert norms[33] == pytest.approx(0.180, rel=0.03)
    best = trainer.best
    assert best is not None
    np.testing.assert_array_equal(best.parameters, trainer.snapshot().parameters)


def test_case_as_first_losses_are_those_of_a_softmax_over_all_sixty_thousand_digits() -> None:
    trainer = make_trainer({**CASE_A, "lab.faults": [*CASE_A["lab.faults"], "softmax_over_batch"]})
    minibatch, validation = trainer.train_minibatch(), trainer.validate()
    assert minibatch is not None
    assert validation is not None
    assert minibatch.loss == pytest.approx(798288.754 / 60_000, abs=0.002)
    assert validation.loss == pytest.approx(54096.504 / 5_000, abs=0.002)
    assert minibatch.loss - math.log(60_000) == pytest.approx(2.303, abs=0.002)


# A thirtieth of the digits with thirty times the rate: the gradient is a sum, so that steps are as long as with all.
FEWER = {"data.train": 2_000, "data.validation": 1_000, "training.learning_rate": 3e-4, "training.epochs": 50}


@pytest.mark.parametrize(
    ("left", "changes", "loss", "accuracy"),
    [
        ([], {}, (2.27, 2.30), (0.09, 0.20)),  # measured on all digits: 2.289, 11.4 %
        ([MOMENTUM], GLOROT, (2.05, 2.25), (0.10, 0.30)),  # 2.131, 24.9 %
        ([SOFTMAX], GLOROT, (2.2, 2.6), (0.05, 0.20)),  # 2.369, 9.5 %
        ([], GLOROT, (0.2, 0.4), (0.88, 0.94)),  # 0.289, 91.5 %
    ],
    ids=["all but the weights", "all but the momentum", "all but the softmax", "all three"],
)
def test_of_case_as_bugs_in_fifty_steps_only_all_three_repairs_help(
    left: list[str], changes: Mapping[str, Any], loss: tuple[float, float], accuracy: tuple[float, float]
) -> None:
    last = end_of({**CASE_A, "network.hidden": [100], **FEWER, **changes, "lab.faults": left})
    assert loss[0] < last.validation_loss < loss[1]
    assert accuracy[0] < last.validation_accuracy < accuracy[1]


@pytest.mark.parametrize(
    ("left_out", "least", "most"),
    [  # measured from three starts
        ("nothing", 0.94, 0.965),  # 94.8, 95.3, 95.1 %
        ("rate", 0.76, 0.82),  # 79.1, 78.3, 79.7 %
        ("weights", 0.74, 0.90),  # 79.4, 86.4, 86.8 %
        ("units", 0.18, 0.36),  # 22.1, 26.8, 31.8 %
        ("momentum", 0.08, 0.13),  # 11.4 % each time
    ],
)
def test_case_a_learns_less_in_two_epochs_without_any_of_its_changes(left_out: str, least: float, most: float) -> None:
    last = end_of({**A_REPAIRED, **A_LEFT_OUT[left_out], "training.epochs": 2})
    assert least < last.validation_accuracy < most


def test_without_the_softmax_in_its_derivative_case_as_loss_stays_above_what_a_perfect_fit_of_the_logits_has() -> None:
    """How many digits it then reads depends on the start: 21, 65 and 21 % of three after two epochs."""
    last = end_of({**A_REPAIRED, "lab.faults": [SOFTMAX], "training.epochs": 2})
    assert last.validation_loss > math.log(math.e + 9.0) - 1.0


def test_raising_case_as_rate_alone_makes_the_loss_grow() -> None:
    settings = {**CASE_A, **FEWER, "training.learning_rate": 3e-2, "training.epochs": 10}
    assert end_of(settings).validation_loss > 5.0


def test_a_summed_gradient_moves_the_weights_as_many_times_further_as_the_batch_has_digits() -> None:
    def step(settings: dict[str, object]) -> np.ndarray:
        trainer = make_trainer({"training.batch_size": 50, "training.momentum": 0.0, **settings})
        before = trainer.snapshot().parameters
        trainer.train_minibatch()
        return trainer.snapshot().parameters - before

    mean = step({"training.learning_rate": 0.1, "training.l2": 3.0})
    summed = step({"training.learning_rate": 0.002, "training.gradient": "sum", "training.l2": 3.0})
    np.testing.assert_allclose(summed, mean, rtol=1e-3, atol=1e-8)


def test_case_b_learns_five_thousand_binary_digits_one_at_a_time_and_then_its_validation_digits() -> None:
    trainer = make_trainer(CASE_B)
    assert trainer.steps_per_epoch == 3500 + 750
    minibatch = trainer.train_minibatch()
    assert minibatch is not None
    assert minibatch.digits == 1
    assert set(np.unique(trainer._backprop.inputs)) == {0.0, 1.0}


def test_the_base_rate_of_all_of_mnist_is_just_under_the_logarithm_of_ten() -> None:
    trainer = make_trainer({"data.train": 60_000, "data.validation": 0})
    assert trainer.base_rate_loss == pytest.approx(2.3012, abs=5e-5)


def test_case_bs_validation_digits_look_easier_than_its_test_digits_because_it_trains_on_them() -> None:
    trainer = make_trainer({**CASE_B, "training.epochs": 5})
    honest = make_trainer({**CASE_B_REPAIRED, "training.epochs": 2})
    posted, repaired = (max(epoch.validation_accuracy for epoch in epochs_of(each)) for each in (trainer, honest))
    assert 0.90 <= posted <= 0.95  # and 94 to 97 % after twenty epochs
    assert posted > accuracy_on_test(trainer) + 0.02
    assert 0.82 <= accuracy_on_test(trainer) <= 0.92
    assert repaired == pytest.approx(accuracy_on_test(honest), abs=0.03)


def test_case_bs_softmax_needs_no_shift_since_its_sums_stay_far_from_where_it_overflows() -> None:
    settings = {**CASE_B, "lab.faults": [*CASE_B["lab.faults"], "unshifted_softmax"], "training.epochs": 3}
    trainer = make_trainer(settings)
    ended = run(trainer)[-1]
    assert isinstance(ended, RunEnded)
    assert ended.state == "finished"
    splits = trainer.splits
    logits = trainer.snapshot().answer(splits.test.images(np.arange(len(splits.test)))).logits
    assert 10 < np.abs(logits).max() < 80
    assert ended.best_validation_accuracy > 0.85


def test_overwriting_the_sums_is_harmless_in_case_b_and_would_not_be_with_sigmoid_units() -> None:
    overwritten = {**CASE_B, "lab.faults": [*CASE_B["lab.faults"], "overwritten_preactivations"]}
    as_posted, again = make_trainer(CASE_B), make_trainer(overwritten)
    curved = [make_trainer({**settings, "network.activation": "sigmoid"}) for settings in (CASE_B, overwritten)]
    for trainer in (as_posted, again, *curved):
        for _ in range(200):
            trainer.train_minibatch()
    np.testing.assert_array_equal(as_posted.snapshot().parameters, again.snapshot().parameters)
    assert not np.array_equal(curved[0].snapshot().parameters, curved[1].snapshot().parameters)


@pytest.mark.parametrize(
    "blamed",
    [{"training.l2": 0.0}, {"training.learning_rate": 0.1}, {"network.hidden": [256, 256]}],
    ids=["penalty", "rate", "units"],
)
def test_what_the_accepted_answer_to_case_c_blamed_does_nothing_by_itself(blamed: Mapping[str, Any]) -> None:
    fewer = {"data.train": 6_000, "training.l2": 0.2, "training.epochs": 12}
    assert end_of({**CASE_C, **fewer, **blamed}).validation_accuracy < 0.125


@pytest.mark.parametrize("changes", [{}, GLOROT], ids=["batches", "batches and weights"])
def test_case_c_begins_to_learn_with_minibatches(changes: Mapping[str, Any]) -> None:
    """Measured elsewhere: 47.2 and 55.4 %. When it leaves the plateau depends on the seed and on how the processor
    rounds (10 to 79 % were seen), so one run says little: it is one of three that must."""
    settings = {**CASE_C, **changes, "training.batch_size": 100, "training.epochs": 20}
    reached = (end_of({**settings, "training.seed": seed}).validation_accuracy for seed in range(3))
    assert any(0.3 < accuracy < 0.9 for accuracy in reached)


def test_case_c_repaired_learns_in_one_epoch() -> None:
    trainer = make_trainer({**CASE_C_REPAIRED, "training.epochs": 2})
    epochs = epochs_of(trainer)
    assert epochs[0].validation_accuracy == pytest.approx(0.87, abs=0.03)
    assert accuracy_on_test(trainer) > 0.90


def test_case_c_learns_with_its_own_starting_weights_if_all_else_is_repaired() -> None:
    """Of three starts each has left the plateau in the sixth epoch; after eight it reads 90, 90 and 89 %."""
    trainer = make_trainer({**CASE_C_REPAIRED, **C_POSTED_START, "training.epochs": 8})
    run(trainer)
    assert accuracy_on_test(trainer) == pytest.approx(0.895, abs=0.03)
