"""All panels of the window, by name: made here, put into docks by the layout, filled by what knows what they show."""

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mnist_gui.ui.actions import Actions
from mnist_gui.ui.control_panel import ControlPanel
from mnist_gui.ui.curves_view import CurvesView
from mnist_gui.ui.diagnosis_view import DiagnosisView
from mnist_gui.ui.digit_view import DigitView
from mnist_gui.ui.draw_view import DrawView
from mnist_gui.ui.histograms_view import HistogramsView
from mnist_gui.ui.lab_view import LabView
from mnist_gui.ui.layers_view import LayersView
from mnist_gui.ui.map_view import MapView
from mnist_gui.ui.mistakes_view import MistakesView
from mnist_gui.ui.robust_view import RobustView
from mnist_gui.ui.runs_view import RunsView
from mnist_gui.ui.scores_view import ScoresView
from mnist_gui.ui.search_view import SearchView
from mnist_gui.ui.status_bar import StatusBar
from mnist_gui.ui.sweep_view import SweepView
from mnist_gui.ui.theme import Theme
from mnist_gui.ui.timeline_bar import TimelineBar
from mnist_gui.ui.unit_view import UnitView
from mnist_gui.ui.weights_view import WeightsView


class Panels:
    """What the window is made of."""

    def __init__(self, actions: Actions) -> None:
        self.controls = ControlPanel(actions)
        self.curves = CurvesView()
        self.timeline = TimelineBar()
        self.weights = WeightsView()
        self.layers = LayersView()
        self.histograms = HistogramsView()
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
