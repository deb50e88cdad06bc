"""Starting weights that make the network confident and mostly wrong."""

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule

# Squared errors of correct networks with large inputs start somewhat higher.
TIMES, TIMES_OF_SQUARES = 2.0, 3.0

WHY = """\
An untrained network should be uncertain: its loss is then that of logits of 0, ln 10 = 2.30 for ten classes and
cross-entropy. Starting weights that are too large make large logits, confident and mostly wrong, and saturated units.
Signals keep their size where Var(W) = 1 / inputs, and 2 / inputs below units that rectify.
Source: Glorot & Bengio (2010), eq. 8; He et al. (2015), eq. 10; Karpathy, A Recipe for Training Neural Networks
(2019)."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training."""
    start = evidence.start
    if start is None:
        raise NotJudged
    usual = max(start.zero_loss, start.usual_loss)
    is_squared = evidence.config.network.loss.startswith("mse")
    threshold = (TIMES_OF_SQUARES if is_squared else TIMES) * usual
    if start.start_loss <= threshold:
        return None
    config = evidence.config
    is_auto = config.network.init == "auto"
    return Finding(
        rule=RULE.name,
        severity="warning" if evidence.has_learned else "error",
        text=f"Before the first step the loss is {start.start_loss:.4g}; logits of 0 have "
        f"{start.zero_loss:.4g} (more than {threshold:.3g} is too much): the starting weights are too "
        f"large{' for such inputs' * is_auto}"
        f"{'; it learns all the same' * evidence.has_learned}.",
        value=start.start_loss,
        threshold=threshold,
        changes={"data.scaling": "unit"} if is_auto else {"network.init": "auto"},
    )


RULE = Rule(
    name="bad_start",
    title="Loss too high at the start",
    healthy="The starting weights leave the network as uncertain as it should be.",
    excludes="Learning rate, schedule and order of the digits: no step has been made yet.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS
    | {
        "cannot_learn_a_few",
        "start_variance",
        "loss_overflows",
        "gradient_is_wrong",
        "penalty_dominates",
        "steps_too_large",
        "overfitting",
    },
)
