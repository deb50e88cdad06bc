"""Inputs that are not of about 1 in size, or are all the same."""

from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule

# "standard" scaling reaches 2.8.
LARGEST = 10.0
SMALLEST_SD = 1e-6
# Rates that suit inputs of about 1 and hardly ever harm.
USUAL_RATES = {"adam": 0.001, "others": 0.05}

WHY = """\
A unit adds up z = x W + b over hundreds of inputs, and starting weights are drawn so that z is about 1 for inputs of
about 1. Inputs of 0 to 255 make z hundreds of times as large: softmax and sigmoid saturate, where they have hardly a
slope, and the gradient of the weights, x^T d, is hundreds of times too long. Scale pixels to 0..1 or to mean 0.
Source: LeCun, Bottou, Orr & Mueller, Efficient BackProp (1998), section 4.3."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training."""
    start = evidence.start
    if start is None:
        raise NotJudged
    largest = max(abs(start.lowest_input), abs(start.highest_input))
    if start.input_sd <= SMALLEST_SD:
        text = f"All inputs are the same number, {start.lowest_input:g}: digits cannot be distinguished."
        return Finding(rule=RULE.name, severity="error", text=text, value=start.input_sd, threshold=SMALLEST_SD)
    if largest <= LARGEST:
        return None
    return Finding(
        rule=RULE.name,
        severity="warning" if evidence.has_learned else "error",
        text=f"The inputs go from {start.lowest_input:g} to {start.highest_input:g}, where at most {LARGEST:g} is "
        f"usual: the pixels are not scaled{'; it learns all the same' * evidence.has_learned}.",
        value=largest,
        threshold=LARGEST,
        changes={"data.scaling": "unit", **_rate(evidence.config, largest)},
    )


def _rate(config: RunConfig, largest: float) -> dict[str, float]:
    """The learning rate for scaled pixels, if the present one was chosen for such large inputs.

    Inputs k times smaller make the gradient of the first weights k times smaller, and the effect of a step on the sums
    another k times; for adam, which divides by the gradient's size, only the second counts.
    """
    training = config.training
    is_adam = training.optimizer == "adam"
    usual = USUAL_RATES["adam" if is_adam else "others"]
    if training.gradient == "sum" or training.learning_rate >= usual:
        return {}
    grown = training.learning_rate * (largest if is_adam else largest * largest)
    return {"training.learning_rate": min(usual, float(f"{grown:.2g}"))}


RULE = Rule(
    name="input_range",
    title="Inputs out of range",
    healthy="The inputs are of about 1 in size.",
    excludes="A lack of units, steps or rate: starting weights are drawn for inputs of about 1, and these are not.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS
    | {
        "labels_do_not_match",
        "cannot_learn_a_few",
        "units_are_copies",
        "bad_start",
        "loss_overflows",
        "uphill",
        "penalty_dominates",
        "steps_too_large",
        "too_few_steps",
        "overfitting",
    },
)
