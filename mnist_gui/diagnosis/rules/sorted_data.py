"""Digits that come class by class."""

import math

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule

SHARE = 0.7

WHY = """\
A minibatch stands for all digits only if it is drawn from all of them. Where they come class by class, every step
teaches one class only, and what was learned of the others is lost. The entropy of the labels in a stretch of digits,
-sum f log f over the shares f of the classes, is near that of all labels (ln 10 = 2.3 for ten equal classes) where
they are mixed and near 0 where they are sorted. Shuffle the digits before each epoch.
Source: Bengio, Practical recommendations for gradient-based training (2012), section 3.1; Robbins & Monro (1951)."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training, by the order of the first epoch; else by the entropy that epochs recorded."""
    start, epochs = evidence.start, evidence.epochs
    if start is None:
        raise NotJudged
    entropy = epochs[-1].label_entropy if epochs and math.isfinite(epochs[-1].label_entropy) else start.order_entropy
    if start.set_entropy == 0.0:
        raise NotJudged  # a single class
    threshold = SHARE * start.set_entropy
    if entropy >= threshold:
        return None
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"The labels of a few hundred digits in a row have an entropy of {entropy:.2f}, all labels together "
        f"{start.set_entropy:.2f}: the digits come class by class.",
        value=entropy,
        threshold=threshold,
        steps=(epochs[0].step, epochs[-1].step) if epochs else None,
    )


RULE = Rule(
    name="sorted_data",
    title="Digits come class by class",
    healthy="The classes are mixed in every stretch of digits.",
    excludes="A dataset with few classes: the order is compared with the entropy of all labels together.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS | {"steps_too_large", "overfitting"},
)
