"""Looking inside the network: hands the weights of the moment and the digits to the panels that show them."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from mnist_gui.data.batches import inputs_of
from mnist_gui.runs.run import Run
from mnist_gui.training.layer_statistics import PROBE
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.units.view import UnitsView
from mnist_gui.ui.services.panel_protocols import SnapshotPanel
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController


class UnitsPresenter(QObject):
    """Fills the panels of units and of weights, at each moment that is looked at."""

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        units: UnitsView,
        weights: SnapshotPanel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._run_controller = run_controller
        self._units = units
        self._panels: tuple[SnapshotPanel, ...] = (units, weights)
        playhead.weights_shown.connect(self._on_playhead_weights_shown)
        playhead.nothing_shown.connect(self._on_playhead_nothing_shown)
        playhead.moment_chosen.connect(self._on_playhead_moment_chosen)

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        for panel in self._panels:
            panel.show_snapshot(snapshot, note, start)

    @Slot()
    def _on_playhead_nothing_shown(self) -> None:
        for panel in self._panels:
            panel.show_nothing()
        run = self._run_controller.run
        self._units.show_probe(_probe(run) if run else None)

    @Slot()
    def _on_playhead_moment_chosen(self) -> None:
        """Draw at once, not at the panel's turn."""
        for panel in self._panels:
            panel.draw_now()


def _probe(run: Run) -> NDArray[np.float32]:
    """Training digits (B, D), scaled as the run's network sees them, to tell which units answer."""
    train = run.splits.train
    return inputs_of(train.images(np.arange(min(PROBE, len(train)))), run.config.data.scaling)
