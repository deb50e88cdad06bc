"""A window with few of the panels, for tests of what a panel shows: a tenth of the whole window, which takes as long to
build as a small network to train. What is there is the program's own, under the names that it has in `MainWindow`.
That the whole window puts it together in this way is for tests of the whole window."""

from collections.abc import Callable, Iterator
from functools import cached_property

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QVBoxLayout, QWidget

from mnist_gui.config.run_config import RunConfig
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.controls.presenter import ControlsPresenter
from mnist_gui.ui.panels.controls.view import ControlsView
from mnist_gui.ui.panels.diagnosis.presenter import DiagnosisPresenter
from mnist_gui.ui.panels.diagnosis.view import DiagnosisView
from mnist_gui.ui.panels.digit.presenter import DigitPresenter
from mnist_gui.ui.panels.digit.tags_presenter import TagsPresenter
from mnist_gui.ui.panels.digit.view import DigitView
from mnist_gui.ui.panels.draw.presenter import DrawPresenter
from mnist_gui.ui.panels.draw.test_set_presenter import TestSetPresenter
from mnist_gui.ui.panels.draw.view import DrawView
from mnist_gui.ui.panels.lab.describe_presenter import DescribePresenter
from mnist_gui.ui.panels.lab.presenter import LabPresenter
from mnist_gui.ui.panels.lab.view import LabView
from mnist_gui.ui.panels.map.presenter import MapPresenter
from mnist_gui.ui.panels.map.view import MapView
from mnist_gui.ui.panels.mistakes.learning_lists import LearningLists
from mnist_gui.ui.panels.mistakes.presenter import MistakesPresenter
from mnist_gui.ui.panels.mistakes.view import MistakesView
from mnist_gui.ui.panels.robust.presenter import RobustPresenter
from mnist_gui.ui.panels.robust.view import RobustView
from mnist_gui.ui.panels.runs.presenter import RunsPresenter
from mnist_gui.ui.panels.runs.view import RunsView
from mnist_gui.ui.panels.search.presenter import SearchPresenter
from mnist_gui.ui.panels.search.view import SearchView
from mnist_gui.ui.panels.sweep.presenter import SweepPresenter
from mnist_gui.ui.panels.sweep.view import SweepView
from mnist_gui.ui.panels.timeline.presenter import TimelinePresenter
from mnist_gui.ui.panels.timeline.view import TimelineView
from mnist_gui.ui.panels.unit.presenter import UnitPresenter
from mnist_gui.ui.panels.unit.view import UnitView
from mnist_gui.ui.panels.units.presenter import UnitsPresenter
from mnist_gui.ui.panels.units.view import UnitsView
from mnist_gui.ui.panels.weights.view import WeightsView
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.prediction_service import PredictionService
from mnist_gui.ui.services.refresh_scheduler import RefreshScheduler
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.docks import DESIGN_SIZE, NO_NUMBER, RIGHT
from mnist_gui.ui.shell.file_actions import FileActions
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.shell.status_bar import StatusBar
from mnist_gui.ui.shell.tool_windows import ToolWindows
from mnist_gui.ui.widgets import theme

# As in the whole window.
WRITING_SECONDS = 5.0

DOCKED = {
    "Controls": "controls",
    "Units": "weights",
    "Weights": "histograms",
    "Digit": "digit",
    "Draw": "draw",
    "Robust": "robust",
    "Search": "search",
    "Sweep": "sweep",
    "Mistakes": "mistakes",
    "Diagnosis": "diagnosis",
    "Unit": "unit",
    "Map": "map",
    "Lab": "lab",
    "Runs": "runs",
}


PLAIN = "without a style sheet"


def apply_plain_theme() -> None:
    """The light theme without its style sheet, which takes as long to put on as a small window to build.

    A whole window puts on its own theme when it is complete, as in a process of its own. With the style sheet of an
    earlier one on, it would take half as long again to put together.
    """
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    if application.property("theme") != PLAIN:
        theme.apply(theme.LIGHT, application)
        application.setStyleSheet("")
        application.setProperty("theme", PLAIN)


