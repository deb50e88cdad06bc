"""A loss that stays at the base-rate loss: the network has learned only how frequent each class is."""

import math

import numpy as np

from mnist_gui.diagnosis.evidence import NOTHING_LEFT, Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.diagnosis.rules.steps_too_large import WORSE

NEAR = 0.012
LARGEST_SPREAD = 1.0
FEWEST = 3
FAR_ABOVE = 2.5
# After this many steps a correct network has learned more.
ENOUGH = 500

WHY = """\
A network that ignores the picture does best with outputs equal to the frequencies f of the classes among the training
digits. Its loss is then their entropy, -sum f log f: 2.3012 for MNIST and cross-entropy; for ten yes-or-no questions
-sum f log f + (1 - f) log(1 - f) = 3.249. A curve that falls to exactly this number and stays there has learned the
frequencies and nothing else. Many faults have this effect; it is a symptom, not a cause.
Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 1.98."""


def judge(evidence: Evidence) -> Finding | None:
    """By the present loss, and by the spread of the logits between digits; after many steps by the loss alone."""
    if evidence.steps < FEWEST or evidence.is_early or not math.isfinite(evidence.loss) or not evidence.readings:
        raise NotJudged
    base, loss = evidence.base_rate_loss, evidence.loss
    spread = evidence.readings[-1].logit_spread
    rests = abs(loss - base) <= NEAR * base and spread <= LARGEST_SPREAD and not _separates_classes(evidence)
    is_late = evidence.steps >= ENOUGH
    if loss > WORSE * evidence.uninformed_loss:
        raise NotJudged  # it is worse than that: another rule reports the cause
    if base <= 0.0 or not (rests or (is_late and loss > NOTHING_LEFT * base)):
        return None
    knows = "nothing else" if rests else "hardly anything"
    return Finding(
        rule=RULE.name,
        severity="error" if is_late else "warning",
        text=f"The loss is {loss:.4g}, and knowing only how frequent each class is scores {base:.4g}: so far it knows "
        f"{knows} of the digits.",
        value=loss,
        threshold=(1.0 + NEAR if rests else NOTHING_LEFT) * base,
        steps=(_since(evidence), evidence.last_step),
    )


def _since(evidence: Evidence) -> int:
    """The first step since which the loss has not been lower, by means over `recent` minibatches."""
    size = evidence.recent
    whole = evidence.steps // size * size
    means = evidence.losses[-whole:].reshape(-1, size).mean(axis=1, dtype=np.float64)
    lower = np.flatnonzero(means < NOTHING_LEFT * evidence.base_rate_loss)
    return evidence.last_step - whole + (int(lower[-1]) + 1 if len(lower) else 0) * size + 1


def _separates_classes(evidence: Evidence) -> bool:
    """Whether the accuracy on the probe is far above that of always predicting the most frequent class."""
    counts = evidence.start.class_counts if evidence.start else ()
    return bool(counts) and evidence.readings[-1].probe_accuracy > FAR_ABOVE * max(counts) / sum(counts)


RULE = Rule(
    name="knows_only_base_rates",
    title="Knows only how frequent each class is",
    healthy="The network knows more than how frequent each class is.",
    excludes="Unstable weights: the outputs hardly differ from digit to digit.",
    why=WHY,
    judge=judge,
)
