"""All panels of the window, by name: made here, put into docks by the layout, filled by what knows what they show."""

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mnist_gui.ui.panels.controls.view import ControlsView
from mnist_gui.ui.panels.diagnosis.view import DiagnosisView
from mnist_gui.ui.panels.digit.view import DigitView
from mnist_gui.ui.panels.draw.view import DrawView
from mnist_gui.ui.panels.lab.view import LabView
from mnist_gui.ui.panels.layers.view import LayersView
from mnist_gui.ui.panels.map.view import MapView
from mnist_gui.ui.panels.mistakes.view import MistakesView
from mnist_gui.ui.panels.robust.view import RobustView
from mnist_gui.ui.panels.runs.view import RunsView
from mnist_gui.ui.panels.scores.view import ScoresView
from mnist_gui.ui.panels.search.view import SearchView
from mnist_gui.ui.panels.sweep.view import SweepView
from mnist_gui.ui.panels.timeline.view import TimelineView
from mnist_gui.ui.panels.unit.view import UnitView
from mnist_gui.ui.panels.units.view import UnitsView
from mnist_gui.ui.panels.weights.view import WeightsView
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.status_bar import StatusBar
from mnist_gui.ui.widgets.theme import Theme


class Panels:
    """What the window is made of."""

    def __init__(self, actions: Actions) -> None:
        self.controls = ControlsView(actions)
        self.curves = CurvesView()
        self.timeline = TimelineView()
        self.weights = UnitsView()
        self.layers = LayersView()
        self.histograms = WeightsView()
        self.digit = DigitView()
        self.mistakes = MistakesView()
        self.diagnosis = DiagnosisView()
        self.scores = ScoresView()
        self.unit = UnitView()
        self.draw = DrawView()
        self.robust = RobustView()
        self.map = MapView()
        self.lab = LabView()
        self.search = SearchView()
        self.sweep = SweepView()
        self.runs = RunsView()
        self.status = StatusBar()
        self.curves.x_shown.connect(self.layers.show_x)
        self.curves.moment_shown.connect(self.layers.show_moment)

    @property
    def docks(self) -> Mapping[str, QWidget]:
        """Those around the centre, by the titles of their docks."""
        return {
            "Controls": self.controls,
            "Units": self.weights,
            "Layers": self.layers,
            "Weights": self.histograms,
            "Digit": self.digit,
            "Mistakes": self.mistakes,
            "Diagnosis": self.diagnosis,
            "Scores": self.scores,
            "Unit": self.unit,
            "Draw": self.draw,
            "Robust": self.robust,
            "Map": self.map,
            "Lab": self.lab,
            "Search": self.search,
            "Sweep": self.sweep,
            "Runs": self.runs,
        }

    def make_centre(self) -> QWidget:
        """The curves with their timeline below."""
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.curves, 1)
        layout.addWidget(self.timeline)
        return centre

    def show_theme(self, theme: Theme) -> None:
        """Colours to match, in all that paint themselves."""
        for panel in (
            self.curves,
            self.weights,
            self.layers,
            self.histograms,
            self.timeline,
            self.digit,
            self.mistakes,
            self.diagnosis,
            self.lab,
            self.scores,
            self.unit,
            self.search,
            self.sweep,
            self.draw,
            self.robust,
            self.map,
        ):
            panel.show_theme(theme)
