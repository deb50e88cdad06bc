"""The windows beside the window: the gradient check and the preview of distortions."""

from functools import cached_property
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import check_size
from mnist_gui.engine.gradient_check import Cancelled
from mnist_gui.faults.run_factory import parts_of, resolve_faults, split_dataset
from mnist_gui.training.gradient_check import check_gradient
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.augmentation_preview import AugmentationPreview, distorted_digits
from mnist_gui.ui.shell.gradient_check_dialog import GradientCheckDialog


class ToolWindows(QObject):
    """Opens them, asks the helper thread for what they show and fills them."""

    def __init__(
        self, run_controller: RunController, actions: Actions, controls: SettingsForm, window: QWidget
    ) -> None:
        super().__init__(window)
        self._run_controller, self._controls = run_controller, controls
        self._window = window
        self._seed = 0
        self._is_check_wanted = False
        actions.check_gradient.triggered.connect(self._on_check_gradient_triggered)
        actions.preview_distortions.triggered.connect(self._on_preview_distortions_triggered)
        controls.edited.connect(self._on_controls_edited)

    @cached_property
    def gradient(self) -> GradientCheckDialog:
        """The window of the gradient check, made when it is first wanted."""
        view = GradientCheckDialog(self._window)
        view.asked_again.connect(self._on_check_gradient_triggered)
        view.finished.connect(self._on_gradient_finished)
        return view

    @cached_property
    def distortions(self) -> AugmentationPreview:
        """The window of the preview, made when it is first wanted."""
        view = AugmentationPreview(self._window)
        view.asked_again.connect(self._on_distortions_asked_again)
        return view

    def _config(self) -> RunConfig | None:
        try:
            return self._controls.config
        except ConfigError as error:
            self._controls.show_error(error)
            return None

    def _request(self, topic: str, work: Any, answer: Any, title: str) -> None:
        def failure(error: BaseException) -> None:
            if not isinstance(error, Cancelled):
                self._run_controller.failed.emit(title, str(error))

        self._run_controller.task_runner.request(topic, work, answer, failure)

    @Slot()
    def _on_check_gradient_triggered(self) -> None:
        """Of the network that is there, else of the one that the form describes."""
        snapshot, splits, dataset = self._run_controller.best, self._run_controller.splits, self._run_controller.dataset
        asked = snapshot.config if snapshot else self._config()
        if asked is None or dataset is None:
            return
        config = resolve_faults(asked)

        def work() -> Any:
            digits: Splits = splits if snapshot and splits else split_dataset(dataset, config)
            check_size(config, digits.inputs, digits.classes)
            return check_gradient(config, digits, snapshot, self._is_check_unwanted, parts_of(config))

        self._is_check_wanted = True
        self.gradient.show_checking(_describe(config, snapshot))
        self._request("gradient check", work, self.gradient.show_checks, "The gradient could not be checked")

    def _is_check_unwanted(self) -> bool:
        """Asked in the helper thread."""
        return not self._is_check_wanted or self._run_controller.task_runner.should_cancel()

    @Slot()
    def _on_gradient_finished(self) -> None:
        self._is_check_wanted = False

    @Slot()
    def _on_preview_distortions_triggered(self) -> None:
        self.distortions.show()
        self._preview()

    @Slot()
    def _on_distortions_asked_again(self) -> None:
        self._seed += 1
        self._preview()

    @Slot()
    def _on_controls_edited(self) -> None:
        if "distortions" in self.__dict__ and self.distortions.isVisible():
            self._preview()

    def _preview(self) -> None:
        config, dataset, seed = self._config(), self._run_controller.dataset, self._seed
        if config is None or dataset is None:
            return

        def work() -> Any:
            return distorted_digits(dataset, config.augmentation, np.random.default_rng(seed))

        self._request("distortions", work, self.distortions.show_digits, "The distortions cannot be shown")


def _describe(config: RunConfig, snapshot: Snapshot | None) -> str:
    if snapshot is None:
        return "a new network, as the form says, before its first step"
    return f"the network that was trained, weights of epoch {snapshot.epoch}"
