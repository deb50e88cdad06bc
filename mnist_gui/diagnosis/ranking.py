"""Ranking of findings: causes before the findings that they explain."""

import dataclasses
from contextlib import suppress

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import SEVERITIES, Diagnosis, Finding
from mnist_gui.diagnosis.rule import NotJudged
from mnist_gui.diagnosis.rules import RULES


def diagnose(evidence: Evidence) -> Diagnosis:
    """Apply every rule and rank the findings. Changes that are set already are not proposed."""
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
    """The evidence without the numbers that are wrong according to findings."""
    corrected = evidence
    for rule in RULES:
        with suppress(NotJudged):
            if rule.correct and rule.judge(evidence):
                corrected = rule.correct(corrected)
    return corrected


def fold(found: list[Finding]) -> tuple[Finding, ...]:
    """The findings, causes first, each with the names of later ones that it explains.

    Each is explained by the first finding that can, which takes over a higher severity; a note explains nothing.
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
    for place in reversed(range(len(found))):  # the last first: a consequence may itself be a cause
        finding = found[place]
        following = (each for each in found if each.rule in causes[finding.rule])
        severity = max((finding, *following), key=lambda each: SEVERITIES.index(each.severity)).severity
        found[place] = dataclasses.replace(finding, severity=severity, cause_of=tuple(causes[finding.rule]))
    return tuple(found)
