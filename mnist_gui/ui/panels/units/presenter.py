"""Presenter of Units: the weights of the shown step, and the units that the diagnosis outlines."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from mnist_gui.data.batches import inputs_of
from mnist_gui.runs.run import Run
from mnist_gui.training.layer_statistics import PROBE
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.units.view import UnitsView
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.run_diagnosis import RunDiagnosis
from mnist_gui.ui.services.unit_selection import UnitSelection


class UnitsPresenter(QObject):
    """Follows the playhead and the diagnosis; announces which unit is chosen."""

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        diagnosis: RunDiagnosis,
        unit_selection: UnitSelection,
        view: UnitsView,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._unit_selection, self._view = run_controller, unit_selection, view
        view.unit_chosen.connect(self._on_view_unit_chosen)
        view.marks_removed.connect(diagnosis.hide)
        diagnosis.marked.connect(view.show_marked)
        run_controller.run_shown.connect(self._show_probe)
        playhead.step_chosen.connect(view.draw_now)  # at once, not at the panel's turn
        playhead.subscribe(self._on_playhead_weights_shown, view.show_nothing)
        self._show_probe()
        view.show_marked(diagnosis.highlighted)

    @Slot(int)
    def _on_view_unit_chosen(self, number: int) -> None:
        self._unit_selection.choose(self._view.layer, number)

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        self._view.show_snapshot(snapshot, note, start)

    @Slot()
    def _show_probe(self) -> None:
        run = self._run_controller.run
        self._view.show_probe(_probe(run) if run else None)


def _probe(run: Run) -> NDArray[np.float32]:
    """Training digits (B, D), scaled as the run's network sees them, to tell which units answer."""
    train = run.splits.train
    return inputs_of(train.images(np.arange(min(PROBE, len(train)))), run.config.data.scaling)
