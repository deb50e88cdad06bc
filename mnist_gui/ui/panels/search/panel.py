"""How the panel of the search for a fix is built."""

from mnist_gui.ui.panels.search.presenter import SearchPresenter
from mnist_gui.ui.panels.search.view import SearchView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = SearchView()
    presenter = SearchPresenter(context.run_controller, context.form, context.diagnosis, context.processes, view)
    return BuiltPanel(view, presenter, refreshed=(presenter,), themed=(view,), close=presenter.close)
