"""Choices in a posted program that look wrong but are harmless, with the measurements that show it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mnist_gui.casebook.posted_networks import Remark, case_of
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Diagnosis
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.faults.registry import FAULTS
from mnist_gui.training.layer_statistics import PROBE

# exp of a larger number is infinite in float32.
LARGEST_EXPONENT = 88.7


@dataclass(frozen=True, slots=True)
class HarmlessChoice:
    """A choice that looks wrong. fault: name in faults.registry; text: why it is harmless here, and where it is not;
    measured: a sentence with the measurement that shows it."""

    fault: str
    title: str
    text: str
    measured: str

    def as_json(self) -> dict[str, str]:
        """As a JSON object."""
        return {"fault": self.fault, "title": self.title, "text": f"{self.text} {self.measured}"}


def harmless_in(evidence: Evidence, diagnosis: Diagnosis) -> tuple[HarmlessChoice, ...]:
    """The harmless choices of a posted network, as far as the run shows it; none for other networks."""
    case = case_of(evidence.config)
    found = []
    for remark in case.remarks if case else ():
        measured = "" if remark.matters else _measured(remark, evidence, diagnosis)
        if measured:
            found.append(HarmlessChoice(remark.fault, remark.title, remark.text, measured))
    return tuple(found)


def describe_harmless(found: Sequence[HarmlessChoice]) -> list[str]:
    """One text for each."""
    return [f"{each.title}. {each.text} {each.measured}" for each in found]


def _measured(remark: Remark, evidence: Evidence, diagnosis: Diagnosis) -> str:
    """A sentence with a measurement that the fault does not affect; "" if it is affected, or not measured."""
    if remark.fault == "unshifted_softmax":
        return _reach(evidence)
    rule = FAULTS[remark.fault].rule
    if rule not in diagnosis.healthy:
        return ""
    return "Checked here: " + BY_NAME[rule].healthy


def _reach(evidence: Evidence) -> str:
    """A sentence with the largest logit, if exp of it does not overflow; else ""."""
    highest = max([reading.highest_logit for reading in evidence.readings], default=math.nan)
    if not highest < LARGEST_EXPONENT:
        return ""
    return f"Measured here: the largest sum so far, of {PROBE} digits, is {highest:.3g}."
