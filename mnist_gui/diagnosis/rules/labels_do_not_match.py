"""Labels that do not belong to their pictures."""

import math

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.preflight import Preflight
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule

# Share of the way from chance to 1.
ABOVE_CHANCE = 0.22
# Least accuracy on memorised training digits, as a share of the way from chance to 1; and least number of validation
# digits, whose accuracy is at chance.
ABOVE_OTHERS, FEWEST_VALIDATED = 0.5, 100

WHY = """\
Of 2,000 MNIST digits, 92 % have the same label as their nearest neighbour (on pixels); with shuffled labels it is a
tenth. No network can learn what is not in the pictures: at best it learns every training digit by heart, and the
validation digits stay at chance. Most often pictures or labels were shuffled, sorted or cut without the other. The
share is compared with chance, the sum of the squared shares of the classes.
Source: the rule of the nearest neighbour, Cover & Hart, IEEE Trans. Inf. Theory 13 (1967)."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training, by the nearest neighbours of digits; during it, by memorised training digits."""
    start = evidence.start
    if start is None:
        raise NotJudged
    threshold = start.chance + ABOVE_CHANCE * (1.0 - start.chance)
    if start.neighbour_agreement < threshold:
        return _of_training(start, threshold)
    if start.validation_agreement < threshold:
        return _of_validation(start, threshold)
    if found := _by_heart(evidence, start):
        return found
    if math.isnan(start.neighbour_agreement):
        raise NotJudged
    return None


def _of_training(start: Preflight, threshold: float) -> Finding:
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"Only {100 * start.neighbour_agreement:.0f} % of the training digits have the same label as the digit "
        f"that looks most like them (chance: {100 * start.chance:.0f} %, MNIST: 92 %): pictures and labels do not "
        "belong together.",
        value=start.neighbour_agreement,
        threshold=threshold,
    )


def _of_validation(start: Preflight, threshold: float) -> Finding:
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"Only {100 * start.validation_agreement:.0f} % of the validation digits have the same label as the "
        f"training digit that looks most like them (chance: {100 * start.chance:.0f} %, MNIST: 92 %), of the training "
        f"digits {100 * start.neighbour_agreement:.0f} %: pictures and labels of the validation digits do not belong "
        "together.",
        value=start.validation_agreement,
        threshold=threshold,
    )


def _by_heart(evidence: Evidence, start: Preflight) -> Finding | None:
    """Training digits that are learned while validation digits stay at chance. Measured on the probe, not in the
    minibatches: of sorted digits, the last ones of a class are always right."""
    if not evidence.epochs or not evidence.readings or sum(start.validation_counts) < FEWEST_VALIDATED:
        return None
    epoch, known = evidence.epochs[-1], evidence.readings[-1].probe_accuracy
    at_chance = start.near_chance
    learned = at_chance + ABOVE_OTHERS * (1.0 - at_chance)
    if not (known >= learned and epoch.validation_accuracy < at_chance):
        return None
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"Of the training digits {100 * known:.0f} % are read rightly, of the validation digits "
        f"{100 * epoch.validation_accuracy:.1f} %, as many as by chance (below {100 * at_chance:.0f} %): what is "
        "learned there is not true of these, as where pictures and labels do not belong together.",
        value=epoch.validation_accuracy,
        threshold=at_chance,
        steps=(epoch.step, epoch.step),
    )


RULE = Rule(
    name="labels_do_not_match",
    title="Labels do not match the pictures",
    healthy="Digits that look alike have the same label.",
    excludes="A lack of units, steps or rate: no network can learn what the pictures do not show.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS
    | {"distortions_too_strong", "penalty_dominates", "steps_too_large", "too_few_steps", "overfitting"},
)
