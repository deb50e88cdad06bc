"""Live loss and accuracy, one above the other. A single plot is run_plot's."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from mnist_gui.casebook.posted_networks import Series
from mnist_gui.training.history import History
from mnist_gui.ui.plotting.event_markers import Stretch
from mnist_gui.ui.plotting.overlay_legend import OverlayLegend
from mnist_gui.ui.plotting.overlay_runs import OverlayRun
from mnist_gui.ui.plotting.run_plot import RunPlot
from mnist_gui.ui.plotting.x_axis import UNITS, Unit
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox
from mnist_gui.ui.widgets.theme import Theme


class CurvesView(QWidget):
    """Two plots over the same part of a run: loss and accuracy, of training minibatches and of validation.

    step_chosen(step): the user clicked at this step. x_shown(unit, range): what the x axis counts, and how much of it
    the user has put into sight, None for all. step_shown(step): this step is pinned; None: the newest.
    """

    step_chosen = Signal(int)
    x_shown = Signal(str, object)
    step_shown = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curves")
        self.setAccessibleName("Curves of loss and accuracy")
        self.loss = RunPlot(
            "Loss",
            lambda history: history.losses,
            lambda epoch: epoch.validation_loss,
            note_of=_describe_penalty,
            can_be_log=True,
        )
        self.accuracy = RunPlot(
            "Accuracy",
            lambda history: history.accuracies,
            lambda epoch: epoch.validation_accuracy,
            percent=True,
        )
        self._unit = NoWheelComboBox()
        self._unit.setObjectName("x_unit")
        self._unit.setAccessibleName("Unit of the x axis")
        self._unit.setToolTip("What the curves are drawn over: epochs, steps (minibatches), or seconds of training")
        for unit in UNITS:
            self._unit.addItem("over " + unit.removesuffix("s") + "s", unit)
        self._unit.currentIndexChanged.connect(self._on_unit_current_index_changed)
        self._follow = QPushButton("Follow")
        self._follow.setObjectName("follow")
        self._follow.setToolTip("Let the axes go along with the run again, instead of staying where you put them")
        self._follow.setVisible(False)
        self._follow.clicked.connect(self._on_follow_clicked)
        for widget in (self._follow, self._unit):
            self.loss.header.addWidget(widget)
        for plot in self.plots:
            plot.zoomed.connect(self._on_plot_zoomed)
            plot.pointed_at.connect(self._on_plot_pointed_at)
            plot.chosen.connect(self.step_chosen)
        self._legend = OverlayLegend()
        self.loss.below_header.addWidget(self._legend)
        self._ghosts: tuple[OverlayRun, ...] = ()
        self._findings: tuple[Stretch, ...] = ()
        self._is_discreet = False
        self._shown_step: int | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(2)
        layout.addWidget(self.loss, 1)
        layout.addWidget(self.accuracy, 1)

    @property
    def plots(self) -> tuple[RunPlot, RunPlot]:
        """Both plots, top first."""
        return self.loss, self.accuracy

    @property
    def x_part(self) -> tuple[Unit, tuple[float, float] | None]:
        """What the curves are drawn over, and the part of it that is shown, None: as much as there is."""
        return UNITS[self._unit.currentIndex()], None if self.loss.follows else self.loss.x_range

    @property
    def shown_step(self) -> int | None:
        """The step that is pinned; None: the newest one."""
        return self._shown_step

    def show_history(self, history: History) -> None:
        """Draw this history from now on, at its newest step. Ghosts stay."""
        self._on_follow_clicked()
        for plot in self.plots:
            plot.show_pointed(None)
            plot.show_step(None)
            plot.show_history(history)

    def show_ghosts(self, ghosts: Sequence[OverlayRun]) -> None:
        """Draw these other runs behind the curves, with a legend, instead of those there are."""
        if self._ghosts == tuple(ghosts):
            return
        self._ghosts = tuple(ghosts)
        self._legend.show_ghosts(self._ghosts)
        for plot in self.plots:
            plot.show_ghosts(self._ghosts)

    def show_findings(self, findings: Sequence[Stretch]) -> None:
        """Mark or shade where findings of the diagnosis show, instead of those there are."""
        self._findings = tuple(findings)
        shown = tuple(each for each in findings if each.is_shaded or not self._is_discreet)
        for plot in self.plots:
            plot.show_findings(shown)

    def be_discreet(self, is_discreet: bool) -> None:
        """Whether to show no finding but those that the user has asked to see: while a bug is to be found."""
        self._is_discreet = is_discreet
        self.show_findings(self._findings)

    def show_dots(self, series: Sequence[Series]) -> None:
        """Draw these posted numbers as dots on the curves that they belong to, instead of those there are."""
        for plot, quantity in ((self.loss, "loss"), (self.accuracy, "accuracy")):
            plot.show_dots([each for each in series if each.curve.endswith(quantity)])

    def show_step(self, step: int | None) -> None:
        """Pin this step: a line at it, and its values where the mouse is over no other; None: the newest step."""
        self._shown_step = step
        for plot in self.plots:
            plot.show_step(step)
        self.step_shown.emit(step)

    def announce(self, text: str) -> None:
        """Tell those who cannot see the plots how the run goes, through their screen reader."""
        self.setAccessibleDescription(text)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._legend.show_theme(theme)
        for plot in self.plots:
            plot.show_theme(theme)

    @Slot(int)
    def _on_unit_current_index_changed(self, index: int) -> None:
        for plot in self.plots:
            plot.show_pointed(None)
            plot.show_unit(UNITS[index])
        self._emit_x()

    @Slot(object)
    def _on_plot_zoomed(self, x_range: tuple[float, float] | None) -> None:
        """Both plots show the same part of the run; where the user put them, they stay."""
        if x_range is None:
            self._on_follow_clicked()
            return
        self._follow.setVisible(True)
        for plot in self.plots:
            plot.follow(False)
            if plot is not self.sender():
                plot.show_x_range(x_range)
        self._emit_x()

    @Slot()
    def _on_follow_clicked(self) -> None:
        self._follow.setVisible(False)
        for plot in self.plots:
            plot.follow(True)
        self._emit_x()

    def _emit_x(self) -> None:
        self.x_shown.emit(*self.x_part)

    @Slot(object)
    def _on_plot_pointed_at(self, step: int | None) -> None:
        for plot in self.plots:
            plot.show_pointed(step)


def _describe_penalty(history: History) -> str:
    """What the L2 penalty adds to the losses, which are drawn without it."""
    penalty = history.epochs[-1].penalty if history.epochs else 0.0
    return f"+ penalty {penalty:.4f}" if penalty else ""
