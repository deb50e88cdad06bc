"""What the posted networks reach by which change, in as many epochs as the pages about them say: a part of
`make diagnosis`, since a run takes seconds. `tests/casebook/test_posted_runs.py` has the same changes in short runs.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from mnist_gui.config.presets import preset
from mnist_gui.training.records import EpochDone
from mnist_gui.training.trainer import Trainer
from tests.support import make_trainer, run

CASE_A, CASE_B, CASE_C = (preset(name).config.settings() for name in ("case-a", "case-b", "case-c"))
CASE_B_REPAIRED, CASE_C_REPAIRED = (preset(f"{name}-repaired").config.settings() for name in ("case-b", "case-c"))

GLOROT = {"network.init": "glorot_uniform", "network.bias_init": "zeros"}
SOFTMAX, MOMENTUM = "derivative_without_softmax", "momentum_on_weights"
# Case A with all that its page changes: the step, the momentum, the starting weights, the units, minibatches, the rate.
A_REPAIRED = {
    **CASE_A,
    **GLOROT,
    "network.hidden": [100],
    "training.batch_size": 128,
    "training.learning_rate": 1e-3,
    "training.epochs": 5,
    "lab.faults": [],
}
# Of these six, what is left as it was posted.
A_LEFT_OUT: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "rate": {"training.learning_rate": 1e-5},
    "weights": {key: CASE_A[key] for key in GLOROT},
    "units": {"network.hidden": [1]},
    "batches": {"training.batch_size": CASE_A["training.batch_size"]},
    "momentum": {"lab.faults": [MOMENTUM]},
}
# With 100 units and 50 steps on all digits: which of the faults are left, from which starting weights.
A_FIFTY = {**CASE_A, "network.hidden": [100], "training.epochs": 50}
A_REPAIRED_IN_PART: Mapping[str, Mapping[str, Any]] = {
    "nothing": {"lab.faults": [MOMENTUM, SOFTMAX]},
    "the softmax": {"lab.faults": [MOMENTUM]},
    "the momentum": {"lab.faults": [SOFTMAX]},
    "the starting weights": {**GLOROT, "lab.faults": [MOMENTUM, SOFTMAX]},
    "softmax and momentum": {"lab.faults": []},
    "softmax and starting weights": {**GLOROT, "lab.faults": [MOMENTUM]},
    "momentum and starting weights": {**GLOROT, "lab.faults": [SOFTMAX]},
    "all three": {**GLOROT, "lab.faults": []},
}
C_POSTED_START = {
    **{key: CASE_C[key] for key in ("network.init", "network.init_low", "network.init_high")},
    "network.bias_init": "as_weights",
}


@dataclass(frozen=True)
class Number:
    """An accuracy, as a fraction, and how far a run may be from it."""

    name: str
    settings: Mapping[str, Any]
    of: Literal["last validation", "best validation", "test"]
    accuracy: float
    within: float


NUMBERS = (
    *(
        Number(f"case A repaired but for {name}", {**A_REPAIRED, **A_LEFT_OUT[name]}, "last validation", *expected)
        for name, expected in {
            "nothing": (0.969, 0.01),
            "rate": (0.859, 0.02),
            "weights": (0.905, 0.025),
            "units": (0.24, 0.06),
            "batches": (0.10, 0.02),
            "momentum": (0.103, 0.02),
        }.items()
    ),
    *(
        Number(
            f"case A, 50 steps, repaired: {name}", {**A_FIFTY, **A_REPAIRED_IN_PART[name]}, "last validation", *expected
        )
        for name, expected in {
            "nothing": (0.114, 0.02),
            "the softmax": (0.114, 0.02),
            "the momentum": (0.114, 0.02),
            "the starting weights": (0.095, 0.02),
            "softmax and momentum": (0.114, 0.02),
            "softmax and starting weights": (0.249, 0.05),
            "momentum and starting weights": (0.095, 0.02),
            "all three": (0.915, 0.02),
        }.items()
    ),
    Number("case B, posted, 10 epochs", {**CASE_B, "training.epochs": 10}, "best validation", 0.9525, 0.0325),
    Number("case B, posted, 10 epochs", {**CASE_B, "training.epochs": 10}, "test", 0.89, 0.03),
    Number("case B repaired, 5 epochs", {**CASE_B_REPAIRED, "training.epochs": 5}, "best validation", 0.88, 0.03),
    Number("case C repaired, 20 epochs", CASE_C_REPAIRED, "test", 0.964, 0.006),
    Number("case C repaired but for its start", {**CASE_C_REPAIRED, **C_POSTED_START}, "test", 0.954, 0.012),
)


def epochs_of(trainer: Trainer) -> list[EpochDone]:
    """The epochs of a run, in order."""
    return [record for record in run(trainer) if isinstance(record, EpochDone)]


def accuracy_on_test(trainer: Trainer) -> float:
    """The accuracy of the last weights on the test digits, as a fraction."""
    predictions = trainer.snapshot().predict(trainer.splits.test)
    assert predictions is not None
    return predictions.accuracy


def measured(number: Number) -> float:
    """The accuracy that a run reaches."""
    trainer = make_trainer(number.settings)
    validated = [epoch.validation_accuracy for epoch in epochs_of(trainer)]
    reached: Mapping[str, Callable[[], float]] = {
        "last validation": lambda: validated[-1],
        "best validation": lambda: max(validated),
        "test": lambda: accuracy_on_test(trainer),
    }
    return reached[number.of]()


def tell_numbers(processes: int) -> bool:
    """Print what each run reaches beside what its page says; whether all are as near as they must be."""
    return all(list(_told(processes)))


def _told(processes: int) -> Iterator[bool]:
    with ProcessPoolExecutor(processes) as pool:
        for number, accuracy in zip(NUMBERS, pool.map(measured, NUMBERS), strict=True):
            is_near = abs(accuracy - number.accuracy) <= number.within
            mark = " " if is_near else "!"
            print(f"{mark} {number.name}: {accuracy:.2%} {number.of}, {number.accuracy:.1%} ± {number.within:.1%}")
            yield is_near
