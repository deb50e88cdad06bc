"""How the panel of one unit is built."""

from mnist_gui.ui.panels.unit.presenter import UnitPresenter
from mnist_gui.ui.panels.unit.view import UnitView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it."""
    view = UnitView()
    presenter = UnitPresenter(
        context.run_controller,
        context.playhead,
        context.digit_selection,
        context.unit_selection,
        view,
        context.dialogs,
        context.preferences,
    )
    return BuiltPanel(view, presenter, refreshed=(presenter,), themed=(view,))
