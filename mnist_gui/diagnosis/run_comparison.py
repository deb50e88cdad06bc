"""The effect of a change: comparison of two runs with the same digits and seed, without and with it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Diagnosis, listed
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.training.descriptions import percent
from mnist_gui.training.records import EpochDone

Outcome = Literal["fixed", "better", "no effect", "worse"]

# Accuracies that differ by less than this, or by less than STANDARD_ERRORS standard errors, are level; so are losses
# that differ by less than the share SAME_LOSS.
SAME_ACCURACY, STANDARD_ERRORS, SAME_LOSS = 0.005, 2.0, 0.02


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a comparison. before, after: the compared accuracies (0..1), on validation digits if both have
    them.

    parted_at: the first step whose loss differs; None if none does. numbers: the accuracies in words. text: the whole
    outcome, to follow the finding's title.
    """

    outcome: Outcome
    before: float
    after: float
    parted_at: int | None
    numbers: str
    text: str


def compare(before: Evidence, after: Evidence, rule: str) -> Verdict:
    """The effect of a change that should fix what `rule` found in the run before.

    "fixed": the rule no longer fires, no other rule has a new error, and, if the problem harms learning, the network is
    better and above chance.
    """
    was, is_now, trend, numbers = _compared(before, after)
    found = diagnose(after)
    is_silent = found.finding(rule) is None
    news = _new_errors(diagnose(before), found)
    is_at_chance = after.start is not None and is_now < after.start.near_chance
    outcome: Outcome = "no effect"
    if is_silent and not news and ((trend > 0 and not is_at_chance) or not BY_NAME[rule].harms_learning):
        outcome = "fixed"  # where a number was wrong, the true one may be lower
    elif trend < 0 or (trend > 0 and not is_at_chance):
        outcome = "better" if trend > 0 else "worse"
    parted = parted_at(before, after)
    return Verdict(outcome, was, is_now, parted, numbers, _describe(outcome, is_silent, news, numbers, parted))


def _compared(before: Evidence, after: Evidence) -> tuple[float, float, int, str]:
    """The accuracies of both runs, whether the second is better (1), worse (-1) or level (0), and a sentence."""
    whose, measured = _measures(before, after)
    (_, was), (_, is_now) = measured
    if before.state == "diverged" and after.state != "diverged" and after.epochs:
        is_now = _accuracy_of(after.epochs[-1])
        was = max((_accuracy_of(epoch) for epoch in before.epochs), default=was)
        trend = -1 if is_now < was - SAME_ACCURACY else 1
        numbers = f"It diverged at step {before.last_step + 1:,}; now the accuracy is {percent(is_now)}"
        return was, is_now, trend, numbers
    is_same_loss = before.config.network.loss == after.config.network.loss
    trend = _trend(*measured, is_same_loss=is_same_loss, level=_level(before, whose, measured))
    return was, is_now, trend, f"{whose} accuracy {percent(was)} before, {percent(is_now)} after"


def _accuracy_of(epoch: EpochDone) -> float:
    """Validation accuracy, or training accuracy without validation digits."""
    return epoch.train_accuracy if math.isnan(epoch.validation_accuracy) else epoch.validation_accuracy


def parted_at(one: Evidence, other: Evidence) -> int | None:
    """The first step, of those that both made, whose losses differ; None if there is none. nan equals nan."""
    common = min(one.steps, other.steps)
    ours, theirs = one.losses[:common], other.losses[:common]
    differs = np.flatnonzero((ours != theirs) & ~(np.isnan(ours) & np.isnan(theirs)))
    return one.first_step + 1 + int(differs[0]) if len(differs) else None


def _measures(before: Evidence, after: Evidence) -> tuple[str, tuple[tuple[float, float], tuple[float, float]]]:
    """Which digits, and loss and accuracy of both runs: on validation digits after the last common epoch, else on
    training digits over the last common steps."""
    ours, theirs = (
        {each.epoch: (each.validation_loss, each.validation_accuracy) for each in run.epochs} for run in (before, after)
    )
    common = [epoch for epoch in ours if epoch in theirs and not np.isnan([*ours[epoch], *theirs[epoch]]).any()]
    if common:
        return "Validation", (ours[max(common)], theirs[max(common)])
    steps = min(before.steps, after.steps)
    recent = max(1, steps // 10)
    of_before, of_after = (
        (float(run.losses[:steps][-recent:].mean()), float(run.accuracies[:steps][-recent:].mean()))
        if steps
        else (np.nan, np.nan)
        for run in (before, after)
    )
    return "Training", (of_before, of_after)


def _level(before: Evidence, whose: str, measured: tuple[tuple[float, float], tuple[float, float]]) -> float:
    """The largest difference of accuracies that counts as level, from the standard error sqrt(p (1 - p) / n)."""
    count = sum(before.start.validation_counts) if before.start and whose == "Validation" else 0
    spread = max((accuracy * (1.0 - accuracy) for _, accuracy in measured), default=0.0)
    return max(SAME_ACCURACY, STANDARD_ERRORS * math.sqrt(max(0.0, spread) / count)) if count else SAME_ACCURACY


def _new_errors(before: Diagnosis, after: Diagnosis) -> tuple[str, ...]:
    """The titles of errors that were not found before, causes first."""
    return tuple(
        BY_NAME[each.rule].title
        for each in after.causes
        if each.severity == "error" and before.finding(each.rule) is None
    )


def _trend(before: tuple[float, float], after: tuple[float, float], *, is_same_loss: bool, level: float) -> int:
    """1: better, -1: worse, 0: level. Accuracy decides; where it is level, the loss, if the loss function is the
    same."""
    gain = after[1] - before[1]
    if abs(gain) > level:
        return 1 if gain > 0.0 else -1
    if not is_same_loss or not np.isfinite([before[0], after[0]]).all():
        return 0
    fall = before[0] - after[0]
    if abs(fall) <= SAME_LOSS * abs(before[0]):
        return 0
    return 1 if fall > 0.0 else -1


def _describe(outcome: Outcome, is_silent: bool, news: Sequence[str], numbers: str, parted: int | None) -> str:
    effect = "and it is no longer found" if is_silent else "but it is still found"
    if news:
        effect += f", but now {listed([title.lower() for title in news])}" if is_silent else ""
    where = f"; the runs part at step {parted:,}" if parted is not None else "; the runs are the same"
    return f"{outcome}. {numbers}, {effect}{where}"
