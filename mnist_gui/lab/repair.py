"""What mends a finding where it is the program's code that is wrong: the same run without the fault of the lab."""

from dataclasses import replace

from mnist_gui.config import RunConfig
from mnist_gui.diagnosis.findings import Diagnosis, Finding
from mnist_gui.lab.build import in_force


def with_repairs(diagnosis: Diagnosis, config: RunConfig) -> Diagnosis:
    """The same findings; one that proposes nothing, and names what a fault in force in this run does, proposes to leave
    the fault out. Rules themselves know only what was measured."""
    return replace(diagnosis, findings=tuple(_repaired(finding, config) for finding in diagnosis.findings))


def _repaired(finding: Finding, config: RunConfig) -> Finding:
    guilty = {fault.name: fault.title for fault in in_force(config) if fault.rule == finding.rule}
    if finding.changes or not guilty:
        return finding
    others = tuple(name for name in config.lab.faults if name not in guilty)
    titles = " and ".join(title.lower() for title in guilty.values())
    return replace(finding, changes={"lab.faults": others}, in_words=f"without the bug: {titles}")
