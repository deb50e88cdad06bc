"""What people see of a network that does not learn, whether a run shows the same, and what that says.

A run that is like the description and shows the symptom can be diagnosed and mended here. One that does not show it
says something too: the cause is in what was not described, and bugs that look like that can be named.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Diagnosis
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.faults.registry import FAULTS

# Of chance: so many times as often right is still no better.
NEAR_CHANCE = 1.5
LOW_ACCURACY = 0.9
# The training digits are so much more often right than others when they are learned by heart.
LARGE_GAP = 0.05
# A loss has hardly fallen that is less than this share below its first value, or below that of knowing only how
# frequent each class is.
LITTLE = 0.1
# Of a network that reads more digits than this rightly a loss is high above so many times that of knowing only how
# frequent each class is, and too high for a beginning.
MOST, HIGH, TOO_HIGH = 0.5, 0.5, 2.5


@dataclass(frozen=True, slots=True)
class Seen:
    """A run in a few numbers.

    Accuracies 0..1, of validation digits nan where there are none. first_loss, loss: means of a few minibatches at the
    beginning and at the end, nan before the first step. base_rate_loss: of knowing only how frequent each class is.
    chance: the accuracy of guessing.
    """

    first_loss: float
    loss: float
    base_rate_loss: float
    train_accuracy: float
    validation_accuracy: float
    chance: float
    has_diverged: bool

    @classmethod
    def of(cls, evidence: Evidence, classes: int) -> "Seen":
        """That of a run so far."""
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
        """That of the validation digits, where there are some."""
        return self.train_accuracy if math.isnan(self.validation_accuracy) else self.validation_accuracy


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a person may see. text: what it looks like. is_in(seen): whether a run shows it. bugs: names of faults of
    the lab that look like this in a network that would learn without them."""

    text: str
    is_in: Callable[[Seen], bool]
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


def told(symptom: str, evidence: Evidence, diagnosis: Diagnosis, classes: int) -> str:
    """A few sentences: whether the run shows what a person sees, one of SYMPTOMS, and what explains it."""
    seen = Seen.of(evidence, classes)
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


def curious_told(evidence: Evidence, diagnosis: Diagnosis, classes: int) -> str:
    """The same for someone who sees nothing wrong."""
    cause = _cause(diagnosis)
    return f"{_describe(Seen.of(evidence, classes))}. {cause or 'The diagnosis finds nothing wrong.'}"


def _cause(diagnosis: Diagnosis) -> str | None:
    """The most upstream of the findings that do harm, in words."""
    cause = next((finding for finding in diagnosis.causes if finding.severity != "note"), None)
    return f"{_title(cause.rule)}. {cause.text}" if cause else None


def _title(rule: str) -> str:
    return BY_NAME[rule].title


def _describe(seen: Seen) -> str:
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
