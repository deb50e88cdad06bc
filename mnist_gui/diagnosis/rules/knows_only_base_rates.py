"""A loss that rests at that of knowing only how frequent each class is."""

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
# After so many steps a sound network knows more.
ENOUGH = 500

WHY = """\
A network that ignores the picture does best by answering with the shares f of the classes among the training
digits. Its loss is then their entropy, -sum f log f: 2.3012 for MNIST and cross-entropy; for ten yes-or-no
questions -sum f log f + (1 - f) log(1 - f) = 3.249. A curve that falls to exactly this number and rests there has
learned the shares and nothing else. That is what many faults look like; it is the symptom, not the cause.
Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 1.98."""


def judge(evidence: Evidence) -> Finding | None:
    """By the present loss, and by how little the logits differ from digit to digit; after many steps by the loss alone,
    however it came to be no lower."""
    if evidence.steps < FEWEST or evidence.is_early or not math.isfinite(evidence.loss) or not evidence.readings:
        raise NotJudged
    base, loss = evidence.base_rate_loss, evidence.loss
    spread = evidence.readings[-1].logit_spread
    rests = abs(loss - base) <= NEAR * base and spread <= LARGEST_SPREAD and not _tells_apart(evidence)
    is_late = evidence.steps >= ENOUGH
    if loss > WORSE * evidence.know_nothing_loss:
        raise NotJudged  # it knows less than that: what drove it up is told
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
    """The first of the steps from which on the loss has not been lower, by means over `recent` ones."""
    size = evidence.recent
    whole = evidence.steps // size * size
    means = evidence.losses[-whole:].reshape(-1, size).mean(axis=1, dtype=np.float64)
    lower = np.flatnonzero(means < NOTHING_LEFT * evidence.base_rate_loss)
    return evidence.last_step - whole + (int(lower[-1]) + 1 if len(lower) else 0) * size + 1


def _tells_apart(evidence: Evidence) -> bool:
    """Whether it reads far more digits rightly than the class that is the most frequent would give, if timidly."""
    counts = evidence.start.class_counts if evidence.start else ()
    return bool(counts) and evidence.readings[-1].probe_accuracy > FAR_ABOVE * max(counts) / sum(counts)


RULE = Rule(
    name="knows_only_base_rates",
    title="Knows only how frequent each class is",
    healthy="The network knows more than how frequent each class is.",
    excludes="Weights that are thrown about: the answers hardly differ from digit to digit.",
    why=WHY,
    judge=judge,
)
