"""Presenter of Weights: histograms of the weights of the shown step."""

from PySide6.QtCore import QObject, Slot

from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.weights.view import WeightsView
from mnist_gui.ui.services.playhead import Playhead


class WeightsPresenter(QObject):
    """Follows the playhead."""

    def __init__(self, playhead: Playhead, view: WeightsView) -> None:
        super().__init__(view)
        self._view = view
        playhead.step_chosen.connect(view.draw_now)  # at once, not at the panel's turn
        playhead.subscribe(self._on_playhead_weights_shown, view.show_nothing)

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        self._view.show_snapshot(snapshot, note, start)
