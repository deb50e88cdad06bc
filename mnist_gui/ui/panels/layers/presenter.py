"""What the panel of layers shows: the measurements of the run that is shown, over the part that the curves show."""

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
        curves.moment_shown.connect(view.show_moment)
        self._on_run_controller_run_shown()
        view.show_x(*curves.x_part)
        view.show_moment(curves.moment)

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        self._view.show_history(self._run_controller.history)
