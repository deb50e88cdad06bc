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
from mnist_gui.ui.panels.controls.presenter import TrainingDesk
from mnist_gui.ui.panels.controls.view import ControlPanel
from mnist_gui.ui.panels.curves.view import CurvesView
from mnist_gui.ui.panels.diagnosis.presenter import DiagnosisDesk
from mnist_gui.ui.panels.diagnosis.view import DiagnosisView
from mnist_gui.ui.panels.digit.presenter import DigitDesk
from mnist_gui.ui.panels.digit.view import DigitView
from mnist_gui.ui.panels.draw.presenter import DrawDesk
from mnist_gui.ui.panels.draw.test_set_presenter import PersonalDesk
from mnist_gui.ui.panels.draw.view import DrawView
from mnist_gui.ui.panels.lab.describe_presenter import DescribeDesk
from mnist_gui.ui.panels.lab.presenter import LabDesk
from mnist_gui.ui.panels.lab.view import LabView
from mnist_gui.ui.panels.map.presenter import MapDesk
from mnist_gui.ui.panels.map.view import MapView
from mnist_gui.ui.panels.mistakes.learning_lists import LearningDesk
from mnist_gui.ui.panels.mistakes.presenter import MistakesDesk
from mnist_gui.ui.panels.mistakes.view import MistakesView
from mnist_gui.ui.panels.robust.presenter import RobustDesk
from mnist_gui.ui.panels.robust.view import RobustView
from mnist_gui.ui.panels.runs.presenter import RunDesk
from mnist_gui.ui.panels.runs.view import RunsView
from mnist_gui.ui.panels.search.presenter import SearchDesk
from mnist_gui.ui.panels.search.view import SearchView
from mnist_gui.ui.panels.sweep.presenter import SweepDesk
from mnist_gui.ui.panels.sweep.view import SweepView
from mnist_gui.ui.panels.tags.presenter import TagsDesk
from mnist_gui.ui.panels.timeline.view import TimelineBar
from mnist_gui.ui.panels.unit.presenter import UnitDesk
from mnist_gui.ui.panels.unit.view import UnitView
from mnist_gui.ui.panels.units.presenter import Inside
from mnist_gui.ui.panels.units.view import WeightsView
from mnist_gui.ui.panels.weights.view import HistogramsView
from mnist_gui.ui.services.digit_selection import DigitChoice
from mnist_gui.ui.services.playhead import TimeTravel
from mnist_gui.ui.services.prediction_service import Answers
from mnist_gui.ui.services.refresh_scheduler import Frames
from mnist_gui.ui.services.run_controller import Bridge
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.docks import DESIGN_SIZE, NO_NUMBER, RIGHT
from mnist_gui.ui.shell.file_actions import Files
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.shell.status_bar import StatusBar
from mnist_gui.ui.shell.tool_windows import Tools
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


def dress_plainly() -> None:
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

    def be_discreet(self, is_secret: bool) -> None:
        pass


