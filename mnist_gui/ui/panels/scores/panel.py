"""How the panel of scores is built."""

from mnist_gui.ui.panels.scores.presenter import ScoresPresenter
from mnist_gui.ui.panels.scores.view import ScoresView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = ScoresView()
    presenter = ScoresPresenter(view, context.prediction_service)
    return BuiltPanel(view, presenter, refreshed=(view,), themed=(view,))
