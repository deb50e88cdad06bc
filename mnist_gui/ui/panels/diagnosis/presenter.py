"""Presenter of Diagnosis: the findings of the shown run, or of the settings in the form before there is a run."""

from PySide6.QtCore import QObject, Slot

from mnist_gui.ui.panels.diagnosis.view import DiagnosisView
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.run_diagnosis import RunDiagnosis


class DiagnosisPresenter(QObject):
    """Between the panel and the diagnosis, which goes on without it."""

    def __init__(self, run_controller: RunController, diagnosis: RunDiagnosis, view: DiagnosisView) -> None:
        super().__init__(view)
        self._run_controller, self._diagnosis, self._view = run_controller, diagnosis, view
        diagnosis.changed.connect(self._show)
        diagnosis.form_check.switched.connect(self._refresh_buttons)
        run_controller.state_changed.connect(self._refresh_buttons)
        run_controller.dataset_loaded.connect(self._refresh_buttons)
        run_controller.run_shown.connect(self._refresh_buttons)
        view.check_asked.connect(diagnosis.form_check.toggle)
        view.shown.connect(diagnosis.show_finding)
        view.proof_asked.connect(diagnosis.prove)
        self._show()
        self._refresh_buttons()

    @Slot()
    def _show(self) -> None:
        report = self._diagnosis.report
        if report.diagnosis is None:
            self._view.show_nothing(report.text)
        else:
            self._view.show_diagnosis(
                report.diagnosis,
                report.text,
                can_show=report.can_show,
                can_prove=report.can_prove,
                is_early=report.is_early,
                harmless=report.harmless,
            )
        self._view.mark_shown(self._diagnosis.shown_rule)
        self._view.show_verdict(self._diagnosis.verdict)

    @Slot()
    def _refresh_buttons(self) -> None:
        run, is_on = self._run_controller.run, self._diagnosis.form_check.is_on
        is_allowed = self._run_controller.dataset is not None and not self._run_controller.is_running
        returns_to = (f"run {run.number}" if run else "the start") if is_on else ""
        self._view.allow_check(is_allowed, returns_to=returns_to)
