"""Presenter of Lab: runs posted networks and classic bugs, draws posted numbers into the curves, hides a bug."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Slot

from mnist_gui.config.presets import Preset
from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.data.split_sizes import split_sizes
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import idle
from mnist_gui.runs.run import Run
from mnist_gui.runs.run_differences import value_text
from mnist_gui.ui.panels.lab.faults_page import HINT
from mnist_gui.ui.panels.lab.hidden_fault import HiddenFaultPresenter
from mnist_gui.ui.panels.lab.view import LabView
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.posted_numbers import PostedNumbers
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.shell.preferences import Preferences

NOT_HIDDEN = (
    "None of the ticked bugs can be hidden: each is a setting of the form, or changes nothing with the others. Untick "
    "them to have any."
)
NEEDS_MNIST = (
    "Posted networks are trained on the digits of MNIST, which has 60,000 for training and 10,000 to test; here are "
    "{train:,} and {test:,}. File > Use the bundled MNIST has them."
)
NO_DIGITS = "There are no digits to train on yet: wait until they are read."


class LabPresenter(QObject):
    """Begins runs, and makes settings in the form. mystery: of the hidden bug."""

    def __init__(
        self,
        run_controller: RunController,
        controls: SettingsForm,
        curves: CurvesView,
        posted: PostedNumbers,
        view: LabView,
        preferences: Preferences,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._controls, self._posted, self._view = run_controller, controls, posted, view
        self._needs: tuple[dict[str, str], dict[str, str]] = {}, {}
        self.hidden_fault = HiddenFaultPresenter(run_controller, curves, view.bugs, preferences)
        posted.changed.connect(self._show_posted)
        view.cases.run_asked.connect(self.run_preset)
        view.bugs.run_asked.connect(self.run_with)
        view.bugs.hidden_fault_asked.connect(self.begin_hidden_fault)
        view.bugs.remedy_asked.connect(self.make_remedy)
        controls.edited.connect(self.refresh_needs)
        self._show_posted()
        self.refresh_needs()

    @Slot(object)
    def run_preset(self, preset: Preset) -> None:
        """Train a posted network, as it was or repaired, on the digits in use."""
        dataset, config = self._run_controller.dataset, preset.config
        if dataset:
            train, test = len(dataset.train_labels), len(dataset.test_labels)
            try:
                split_sizes(config.data, train, test)
            except ConfigError as error:
                text = f"{NEEDS_MNIST.format(train=train, test=test)}\n\n{error}"
                self._run_controller.failed.emit(f"{preset.title}: too few digits", text)
                return
        self._begin(config.with_settings({"data.folder": self._controls.config_folder}), shows=True)

    @Slot(object)
    def run_with(self, names: Sequence[str]) -> None:
        """Train what the form says with these faults, and no others."""
        config = self._form_config()
        if config is not None:
            config = config.with_settings({"lab.faults": list(names)})
            needs = [f"{title} needs {need}" for title, need in idle(config).items()]
            self._view.bugs.show_caption(f"{'; '.join(needs)}: it has no effect here." if needs else HINT)
            self._begin(config, shows=True)

    @Slot()
    def begin_hidden_fault(self) -> None:
        """Train what the form says with a fault that is not shown: one of those that are ticked, if any are."""
        config = self._form_config()
        if config is None:
            return
        config = config.with_settings({"lab.faults": []})
        fault = self.hidden_fault.draw(config, self._view.bugs.ticked)
        if fault is None:
            self._view.bugs.show_caption(NOT_HIDDEN)
            return
        run = self._begin(config.with_settings({"lab.faults": [fault.name]}), is_hidden=True)
        if run is not None:
            self.hidden_fault.begin(run, fault)

    @Slot(str)
    def make_remedy(self, name: str) -> None:
        """Make in the form the setting that a fault needs to change anything."""
        config = self._form_config()
        if config is not None:
            self._controls.show_config(config.with_settings(FAULTS[name].remedy(config)))

    @Slot()
    def refresh_needs(self) -> None:
        """Say in the list which faults would change nothing in what the form describes."""
        try:
            config = self._controls.config
        except ConfigError:  # which the form says itself
            return
        needs = {name: need for name, fault in FAULTS.items() if (need := fault.lacks(config))}
        remedies = {name: ", ".join(map(_describe_change, FAULTS[name].remedy(config).items())) for name in needs}
        if (needs, remedies) != self._needs:
            self._needs = needs, remedies
            self._view.bugs.show_needs(needs, remedies)

    @Slot()
    def _show_posted(self) -> None:
        self._view.cases.show_run(self._posted.case, self._posted.later)

    def _form_config(self) -> RunConfig | None:
        try:
            return self._controls.config
        except ConfigError as error:
            self._controls.show_error(error)
            return None

    def _begin(self, config: RunConfig, *, is_hidden: bool = False, shows: bool = False) -> Run | None:
        """The run that has begun; None if it was refused. shows: whether the form takes its settings."""
        if self._run_controller.dataset is None:
            self._view.bugs.show_caption(NO_DIGITS)
            return None
        before = self._run_controller.run
        self._run_controller.begin(config, is_hidden=is_hidden)
        run = self._run_controller.run
        if run is None or run is before:
            return None
        if shows:
            self._run_controller.settings_shown.emit(run.begun_as)
        return run


def _describe_change(change: tuple[str, Any]) -> str:
    key, value = change
    return f"Set {SETTINGS[key].label.lower()} to {value_text(value)}"
