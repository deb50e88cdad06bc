"""The posted networks: programs that were shown or asked about in public, their numbers, and their faults.

A case is a preset of the posted program with its faults, a repaired one, and a page to read.
"""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.presets import Preset, preset
from mnist_gui.config.run_config import RunConfig
from mnist_gui.system.paths import help_folder

# The curve of a run that numbers belong to; accuracies are 0..1.
Curve = Literal["train_loss", "validation_loss", "train_accuracy", "validation_accuracy"]

# posted: by the author. again: by running the same program again, elsewhere.
Origin = Literal["posted", "again"]

# Checksum of the labels of MNIST's training file, one byte each, which identifies it.
LABELS_CRC32 = 0xBA07E8EF

# Settings in which a run may differ and is still the posted one.
BESIDE_THE_POINT = {"data.folder", "training.epochs", "training.blas_threads"}


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers to be drawn as dots on a curve of a run: epochs (N,) since its start, values (N,), and their source."""

    curve: Curve
    origin: Origin
    epochs: tuple[float, ...]
    values: tuple[float, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A mistake in the posted program. fault: name in faults.registry, "" if it is a matter of settings.

    matters: whether it does harm in this program; if not, text explains why, and where it would.
    """

    title: str
    fault: str
    matters: bool
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """A posted network. rules: names of the rules that must find something in it; innocent: settings that were
    suspected but have no effect by themselves."""

    name: str
    title: str
    series: tuple[Series, ...]
    remarks: tuple[Remark, ...]
    rules: tuple[str, ...]
    innocent: tuple[str, ...] = ()

    @property
    def posted(self) -> Preset:
        """The preset of the posted program, with its faults."""
        return preset(self.name)

    @property
    def repaired(self) -> Preset:
        """The preset of the repaired program."""
        return preset(f"{self.name}-repaired")

    def page(self) -> str:
        """The page about the case, in Markdown: the question, the answers, and what runs show."""
        return (help_folder() / f"{self.name}.md").read_text(encoding="utf-8")


def are_posted_digits(train_labels: NDArray[np.uint8]) -> bool:
    """Whether these training labels (N,) are those of MNIST, which all posted numbers are of."""
    return zlib.crc32(train_labels.tobytes()) == LABELS_CRC32


def case_of(config: RunConfig) -> Case | None:
    """The posted case with these settings; None if there is none."""
    for case in CASES.values():
        if set(config.differences(case.posted.config)) <= BESIDE_THE_POINT:
            return case
    return None


# Case A's first series has sums over this many digits, with a softmax over all of them.
_DIGITS_A = 60_000


def _mean(total: float) -> float:
    """The mean loss, from a sum over _DIGITS_A digits with a softmax over all of them: each is ln N too high."""
    return total / _DIGITS_A - math.log(_DIGITS_A)


