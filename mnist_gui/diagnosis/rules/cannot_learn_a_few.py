"""A network that cannot even memorise sixteen digits."""

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.overfit_check import DIGITS
from mnist_gui.diagnosis.rule import NotJudged, Rule

ENOUGH = 0.9

WHY = """\
All but tiny networks have more weights than 16 digits have pixels with ink: they can learn them by heart in a few
dozen steps, if inputs, starting weights and gradient are right. A network that cannot has a fault that no rate, no
schedule and no further digits will fix. A copy is trained, with adam and without penalty or dropout, so that neither
the update rule nor the rate of the run is the cause.
Source: Karpathy, A Recipe for Training Neural Networks (2019); Zhang et al. (2017), section 2, on random labels."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training."""
    if evidence.start is None:
        raise NotJudged
    share = evidence.start.learned_by_heart
    if share >= ENOUGH:
        return None
    return Finding(
        rule=RULE.name,
        severity="note",
        text=f"Of {min(DIGITS, evidence.start.digits)} digits a copy of the network reads {100 * share:.0f} % rightly "
        f"after practising only them (a sound one, all): it cannot learn even these.",
        value=share,
        threshold=ENOUGH,
    )


RULE = Rule(
    name="cannot_learn_a_few",
    title="Cannot learn 16 digits by heart",
    healthy="The network learns 16 digits by heart.",
    excludes="Learning rate, penalty, dropout and number of digits: a copy was trained on a few, with adam and "
    "without either.",
    why=WHY,
    judge=judge,
)
