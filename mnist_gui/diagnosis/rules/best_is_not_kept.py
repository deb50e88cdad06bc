"""Best weights that change after they were kept."""

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.training.descriptions import counted

FEWEST = 2

WHY = """\
Best weights must be a copy made when they were best. W_best = W makes no copy but another name for the weights that
go on being trained: at the end the "best" are the last ones. Found by a checksum of the kept weights, which must not
change before a better epoch replaces them. Write W_best = W.copy().
Source: assignment of objects in the Python language reference, section 7.2."""


def judge(evidence: Evidence) -> Finding | None:
    """By the checksums of the epochs."""
    if not evidence.epochs:
        raise NotJudged
    changed = [epoch for epoch in evidence.epochs if epoch.best_has_changed]
    if not changed:
        if len(evidence.epochs) < FEWEST:
            raise NotJudged
        return None
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"In {counted(len(changed), 'epoch')} the weights kept as the best had changed before any were measured "
        "to be better: what is kept is not a copy, but the network itself.",
        value=float(len(changed)),
        threshold=0.0,
        steps=(changed[0].step, changed[-1].step),
    )


RULE = Rule(
    name="best_is_not_kept",
    title="Best weights are not kept",
    healthy="The best weights stay unchanged.",
    excludes="Chance in the validation: the kept weights themselves are compared, by a checksum.",
    why=WHY,
    judge=judge,
    harms_learning=False,
)