CASE_A = Case(
    name="case-a",
    title="Case A: losses are very high and learning is very slow",
    series=(
        Series(
            "train_loss",
            "posted",
            (1, 2, 35, 40, 142, 151, 200),
            (2.3033277, 2.3021766, 2.2985703, 2.2977277, 2.2918850, 2.2918515, 2.2916983),
            "The mean loss as posted, of epochs 0, 1, 34, 39, 141, 150 and 199, before the step of each.",
        ),
        Series(
            "train_loss",
            "posted",
            (1, 2, 9, 18, 34, 50),
            tuple(map(_mean, (798288.754, 798261.858, 798252.119, 798165.267, 798033.251, 797869.389))),
            "The summed loss as posted first, of epochs 0, 1, 8, 17, 33 and 49: divided by 60,000 and less ln 60,000.",
        ),
        Series(
            "validation_loss",
            "posted",
            (1, 2, 35, 40, 142, 151, 200),
            (2.3021572, 2.3024304, 2.2984385, 2.2975520, 2.2917101, 2.2916783, 2.2915343),
            "The mean validation loss as posted, of the same epochs, after the step of each.",
        ),
        Series(
            "validation_accuracy",
            "posted",
            (1, 35, 40, 142, 151, 200),
            (0.1096, 0.1852, 0.1978, 0.2108, 0.2108, 0.2106),
            "The validation accuracy as posted, beside that loss.",
        ),
    ),
    remarks=(
        Remark(
            "The derivative lacks the softmax",
            "derivative_without_softmax",
            True,
            "The backward pass starts from the logits minus the label: it makes their squared error small, not the "
            "loss that is printed, which is at least ln(e + 9) - 1 = 1.461 wherever that comes to rest.",
        ),
        Remark(
            "The momentum multiplies the weights",
            "momentum_on_weights",
            True,
            "There is no velocity: every step takes a tenth off all weights.",
        ),
        Remark(
            "The best network is kept by reference",
            "best_by_reference",
            True,
            "It is not a copy, so it is always the last network.",
        ),
        Remark(
            "The first losses were of a softmax over all digits",
            "softmax_over_batch",
            False,
            "They are ln 60,000 = 11.0 too high, and added up. The listing no longer does it. It is in the printed "
            "loss only, and changes no weight.",
        ),
        Remark(
            "All weights start negative and nearly equal",
            "",
            True,
            "Units of a layer then start alike. It shows with two units or more: try 100.",
        ),
        Remark("One step in each pass", "", True, "All 60,000 digits make one step together, and a tiny one."),
        Remark("One hidden unit", "", True, "It hands on one number, which cannot tell ten digits apart."),
    ),
    rules=(
        "gradient_is_wrong",
        "weights_decay_by_themselves",
        "best_is_not_kept",
        "too_few_units",
        "too_few_steps",
    ),
)

CASE_B = Case(
    name="case-b",
    title="Case B: a first network, up to 97 %",
    series=(
        Series("validation_accuracy", "posted", (50,), (0.97,), "Shown as up to 97 % after 50 epochs."),
        Series(
            "validation_accuracy",
            "again",
            (20, 20),
            (0.94, 0.98),
            "The same program again: between these after 20 epochs, and 89 to 92 % of the test digits, in eight of ten "
            "starts; in the others a class is lost.",
        ),
    ),
    remarks=(
        Remark(
            "It also trains on the validation digits",
            "trains_on_validation",
            True,
            "After each epoch, so that their accuracy says how well it remembers them.",
        ),
        Remark(
            "relu is applied to the outputs too",
            "relu_on_output",
            True,
            "A class whose sum is below 0 gets no gradient; in two of ten starts one is lost for good.",
        ),
        Remark(
            "A wrong derivative of relu is listed",
            "wrong_relu_derivative",
            False,
            "The backward pass never calls it. Called, it would leave all hidden layers without a gradient.",
        ),
        Remark(
            "The activation is written over the sums that the backward pass reads",
            "overwritten_preactivations",
            False,
            "Harmless for relu: max(z, 0) is above 0 exactly where z is. Wrong for sigmoid, tanh or elu.",
        ),
        Remark(
            "The softmax does not subtract the largest sum",
            "unshifted_softmax",
            False,
            "It overflows from a sum of 710 on in double precision, that of the listing, which its network never "
            "reaches. In single precision, from 89 on, raw pixels, a large start or twenty passes would.",
        ),
    ),
    rules=("rectified_output", "validation_is_trained_on"),
)

CASE_C = Case(
    name="case-c",
    title="Case C: the gradient is right, yet the cost never falls below 3.24",
    series=(
        Series("train_loss", "posted", (5, 5), (3.24, 3.25), "The cost as posted: it goes to 3.24 or 3.25."),
        Series(
            "train_loss",
            "again",
            (1, 2, 3, 4, 5, 6),
            (7.00, 3.327, 3.262, 3.251, 3.2495, 3.2492),
            "The cost of the same program again, before each step; then 3.2491 for ever.",
        ),
    ),
    remarks=(
        Remark(
            "Weights and biases start between 0 and 0.01",
            "alike_init",
            True,
            "The units of a layer are copies of each other, and stay so.",
        ),
        Remark("One step in each pass", "five_steps", True, "And five in all: it ends when it has hardly begun."),
    ),
    rules=("knows_only_base_rates", "units_are_copies", "too_few_steps"),
    innocent=("network.hidden", "training.learning_rate", "training.l2"),
)

CASES: Mapping[str, Case] = {case.name: case for case in (CASE_A, CASE_B, CASE_C)}
