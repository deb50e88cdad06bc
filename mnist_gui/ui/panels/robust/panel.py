"""How the panel of disturbed digits is built."""

from mnist_gui.ui.panels.robust.presenter import RobustPresenter
from mnist_gui.ui.panels.robust.view import RobustView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = RobustView()
    presenter = RobustPresenter(
        context.run_controller, context.playhead, context.digit_selection, context.prediction_service, view
    )
    return BuiltPanel(view, presenter, refreshed=(presenter,), themed=(view,))
