"""A first reported loss that is ln N too high, held against what the starting weights score on the same digits."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from mnist_gui.diagnosis.blame import diagnose
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.first_batch import MOST, FirstBatch, first_batch
from mnist_gui.diagnosis.rule import NotJudged
from mnist_gui.diagnosis.rules.loss_over_batch import AROUND, RULE, correct
from mnist_gui.diagnosis.short_run import examine
from tests.diagnosis.recorded import recorded, with_start
from tests.support import make_trainer

OVER_BATCH = {"lab.faults": ["softmax_over_batch"]}
HEALTHY = recorded("healthy-relu")


def reporting(first: float, **batch: float) -> Evidence:
    """A sound run whose first minibatch is reported with this loss, and whose first batch was measured so."""
    measured = FirstBatch(**{"digits": 50, "loss": 2.4, "over_batch": math.log(50), "uncertainty": 0.0, **batch})  # type: ignore[arg-type]
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


@pytest.mark.parametrize("first", [2.4, 2.0, 4.0, 5.0, 8.0, 120.0, math.nan, math.inf])
def test_no_other_first_loss_is_taken_for_it(first: float) -> None:
    assert RULE.judge(reporting(first)) is None


@pytest.mark.parametrize(
    "evidence",
    [
        with_start(HEALTHY, first_batch=None),
        dataclasses.replace(HEALTHY, start=None),
        dataclasses.replace(reporting(2.4), losses=np.empty(0, np.float32)),
        reporting(2.4 + math.log(4), digits=4, over_batch=math.log(4), uncertainty=1.0),
    ],
    ids=["not measured", "no pre-flight", "no step", "too uncertain"],
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


def test_other_rules_judge_by_losses_from_which_the_excess_is_taken() -> None:
    """As the very same training, reported as it is."""
    true, told = (examine(make_trainer({**over, "training.epochs": 8})) for over in ({}, OVER_BATCH))
    corrected = correct(told)
    assert told.losses.mean() > true.losses.mean() + math.log(50)
    np.testing.assert_allclose(corrected.losses[:5], true.losses[:5], atol=0.6)
    last = corrected.readings[-1]
    measured = corrected.losses[last.step - AROUND : last.step + AROUND].mean()
    assert measured == pytest.approx(last.probe_loss, abs=0.05)
    assert corrected.has_learned
    assert [each.train_accuracy for each in corrected.epochs] == [each.train_accuracy for each in true.epochs]
    assert all(math.isnan(epoch.validation_loss) for epoch in corrected.epochs)
    others = [
        [finding.rule for finding in diagnose(evidence).findings if finding.rule != RULE.name]
        for evidence in (true, told)
    ]
    assert others[0] == others[1]