class SmallPanels:
    """The panels that something asked for until the window was complete; no other can be had after that."""

    def __init__(self, actions: Actions) -> None:
        self._is_complete = False
        self.controls = ControlPanel(actions)
        self.timeline = TimelineBar()
        self.status = StatusBar()

    def complete(self) -> None:
        """From now on a panel that is not there is a mistake of the test."""
        self._is_complete = True

    def _make(self, view: Callable[[], QWidget]) -> QWidget:
        assert not self._is_complete, f"{view.__name__} is none of the panels that this test asked for"
        return view()

    curves = cached_property(lambda self: self._make(CurvesView))
    weights = cached_property(lambda self: self._make(WeightsView))
    histograms = cached_property(lambda self: self._make(HistogramsView))
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
    """Controls, timeline and what `parts` name, such as "unit_desk": attributes of the whole window, with all that they
    need. Curves are there if "curves" is named."""

    def __init__(self, config: RunConfig, preferences: Preferences, dialogs: Dialogs, *parts: str) -> None:
        super().__init__()
        self._preferences, self._dialogs = preferences, dialogs
        dialogs.belong_to(self)
        self.bridge = Bridge(self)
        self.controls_actions = Actions(self)
        self.panels = panels = SmallPanels(self.controls_actions)
        self.controls, self.status = panels.controls, panels.status
        self.curves = panels.curves if "curves" in parts else NoCurves()
        self.setStatusBar(self.status)
        self.digit_choice = DigitChoice(self)
        self.training = TrainingDesk(self.bridge, self.controls_actions, self.controls, dialogs)
        self.time_travel = TimeTravel(self.bridge, panels.timeline, self.curves)
        for part in parts:
            getattr(self, part)
        panels.complete()
        self.setCentralWidget(self._make_centre())
        self._layout = SmallLayout(self, panels.made)
        plots = self.curves.plots
        self.frames = Frames(self.bridge, plots, tuple(self._drawn_by_turns()), self.status, self)
        self._connect()
        self.controls.show_config(config)
        self.frames.start()
        self.bridge.storage.load_dataset(config.data.folder)

    # In the order in which the whole window makes them

    @cached_property
    def _files(self) -> Files:
        return Files(self.bridge, self.controls_actions, self._dialogs, self._preferences, self.time_travel, self)

    @cached_property
    def tools(self) -> Tools:
        return Tools(self.bridge, self.controls_actions, self.controls, self)

    @cached_property
    def run_desk(self) -> RunDesk:
        return RunDesk(self.bridge, self.panels.runs, self.controls, self.curves)

    @cached_property
    def inside(self) -> Inside:
        return Inside(self.bridge, self.time_travel, self.panels, self)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.bridge, self.time_travel, self)

    @cached_property
    def mistakes_desk(self) -> MistakesDesk:
        return MistakesDesk(self.panels.mistakes, self.answers, self.digit_choice)

    @cached_property
    def digit_desk(self) -> DigitDesk:
        return DigitDesk(self.bridge, self.time_travel, self.digit_choice, self.panels.digit)

    @cached_property
    def unit_desk(self) -> UnitDesk:
        panels = self.panels
        return UnitDesk(
            *(self.bridge, self.time_travel, self.digit_choice, panels.weights, panels.unit),
            *(self._dialogs, self._preferences),
        )

    @cached_property
    def learning_desk(self) -> LearningDesk:
        return LearningDesk(self.bridge, self.answers, self.digit_choice, self.panels)

    @cached_property
    def tags_desk(self) -> TagsDesk:
        return TagsDesk(self.bridge, self.digit_choice, self.panels)

    @cached_property
    def draw_desk(self) -> DrawDesk:
        return DrawDesk(self.bridge, self.time_travel, self.panels.draw, self._dialogs, self._preferences)

    @cached_property
    def personal_desk(self) -> PersonalDesk:
        return PersonalDesk(self.bridge, self.time_travel, self.draw_desk, self.panels.draw)

    @cached_property
    def robust_desk(self) -> RobustDesk:
        return RobustDesk(self.bridge, self.time_travel, self.digit_choice, self.answers, self.panels.robust)

    @cached_property
    def map_desk(self) -> MapDesk:
        return MapDesk(self.bridge, self.time_travel, self.digit_choice, self.panels.map)

    @cached_property
    def diagnosis_desk(self) -> DiagnosisDesk:
        return DiagnosisDesk(self.bridge, self.controls, self.curves, self.panels.diagnosis, self.panels.weights)

    @cached_property
    def lab_desk(self) -> LabDesk:
        return LabDesk(self.bridge, self.controls, self.curves, self.panels.lab, self._preferences)

    @cached_property
    def describe_desk(self) -> DescribeDesk:
        return DescribeDesk(
            self.bridge, self.controls, self.diagnosis_desk, self.panels.lab.describe, self._preferences
        )

    @cached_property
    def search_desk(self) -> SearchDesk:
        return SearchDesk(self.bridge, self.controls, self.diagnosis_desk, self.panels.search)

    @cached_property
    def sweep_desk(self) -> SweepDesk:
        return SweepDesk(self.bridge, self.controls, self.panels.sweep, self._dialogs, self._preferences)

    def _has(self, part: str) -> bool:
        return part in vars(self)

    def _drawn_by_turns(self) -> Iterator[QObject]:
        """What is drawn anew as training goes on."""
        for name in ("weights", "timeline", "histograms"):
            if name in vars(self.panels):
                yield getattr(self.panels, name)
        for name in ("digit", "unit", "run", "personal", "draw", "robust", "map", "diagnosis", "search", "sweep"):
            if self._has(f"{name}_desk"):
                yield getattr(self, f"{name}_desk")
        if self._has("learning_desk"):
            yield self.learning_desk

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
        self.digit_choice.wanted.connect(lambda: self._layout.bring_if_there("Digit"))
        self.digit_choice.gathered.connect(lambda: self._layout.bring_if_there("Mistakes"))
        self.bridge.run_shown.connect(self._on_run_shown)
        self.bridge.failed.connect(self._dialogs.show_error)
        if "weights" in vars(self.panels):
            self.panels.weights.unit_chosen.connect(lambda: self._layout.bring_if_there("Unit"))
        if self._has("diagnosis_desk"):
            self.diagnosis_desk.units_shown.connect(lambda: self._layout.bring_if_there("Units"))
            self.diagnosis_desk.counted.connect(lambda errors: self._layout.count("Diagnosis", errors))
            self._layout.count("Diagnosis", 0)
        if self._has("diagnosis_desk") and self._has("run_desk"):
            self.diagnosis_desk.proofs.begun.connect(self.run_desk.haunt)
        if self._has("lab_desk"):
            self.lab_desk.mystery.told.connect(self.status.showMessage)
        if self._has("describe_desk"):
            self.describe_desk.panel_wanted.connect(self._layout.bring_if_there)
            if self._has("search_desk"):
                self.describe_desk.search_wanted.connect(self.panels.search.click_start)

    def _on_run_shown(self) -> None:
        if isinstance(self.curves, CurvesView):
            self.curves.show_history(self.bridge.history)
        self.status.show_history(self.bridge.history)
        run = self.bridge.run
        if run is not None:
            self.digit_choice.find_again(run.splits, may_be_test=run.test_revealed_at is not None)

    def close_without_asking(self) -> None:
        """Close, whatever is unsaved."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        for name in ("tags_desk", "personal_desk"):
            if self._has(name):
                getattr(self, name).keep_all()
        self.bridge.background.finish_writing(WRITING_SECONDS)
        self.frames.stop()
        for name in ("search_desk", "sweep_desk"):
            if self._has(name):
                getattr(self, name).close()
        self.bridge.close()
        event.accept()


AnyWindow = MainWindow | SmallWindow
