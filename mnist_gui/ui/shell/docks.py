"""Where the panels are: docks around the curves, movable, remembered, and put back on request."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

from mnist_gui.ui.shell.preferences import Preferences

DESIGN_SIZE = (1366, 768)

# About as wide as " (1)".
NO_NUMBER = 3 * "\N{FIGURE SPACE}"

# Roughly what a desktop takes for a frame: on a screen of the design size the status bar must stay in sight.
TITLE_BAR = 36


# The docks on the right from top to bottom; in each place several lie behind one another, the first in front.
# A click in one place opens what it is about in the other: a unit below its mosaic, a digit above its gallery.
RIGHT = (
    ("Units", "Layers", "Weights", "Digit", "Draw", "Robust", "Search", "Sweep"),
    ("Mistakes", "Diagnosis", "Scores", "Unit", "Map", "Lab", "Runs"),
)


class Docks:
    """The docks of a main window: controls on the left; on the right what is seen of the network.

    panels: name -> widget, "Controls" and those that RIGHT names.
    """

    def __init__(self, window: QMainWindow, panels: Mapping[str, QWidget], preferences: Preferences) -> None:
        self._window, self._preferences = window, preferences
        docks = {name: self._make_dock(name, panel) for name, panel in panels.items()}
        self.docks = tuple(docks.values())
        available = QGuiApplication.primaryScreen().availableSize()
        window.resize(min(DESIGN_SIZE[0], available.width()), min(DESIGN_SIZE[1], available.height() - TITLE_BAR))
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["Controls"])
        places = [[docks[name] for name in names] for names in RIGHT]
        for front, *_ in places:
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, front)
        for front, *behind in places:
            for dock in behind:
                window.tabifyDockWidget(front, dock)
            front.raise_()
        widths = [panels["Controls"].minimumWidth() + 20, 380]
        window.resizeDocks([docks["Controls"], docks["Units"]], widths, Qt.Orientation.Horizontal)
        window.resizeDocks([docks["Units"], docks["Mistakes"]], [345, 335], Qt.Orientation.Vertical)
        self._default = window.saveState()
        self._tidying = QTimer(window)
        self._tidying.setSingleShot(True)
        self._tidying.timeout.connect(self._hide_stale_tabs)
        for dock in self.docks:
            dock.visibilityChanged.connect(self._tidying.start)

    def bring(self, title: str) -> None:
        """Show a dock, in front of those in its place."""
        dock = self._dock(title)
        dock.show()
        dock.raise_()

    def count(self, title: str, number: int) -> None:
        """Say beside a dock's title how many there are of what is worth looking at; 0: nothing, in as much room, lest
        the tabs beside it move."""
        self._dock(title).setWindowTitle(f"{title} ({number})" if number else f"{title}{NO_NUMBER}")

    def _dock(self, title: str) -> QDockWidget:
        return next(dock for dock in self.docks if dock.objectName() == f"dock_{title.lower()}")

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

    @Slot()
    def _hide_stale_tabs(self) -> None:
        """Qt 6.10 leaves a tab bar behind, in sight, where it laid out tabs twice; the newest is the one in use."""
        in_use: set[str] = set()
        for bar in reversed(self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)):
            names = {bar.tabText(tab) for tab in range(bar.count())}
            if names & in_use:
                bar.hide()
            in_use |= names

    def _make_dock(self, title: str, widget: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock_{title.lower()}")
        dock.setWidget(widget)
        return dock
