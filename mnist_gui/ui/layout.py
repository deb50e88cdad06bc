"""Where the panels are: docks around the curves, movable, remembered, and put back on request."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from mnist_gui.ui.preferences import Preferences

DESIGN_SIZE = (1366, 768)

# Roughly what a desktop takes for a frame: on a screen of the design size the status bar must stay in sight.
TITLE_BAR = 36


# The docks on the right from top to bottom; in each place several lie behind one another, the first in front.
RIGHT = (("Units", "Layers", "Weights"), ("Mistakes", "Runs"))


class Layout:
    """The docks of a main window: controls on the left; on the right what is seen of the network.

    panels: name -> widget, "Controls" and those that RIGHT names.
    """

    def __init__(self, window: QMainWindow, panels: Mapping[str, QWidget], preferences: Preferences) -> None:
        self._window, self._preferences = window, preferences
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        docks = {
            name: self._make_dock(name, panel, left if name == "Controls" else right) for name, panel in panels.items()
        }
        self.docks = tuple(docks.values())
        available = QGuiApplication.primaryScreen().availableSize()
        window.resize(min(DESIGN_SIZE[0], available.width()), min(DESIGN_SIZE[1], available.height() - TITLE_BAR))
        for front, *behind in ([docks[name] for name in names if name in docks] for names in RIGHT):
            for dock in behind:
                window.tabifyDockWidget(front, dock)
            front.raise_()
        units, mistakes = docks["Units"], docks["Mistakes"]
        widths = [panels["Controls"].minimumWidth() + 20, 380]
        window.resizeDocks([docks["Controls"], units], widths, Qt.Orientation.Horizontal)
        window.resizeDocks([units, mistakes], [400, 300], Qt.Orientation.Vertical)
        self._default = window.saveState()

    def restore(self) -> None:
        """Put everything where it was when the window was last closed."""
        stored = self._preferences.layout
        if stored:
            geometry, state = stored
            self._window.restoreGeometry(geometry)
            self._window.restoreState(state)

    def remember(self) -> None:
        """Keep for the next start where everything is now."""
        self._preferences.layout = (self._window.saveGeometry(), self._window.saveState())

    @Slot()
    def reset(self) -> None:
        """Put all panels back to their first places."""
        self._preferences.layout = None
        self._window.restoreState(self._default)

    def _make_dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock_{title.lower()}")
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        return dock
