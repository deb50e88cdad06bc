"""How the panel of the lab is built."""

from mnist_gui.ui.panels.lab.describe_presenter import DescribePresenter
from mnist_gui.ui.panels.lab.presenter import LabPresenter
from mnist_gui.ui.panels.lab.view import LabView
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext


def build(context: PanelContext) -> BuiltPanel:
    """The panel with what fills it: posted networks and faults, and a network by its description."""
    view = LabView()
    run_controller, form, preferences = context.run_controller, context.form, context.preferences
    presenter = LabPresenter(run_controller, form, context.curves, context.posted_numbers, view, preferences)
    presenter.hidden_fault.message.connect(context.show_message)
    describe = DescribePresenter(run_controller, form, context.diagnosis, view.describe, preferences)
    describe.panel_wanted.connect(context.bring)
    describe.search_wanted.connect(context.processes.search_wanted)
    return BuiltPanel(view, presenter, themed=(view,))
