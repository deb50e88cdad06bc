"""Presenter of Layers: the measurements of the shown run, over the range of steps that the curves show."""

from PySide6.QtCore import QObject, Slot

from mnist_gui.ui.panels.layers.view import LayersView
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.services.run_controller import RunController


class LayersPresenter(QObject):
    """Between the panel, the run and the curves beside which it is read."""

    def __init__(self, run_controller: RunController, curves: CurvesView, view: LayersView) -> None:
        super().__init__(view)
        self._run_controller, self._view = run_controller, view
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        curves.x_shown.connect(view.show_x)
        curves.step_shown.connect(view.show_step)
        self._on_run_controller_run_shown()
        view.show_x(*curves.x_part)
        view.show_step(curves.shown_step)

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        self._view.show_history(self._run_controller.history)
