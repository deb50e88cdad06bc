"""How the panel for drawings is built."""

from mnist_gui.ui.panels.draw.presenter import DrawPresenter
from mnist_gui.ui.panels.draw.test_set_presenter import TestSetPresenter
from mnist_gui.ui.panels.draw.view import DrawView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it: the drawing, and the user's own test digits."""
    view = DrawView()
    run_controller, playhead = context.run_controller, context.playhead
    presenter = DrawPresenter(run_controller, playhead, view, context.dialogs, context.preferences)
    test_set = TestSetPresenter(run_controller, playhead, context.user_digits, presenter, view)
    return BuiltPanel(view, presenter, refreshed=(presenter, test_set), themed=(view,))
