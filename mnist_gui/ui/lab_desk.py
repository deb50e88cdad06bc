"""What the lab does: runs posted networks and bugs, draws posted numbers into the curves, begins a mystery."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Slot

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.lab.build import idle
from mnist_gui.lab.cases import case_of
from mnist_gui.lab.faults import FAULTS
from mnist_gui.presets import Preset
from mnist_gui.runs.compare import value_text
from mnist_gui.runs.run import Run
from mnist_gui.settings import SETTINGS
from mnist_gui.ui.bridge import Bridge
from mnist_gui.ui.control_panel import ControlPanel
from mnist_gui.ui.curves_view import CurvesView
from mnist_gui.ui.lab_bugs import HINT
from mnist_gui.ui.lab_mystery import LabMystery
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
        self._needs: tuple[dict[str, str], dict[str, str]] = {}, {}
        self.mystery = LabMystery(bridge, curves, view.bugs, preferences, rng or np.random.default_rng())
        bridge.run_shown.connect(self._on_bridge_run_shown)
        view.cases.run_asked.connect(self.run_preset)
        view.bugs.run_asked.connect(self.run_with)
        view.bugs.mystery_asked.connect(self.begin_mystery)
        view.bugs.remedy_asked.connect(self.make_remedy)
        controls.edited.connect(self.refresh_needs)

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
        fault = self.mystery.draw(config)
        run = self._begin(config.with_settings({"lab.faults": [fault.name]}), is_secret=True)
        if run is not None:
            self.mystery.begin(run, fault)

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
        except ConfigError:  # which the form tells by itself
            return
        needs = {name: need for name, fault in FAULTS.items() if (need := fault.lacks(config))}
        remedies = {name: ", ".join(map(_told, FAULTS[name].remedy(config).items())) for name in needs}
        if (needs, remedies) != self._needs:
            self._needs = needs, remedies
            self._view.bugs.show_needs(needs, remedies)

    @Slot()
    def _on_bridge_run_shown(self) -> None:
        run = self._bridge.run
        case = case_of(run.begun_as) if run else None
        self._view.cases.show_run(case)
        self._curves.show_dots(case.series if case else ())

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


def _told(change: tuple[str, Any]) -> str:
    key, value = change
    return f"Set {SETTINGS[key].label.lower()} to {value_text(value)}"
