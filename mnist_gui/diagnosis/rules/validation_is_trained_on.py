"""Validation or test digits that are also trained on."""

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.preflight import Preflight
from mnist_gui.diagnosis.rule import NotJudged, Rule

# MNIST has no picture twice; very small or coarse pictures may be equal by chance.
FEW_COPIES = 0.01

WHY = """\
A network has learned the labels of the digits it is trained on. Its accuracy on others estimates that on new digits
only if they never changed a weight; if they are trained on, it is too high, most where digits are few. Separate them
before anything else is done with them. Learning itself does not suffer: the sign of the fix is the true accuracy.
Source: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009), section 7.2."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training, by the splits; during it, by the digits of each epoch."""
    start, epochs = evidence.start, evidence.epochs
    if start is None and not epochs:
        raise NotJudged
    overlap = max([epoch.held_out_digits for epoch in epochs], default=0) or (start.held_out_digits if start else 0)
    if overlap == 0:
        return _copies(start) if start else None
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"{overlap:,} of the digits trained on are validation or test digits: accuracy on these is no longer "
        "that on new digits.",
        value=float(overlap),
        threshold=0.0,
        steps=(epochs[0].step, epochs[-1].step) if epochs else None,
    )


def _copies(start: Preflight) -> Finding | None:
    """The case of files in which the same picture occurs twice."""
    if not start.copied_digits:
        return None
    validated = sum(start.validation_counts)
    share = start.copied_digits / validated
    return Finding(
        rule=RULE.name,
        severity="error" if share > FEW_COPIES else "note",
        text=f"The pictures of {start.copied_digits:,} of {validated:,} validation digits are also "
        f"those of training digits (up to {100 * FEW_COPIES:g} % may be chance): accuracy on these shows only how "
        "well they are memorised.",
        value=share,
        threshold=FEW_COPIES,
    )


RULE = Rule(
    name="validation_is_trained_on",
    title="Validation or test digits are trained on",
    healthy="No validation or test digit is trained on.",
    excludes="A high accuracy on these digits as a proof of anything: they may be memorised.",
    why=WHY,
    judge=judge,
    harms_learning=False,
)
