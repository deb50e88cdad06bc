"""What the panel of the diagnosis shows and does: judges the run that is shown, and proves a change by running it."""

import logging
from collections.abc import Callable
from time import perf_counter
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.casebook.harmless_choices import harmless_in, tell
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Diagnosis, Finding
from mnist_gui.diagnosis.preflight import Preflight, preflight
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.experiments.repairs import with_repairs
from mnist_gui.faults.run_factory import trainer_for
from mnist_gui.runs.run import Run
from mnist_gui.training.descriptions import counted
from mnist_gui.training.layer_statistics import MOST_NAMED
from mnist_gui.training.records import Record, RunEnded, RunStarted
from mnist_gui.ui.panels.diagnosis.fix_presenter import FixPresenter
from mnist_gui.ui.panels.diagnosis.preflight_presenter import PreflightPresenter
from mnist_gui.ui.panels.diagnosis.view import DiagnosisView
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.plotting.event_markers import Stretch
from mnist_gui.ui.services.panel_protocols import HighlightedUnits, SettingsForm, UnitsPicture
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController

# While a network trains it is judged at most so often, in seconds, and for at most this share of the time.
SECONDS_BETWEEN = 2.0
JUDGING_SHARE = 0.02


class DiagnosisPresenter(QObject):
    """counted(errors): how many errors are found now. error_found(text): one that was not there before. units_shown():
    a person wants to see the units of a finding, which are outlined."""

    counted = Signal(int)
    error_found = Signal(str)
    units_shown = Signal()

    def __init__(
        self,
        run_controller: RunController,
        controls: SettingsForm,
        curves: CurvesView,
        view: DiagnosisView,
        weights: UnitsPicture,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._curves, self._view, self._clock = run_controller, curves, view, clock
        self._weights = weights
        self.proofs = FixPresenter(run_controller, view)
        self.form_check = PreflightPresenter(run_controller, controls, view)
        self._starts: WeakKeyDictionary[Run, Preflight | None] = WeakKeyDictionary()  # None: it could not be measured
        self._preflight = RequestSlot(run_controller.task_runner, "preflight")
        self._diagnosis: Diagnosis | None = None
        self._shown: str | None = None  # the rule whose steps and units a person wants to see
        self._told: set[str] = set()
        self._judged = -1  # steps, when it was last judged
        self._is_broken = False  # a rule failed in this run, which was told
        self._next_time = 0.0
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        run_controller.record_taken.connect(self._on_run_controller_record_taken)
        run_controller.runs_changed.connect(self._on_run_controller_runs_changed)
        run_controller.state_changed.connect(self._refresh_buttons)
        run_controller.dataset_loaded.connect(self._refresh_buttons)
        self.form_check.switched.connect(self._on_form_check_switched)
        self.form_check.found.connect(lambda found: self.counted.emit(_errors(found)))
        view.check_asked.connect(self.form_check.toggle)
        view.shown.connect(self._on_view_shown)
        view.proof_asked.connect(self.prove)
        weights.marks_removed.connect(self._hide)
        self._refresh_buttons()

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What was found last."""
        return self._diagnosis

    @property
    def cause(self) -> str:
        """The cause that was found of steps that are too long, in words; "" where none is known, or a person is to find
        it: of what follows from the rate alone, a run that diverged says more itself."""
        run = self._run_controller.run
        if run is None or run.is_hidden or run not in self._starts or self._diagnosis is None:
            return ""
        causes = (each for each in self._diagnosis.causes if "steps_too_large" in each.cause_of)
        cause = next(causes, None)
        return f"{BY_NAME[cause.rule].title.lower()}. {cause.text}" if cause else ""

    @Slot()
    def _on_form_check_switched(self) -> None:
        """What the form describes is looked at, or the run again."""
        self._refresh_buttons()
        self.counted.emit(0)
        if self.form_check.is_on:
            self._hide()
            self._curves.show_findings([])
        else:
            self._judged, self._next_time = -1, 0.0
            self.refresh()

    # The run that is shown

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        self._preflight.cancel()
        self._diagnosis, self._shown, self._is_broken = None, None, False
        self.form_check.end()
        self._refresh_buttons()
        self._told, self._judged, self._next_time = set(), -1, 0.0
        self._view.show_nothing()
        self._mark()
        self.counted.emit(0)
        if self._run_controller.history.starts:  # a person came back to it
            self._ask_preflight()

    @Slot(object)
    def _on_run_controller_record_taken(self, record: Record) -> None:
        if isinstance(record, RunStarted):
            self._ask_preflight()
        if isinstance(record, RunEnded):
            self._judged, self._next_time = -1, 0.0
            self.refresh()

    def _ask_preflight(self) -> None:
        """From a trainer of its own, as the run's was before its first step."""
        run = self._run_controller.run
        if run is None or run in self._starts:
            return
        config, splits, start = run.begun_as, run.splits, run.start

        def answer(found: Preflight | None) -> None:
            self._starts[run] = found
            if run is self._run_controller.run:
                self._judged, self._next_time = -1, 0.0
                self.refresh()

        def fail(error: BaseException) -> None:
            self._run_controller.failed.emit("The network could not be examined before its run", str(error))
            answer(None)

        self._preflight.ask(lambda: preflight(trainer_for(config, splits, start)), answer, fail)

    @property
    def _start(self) -> Preflight | None:
        run = self._run_controller.run
        return self._starts.get(run) if run else None

    @Slot()
    def _on_run_controller_runs_changed(self) -> None:
        """A mystery may be told now."""
        self._judged = -1

    def refresh(self) -> bool:
        """Judge the run anew, if it has gone on and the time has come; whether it was."""
        history, began = self._run_controller.history, self._clock()
        if self.form_check.is_on and self._run_controller.is_running:
            self.form_check.end()
        is_due = history.last_step != self._judged and began >= self._next_time
        if not history.starts or not is_due or self.form_check.is_on or self._is_broken:
            return False
        self._judged = history.last_step
        try:
            self._judge()
        except Exception as error:  # a rule that fails must not take the window with it, and must be heard of
            logging.getLogger(__name__).exception("the diagnosis failed")
            self._is_broken = True
            self._run_controller.failed.emit("The diagnosis failed", f"{type(error).__name__}: {error}")
        now = self._clock()
        self._next_time = now + max(SECONDS_BETWEEN, (now - began) / JUDGING_SHARE)
        return True

    def _judge(self) -> None:
        run = self._run_controller.run
        assert run
        evidence = Evidence.of(run.history, self._start)
        diagnosis = diagnose(evidence)
        if not run.is_hidden:
            diagnosis = with_repairs(diagnosis, run.begun_as)
        self._diagnosis = diagnosis
        when = f"Run {run.number}, {evidence.steps:,} of {evidence.planned_steps:,} steps."
        harmless = tell(harmless_in(evidence, diagnosis))
        can_prove = self._run_controller.dataset is not None
        self._view.show_diagnosis(
            diagnosis, when, can_show=True, can_prove=can_prove, is_early=evidence.is_early, harmless=harmless
        )
        self._mark()
        if run in self._starts:  # before that, a symptom might be told whose cause is known a moment later
            self.proofs.settle(run, evidence)
            self._tell_errors()

    def _tell_errors(self) -> None:
        assert self._diagnosis
        self.counted.emit(_errors(self._diagnosis))
        for finding in self._diagnosis.causes:
            if finding.severity == "error" and finding.rule not in self._told:
                self._told.add(finding.rule)
                self.error_found.emit(f"{BY_NAME[finding.rule].title}: {finding.text}")

    def _mark(self) -> None:
        """Errors are marks in the curves; what a person wants to see is shaded there, and outlined among the units."""
        diagnosis = self._diagnosis
        causes = diagnosis.causes if diagnosis else ()
        errors = {finding.rule for finding in causes if finding.severity == "error"}
        stretches = [
            Stretch(finding.steps, BY_NAME[finding.rule].title.lower(), is_shaded=finding.rule == self._shown)
            for finding in (diagnosis.findings if diagnosis else ())
            if finding.steps and (finding.rule == self._shown or finding.rule in errors)
        ]
        self._curves.show_findings(stretches)
        shown = diagnosis.finding(self._shown) if diagnosis and self._shown else None
        run = self._run_controller.run
        layers = len(run.begun_as.network.hidden) + 1 if run else 0
        self._weights.show_marked(_marked(shown, layers) if shown else None)
        self._view.mark_shown(self._shown)

    @Slot(str)
    def _on_view_shown(self, rule: str) -> None:
        self._shown = None if rule == self._shown else rule
        self._mark()
        finding = self._diagnosis.finding(rule) if self._diagnosis and self._shown else None
        if finding and finding.units:
            self.units_shown.emit()

    @Slot()
    def _hide(self) -> None:
        """A person has seen enough of a finding."""
        self._shown = None
        self._mark()

    @Slot()
    def _refresh_buttons(self) -> None:
        run = self._run_controller.run
        is_allowed = self._run_controller.dataset is not None and not self._run_controller.is_running
        returns_to = (f"run {run.number}" if run else "the start") if self.form_check.is_on else ""
        self._view.allow_check(is_allowed, returns_to=returns_to)

    @Slot(str)
    def prove(self, rule: str) -> None:
        """Train a network that differs in what the finding proposes, on the same digits and with the same seed."""
        run, diagnosis = self._run_controller.run, self._diagnosis
        finding = diagnosis.finding(rule) if diagnosis else None
        if run and finding and finding.changes:
            self.proofs.begin(run, finding, Evidence.of(run.history, self._start))


def _errors(diagnosis: Diagnosis) -> int:
    """How many of the causes are errors."""
    return sum(finding.severity == "error" for finding in diagnosis.causes)


def _marked(finding: Finding, layers: int) -> HighlightedUnits | None:
    """What to outline for a finding of a network of so many layers; None where it concerns no units in particular."""
    if not finding.units or finding.layer is None:
        return None
    first = "the first " if len(finding.units) == MOST_NAMED else ""
    when = f"step {finding.steps[1]:,}" if finding.steps else "before the first step"
    title = BY_NAME[finding.rule].title
    noun = ("class", "classes") if finding.layer == layers - 1 else ("unit",)
    text = f"Outlined: {first}{counted(len(finding.units), *noun)} ({title.lower()}; {when})"
    return HighlightedUnits(finding.layer, finding.units, text)
