"""What a change was worth: two runs of the same digits and seed, one without it and one with it, side by side."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mnist_gui.diagnosis.blame import diagnose
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.rules import RULES
from mnist_gui.training.summary import percent

Outcome = Literal["fixed", "better", "no effect", "worse"]

# Accuracies nearer to each other are level, and so are losses by this share.
SAME_ACCURACY, SAME_LOSS = 0.005, 0.02


@dataclass(frozen=True, slots=True)
class Verdict:
    """before, after: the accuracies (0..1) that were compared, of the validation digits where both runs have them.

    parted_at: the first step whose loss differs; None if none does. numbers: the accuracies in words. text: all of it,
    to follow the finding's title.
    """

    outcome: Outcome
    before: float
    after: float
    parted_at: int | None
    numbers: str
    text: str


def compare(before: Evidence, after: Evidence, rule: str) -> Verdict:
    """What a change did that was to mend what `rule` found in the run before it.

    "fixed": the rule no longer fires, and, unless what it finds does not harm learning, the network learns better.
    """
    whose, measured = _measures(before, after)
    trend = _trend(*measured, is_same_loss=before.config.network.loss == after.config.network.loss)
    is_silent = diagnose(after).finding(rule) is None
    needs_better = next(each for each in RULES if each.name == rule).harms_learning
    outcome: Outcome = "no effect"
    if is_silent and (trend > 0 or not needs_better):  # where a number was not true, the true one may be lower
        outcome = "fixed"
    elif trend:
        outcome = "better" if trend > 0 else "worse"
    parted = parted_at(before, after)
    (_, was), (_, is_now) = measured
    numbers = f"{whose} accuracy {percent(was)} before, {percent(is_now)} after"
    return Verdict(outcome, was, is_now, parted, numbers, _tell(outcome, is_silent, numbers, parted))


def parted_at(one: Evidence, other: Evidence) -> int | None:
    """The first step, of those that both made, whose losses differ; None if there is none."""
    common = min(one.steps, other.steps)
    differs = np.flatnonzero(one.losses[:common] != other.losses[:common])
    return one.first_step + 1 + int(differs[0]) if len(differs) else None


def _measures(before: Evidence, after: Evidence) -> tuple[str, tuple[tuple[float, float], tuple[float, float]]]:
    """Loss and accuracy of either run, and of which digits: of those for validation after the last epoch that both
    validated, else of those for training over their last common steps."""
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


def _trend(before: tuple[float, float], after: tuple[float, float], *, is_same_loss: bool) -> int:
    """1: better, -1: worse, 0: level. Accuracy decides; where it is level, the loss, if it means the same."""
    gain = after[1] - before[1]
    if abs(gain) > SAME_ACCURACY:
        return 1 if gain > 0.0 else -1
    if not is_same_loss or not np.isfinite([before[0], after[0]]).all():
        return 0
    fall = before[0] - after[0]
    if abs(fall) <= SAME_LOSS * abs(before[0]):
        return 0
    return 1 if fall > 0.0 else -1


def _tell(outcome: Outcome, is_silent: bool, numbers: str, parted: int | None) -> str:
    says = "and it is no longer found" if is_silent else "but it is still found"
    where = f"; the runs part at step {parted:,}" if parted is not None else "; the runs are the same"
    return f"{outcome}. {numbers}, {says}{where}"
