"""Classes with far more digits than others, or with none."""

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, Severity, listed
from mnist_gui.diagnosis.preflight import Preflight
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.training.descriptions import counted

# Ratio of the most frequent class to the rarest.
NOTABLE = 10.0
# Share of the way from equal frequencies to a single class.
MAJORITY = 0.5

WHY = """\
The loss is a mean over all digits, so a class counts as often as it occurs. Where nine digits in ten are of one
class, always predicting it gives an accuracy of 90 %, and the gradient of the others is negligible for a long time; a
class without a training digit is never predicted. Compared is the most frequent class with the rarest, rho = max |C|
/ min |C|: 1.2 for MNIST, and harmless for a network up to some 10. Repeat the digits of rare classes, take fewer of
the others, or judge by the recall of each class.
Source: Buda, Maki & Mazurowski, A systematic study of the class imbalance problem (2018), section 3.1."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training."""
    start = evidence.start
    if start is None or start.classes < 2 or not start.digits:
        raise NotJudged
    return _missing(start) or _uneven(start, has_learned=evidence.has_learned)


def _missing(start: Preflight) -> Finding | None:
    """Classes that occur in validation but not in training."""
    pairs = zip(start.class_names, start.class_counts, start.validation_counts, strict=True)
    missing = [name for name, shown, asked in pairs if asked and not shown]
    if not missing:
        return None
    text = (
        f"{counted(len(missing), 'class', 'classes')} of the validation digits ({listed(missing)}) never "
        f"occur{'s' * (len(missing) == 1)} among the {counted(start.digits, 'training digit')}, and cannot be learned."
    )
    return _finding("warning", text, float(len(missing)), 0.0)


def _uneven(start: Preflight, *, has_learned: bool) -> Finding | None:
    """Frequencies, of the classes that occur, that are far from equal."""
    present = [count for count in start.class_counts if count]
    if len(present) < 2:
        return None
    most, equal = max(present), 1.0 / len(present)
    often = start.class_names[start.class_counts.index(most)]
    share, ratio = most / start.digits, most / min(present)
    majority = equal + MAJORITY * (1.0 - equal)
    if share > majority:
        text = (
            f"{100 * share:.0f} % of the training digits are of class {often} (more than {100 * majority:.0f} % is "
            f"much): always predicting {often} reaches this accuracy."
        )
        return _finding("note" if has_learned else "warning", text, share, majority)
    if ratio <= NOTABLE:
        return None
    rare = start.class_names[start.class_counts.index(min(present))]
    text = (
        f"Class {often} has {ratio:.3g} times as many training digits as class {rare} (up to {NOTABLE:g} is usual): "
        "rare classes are learned late."
    )
    return _finding("note", text, ratio, NOTABLE)


def _finding(severity: Severity, text: str, value: float, threshold: float) -> Finding:
    return Finding(rule=RULE.name, severity=severity, text=text, value=value, threshold=threshold)


RULE = Rule(
    name="labels_unbalanced",
    title="Unequal classes",
    healthy="All classes have training digits, and none has most of them.",
    excludes="Network and training: it is counted from the labels alone.",
    why=WHY,
    judge=judge,
    explains=frozenset({"knows_only_base_rates"}),
)
