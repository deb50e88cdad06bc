"""A first reported loss that is ln N too high, held against what the starting weights score on the same digits."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import SEVERITIES
from mnist_gui.diagnosis.first_batch import MOST, FirstBatch, first_batch
from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.diagnosis.rule import NotJudged
from mnist_gui.diagnosis.rules.loss_over_batch import RULE, correct
from tests.diagnosis.recorded import recorded, with_start
from tests.support import make_trainer

OVER_BATCH = {"lab.faults": ["softmax_over_batch"]}
HEALTHY = recorded("healthy-relu")


def reporting(first: float, **batch: float) -> Evidence:
    """A sound run whose first minibatch is reported with this loss, and whose first batch was measured so."""
    sound = {"digits": 50, "loss": 2.4, "over_batch": math.log(50), "is_as_trained": True, "uncertainty": 0.0}
    measured = FirstBatch(**{**sound, **batch})  # type: ignore[arg-type]
    losses = HEALTHY.losses.copy()
    losses[0] = first
    return dataclasses.replace(with_start(HEALTHY, first_batch=measured), losses=losses)


def test_the_first_minibatch_is_measured_as_the_run_reports_it() -> None:
    trainer = make_trainer()
    rows = trainer.coming_order()[:50]
    batch = first_batch(trainer.snapshot(), trainer.splits.train, rows)
    assert batch is not None
    minibatch = trainer.train_minibatch()
    assert minibatch is not None
    assert (batch.digits, batch.uncertainty) == (50, 0.0)
    assert batch.loss == pytest.approx(minibatch.loss, rel=1e-6)
    faulty = make_trainer(OVER_BATCH).train_minibatch()
    assert faulty is not None
    assert batch.loss + batch.over_batch == pytest.approx(faulty.loss, rel=1e-6)


def test_of_a_large_batch_some_digits_stand_for_all_and_it_is_said_how_surely() -> None:
    trainer = make_trainer({"data.train": 5000, "training.batch_size": 0})
    batch = first_batch(trainer.snapshot(), trainer.splits.train, trainer.coming_order())
    assert batch is not None
    minibatch = trainer.train_minibatch()
    assert minibatch is not None
    assert batch.digits == 5000 > MOST
    assert 0.0 < batch.uncertainty < 0.1
    assert batch.loss == pytest.approx(minibatch.loss, abs=1.5 * batch.uncertainty)
    assert batch.over_batch == pytest.approx(math.log(5000), abs=0.1)


@pytest.mark.parametrize(
    "settings",
    [{"training.batch_size": 1, "data.train": 20}, {"network.loss": "mse"}, {"network.loss": "binary_cross_entropy"}],
)
def test_there_is_nothing_to_compare_for_single_digits_and_for_losses_without_a_softmax(settings: Any) -> None:
    trainer = make_trainer(settings)
    size = trainer.config.training.batch_size
    assert first_batch(trainer.snapshot(), trainer.splits.train, trainer.coming_order()[:size]) is None


def test_a_loss_that_is_higher_by_what_one_softmax_over_all_digits_adds_is_named_with_its_numbers() -> None:
    finding = RULE.judge(reporting(2.4 + math.log(50)))
    assert finding is not None
    assert finding.severity == "error"
    assert finding.value == pytest.approx(math.log(50), rel=1e-6)
    assert "ln 50 = 3.912" in finding.text
    assert "2.4" in finding.text


@pytest.mark.parametrize("first", [2.4, 2.0, 3.0])
def test_a_first_loss_that_the_weights_score_is_healthy(first: float) -> None:
    assert RULE.judge(reporting(first)) is None


@pytest.mark.parametrize("first", [4.0, 5.0, 8.0, 120.0, math.nan, math.inf])
def test_a_first_loss_that_is_neither_is_not_judged(first: float) -> None:
    with pytest.raises(NotJudged):
        RULE.judge(reporting(first))


SOME_OF_MANY = {"digits": 60_000, "loss": 200.0, "over_batch": 500.0, "uncertainty": 8.0}


@pytest.mark.parametrize(("first", "is_found"), [(850.0, True), (220.0, True), (207.0, False)])
def test_where_some_digits_stand_for_many_what_no_chance_explains_is_enough(first: float, is_found: bool) -> None:
    """The sum is ruled by the largest logits of all, which may not be among those that were measured."""
    assert (RULE.judge(reporting(first, **SOME_OF_MANY)) is not None) == is_found


@pytest.mark.parametrize(
    "evidence",
    [
        with_start(HEALTHY, first_batch=None),
        dataclasses.replace(HEALTHY, start=None),
        dataclasses.replace(reporting(2.4), losses=np.empty(0, np.float32)),
        reporting(9.0, is_as_trained=False, uncertainty=2.0),
    ],
    ids=["not measured", "no pre-flight", "no step", "seen otherwise in training"],
)
def test_without_a_first_loss_or_where_chance_could_make_it_nothing_is_said(evidence: Evidence) -> None:
    with pytest.raises(NotJudged):
        RULE.judge(evidence)


DROPOUT, DISTORTIONS = {"training.dropout": 0.5}, {"augmentation.elastic": 34.0}


@pytest.mark.parametrize(
    ("batch", "settings"),
    [(2, {}), (50, {}), (0, {}), (50, DROPOUT), (0, DROPOUT), (50, DISTORTIONS), (0, DISTORTIONS)],
)
@pytest.mark.parametrize("faults", [["softmax_over_batch"], ["init_times_20"]])
def test_real_runs_are_named_with_the_fault_and_not_without(
    batch: int, settings: dict[str, Any], faults: list[str]
) -> None:
    trainer = make_trainer({"training.batch_size": batch, **settings, "lab.faults": faults})
    named = diagnose(examine(trainer, 8)).finding("loss_over_batch") is not None
    assert named == ("softmax_over_batch" in faults)


@pytest.mark.parametrize("batch", [2, 50, 0])
def test_it_is_named_also_where_large_starting_weights_add_to_it(batch: int) -> None:
    faults = ["softmax_over_batch", "init_times_20"]
    evidence = examine(make_trainer({"training.batch_size": batch, "lab.faults": faults}), 8)
    finding = diagnose(evidence).finding("loss_over_batch")
    assert finding is not None
    assert finding.value > math.log(batch or 600) + 1.0


@pytest.mark.parametrize("settings", [{"network.init": "normal", "network.init_sd": 1.0}, {"data.scaling": "raw"}])
def test_full_batches_whose_largest_logits_rule_the_loss_are_never_called_healthy(settings: dict[str, Any]) -> None:
    many = {"data.train": 12_000, "training.batch_size": 0, **settings}
    told, true = (diagnose(examine(make_trainer({**many, **over}), 6)) for over in (OVER_BATCH, {}))
    assert told.finding("loss_over_batch") is not None
    assert "loss_over_batch" in true.healthy


def test_other_rules_judge_by_what_was_measured_and_not_by_what_is_reported() -> None:
    true, told = (examine(make_trainer({**over, "training.epochs": 8})) for over in ({}, OVER_BATCH))
    corrected = correct(told)
    assert told.losses.mean() > true.losses.mean() + math.log(50)
    assert corrected.losses[0] == pytest.approx(true.losses[0], rel=1e-5)
    for reading in true.readings:
        if reading.step < true.steps:
            assert corrected.losses[reading.step] == pytest.approx(reading.probe_loss, rel=1e-5)
    assert [each.train_accuracy for each in corrected.epochs] == [each.train_accuracy for each in true.epochs]
    assert all(math.isnan(epoch.validation_loss) for epoch in corrected.epochs)


SETTINGS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "full batch": {"training.batch_size": 0, "training.epochs": 60, "training.learning_rate": 0.5},
    "momentum 0.99": {"training.momentum": 0.99},
    "rate 1": {"training.learning_rate": 1.0},
    "rate over 1000": {"lab.faults": ["rate_over_1000"]},
    "dropout": {"training.dropout": 0.5},
    "sorted": {"lab.faults": ["sorted_data"]},
    "frozen": {"lab.faults": ["frozen_layer"]},
    "one unit": {"network.hidden": [1]},
    "sigmoid": {"network.activation": "sigmoid", "training.learning_rate": 0.3},
}


# What a rule tells by how single losses swing is not seen in those of the probe.
BY_SWINGS = {"too_few_steps", "knows_only_base_rates"}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_what_else_is_found_is_what_is_found_in_the_same_run_without_the_fault(settings: dict[str, Any]) -> None:
    base = {"data.train": 3000, "training.epochs": 4, **settings}
    faults = base.pop("lab.faults", [])
    true, told = (
        {
            finding.rule: SEVERITIES.index(finding.severity)
            for finding in diagnose(examine(make_trainer({**base, "lab.faults": [*faults, *over]}))).findings
            if finding.rule != RULE.name
        }
        for over in ([], ["softmax_over_batch"])
    )
    assert set(true) - BY_SWINGS <= set(told) <= set(true)
    assert all(told[rule] <= true[rule] for rule in told)
