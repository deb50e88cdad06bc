"""Dropout that leaves too little to learn from."""

import math
import statistics

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import NotJudged, Rule

FEWEST_STEPS, READINGS = 300, 5
# Ratio of the accuracies without and with dropout. Networks that have learned are not judged: with 0.5 the ratio is
# 1.1, and with more they learn well enough.
TIMES = 1.25
USUAL = 0.5

WHY = """\
With dropout p every hidden unit is left out of a step with the probability p, and the others count 1 / (1 - p) times.
Of the paths through L hidden layers (1 - p)^L are left: with 0.8 and two layers one in 25. The gradient is then
mostly noise, and the accuracy in training far below that of the whole network on the same digits. 0.5 in wide layers
is usual, and less in narrow ones.
Source: Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting (2014), section 7.3 and
appendix A."""


def judge(evidence: Evidence) -> Finding | None:
    """By the accuracy on training digits with dropout, in the minibatches, and without it, in the newest readings."""
    dropout = evidence.config.training.dropout
    if not evidence.readings or evidence.steps < FEWEST_STEPS or dropout == 0.0:
        raise NotJudged
    training = float(evidence.accuracies[-evidence.recent :].mean())
    newest = max(1, min(READINGS, len(evidence.readings) // 4))
    whole = statistics.fmean(each.probe_accuracy for each in evidence.readings[-newest:])
    if not whole > TIMES * training or evidence.has_learned or evidence.is_falling:
        return None
    return Finding(
        rule=RULE.name,
        severity="warning",
        text=f"Without dropout {100 * whole:.0f} % of the training digits are read rightly, in training only "
        f"{100 * training:.0f} % (more than {TIMES:g} times as many is much): what dropout leaves is too little.",
        value=whole / training if training else math.inf,
        threshold=TIMES,
        steps=(evidence.last_step - evidence.recent + 1, evidence.last_step),
        changes={"training.dropout": USUAL if dropout > USUAL else 0.0},
    )


RULE = Rule(
    name="dropout_too_strong",
    title="Dropout too strong",
    healthy="Dropout leaves enough to learn from.",
    excludes="A network that is too small or wrong: without dropout it is more accurate than in training.",
    why=WHY,
    judge=judge,
    explains=frozenset({"dead_units", "knows_only_base_rates"}),
)
