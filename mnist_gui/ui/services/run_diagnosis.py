"""Judges the run that is shown, whether its panel is there or not: marks in the curves, the count of errors, proofs."""

import logging
from collections.abc import Callable
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.diagnosis.findings import Diagnosis
from mnist_gui.runs.run import Run
from mnist_gui.training.records import Record, RunEnded, RunStarted
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.services.diagnosis_report import DiagnosisReport
from mnist_gui.ui.services.form_check import FormCheck
from mnist_gui.ui.services.panel_protocols import HighlightedUnits, SettingsForm
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController

if TYPE_CHECKING:
    from mnist_gui.diagnosis.preflight import Preflight
    from mnist_gui.ui.services.fix_proofs import FixProofs

# While a network trains it is judged at most so often, in seconds, and for at most this share of the time.
SECONDS_BETWEEN = 2.0
JUDGING_SHARE = 0.02


class RunDiagnosis(QObject):
    """changed(): `report`, `verdict` or `shown_rule` is another one. counted(errors): how many errors are found now.
    error_found(text): one that was not there before. marked(units): which to outline, None for none. units_shown(): the
    user wants to see them. proof_begun(run): the run before, to be seen behind the one that proves a change.
    """

    changed = Signal()
    counted = Signal(int)
    error_found = Signal(str)
    marked = Signal(object)
    units_shown = Signal()
    proof_begun = Signal(object)

    def __init__(
        self,
        run_controller: RunController,
        form: SettingsForm,
        curves: CurvesView,
        parent: QObject,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        super().__init__(parent)
        self._run_controller, self._curves, self._clock = run_controller, curves, clock
        self.report = DiagnosisReport()
        self.verdict = ""
        self.shown_rule: str | None = None  # whose steps and units the user wants to see
        self.highlighted: HighlightedUnits | None = None
        self.form_check = FormCheck(run_controller, form, self)
        self._starts: WeakKeyDictionary[Run, Preflight | None] = WeakKeyDictionary()  # None: it could not be measured
        self._preflight = RequestSlot(run_controller.task_runner, "preflight")
        self._diagnosis: Diagnosis | None = None
        self._told: set[str] = set()
        self._judged = -1  # steps, when it was last judged
        self._is_broken = False  # a rule failed in this run, which was reported
        self._next_time = 0.0
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        run_controller.record_taken.connect(self._on_run_controller_record_taken)
        run_controller.runs_changed.connect(self._on_run_controller_runs_changed)
        self.form_check.switched.connect(self._on_form_check_switched)
        self.form_check.reported.connect(self._on_form_check_reported)

    @cached_property
    def proofs(self) -> "FixProofs":
        """Those of the session, made when one is first wanted."""
        from mnist_gui.ui.services.fix_proofs import FixProofs

        proofs = FixProofs(self._run_controller, self)
        proofs.begun.connect(self.proof_begun)
        proofs.message.connect(self._on_proofs_message)
        return proofs

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What was found last in the run that is shown."""
        return self._diagnosis

    @property
    def cause(self) -> str:
        """The cause that was found of steps that are too long, in words; "" where none is known, or the user is to find
        it: of what follows from the rate alone, a run that diverged says more itself."""
        run = self._run_controller.run
        if run is None or run.is_hidden or run not in self._starts or self._diagnosis is None:
            return ""
        from mnist_gui.ui.services import judgement

        return judgement.cause_of_divergence(self._diagnosis)

    # The form

    @Slot()
    def _on_form_check_switched(self) -> None:
        """What the form describes is looked at, or the run again."""
        self.counted.emit(0)
        if self.form_check.is_on:
            self.hide()
            self._curves.show_findings([])
        else:
            self._judged, self._next_time = -1, 0.0
            self.refresh()

    @Slot(object)
    def _on_form_check_reported(self, report: DiagnosisReport) -> None:
        self._show(report)
        if report.diagnosis is not None:
            self.counted.emit(report.errors)

    # The run that is shown

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        self._preflight.cancel()
        self._diagnosis, self.shown_rule, self._is_broken = None, None, False
        self.form_check.end()
        self._told, self._judged, self._next_time = set(), -1, 0.0
        self._show(DiagnosisReport())
        self._mark()
        self.counted.emit(0)
        if self._run_controller.history.starts:  # the user came back to it
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
        from mnist_gui.ui.services import judgement

        config, splits, start = run.begun_as, run.splits, run.start

        def answer(found: "Preflight | None") -> None:
            self._starts[run] = found
            if run is self._run_controller.run:
                self._judged, self._next_time = -1, 0.0
                self.refresh()

        def fail(error: BaseException) -> None:
            self._run_controller.failed.emit("The network could not be examined before its run", str(error))
            answer(None)

        self._preflight.ask(lambda: judgement.measured_start(config, splits, start), answer, fail)

    @Slot()
    def _on_run_controller_runs_changed(self) -> None:
        """A hidden fault may be shown now."""
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
        from mnist_gui.ui.services import judgement

        run = self._run_controller.run
        assert run
        evidence = judgement.Evidence.of(run.history, self._starts.get(run))
        report = judgement.report_on_run(run, evidence, can_prove=self._run_controller.dataset is not None)
        self._diagnosis = report.diagnosis
        self._show(report)
        self._mark()
        if run in self._starts:  # before that, a symptom might be shown whose cause is known a moment later
            if "proofs" in vars(self):
                self.proofs.settle(run, evidence)
            self._report_errors(report)

    def _show(self, report: DiagnosisReport) -> None:
        self.report = report
        if report.diagnosis is None:
            self.verdict = ""
        self.changed.emit()

    def _report_errors(self, report: DiagnosisReport) -> None:
        from mnist_gui.ui.services import judgement

        self.counted.emit(report.errors)
        for finding in report.diagnosis.causes if report.diagnosis else ():
            if finding.severity == "error" and finding.rule not in self._told:
                self._told.add(finding.rule)
                self.error_found.emit(judgement.titled(finding))

    # What the user wants to see of it

    def _mark(self) -> None:
        """Errors are marks in the curves; what the user wants to see is shaded there, and outlined among the units."""
        diagnosis, run = self._diagnosis, self._run_controller.run
        self.highlighted = None
        if diagnosis is None or run is None:
            self._curves.show_findings([])
        else:
            from mnist_gui.ui.services import judgement

            self._curves.show_findings(judgement.stretches(diagnosis, self.shown_rule))
            shown = diagnosis.finding(self.shown_rule) if self.shown_rule else None
            layers = len(run.begun_as.network.hidden) + 1
            self.highlighted = judgement.highlighted(shown, layers) if shown else None
        self.marked.emit(self.highlighted)

    @Slot(str)
    def show_finding(self, rule: str) -> None:
        """Shade and outline what a rule found, or no longer."""
        self.shown_rule = None if rule == self.shown_rule else rule
        self._mark()
        self.changed.emit()
        finding = self._diagnosis.finding(rule) if self._diagnosis and self.shown_rule else None
        if finding and finding.units:
            self.units_shown.emit()

    @Slot()
    def hide(self) -> None:
        """The user has seen enough of a finding."""
        self.shown_rule = None
        self._mark()
        self.changed.emit()

    # Proofs

    @Slot(str)
    def prove(self, rule: str) -> None:
        """Train a network that differs in what the finding proposes, on the same digits and with the same seed."""
        run, diagnosis = self._run_controller.run, self._diagnosis
        finding = diagnosis.finding(rule) if diagnosis else None
        if run and finding and finding.changes:
            from mnist_gui.ui.services import judgement

            self.proofs.begin(run, finding, judgement.Evidence.of(run.history, self._starts.get(run)))

    @Slot(str)
    def _on_proofs_message(self, verdict: str) -> None:
        self.verdict = verdict
        self.changed.emit()
