"""How a run, or what the form describes, is judged. Imported when there is something to judge: the rules are many."""

from mnist_gui.casebook.harmless_choices import describe_harmless, harmless_in
from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.splits import Splits
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Diagnosis, Finding
from mnist_gui.diagnosis.preflight import Preflight, preflight
from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.experiments.repairs import with_repairs
from mnist_gui.faults.run_factory import trainer_for
from mnist_gui.runs.run import Run
from mnist_gui.training.descriptions import counted
from mnist_gui.training.layer_statistics import MOST_NAMED
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.plotting.event_markers import Stretch
from mnist_gui.ui.services.diagnosis_report import DiagnosisReport
from mnist_gui.ui.services.panel_protocols import HighlightedUnits

OF_FORM = "The form, before training."


def measured_start(config: RunConfig, splits: Splits, start: Snapshot | None) -> Preflight:
    """What is known of a run's network before its first step, by a trainer of its own."""
    return preflight(trainer_for(config, splits, start))


def evidence_of_form(config: RunConfig, splits: Splits) -> Evidence:
    """What can be known of what the form describes without a single step."""
    return examine(trainer_for(config, splits), 0)


def report_on_form(evidence: Evidence, config: RunConfig) -> DiagnosisReport:
    """What is found in it."""
    return DiagnosisReport(with_repairs(diagnose(evidence), config), OF_FORM, is_early=True)


def report_on_run(run: Run, evidence: Evidence, *, can_prove: bool) -> DiagnosisReport:
    """What is found in a run so far; without repairs, which would reveal a hidden fault."""
    diagnosis = diagnose(evidence)
    if not run.is_hidden:
        diagnosis = with_repairs(diagnosis, run.begun_as)
    return DiagnosisReport(
        diagnosis,
        f"Run {run.number}, {evidence.steps:,} of {evidence.planned_steps:,} steps.",
        can_show=True,
        can_prove=can_prove,
        is_early=evidence.is_early,
        harmless=tuple(describe_harmless(harmless_in(evidence, diagnosis))),
    )


def cause_of_divergence(diagnosis: Diagnosis) -> str:
    """The cause that was found of steps that are too long, in words; "" where none is known."""
    cause = next((each for each in diagnosis.causes if "steps_too_large" in each.cause_of), None)
    return f"{BY_NAME[cause.rule].title.lower()}. {cause.text}" if cause else ""


def titled(finding: Finding) -> str:
    """A finding with the title of its rule."""
    return f"{BY_NAME[finding.rule].title}: {finding.text}"


def stretches(diagnosis: Diagnosis, shown: str | None) -> list[Stretch]:
    """Where findings are in the curves: errors as marks, and the one that the user wants to see shaded."""
    errors = {finding.rule for finding in diagnosis.causes if finding.severity == "error"}
    return [
        Stretch(finding.steps, BY_NAME[finding.rule].title.lower(), is_shaded=finding.rule == shown)
        for finding in diagnosis.findings
        if finding.steps and (finding.rule == shown or finding.rule in errors)
    ]


def highlighted(finding: Finding, layers: int) -> HighlightedUnits | None:
    """What to outline for a finding of a network of so many layers; None where it concerns no units in particular."""
    if not finding.units or finding.layer is None:
        return None
    first = "the first " if len(finding.units) == MOST_NAMED else ""
    when = f"step {finding.steps[1]:,}" if finding.steps else "before the first step"
    title = BY_NAME[finding.rule].title
    noun = ("class", "classes") if finding.layer == layers - 1 else ("unit",)
    text = f"Outlined: {first}{counted(len(finding.units), *noun)} ({title.lower()}; {when})"
    return HighlightedUnits(finding.layer, finding.units, text)
