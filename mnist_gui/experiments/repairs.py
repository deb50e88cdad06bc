"""What mends findings: where it is the program's code that is wrong, the same run without the fault of the lab; and
what all of them propose together."""

from dataclasses import replace
from typing import Any

from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.findings import Diagnosis, Finding
from mnist_gui.faults.run_factory import in_force


def with_repairs(diagnosis: Diagnosis, config: RunConfig) -> Diagnosis:
    """The same findings; one that proposes nothing, and names what a fault in force in this run does, proposes to leave
    the fault out. Rules themselves know only what was measured."""
    return replace(diagnosis, findings=tuple(_repaired(finding, config) for finding in diagnosis.findings))


def together(diagnosis: Diagnosis) -> dict[str, Any]:
    """What all causes propose, as one change: of a setting that several propose the value of the most upstream, and of
    faults only those that none leaves out. One after another, each would bring back the faults that it does not name.
    """
    merged: dict[str, Any] = {}
    for finding in diagnosis.causes:
        for key, value in finding.changes.items():
            before = merged.setdefault(key, value)
            if key == "lab.faults":
                merged[key] = tuple(fault for fault in before if fault in value)
    return merged


def _repaired(finding: Finding, config: RunConfig) -> Finding:
    guilty = {fault.name: fault.title for fault in in_force(config) if fault.rule == finding.rule}
    if finding.changes or not guilty:
        return finding
    others = tuple(name for name in config.lab.faults if name not in guilty)
    titles = " and ".join(title.lower() for title in guilty.values())
    return replace(finding, changes={"lab.faults": others}, in_words=f"without the bug: {titles}")
