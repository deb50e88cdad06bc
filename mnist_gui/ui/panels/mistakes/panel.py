"""How the panel of mistakes is built."""

from mnist_gui.ui.panels.mistakes.learning_lists import LearningLists
from mnist_gui.ui.panels.mistakes.presenter import MistakesPresenter
from mnist_gui.ui.panels.mistakes.tagged_list import TaggedList
from mnist_gui.ui.panels.mistakes.view import MistakesView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it: the digits, and the lists that others than the answers make."""
    view = MistakesView()
    presenter = MistakesPresenter(view, context.prediction_service, context.digit_selection)
    lists = LearningLists(context.run_controller, context.prediction_service, view)
    TaggedList(context.run_controller, context.tags, view)
    return BuiltPanel(view, presenter, refreshed=(lists,), themed=(view,))
