"""The order of blame: what is wrong first, and what follows from it."""

import dataclasses
from contextlib import suppress

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import GRAVITY, Diagnosis, Finding
from mnist_gui.diagnosis.rule import NotJudged
from mnist_gui.diagnosis.rules import RULES


def diagnose(evidence: Evidence) -> Diagnosis:
    """Ask every rule, and put their findings in the order of blame. What is set already is not proposed."""
    found, healthy = [], []
    corrected = _corrected(evidence)
    for rule in RULES:
        try:
            finding = rule.judge(evidence if rule.correct else corrected)
        except NotJudged:
            continue
        if finding:
            changes = {key: value for key, value in finding.changes.items() if evidence.config[key] != value}
            found.append(dataclasses.replace(finding, changes=changes, excludes=rule.excludes))
        else:
            healthy.append(rule.name)
    return Diagnosis(fold(found), tuple(healthy))


def _corrected(evidence: Evidence) -> Evidence:
    """The evidence without the numbers that findings say are wrong."""
    corrected = evidence
    for rule in RULES:
        with suppress(NotJudged):
            if rule.correct and rule.judge(evidence):
                corrected = rule.correct(corrected)
    return corrected


def fold(found: list[Finding]) -> tuple[Finding, ...]:
    """The findings, most upstream first, each told which later ones it explains.

    Each is explained by the first that can, which is then as grave; a note explains nothing, as it does no harm.
    """
    order = [rule.name for rule in RULES]
    explains = {rule.name: rule.explains for rule in RULES}
    found = sorted(found, key=lambda finding: order.index(finding.rule))
    causes: dict[str, list[str]] = {finding.rule: [] for finding in found}
    for place, finding in enumerate(found):
        for earlier in found[:place] if not finding.is_own_cause else ():
            if finding.rule in explains[earlier.rule] and earlier.severity != "note":
                causes[earlier.rule].append(finding.rule)
                break
    for place in reversed(range(len(found))):  # the last first: what follows may itself be the cause of something
        finding = found[place]
        following = (each for each in found if each.rule in causes[finding.rule])
        severity = max((finding, *following), key=lambda each: GRAVITY.index(each.severity)).severity
        found[place] = dataclasses.replace(finding, severity=severity, cause_of=tuple(causes[finding.rule]))
    return tuple(found)
