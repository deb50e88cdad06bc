"""What people see of a network that does not learn: whether a run shows it, and which bugs look like that."""

import math
from functools import cache
from queue import SimpleQueue

import numpy as np
import pytest

from mnist_gui.casebook.description import Description, build
from mnist_gui.casebook.symptoms import SYMPTOMS, RunSummary, describe_run, describe_symptom
from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import resolve_faults, split_dataset, trainer_for
from mnist_gui.training.commands import Command
from mnist_gui.training.history import History
from mnist_gui.training.loop import train
from mnist_gui.training.records import Record
from mnist_gui.training.run_output import RunOutput
from tests.support import dataset

SOUND = build(Description(start="He or Kaiming", digits="9000", epochs="3")).config


class Listener(RunOutput):
    """Keeps the records of a run."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History()

    def wants_snapshot(self) -> bool:
        return False

    def wants_keyframe(self) -> bool:
        return False

    def post(self, record: Record) -> None:
        self.history.add(record)


@cache
def evidence_with(fault: str) -> Evidence:
    """Of a network that learns but for this fault, "" for none."""
    config = SOUND.with_settings({"data.validation": 1000, "lab.faults": [fault] if fault else []})
    if fault and FAULTS[fault].lacks(config):
        config = config.with_settings({"training.momentum": 0.9, "training.learning_rate": 0.05})
    config = resolve_faults(config)
    run_output, inbox = Listener(), SimpleQueue[Command]()
    train(trainer_for(config, split_dataset(dataset(), config)), inbox, run_output)
    return Evidence.of(run_output.history, None)


def said(symptom: str, fault: str) -> str:
    evidence = evidence_with(fault)
    return describe_symptom(symptom, evidence, diagnose(evidence), 10)


@pytest.mark.parametrize(("symptom", "bug"), [(key, bug) for key, each in SYMPTOMS.items() for bug in each.bugs])
def test_every_bug_that_is_said_to_look_like_a_symptom_does(symptom: str, bug: str) -> None:
    assert SYMPTOMS[symptom].is_in(RunSummary.of(evidence_with(bug), 10))


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_a_network_that_learns_shows_no_symptom_and_bugs_that_look_like_it_are_named(symptom: str) -> None:
    text = said(symptom, "")
    assert text.startswith("it does not show that; ")
    assert all(FAULTS[bug].title.lower() in text for bug in SYMPTOMS[symptom].bugs)
    assert "wrong with it" not in text


def test_a_run_that_shows_what_is_seen_says_why() -> None:
    text = said("accuracy stays at chance", "shuffled_labels")
    assert text.startswith("it shows that too; ")
    assert "of the validation digits are right" in text
    assert "Why: " in text or "No rule names a cause yet" in text
    assert "Classic bugs" not in text


def test_who_sees_nothing_wrong_is_told_what_the_run_comes_to() -> None:
    evidence = evidence_with("")
    assert "The diagnosis finds nothing wrong." in describe_run(evidence, diagnose(evidence), 10)


def seen(**values: float) -> RunSummary:
    known = {
        "first_loss": 2.3,
        "loss": 0.1,
        "base_rate_loss": 2.302,
        "train_accuracy": 0.99,
        "validation_accuracy": 0.98,
        "chance": 0.1,
    }
    return RunSummary(**{**known, **values}, has_diverged=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("symptom", "values", "shows"),
    [
        ("accuracy stays at chance", {"validation_accuracy": 0.14}, True),
        ("accuracy stays at chance", {"validation_accuracy": 0.16}, False),
        ("loss hardly falls", {"loss": 2.1}, True),
        ("loss hardly falls", {"loss": 2.0}, False),
        ("loss hardly falls", {"first_loss": 7.0, "base_rate_loss": 3.25, "loss": 3.25}, True),
        ("loss hardly falls", {"first_loss": 7.0, "base_rate_loss": 3.25, "loss": 2.5}, False),
        ("loss becomes nan or inf", {"loss": math.nan}, True),
        ("loss becomes nan or inf", {"loss": math.inf}, True),
        ("loss becomes nan or inf", {}, False),
        ("stuck at a low accuracy", {"validation_accuracy": 0.5}, True),
        ("stuck at a low accuracy", {"validation_accuracy": 0.95}, False),
        ("loss is high, accuracy is not low", {"loss": 1.5}, True),
        ("loss is high, accuracy is not low", {"first_loss": 13.3}, True),
        ("loss is high, accuracy is not low", {"loss": 1.5, "validation_accuracy": 0.3}, False),
        ("loss is high, accuracy is not low", {}, False),
        ("new digits are wrong", {"validation_accuracy": 0.93}, True),
        ("new digits are wrong", {"validation_accuracy": math.nan}, False),
    ],
)
def test_a_symptom_is_told_by_its_numbers(symptom: str, values: dict[str, float], shows: bool) -> None:
    assert SYMPTOMS[symptom].is_in(seen(**values)) is shows


def test_before_the_first_epoch_nothing_is_known_and_nothing_breaks() -> None:
    evidence = evidence_with("")
    empty = Evidence(
        config=RunConfig(),
        start=None,
        base_rate_loss=2.3,
        steps_per_epoch=10,
        planned_steps=10,
        first_step=0,
        losses=np.empty(0, np.float32),
        accuracies=np.empty(0, np.float32),
        rates=np.empty(0, np.float32),
        readings=(),
        epochs=(),
        state=None,
    )
    for symptom in SYMPTOMS:
        assert describe_symptom(symptom, empty, diagnose(evidence), 10)
