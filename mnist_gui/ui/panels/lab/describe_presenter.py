"""From a description to a run, and from its diagnosis back to what its author sees."""

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.casebook.description import Built, Description, DescriptionError, build
from mnist_gui.casebook.symptoms import describe_run, describe_symptom
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.runs.run import Run
from mnist_gui.ui.panels.lab.describe_page import DescribePage
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.run_controller import RunController, RunState
from mnist_gui.ui.services.run_diagnosis import RunDiagnosis
from mnist_gui.ui.shell.preferences import Preferences


class DescribePresenter(QObject):
    """panel_wanted(title): the user wants to see more, in this dock. search_wanted(): and what would help."""

    panel_wanted = Signal(str)
    search_wanted = Signal()

    def __init__(
        self,
        run_controller: RunController,
        controls: SettingsForm,
        diagnosis: RunDiagnosis,
        view: DescribePage,
        preferences: Preferences,
    ) -> None:
        super().__init__(view)
        self._preferences = preferences
        view.show_description(preferences.description)
        self._run_controller, self._controls, self._diagnosis, self._view = run_controller, controls, diagnosis, view
        self._built: Built | None = None
        self._run: Run | None = None
        view.build_asked.connect(self.build)
        view.diagnosis_asked.connect(lambda: self.panel_wanted.emit("Diagnosis"))
        view.search_asked.connect(lambda: self.panel_wanted.emit("Search"))
        view.search_asked.connect(self.search_wanted)
        view.symptom_changed.connect(self._show_judgement)
        diagnosis.counted.connect(self._show_judgement)
        run_controller.run_shown.connect(self._on_run_controller_run_shown)

    @Slot(object)
    def build(self, description: Description) -> None:
        """Train the network that is described, as a new one."""
        dataset, before = self._run_controller.dataset, self._run_controller.run
        if dataset is None:
            return
        self._preferences.description = description
        rows, columns = dataset.image_shape
        try:
            built = build(description, rows * columns, dataset.classes)
        except DescriptionError as error:
            self._view.show_error(error)
            return
        self._run, self._built = None, built
        self._view.show_answer("", ())
        self._run_controller.begin(built.config.with_settings({"data.folder": self._controls.config_folder}))
        run = self._run_controller.run
        if run is None or run is before:
            return  # refused, and said why
        self._run = run
        self._run_controller.settings_shown.emit(run.begun_as)

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        """What is said is said of one run, and again when the user comes back to it."""
        if self._run is not None and self._run_controller.run is not self._run:
            self._view.show_answer("", ())

    @Slot()
    def _show_judgement(self) -> None:
        """Hold the run as it is judged now against what its author sees."""
        run, diagnosis = self._run, self._diagnosis.diagnosis
        if run is None or run is not self._run_controller.run or diagnosis is None or not run.history.starts:
            return
        assert self._built
        evidence, classes = Evidence.of(run.history, None), len(run.splits.class_names)
        symptom = self._view.symptom
        if not evidence.epochs and self._run_controller.state is RunState.TRAINING:
            return  # too early to say what it comes to
        parts = evidence, diagnosis, classes
        text = describe_symptom(symptom, *parts) if symptom else describe_run(*parts)
        self._view.show_answer(f"{_so_far(evidence)} {text}", self._built.notes)


def _so_far(evidence: Evidence) -> str:
    done, planned = len(evidence.epochs), evidence.planned_steps // evidence.steps_per_epoch
    return f"After {done:,} of {planned:,} passes:"
