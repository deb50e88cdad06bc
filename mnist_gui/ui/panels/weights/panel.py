"""How the panel of weights is built."""

from mnist_gui.ui.panels.weights.presenter import WeightsPresenter
from mnist_gui.ui.panels.weights.view import WeightsView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = WeightsView()
    presenter = WeightsPresenter(context.playhead, view)
    return BuiltPanel(view, presenter, refreshed=(view,), themed=(view,))
