"""Distortions after which digits no longer match their labels."""

import math

from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.evidence import NOTHING_LEFT, Evidence
from mnist_gui.diagnosis.findings import Finding, Severity
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule
from mnist_gui.diagnosis.rules.overfitting import DISTORTIONS

# Share of the way from chance to the agreement of undistorted digits, 0.9 for MNIST; the distortions of Simard et al.
# give 0.6, and are learned well.
ALIKE = 0.25
# A network with a loss below this share of the base-rate loss copes with its distortions.
HELD_UP = 0.2
# Limits of harmless distortions.
MILD = {**DISTORTIONS, "augmentation.shift": 1.0, "augmentation.noise": 0.1}
# Sigma of an elastic distortion; a smaller one crumples the digit.
SMOOTH = 4.0

WHY = """\
A distorted digit is useful as long as a human reader would still give it the same label. Turned by half a turn a 6 is
a 9; shifted out of the picture or crumpled it is nothing. The network then learns wrong labels, and is worse on
undistorted digits than without. Measured is the share of distorted digits whose nearest undistorted one (on pixels)
is of their own class.
Source: Simard, Steinkraus & Platt, Best practices for convolutional neural networks (2003), section 2; the rule of
the nearest neighbour, Cover & Hart (1967)."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training, by the nearest neighbours of distorted digits; during it, by whether they are learned anyway."""
    start = evidence.start
    if start is None or math.isnan(start.distorted_agreement):
        raise NotJudged
    undistorted = 1.0 if math.isnan(start.neighbour_agreement) else start.neighbour_agreement
    fewest = start.chance + ALIKE * max(0.0, undistorted - start.chance)
    if start.distorted_agreement >= fewest or evidence.loss <= HELD_UP * evidence.base_rate_loss:
        return None
    severity: Severity = "error" if evidence.loss > NOTHING_LEFT * evidence.base_rate_loss else "warning"
    return Finding(
        rule=RULE.name,
        severity="note" if evidence.is_early else severity,
        text=f"Of the distorted digits {100 * start.distorted_agreement:.0f} % look most like an undistorted one of "
        f"their own class (below {100 * fewest:.0f} % is little, {100 * start.chance:.0f} % is chance): many are "
        "no longer what their labels say.",
        value=start.distorted_agreement,
        threshold=fewest,
        changes=_milder(evidence.config),
    )


def _milder(config: RunConfig) -> dict[str, float]:
    """Reduce every distortion above its limit to the limit; if none is above, switch all off."""
    changes = {key: most for key, most in MILD.items() if config[key] > most}
    if config.augmentation.elastic and config.augmentation.elastic_sigma < SMOOTH:
        changes["augmentation.elastic_sigma"] = SMOOTH
    return changes or {key: 0.0 for key in MILD if config[key]}


RULE = Rule(
    name="distortions_too_strong",
    title="Distortions too strong",
    healthy="Distorted digits still match their labels.",
    excludes="Network and learning rate: it is measured on the digits alone.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS | {"steps_too_large", "dropout_too_strong", "too_few_units", "too_few_steps"},
)