class NoCurves(QObject):
    """Stands for the curves where no test looks at them; they are a third of all that is built."""

    moment_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.plots: tuple[()] = ()

    def show_moment(self, step: int | None) -> None:
        pass

    def show_findings(self, stretches: object) -> None:
        pass

    def show_ghosts(self, ghosts: object) -> None:
        pass

    def show_dots(self, series: object) -> None:
        pass

    def be_discreet(self, is_hidden: bool) -> None:
        pass


class SmallPanels:
    """The panels that something asked for until the window was complete; no other can be had after that."""

    def __init__(self, actions: Actions) -> None:
        self._is_complete = False
        self.controls = ControlsView(actions)
        self.timeline = TimelineView()
        self.status = StatusBar()

    def complete(self) -> None:
        """From now on a panel that is not there is a mistake of the test."""
        self._is_complete = True

    def _make(self, view: Callable[[], QWidget]) -> QWidget:
        assert not self._is_complete, f"{view.__name__} is none of the panels that this test asked for"
        return view()

    curves = cached_property(lambda self: self._make(CurvesView))
    weights = cached_property(lambda self: self._make(UnitsView))
    histograms = cached_property(lambda self: self._make(WeightsView))
    digit = cached_property(lambda self: self._make(DigitView))
    mistakes = cached_property(lambda self: self._make(MistakesView))
    diagnosis = cached_property(lambda self: self._make(DiagnosisView))
    unit = cached_property(lambda self: self._make(UnitView))
    draw = cached_property(lambda self: self._make(DrawView))
    robust = cached_property(lambda self: self._make(RobustView))
    map = cached_property(lambda self: self._make(MapView))
    lab = cached_property(lambda self: self._make(LabView))
    search = cached_property(lambda self: self._make(SearchView))
    sweep = cached_property(lambda self: self._make(SweepView))
    runs = cached_property(lambda self: self._make(RunsView))

    @property
    def made(self) -> dict[str, QWidget]:
        """Those that are there, by the titles of their docks."""
        return {title: vars(self)[name] for title, name in DOCKED.items() if name in vars(self)}


class SmallLayout:
    """Docks in the places that they have in the whole window."""

    def __init__(self, window: QMainWindow, panels: dict[str, QWidget]) -> None:
        self._docks = {title: self._make_dock(window, title, panel) for title, panel in panels.items()}
        window.resize(*DESIGN_SIZE)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self._docks["Controls"])
        for place in RIGHT:
            docks = [self._docks[title] for title in place if title in self._docks]
            for dock in docks:
                window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
                if dock is not docks[0]:
                    window.tabifyDockWidget(docks[0], dock)
            if docks:
                docks[0].raise_()
        right = [self._docks[title] for place in RIGHT for title in place if title in self._docks][:1]
        widths = [panels["Controls"].minimumWidth() + 20, 380][: 1 + len(right)]
        window.resizeDocks([self._docks["Controls"], *right], widths, Qt.Orientation.Horizontal)

    @property
    def docks(self) -> tuple[QDockWidget, ...]:
        """All of them."""
        return tuple(self._docks.values())

    def bring(self, title: str) -> None:
        """Show a dock, in front of those in its place."""
        self._docks[title].show()
        self._docks[title].raise_()

    def bring_if_there(self, title: str) -> None:
        """The same, where the whole window brings a panel that this one may not have."""
        if title in self._docks:
            self.bring(title)

    def count(self, title: str, number: int) -> None:
        """As the whole window counts."""
        self._docks[title].setWindowTitle(f"{title} ({number})" if number else f"{title}{NO_NUMBER}")

    def _make_dock(self, window: QMainWindow, title: str, panel: QWidget) -> QDockWidget:
        dock = QDockWidget(title, window)
        dock.setObjectName(f"dock_{title.lower()}")
        dock.setWidget(panel)
        return dock


