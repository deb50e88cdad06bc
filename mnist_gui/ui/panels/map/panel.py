"""How the panel of the map is built."""

from mnist_gui.ui.panels.map.presenter import MapPresenter
from mnist_gui.ui.panels.map.view import MapView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = MapView()
    presenter = MapPresenter(context.run_controller, context.playhead, context.digit_selection, view)
    return BuiltPanel(view, presenter, refreshed=(presenter,), themed=(view,))
