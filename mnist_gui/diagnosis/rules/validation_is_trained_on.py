"""Digits that are to measure, and are learned from as well."""

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.preflight import Preflight
from mnist_gui.diagnosis.rule import NotJudged, Rule

# MNIST has no picture twice; of very small or coarse pictures some may be alike by chance.
FEW_COPIES = 0.01

WHY = """\
A network has seen the answers to the digits it is trained on. Its accuracy on others estimates how it will read new
ones only if they never moved a weight; trained on, they flatter it, most where digits are few. Keep them apart
before anything else is done with them. Learning itself does not suffer: the proof of the repair is the honest
number.
Source: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009), section 7.2."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training, by the splits; in it, by the digits of each epoch."""
    start, epochs = evidence.start, evidence.epochs
    if start is None and not epochs:
        raise NotJudged
    overlap = max([epoch.held_out_digits for epoch in epochs], default=0) or (start.held_out_digits if start else 0)
    if overlap == 0:
        return _copies(start) if start else None
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"{overlap:,} of the digits trained on are validation or test digits: accuracy on these no longer says "
        "how new digits are read.",
        value=float(overlap),
        threshold=0.0,
        steps=(epochs[0].step, epochs[-1].step) if epochs else None,
    )


def _copies(start: Preflight) -> Finding | None:
    """Of files in which the same picture occurs twice."""
    if not start.copied_digits:
        return None
    validated = sum(start.validation_counts)
    share = start.copied_digits / validated
    return Finding(
        rule=RULE.name,
        severity="error" if share > FEW_COPIES else "note",
        text=f"The pictures of {start.copied_digits:,} of {validated:,} validation digits are also "
        f"those of training digits (up to {100 * FEW_COPIES:g} % may be chance): accuracy on these says how well "
        "they are remembered.",
        value=share,
        threshold=FEW_COPIES,
    )


RULE = Rule(
    name="validation_is_trained_on",
    title="Validation or test digits are trained on",
    healthy="No validation or test digit is trained on.",
    excludes="A high accuracy on these digits as a proof of anything: they may be known by heart.",
    why=WHY,
    judge=judge,
    harms_learning=False,
)
