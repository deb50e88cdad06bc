"""What the lab does: runs posted networks and bugs, draws posted numbers into the curves, and keeps a mystery."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Slot

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.lab.build import idle
from mnist_gui.lab.cases import case_of
from mnist_gui.lab.fault import Fault
from mnist_gui.lab.faults import FAULTS
from mnist_gui.presets import Preset
from mnist_gui.runs.run import Run
from mnist_gui.ui.bridge import Bridge
from mnist_gui.ui.control_panel import ControlPanel
from mnist_gui.ui.curves_view import CurvesView
from mnist_gui.ui.lab_bugs import HINT
from mnist_gui.ui.lab_view import LabView
from mnist_gui.ui.preferences import Preferences

NO_DIGITS = "There are no digits to train on yet: wait until they are read."


class LabDesk(QObject):
    """rng: draws the hidden bug."""

    def __init__(
        self,
        bridge: Bridge,
        controls: ControlPanel,
        curves: CurvesView,
        view: LabView,
        preferences: Preferences,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__(view)
        self._bridge, self._controls, self._curves, self._view = bridge, controls, curves, view
        self._preferences, self._rng = preferences, rng or np.random.default_rng()
        self._mystery: tuple[Run, Fault] | None = None
        bridge.run_shown.connect(self._on_bridge_run_shown)
        view.cases.run_asked.connect(self.run_preset)
        view.bugs.run_asked.connect(self.run_with)
        view.bugs.mystery_asked.connect(self.begin_mystery)
        view.bugs.guessed.connect(self.guess)
        view.bugs.reset_asked.connect(self._on_bugs_reset_asked)

    @Slot(object)
    def run_preset(self, preset: Preset) -> None:
        """Train a posted network, as it was or repaired, on the digits in use."""
        folder = self._controls.config_folder
        self._begin(preset.config.with_settings({"data.folder": folder}), shows=True)

    @Slot(object)
    def run_with(self, names: Sequence[str]) -> None:
        """Train what the form says with these faults, and no others."""
        config = self._form_config()
        if config is not None:
            config = config.with_settings({"lab.faults": list(names)})
            needs = [f"{title} needs {need}" for title, need in idle(config).items()]
            self._view.bugs.say(f"{'; '.join(needs)}: it changes nothing here." if needs else HINT)
            self._begin(config, shows=True)

    @Slot()
    def begin_mystery(self) -> None:
        """Train what the form says with a fault that is not told."""
        config = self._form_config()
        if config is None:
            return
        config = config.with_settings({"lab.faults": []})
        # What is only another setting would be seen in the table of runs.
        possible = [fault for fault in FAULTS.values() if fault.settings is None and fault.lacks(config) is None]
        fault = possible[int(self._rng.integers(len(possible)))]
        run = self._begin(config.with_settings({"lab.faults": [fault.name]}), is_secret=True)
        if run is not None:
            self._mystery = run, fault
            self._view.bugs.show_mystery(is_open=True)
            self._view.bugs.say("One bug is in this run. Watch it, then say which. The panel Diagnosis may help.")

    @Slot(str)
    def guess(self, name: str) -> None:
        """The person's answer: told whether it is right, with the lines, and counted."""
        if self._mystery is None:
            return
        run, fault = self._mystery
        self._mystery = None
        is_right = name == fault.name
        found, asked = self._preferences.mysteries
        self._preferences.mysteries = found + is_right, asked + 1
        run.is_secret = False
        self._bridge.runs_changed.emit()
        self._view.bugs.show_mystery(is_open=False)
        self._view.bugs.show_fault(fault)
        told = "Right" if is_right else f"No, not {FAULTS[name].title.lower()}"
        self._view.bugs.say(f"{told}: {fault.title.lower()}. {fault.text} Found {found + is_right} of {asked + 1}.")

    @Slot()
    def _on_bugs_reset_asked(self) -> None:
        self._preferences.mysteries = 0, 0
        self._view.bugs.say("The score is 0 of 0.")

    @Slot()
    def _on_bridge_run_shown(self) -> None:
        run = self._bridge.run
        case = case_of(run.begun_as) if run else None
        self._view.cases.show_run(case)
        self._curves.show_dots(case.series if case else ())
        if self._mystery and run is not self._mystery[0]:
            self._mystery[0].is_secret = False
            self._mystery = None
            self._view.bugs.show_mystery(is_open=False)

    def _form_config(self) -> RunConfig | None:
        try:
            return self._controls.config
        except ConfigError as error:
            self._controls.show_error(error)
            return None

    def _begin(self, config: RunConfig, *, is_secret: bool = False, shows: bool = False) -> Run | None:
        """The run that has begun; None if it was refused. shows: whether the form takes its settings."""
        if self._bridge.dataset is None:
            self._view.bugs.say(NO_DIGITS)
            return None
        before = self._bridge.run
        self._bridge.begin(config, is_secret=is_secret)
        run = self._bridge.run
        if run is None or run is before:
            return None
        if shows:
            self._bridge.settings_shown.emit(run.begun_as)
        return run
