"""How the panel of runs is built."""

from mnist_gui.ui.panels.runs.presenter import RunsPresenter
from mnist_gui.ui.panels.runs.view import RunsView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = RunsView()
    presenter = RunsPresenter(context.run_controller, context.overlays, context.form, view)
    return BuiltPanel(view, presenter, refreshed=(presenter,))
