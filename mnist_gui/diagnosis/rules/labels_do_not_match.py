"""Labels that do not belong to their pictures."""

import math

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import NotJudged, Rule

# Of the way from chance to certainty.
ABOVE_CHANCE = 0.22

WHY = """\
Of 2,000 MNIST digits, 92 % have the same label as the digit that looks most like them, pixel by pixel; with
shuffled labels it is a tenth. No network can learn what is not in the pictures: at best it learns every training
digit by heart, and the validation digits stay at chance. Most often pictures or labels were shuffled, sorted or cut
without the other. The share is compared with chance, the sum of the squared shares of the classes.
Source: the rule of the nearest neighbour, Cover & Hart, IEEE Trans. Inf. Theory 13 (1967)."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training."""
    start = evidence.start
    if start is None or math.isnan(start.neighbour_agreement):
        raise NotJudged
    threshold = start.chance + ABOVE_CHANCE * (1.0 - start.chance)
    if start.neighbour_agreement >= threshold:
        return None
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"Only {100 * start.neighbour_agreement:.0f} % of the training digits have the same label as the "
        f"digit that "
        f"looks most like them (chance: {100 * start.chance:.0f} %, MNIST: 92 %): pictures and labels do not belong "
        "together.",
        value=start.neighbour_agreement,
        threshold=threshold,
    )


RULE = Rule(
    name="labels_do_not_match",
    title="Labels do not match the pictures",
    healthy="Digits that look alike have the same label.",
    excludes="A lack of units, steps or rate: no network can learn what the pictures do not say.",
    why=WHY,
    judge=judge,
    explains=frozenset(
        {
            "penalty_dominates",
            "steps_too_large",
            "gradient_vanishes",
            "steps_too_small",
            "dead_units",
            "saturated_units",
            "too_few_steps",
            "overfitting",
            "knows_only_base_rates",
        }
    ),
)
