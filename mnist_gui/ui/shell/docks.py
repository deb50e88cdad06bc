"""Where the panels are: docks around the curves, movable, remembered, and put back on request."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

from mnist_gui.ui.shell.panel_context import PanelEntry
from mnist_gui.ui.shell.preferences import Preferences

DESIGN_SIZE = (1366, 768)

# About as wide as " (1)".
NO_NUMBER = 3 * "\N{FIGURE SPACE}"

# Roughly what a desktop takes for a frame: on a screen of the design size the status bar must stay in sight.
TITLE_BAR = 36

# How wide the docks on the right are at first, and how high the places there, from top to bottom.
RIGHT_WIDTH = 380
RIGHT_HEIGHTS = {"upper right": 345, "lower right": 335}


class Docks:
    """The docks of a main window: controls on the left; on the right what is seen of the network.

    build(key): the widget of a panel, which its dock asks for when it is first in sight; until then it is empty.
    """

    def __init__(
        self,
        window: QMainWindow,
        controls: QWidget,
        entries: Sequence[PanelEntry],
        build: Callable[[str], QWidget],
        preferences: Preferences,
    ) -> None:
        self._window, self._preferences, self._build = window, preferences, build
        left = self._make_dock("Controls")
        left.setWidget(controls)
        self._unbuilt: dict[QDockWidget, str] = {}
        docks = {entry.key: self._make_dock(entry.title) for entry in entries}
        self.docks = (left, *docks.values())
        for entry in entries:
            self._unbuilt[docks[entry.key]] = entry.key
            if entry.is_at_start:
                self._fill(docks[entry.key])
        available = QGuiApplication.primaryScreen().availableSize()
        window.resize(min(DESIGN_SIZE[0], available.width()), min(DESIGN_SIZE[1], available.height() - TITLE_BAR))
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, left)
        places = {name: [docks[each.key] for each in entries if each.place == name] for name in RIGHT_HEIGHTS}
        self._lay_out(left, controls.minimumWidth() + 20, {name: some for name, some in places.items() if some})
        self._default = window.saveState()
        self._tidying = QTimer(window)
        self._tidying.setSingleShot(True)
        self._tidying.timeout.connect(self._hide_stale_tabs)
        self._filling = QTimer(window)
        self._filling.setSingleShot(True)
        self._filling.timeout.connect(self._fill_those_in_sight)
        for dock in self.docks:
            dock.visibilityChanged.connect(self._tidying.start)
            dock.visibilityChanged.connect(lambda is_visible, dock=dock: self._on_visibility_changed(dock, is_visible))

    def _lay_out(self, left: QDockWidget, left_width: int, places: Mapping[str, list[QDockWidget]]) -> None:
        """Put the docks into their first places; in each, several lie behind one another, the first in front."""
        for front, *_ in places.values():
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, front)
        for front, *behind in places.values():
            for dock in behind:
                self._window.tabifyDockWidget(front, dock)
            front.raise_()
        fronts = [front for front, *_ in places.values()]
        widths = [left_width, RIGHT_WIDTH][: 1 + len(fronts)]
        self._window.resizeDocks([left, *fronts[:1]], widths, Qt.Orientation.Horizontal)
        self._window.resizeDocks(fronts, [RIGHT_HEIGHTS[name] for name in places], Qt.Orientation.Vertical)

    def bring(self, title: str) -> None:
        """Show a dock, in front of those in its place; nothing happens where the window has none of this title."""
        dock = self._dock(title)
        if dock is not None:
            self._fill(dock)
            dock.show()
            dock.raise_()

    def fill(self, key: str) -> None:
        """Give a dock its panel although it was not in sight yet."""
        for dock in [dock for dock, unbuilt in self._unbuilt.items() if unbuilt == key]:
            self._fill(dock)

    def count(self, title: str, number: int) -> None:
        """Say beside a dock's title how many there are of what is worth looking at; 0: nothing, in as much room, lest
        the tabs beside it move."""
        dock = self._dock(title)
        if dock is not None:
            dock.setWindowTitle(f"{title} ({number})" if number else f"{title}{NO_NUMBER}")

    def _dock(self, title: str) -> QDockWidget | None:
        return next((dock for dock in self.docks if dock.objectName() == f"dock_{title.lower()}"), None)

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

    def _on_visibility_changed(self, dock: QDockWidget, is_visible: bool) -> None:
        """Where a tab was clicked, at once, lest an empty panel is seen; while the window is laid out, after that."""
        if is_visible and dock in self._unbuilt:
            if not dock.visibleRegion().isEmpty():
                self._fill(dock)
            else:
                self._filling.start()

    @Slot()
    def _fill_those_in_sight(self) -> None:
        for dock in [dock for dock in self._unbuilt if not dock.visibleRegion().isEmpty()]:
            self._fill(dock)

    def _fill(self, dock: QDockWidget) -> None:
        key = self._unbuilt.pop(dock, None)
        if key is not None:
            empty, view = dock.widget(), self._build(key)
            dock.setWidget(view)
            view.show()
            if empty is not None:
                empty.deleteLater()

    def _make_dock(self, title: str) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock_{title.lower()}")
        dock.setWidget(QWidget())
        return dock
