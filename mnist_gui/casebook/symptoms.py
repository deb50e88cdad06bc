"""Symptoms of a network that does not learn, whether a run shows them, and what follows from that.

A run that corresponds to the description and shows the symptom can be diagnosed and fixed here. If it does not show it,
the cause is something that was not described, and faults with this symptom can be named.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Diagnosis
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.faults.registry import FAULTS

# An accuracy below this many times chance is no better than chance.
NEAR_CHANCE = 1.5
LOW_ACCURACY = 0.9
# Difference of training and validation accuracy that indicates overfitting.
LARGE_GAP = 0.05
# A loss has hardly fallen if it is less than this share below its first value, or below the base-rate loss.
LITTLE = 0.1
# Above this accuracy (MOST), a loss is high above HIGH times the base-rate loss, and a first loss above TOO_HIGH times.
MOST, HIGH, TOO_HIGH = 0.5, 0.5, 2.5


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a few numbers: means at its start and end.

    first_loss, loss: mean loss of a few minibatches at the start and at the end; nan before the first step.
    base_rate_loss: loss of outputs that depend only on the class frequencies.
    train_accuracy: of the last epoch, 0..1; nan before its end.
    validation_accuracy: of the last epoch, 0..1; nan without validation digits.
    chance: accuracy of guessing, 1 / classes.
    has_diverged: whether the run diverged.
    """

    first_loss: float
    loss: float
    base_rate_loss: float
    train_accuracy: float
    validation_accuracy: float
    chance: float
    has_diverged: bool

    @classmethod
    def of(cls, evidence: Evidence, classes: int) -> "RunSummary":
        """The summary of a run."""
        epoch = evidence.epochs[-1] if evidence.epochs else None
        return cls(
            first_loss=evidence.first_loss,
            loss=evidence.loss,
            base_rate_loss=evidence.base_rate_loss,
            train_accuracy=epoch.train_accuracy if epoch else math.nan,
            validation_accuracy=epoch.validation_accuracy if epoch else math.nan,
            chance=1.0 / classes,
            has_diverged=evidence.state == "diverged",
        )

    @property
    def accuracy(self) -> float:
        """Validation accuracy, or training accuracy without validation digits."""
        return self.train_accuracy if math.isnan(self.validation_accuracy) else self.validation_accuracy


@dataclass(frozen=True, slots=True)
class Symptom:
    """A symptom that the user may see. text: its description. is_in(summary): whether a run shows it. bugs: names of
    faults that have this symptom in a network that would learn without them."""

    text: str
    is_in: Callable[[RunSummary], bool]
    bugs: tuple[str, ...]


SYMPTOMS: Mapping[str, Symptom] = {
    "accuracy stays at chance": Symptom(
        "About one digit in ten is right, pass after pass",
        lambda seen: seen.has_diverged or seen.accuracy < NEAR_CHANCE * seen.chance,
        ("shuffled_labels", "flipped_gradient"),
    ),
    "loss hardly falls": Symptom(
        "The cost stays near its first value, or comes to a number below which it never falls",
        lambda seen: not seen.has_diverged and seen.loss > (1.0 - LITTLE) * min(seen.first_loss, seen.base_rate_loss),
        ("shuffled_labels", "momentum_on_weights"),
    ),
    "loss becomes nan or inf": Symptom(
        "Numbers overflow, mostly soon",
        lambda seen: seen.has_diverged or not math.isfinite(seen.loss),
        ("flipped_gradient", "climbs_uphill"),
    ),
    "stuck at a low accuracy": Symptom(
        "It learns something, and then no more: say 20 to 85 % are right",
        lambda seen: not seen.has_diverged and NEAR_CHANCE * seen.chance <= seen.accuracy < LOW_ACCURACY,
        ("wrong_relu_derivative", "frozen_layer"),
    ),
    "loss is high, accuracy is not low": Symptom(
        "The cost stays far above 0, or begins at several times what guessing costs, although most digits are right",
        lambda seen: (
            not seen.has_diverged
            and seen.accuracy > MOST
            and (seen.loss > HIGH * seen.base_rate_loss or seen.first_loss > TOO_HIGH * seen.base_rate_loss)
        ),
        ("derivative_without_softmax", "softmax_over_batch"),
    ),
    "new digits are wrong": Symptom(
        "Digits that it trained on are right, others are not",
        lambda seen: seen.train_accuracy - seen.validation_accuracy > LARGE_GAP,
        ("sorted_data", "few_digits"),
    ),
}


def describe_symptom(symptom: str, evidence: Evidence, diagnosis: Diagnosis, classes: int) -> str:
    """A few sentences: whether the run shows the user's symptom, a key in SYMPTOMS, and what explains it."""
    seen = RunSummary.of(evidence, classes)
    shows = SYMPTOMS[symptom].is_in(seen)
    sentences = [f"{'it shows that too' if shows else 'it does not show that'}; {_describe(seen)}."]
    cause = _cause(diagnosis)
    if cause is not None:
        sentences.append(f"{'Why' if shows else 'But this is wrong with it'}: {cause}")
    elif shows:
        sentences.append("No rule names a cause yet: let it train on, or search for a fix.")
    if not shows and cause is None:
        sentences.append(_what_else(symptom))
    return " ".join(sentences)


def describe_run(evidence: Evidence, diagnosis: Diagnosis, classes: int) -> str:
    """The state and cause of a run without a symptom, in sentences."""
    cause = _cause(diagnosis)
    return f"{_describe(RunSummary.of(evidence, classes))}. {cause or 'The diagnosis finds nothing wrong.'}"


def _cause(diagnosis: Diagnosis) -> str | None:
    """The first cause that does harm, in words; None if there is none."""
    cause = next((finding for finding in diagnosis.causes if finding.severity != "note"), None)
    return f"{_title(cause.rule)}. {cause.text}" if cause else None


def _title(rule: str) -> str:
    return BY_NAME[rule].title


def _describe(seen: RunSummary) -> str:
    if seen.has_diverged:
        return "its numbers overflowed"
    if math.isnan(seen.accuracy):
        return f"its loss is {seen.loss:.3g}, and was {seen.first_loss:.3g}"
    whose = "training" if math.isnan(seen.validation_accuracy) else "validation"
    return (
        f"{seen.accuracy:.1%} of the {whose} digits are right, its loss is {seen.loss:.3g} after {seen.first_loss:.3g}"
    )


def _what_else(symptom: str) -> str:
    titles = [FAULTS[name].title.lower() for name in SYMPTOMS[symptom].bugs]
    return (
        "So the cause may be something that is not described here. Bugs that look like that, each with its lines in "
        f"Classic bugs: {', '.join(titles)}."
    )
