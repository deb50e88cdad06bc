"""How the panel of the diagnosis is built."""

from mnist_gui.ui.panels.diagnosis.presenter import DiagnosisPresenter
from mnist_gui.ui.panels.diagnosis.view import DiagnosisView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = DiagnosisView()
    presenter = DiagnosisPresenter(context.run_controller, context.diagnosis, view)
    return BuiltPanel(view, presenter, themed=(view,))
