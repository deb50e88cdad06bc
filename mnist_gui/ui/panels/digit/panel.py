"""How the panel of one digit is built."""

from mnist_gui.ui.panels.digit.history_presenter import HistoryPresenter
from mnist_gui.ui.panels.digit.presenter import DigitPresenter
from mnist_gui.ui.panels.digit.tags_presenter import TagsPresenter
from mnist_gui.ui.panels.digit.view import DigitView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it: the digit, the line on how it was learned, and its tags."""
    view = DigitView()
    run_controller, choice = context.run_controller, context.digit_selection
    presenter = DigitPresenter(run_controller, context.playhead, choice, view)
    history = HistoryPresenter(run_controller, context.prediction_service, choice, view, view.history)
    tags = TagsPresenter(run_controller, choice, context.tags, view.tags)
    tags.message.connect(context.show_message)
    return BuiltPanel(view, presenter, refreshed=(presenter, history), themed=(view,), commit=tags.commit)
