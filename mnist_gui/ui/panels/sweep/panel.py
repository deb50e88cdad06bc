"""How the panel of sweeps is built."""

from mnist_gui.ui.panels.sweep.presenter import SweepPresenter
from mnist_gui.ui.panels.sweep.view import SweepView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = SweepView()
    presenter = SweepPresenter(
        context.run_controller, context.form, context.processes, view, context.dialogs, context.preferences
    )
    return BuiltPanel(view, presenter, refreshed=(presenter,), themed=(view,), close=presenter.close)
