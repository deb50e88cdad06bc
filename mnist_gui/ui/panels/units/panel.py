"""How the panel of units is built."""

from mnist_gui.ui.panels.units.presenter import UnitsPresenter
from mnist_gui.ui.panels.units.view import UnitsView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = UnitsView()
    presenter = UnitsPresenter(
        context.run_controller, context.playhead, context.diagnosis, context.unit_selection, view
    )
    return BuiltPanel(view, presenter, refreshed=(view,), themed=(view,))
