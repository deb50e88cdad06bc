"""Overfitting: training digits that are learned by heart."""

import math
from collections.abc import Sequence

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.training.records import EpochDone

FEWEST, EVALUATIONS = 4, 3
RISE, GAP = 1.02, 0.05
STOPPED, ALL_KNOWN, LARGE_GAP = 0.98, 0.97, 0.15
# Distortions that keep digits readable, in degrees, shares of their size and pixels of elastic distortion: they raise
# the accuracy of 32 units trained on 300 digits from 84 to 91 %.
DISTORTIONS = {"augmentation.rotation": 10.0, "augmentation.scale": 0.1, "augmentation.elastic": 24.0}
# These distortions are too strong for smaller pictures.
LEAST_SIDE = 20
# Dropout does more harm than good in narrower layers.
WIDE = 128

WHY = """\
While the training loss still falls, the validation loss has passed its minimum and rises: what is learned now is
specific to the training digits. It happens sooner with fewer digits for the same weights. The ratio of the two losses
alone is no sign (healthy runs have 0.16 to 0.92), so a lasting rise and a gap in accuracy are required. More digits
help most, then distortions, dropout, an L2 penalty, and keeping the best weights.
Source: Prechelt, Early stopping - but when? (1998); Goodfellow et al. (2016), section 5.2."""


def judge(evidence: Evidence) -> Finding | None:
    """By the epochs that were validated."""
    epochs = [each for each in evidence.epochs if math.isfinite(each.validation_loss)]
    if len(epochs) < FEWEST:
        raise NotJudged
    lowest, last = min(epochs, key=lambda each: each.validation_loss), epochs[-1]
    since = sum(each.epoch > lowest.epoch for each in epochs)
    gap = last.train_accuracy - last.validation_accuracy
    has_risen = since >= EVALUATIONS and last.validation_loss > RISE * lowest.validation_loss
    if not (has_risen and last.train_loss < lowest.train_loss and gap > GAP):
        return _at_rest(evidence, epochs, gap)
    return Finding(
        rule=RULE.name,
        severity="warning",
        text=f"Since epoch {lowest.epoch} the validation loss has risen from {lowest.validation_loss:.4g} to "
        f"{last.validation_loss:.4g} while the training loss fell, and {100 * gap:.1f} % more of the training digits "
        f"are read rightly (more than {100 * GAP:.0f} % is much): they are learned by heart.",
        value=gap,
        threshold=GAP,
        steps=(lowest.step, last.step),
        changes=_changes(evidence),
    )


def _at_rest(evidence: Evidence, epochs: Sequence[EpochDone], gap: float) -> Finding | None:
    """The case of a validation loss that does not rise, as with squared errors, but has stopped falling while nearly
    all training digits are right."""
    before, last = epochs[-1 - EVALUATIONS], epochs[-1]
    has_stopped = last.validation_loss > STOPPED * before.validation_loss
    if not (has_stopped and last.train_accuracy > ALL_KNOWN and gap > LARGE_GAP):
        return None
    return Finding(
        rule=RULE.name,
        severity="warning",
        text=f"Of the training digits {100 * last.train_accuracy:.1f} % are read rightly, {100 * gap:.1f} % more than "
        f"of the validation digits (more than {100 * LARGE_GAP:.0f} % is much), whose loss falls no more: they are "
        "learned by heart.",
        value=gap,
        threshold=LARGE_GAP,
        steps=(before.step, last.step),
        changes=_changes(evidence),
    )


def _changes(evidence: Evidence) -> dict[str, int | float]:
    """All available digits, if these are at least twice as many; else distortions, or else dropout."""
    start = evidence.start
    if start and start.spare_digits >= start.digits and not start.held_out_digits:
        return {"data.train": start.digits + start.spare_digits}
    config = evidence.config
    is_large = start is not None and min(start.picture_shape) >= LEAST_SIDE
    if is_large and not any(config[key] for key in DISTORTIONS):
        return dict(DISTORTIONS)
    is_wide = all(size >= WIDE for size in config.network.hidden)
    return {"training.dropout": 0.5} if is_wide and config.training.dropout == 0.0 else {}


RULE = Rule(
    name="overfitting",
    title="Learned by heart",
    healthy="The training digits are not learned by heart.",
    excludes="A network that is too small, and steps that are too short: the training digits are learned.",
    why=WHY,
    judge=judge,
)
