"""How the panel of layers is built."""

from mnist_gui.ui.panels.layers.presenter import LayersPresenter
from mnist_gui.ui.panels.layers.view import LayersView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = LayersView()
    presenter = LayersPresenter(context.run_controller, context.curves, view)
    return BuiltPanel(view, presenter, refreshed=(view,), themed=(view,))
