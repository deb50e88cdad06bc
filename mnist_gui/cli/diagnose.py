"""`mnist-gui diagnose`: trains just long enough to find why a network does not learn, and reports the findings."""

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_gui.casebook.harmless_choices import HarmlessChoice, describe_harmless, harmless_in
from mnist_gui.cli.diagnose_fix import search_for_fix
from mnist_gui.cli.train import prepare
from mnist_gui.config.run_config import RunConfig, as_options
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Diagnosis, Finding
from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.experiments.fix_report import as_json, changes_as_json, report_lines
from mnist_gui.experiments.fix_search import EPOCHS, planned
from mnist_gui.experiments.repairs import together, with_repairs
from mnist_gui.faults.run_factory import resolved_settings, trainer_for
from mnist_gui.system import exit_status
from mnist_gui.system.terminal import write_lines, write_record
from mnist_gui.training.descriptions import counted

WIDTH = 110


@dataclass(frozen=True, slots=True)
class Fix:
    """Options of the search for a fix. epochs: of every run, None for the default; jobs: processes, -1 for one a core;
    cluster: address of a Dask scheduler, or None."""

    epochs: int | None
    jobs: int
    cluster: str | None


def run_diagnosis(
    config: RunConfig, *, steps: int | None, explains: bool, as_records: bool, fix: Fix | None = None
) -> int:
    """Diagnose the run of `config` and write the result. Returns the exit status.

    steps: number of steps to train; 0 for pre-flight checks only, None for as many as needed. explains: whether the
    text gives the reasons at length. fix: options of a search for a fix, or None.
    """
    beyond = resolved_settings(config)
    config, splits = prepare(config)
    evidence = examine(trainer_for(config, splits), steps)
    found = with_repairs(diagnose(evidence), evidence.config)
    diagnosis = found.with_changes(beyond)
    merged = together(found)
    merged = {**beyond, **merged} if merged else {}
    harmless = harmless_in(evidence, diagnosis)
    if not as_records:
        write_lines("\n".join([*_describe(evidence, diagnosis, merged, explains), *_describe_harmless(harmless)]))
    status = exit_status.FOUND if diagnosis.has_errors else exit_status.FINISHED
    record = {**_run(evidence), **diagnosis.as_json(), "changes_together": changes_as_json(merged)}
    if harmless:
        record["harmless"] = [each.as_json() for each in harmless]
    if fix:
        search, candidates = planned(config, len(splits.train), found.findings, epochs=fix.epochs or EPOCHS)
        cut_off = search_for_fix(search, candidates, jobs=fix.jobs, cluster=fix.cluster)
        status = status if cut_off is None else cut_off
        record["search"] = as_json(search, beyond)
        if not as_records:
            write_lines("\n".join(["", *report_lines(search, beyond)]))
    if as_records:
        write_record(record)
    return status


def _run(evidence: Evidence) -> dict[str, Any]:
    """The steps and scores of the run, for JSON."""
    facts: dict[str, Any] = {"steps": evidence.steps, "planned_steps": evidence.planned_steps}
    accuracy = float(evidence.accuracies[-evidence.recent :].mean()) if evidence.steps else None
    validation = evidence.epochs[-1].validation_accuracy if evidence.epochs else math.nan
    facts["loss"] = evidence.loss if math.isfinite(evidence.loss) else None
    facts["accuracy"] = accuracy
    facts["validation_accuracy"] = validation if math.isfinite(validation) else None
    return facts


def _describe(evidence: Evidence, diagnosis: Diagnosis, merged: Mapping[str, Any], explains: bool) -> Iterator[str]:
    """The report in lines. merged: the changes of all causes together."""
    plan = counted(evidence.planned_steps, "step")
    yield f"trained {evidence.steps:,} of {plan}" + (f", loss {evidence.loss:.4g}" if evidence.steps else "")
    for finding in diagnosis.causes:
        yield ""
        yield from _describe_finding(finding, diagnosis, explains)
    yield ""
    if sum(bool(finding.changes) for finding in diagnosis.causes) > 1:
        yield from (f"All together: {as_options(merged)}", "")
    if not diagnosis.findings:
        yield "Nothing is wrong that shows so early." if evidence.is_early else "Nothing is wrong."
    yield "Checked and healthy:"
    yield from (f"    {BY_NAME[name].healthy}" for name in diagnosis.healthy)


def _describe_finding(finding: Finding, diagnosis: Diagnosis, explains: bool) -> Iterator[str]:
    rule = BY_NAME[finding.rule]
    yield f"{finding.severity.upper()}  {rule.title} ({finding.when})"
    yield from _indented(finding.text)
    if finding.changes:
        yield f"    Try: {as_options(finding.changes)}"
    for consequence in diagnosis.consequences(finding):
        yield from _indented(f"Which explains: {consequence.text}")
    if explains:
        yield from _indented(f"Why: {rule.why}")
        yield from _indented(f"Ruled out: {finding.excludes}")


def _describe_harmless(harmless: Sequence[HarmlessChoice]) -> Iterator[str]:
    if harmless:
        yield from ("", "Looks wrong, and is harmless here:")
    for text in describe_harmless(harmless):
        yield from _indented(text)


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
