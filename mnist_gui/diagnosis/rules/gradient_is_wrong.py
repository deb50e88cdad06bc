"""A backward pass that is not the derivative of the loss."""

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, listed
from mnist_gui.diagnosis.gradient_origin import ORIGINS
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule
from mnist_gui.engine.gradient_check import LARGEST_ERROR64

WHY = """\
The derivative of the loss for one parameter is (L(p + h) - L(p - h)) / 2h, up to an error of h^2. Computed in float64
at some sixty parameters of every layer, it must agree with the backward pass, |g - n| / (|g| + |n|) far below 1e-3; a
wrong derivative, a missing bias or a wrong sign gives 0.1 to 1. The derivative of softmax and cross-entropy together
is p - t, the outputs minus the label. With z - t, the logits minus the label, a network learns logits of 0 and 1;
with these the cross-entropy of ten classes is still ln(e + 9) - 1 = 1.461, and where gradient descent on their
squared error converges it is no lower on average.
Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.69 and 4.109; Nocedal & Wright (2006), section
8.1."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training."""
    start = evidence.start
    if start is None or not start.gradient:
        raise NotJudged
    wrong = [part for part in start.gradient if not part.is_right]
    if not wrong:
        return None
    names = "every layer" if len(wrong) == len(start.gradient) else listed([part.name for part in wrong])
    worst = max(wrong, key=lambda part: part.error)
    return Finding(
        rule=RULE.name,
        severity="error",
        text=f"The backward pass of {names} differs from the numerical gradient of the loss, by a relative error "
        f"of up to {worst.error:.2g} (a correct one stays below {LARGEST_ERROR64:g})."
        + (f" {ORIGINS[start.gradient_of].text}" if start.gradient_of else ""),
        value=worst.error,
        threshold=LARGEST_ERROR64,
        layer=worst.layer,
        is_own_cause=bool(
            start.gradient_of
        ),  # a bad start that disturbs the check does not give the gradient of another loss
    )


RULE = Rule(
    name="gradient_is_wrong",
    title="Gradient is wrong",
    healthy="The gradient agrees with the numerical one.",
    excludes="Digits, starting weights and learning rate: both ways to the number compared start from the same "
    "weights and digits, and take no step.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS
    | {
        "cannot_learn_a_few",
        "uphill",
        "layer_is_frozen",
        "rectified_output",
        "steps_too_large",
        "too_few_steps",
        "overfitting",
    },
)