class SmallWindow(QMainWindow):
    """Controls, timeline and what `parts` name, such as "unit_presenter": attributes of the whole window, with all that
    they need. Curves are there if "curves" is named."""

    def __init__(self, config: RunConfig, preferences: Preferences, dialogs: Dialogs, *parts: str) -> None:
        super().__init__()
        self._preferences, self._dialogs = preferences, dialogs
        dialogs.belong_to(self)
        self.run_controller = RunController(self)
        self.controls_actions = Actions(self)
        self.panels = panels = SmallPanels(self.controls_actions)
        self.controls, self.status = panels.controls, panels.status
        self.curves = panels.curves if "curves" in parts else NoCurves()
        self.setStatusBar(self.status)
        self.digit_selection = DigitSelection(self)
        self.training = ControlsPresenter(self.run_controller, self.controls_actions, self.controls, dialogs)
        self.playhead = Playhead(self.run_controller, self)
        TimelinePresenter(self.run_controller, self.playhead, panels.timeline)
        self.playhead.moved.connect(lambda step, shown: self.curves.show_moment(step))
        self.curves.moment_chosen.connect(self.playhead.go_to)
        for part in parts:
            getattr(self, part)
        panels.complete()
        self.setCentralWidget(self._make_centre())
        self._docks = SmallLayout(self, panels.made)
        plots = self.curves.plots
        self.refresh_scheduler = RefreshScheduler(
            self.run_controller, plots, tuple(self._drawn_round_robin()), self.status, self
        )
        self._connect()
        self.controls.show_config(config)
        self.refresh_scheduler.start()
        self.run_controller.file_service.load_dataset(config.data.folder)

    # In the order in which the whole window makes them

    @cached_property
    def _file_actions(self) -> FileActions:
        return FileActions(
            self.run_controller, self.controls_actions, self._dialogs, self._preferences, self.playhead, self
        )

    @cached_property
    def tool_windows(self) -> ToolWindows:
        return ToolWindows(self.run_controller, self.controls_actions, self.controls, self)

    @cached_property
    def runs_presenter(self) -> RunsPresenter:
        return RunsPresenter(self.run_controller, self.panels.runs, self.controls, self.curves)

    @cached_property
    def units_presenter(self) -> UnitsPresenter:
        return UnitsPresenter(self.run_controller, self.playhead, self.panels.weights, self.panels.histograms, self)

    @cached_property
    def prediction_service(self) -> PredictionService:
        return PredictionService(self.run_controller, self.playhead, self)

    @cached_property
    def mistakes_presenter(self) -> MistakesPresenter:
        return MistakesPresenter(self.panels.mistakes, self.prediction_service, self.digit_selection)

    @cached_property
    def digit_presenter(self) -> DigitPresenter:
        return DigitPresenter(self.run_controller, self.playhead, self.digit_selection, self.panels.digit)

    @cached_property
    def unit_presenter(self) -> UnitPresenter:
        panels = self.panels
        return UnitPresenter(
            *(self.run_controller, self.playhead, self.digit_selection, panels.weights, panels.unit),
            *(self._dialogs, self._preferences),
        )

    @cached_property
    def learning_lists(self) -> LearningLists:
        return LearningLists(
            self.run_controller,
            self.prediction_service,
            self.digit_selection,
            self.panels.mistakes,
            self.panels.digit,
            self.panels.digit.history,
        )

    @cached_property
    def tags_presenter(self) -> TagsPresenter:
        return TagsPresenter(
            self.run_controller, self.digit_selection, self.panels.digit.tags, self.panels.mistakes, self.controls
        )

    @cached_property
    def draw_presenter(self) -> DrawPresenter:
        return DrawPresenter(self.run_controller, self.playhead, self.panels.draw, self._dialogs, self._preferences)

    @cached_property
    def test_set_presenter(self) -> TestSetPresenter:
        return TestSetPresenter(self.run_controller, self.playhead, self.draw_presenter, self.panels.draw)

    @cached_property
    def robust_presenter(self) -> RobustPresenter:
        return RobustPresenter(
            self.run_controller, self.playhead, self.digit_selection, self.prediction_service, self.panels.robust
        )

    @cached_property
    def map_presenter(self) -> MapPresenter:
        return MapPresenter(self.run_controller, self.playhead, self.digit_selection, self.panels.map)

    @cached_property
    def diagnosis_presenter(self) -> DiagnosisPresenter:
        return DiagnosisPresenter(
            self.run_controller, self.controls, self.curves, self.panels.diagnosis, self.panels.weights
        )

    @cached_property
    def lab_presenter(self) -> LabPresenter:
        return LabPresenter(self.run_controller, self.controls, self.curves, self.panels.lab, self._preferences)

    @cached_property
    def describe_presenter(self) -> DescribePresenter:
        return DescribePresenter(
            self.run_controller, self.controls, self.diagnosis_presenter, self.panels.lab.describe, self._preferences
        )

    @cached_property
    def search_presenter(self) -> SearchPresenter:
        return SearchPresenter(self.run_controller, self.controls, self.diagnosis_presenter, self.panels.search)

    @cached_property
    def sweep_presenter(self) -> SweepPresenter:
        return SweepPresenter(self.run_controller, self.controls, self.panels.sweep, self._dialogs, self._preferences)

    def _has(self, part: str) -> bool:
        return part in vars(self)

    def _drawn_round_robin(self) -> Iterator[QObject]:
        """What is drawn anew as training goes on."""
        for name in ("weights", "timeline", "histograms"):
            if name in vars(self.panels):
                yield getattr(self.panels, name)
        for name in ("digit", "unit", "runs", "test_set", "draw", "robust", "map", "diagnosis", "search", "sweep"):
            if self._has(f"{name}_presenter"):
                yield getattr(self, f"{name}_presenter")
        if self._has("learning_lists"):
            yield self.learning_lists

    def _make_centre(self) -> QWidget:
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        if isinstance(self.curves, CurvesView):
            layout.addWidget(self.curves, 1)
        else:
            layout.addStretch(1)
        layout.addWidget(self.panels.timeline)
        return centre

    def _connect(self) -> None:
        """What the whole window says a change in one part means for the others."""
        self.digit_selection.wanted.connect(lambda: self._docks.bring_if_there("Digit"))
        self.digit_selection.gathered.connect(lambda: self._docks.bring_if_there("Mistakes"))
        self.run_controller.run_shown.connect(self._on_run_shown)
        self.run_controller.failed.connect(self._dialogs.show_error)
        if "weights" in vars(self.panels):
            self.panels.weights.unit_chosen.connect(lambda: self._docks.bring_if_there("Unit"))
        if self._has("diagnosis_presenter"):
            self.diagnosis_presenter.units_shown.connect(lambda: self._docks.bring_if_there("Units"))
            self.diagnosis_presenter.counted.connect(lambda errors: self._docks.count("Diagnosis", errors))
            self._docks.count("Diagnosis", 0)
        if self._has("diagnosis_presenter") and self._has("runs_presenter"):
            self.diagnosis_presenter.proofs.begun.connect(self.runs_presenter.overlay_previous_run)
        if self._has("lab_presenter"):
            self.lab_presenter.hidden_fault.told.connect(self.status.showMessage)
        if self._has("describe_presenter"):
            self.describe_presenter.panel_wanted.connect(self._docks.bring_if_there)
            if self._has("search_presenter"):
                self.describe_presenter.search_wanted.connect(self.panels.search.click_start)

    def _on_run_shown(self) -> None:
        if isinstance(self.curves, CurvesView):
            self.curves.show_history(self.run_controller.history)
        self.status.show_history(self.run_controller.history)
        run = self.run_controller.run
        if run is not None:
            self.digit_selection.find_again(run.splits, may_be_test=run.test_revealed_at is not None)

    def close_without_asking(self) -> None:
        """Close, whatever is unsaved."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        for name in ("tags_presenter", "test_set_presenter"):
            if self._has(name):
                getattr(self, name).keep_all()
        self.run_controller.task_runner.finish_writing(WRITING_SECONDS)
        self.refresh_scheduler.stop()
        for name in ("search_presenter", "sweep_presenter"):
            if self._has(name):
                getattr(self, name).close()
        self.run_controller.close()
        event.accept()


AnyWindow = MainWindow | SmallWindow
