"""The check before training: what is known of the network that the form describes without a single step."""

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.config.run_config import ConfigError
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.engine.components import check_size
from mnist_gui.experiments.repairs import with_repairs
from mnist_gui.faults.run_factory import spelled_out, split_dataset, trainer_for
from mnist_gui.ui.panels.diagnosis.view import DiagnosisView
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController

OF_FORM = "The form, before training."


class PreflightPresenter(QObject):
    """While it is on, the panel of the diagnosis is of the form. switched(): it is on or off now. found(diagnosis)."""

    switched = Signal()
    found = Signal(object)

    def __init__(self, run_controller: RunController, controls: SettingsForm, view: DiagnosisView) -> None:
        super().__init__(view)
        self._run_controller, self._controls, self._view = run_controller, controls, view
        self.is_on = False
        self._request_slot = RequestSlot(run_controller.task_runner, "check")
        controls.edited.connect(self.end)
        run_controller.dataset_loaded.connect(self.end)

    @Slot()
    def toggle(self) -> None:
        """Examine what the form describes, without training it; or return from there to the run that is shown."""
        if self.is_on:
            self.end()
            return
        dataset = self._run_controller.dataset
        try:
            config = spelled_out(self._controls.config)
            splits = split_dataset(dataset, config) if dataset else None
            if splits is None:
                return
            check_size(config, splits.inputs, splits.classes)
        except ConfigError as error:
            self._run_controller.failed.emit("These settings cannot be checked", str(error))
            return
        self.is_on = True
        self.switched.emit()
        self._view.show_nothing("Checking the settings of the form...")

        def tell(evidence: Evidence) -> None:
            diagnosis = with_repairs(diagnose(evidence), config)
            self._view.show_diagnosis(diagnosis, OF_FORM, can_show=False, can_prove=False, is_early=True)
            self.found.emit(diagnosis)

        def fail(error: BaseException) -> None:
            self.end()
            self._run_controller.failed.emit("The settings could not be checked", str(error))

        self._request_slot.ask(lambda: examine(trainer_for(config, splits), 0), tell, fail)

    @Slot()
    def end(self) -> None:
        """Return to the run; also because what was found is not true of the form any more."""
        if self.is_on:
            self._request_slot.cancel()
            self.is_on = False
            self._view.show_nothing()
            self.switched.emit()
