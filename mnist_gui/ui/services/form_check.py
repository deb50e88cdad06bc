"""The check before training: what is known of the network that the form describes without a single step."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.config.run_config import ConfigError
from mnist_gui.engine.components import check_size
from mnist_gui.faults.run_factory import resolve_faults, split_dataset
from mnist_gui.ui.services.diagnosis_report import DiagnosisReport
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController

if TYPE_CHECKING:
    from mnist_gui.diagnosis.evidence import Evidence


class FormCheck(QObject):
    """While it is on, the diagnosis is of the form. switched(): it is on or off now. reported(report): what to show."""

    switched = Signal()
    reported = Signal(object)

    def __init__(self, run_controller: RunController, form: SettingsForm, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller, self._form = run_controller, form
        self.is_on = False
        self._request_slot = RequestSlot(run_controller.task_runner, "check")
        form.edited.connect(self.end)
        run_controller.dataset_loaded.connect(self.end)

    @Slot()
    def toggle(self) -> None:
        """Examine what the form describes, without training it; or return from there to the run that is shown."""
        if self.is_on:
            self.end()
            return
        dataset = self._run_controller.dataset
        try:
            config = resolve_faults(self._form.config)
            splits = split_dataset(dataset, config) if dataset else None
            if splits is None:
                return
            check_size(config, splits.inputs, splits.classes)
        except ConfigError as error:
            self._run_controller.failed.emit("These settings cannot be checked", str(error))
            return
        self.is_on = True
        self.switched.emit()
        self.reported.emit(DiagnosisReport(text="Checking the settings of the form..."))
        from mnist_gui.ui.services import judgement

        def answer(evidence: "Evidence") -> None:
            self.reported.emit(judgement.report_on_form(evidence, config))

        def fail(error: BaseException) -> None:
            self.end()
            self._run_controller.failed.emit("The settings could not be checked", str(error))

        self._request_slot.ask(lambda: judgement.evidence_of_form(config, splits), answer, fail)

    @Slot()
    def end(self) -> None:
        """Return to the run; also because what was found is not true of the form any more."""
        if self.is_on:
            self._request_slot.cancel()
            self.is_on = False
            self.reported.emit(DiagnosisReport())
            self.switched.emit()
