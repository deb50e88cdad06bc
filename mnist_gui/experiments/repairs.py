"""Proposed changes that remove faults of a run, and the changes of all findings together."""

from dataclasses import replace
from typing import Any

from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.findings import Diagnosis, Finding
from mnist_gui.faults.run_factory import in_force


def with_repairs(diagnosis: Diagnosis, config: RunConfig) -> Diagnosis:
    """The same findings; one without changes that matches a fault of this run proposes to remove the fault. (Rules
    themselves see only measurements.)"""
    return replace(diagnosis, findings=tuple(_repaired(finding, config) for finding in diagnosis.findings))


def together(diagnosis: Diagnosis) -> dict[str, Any]:
    """The changes of all causes together: for a setting that several propose the value of the first cause; of the
    faults only those that no cause removes. (One by one, each would bring back the faults of the others.)"""
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
