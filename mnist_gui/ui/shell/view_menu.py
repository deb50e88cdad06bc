"""What a person chooses once and for all windows to come: theme, sound, memory of the timeline."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from mnist_gui.ui.services.run_controller import Bridge
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.notifications import Narrator
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets import theme as themes
from mnist_gui.ui.widgets.theme import Theme


class ViewMenu(QObject):
    """Applies the preferences, and those that are chosen in the menu. show_theme(theme): colours the panels."""

    def __init__(
        self,
        bridge: Bridge,
        actions: Actions,
        preferences: Preferences,
        narrator: Narrator,
        show_theme: Callable[[Theme], None],
    ) -> None:
        super().__init__(bridge)
        self._bridge, self._actions, self._preferences = bridge, actions, preferences
        self._narrator, self._show_theme = narrator, show_theme
        for theme_action in actions.themes.values():
            theme_action.triggered.connect(lambda _, action=theme_action: self._on_theme_triggered(action))
        actions.sound.triggered.connect(self._on_sound_triggered)
        for megabytes, budget_action in actions.timeline_budgets.items():
            budget_action.triggered.connect(lambda _, megabytes=megabytes: self._use_timeline_budget(megabytes))

    def apply(self) -> None:
        """Make everything as the preferences say."""
        self._apply_theme(self._preferences.theme)
        self._actions.sound.setChecked(self._preferences.sound)
        self._use_timeline_budget(self._preferences.timeline_mb)

    def _on_theme_triggered(self, action: QAction) -> None:
        chosen = self._actions.theme_of(action)
        self._preferences.theme = chosen
        self._apply_theme(chosen)

    def _apply_theme(self, chosen: Theme | None) -> None:
        self._actions.show_theme(chosen)
        theme = chosen or themes.system_theme()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        themes.apply(theme, application)
        self._show_theme(theme)

    @Slot(bool)
    def _on_sound_triggered(self, checked: bool) -> None:
        self._preferences.sound = checked
        self._narrator.sound()

    def _use_timeline_budget(self, megabytes: int) -> None:
        self._preferences.timeline_mb = megabytes
        self._actions.timeline_budgets[megabytes].setChecked(True)
        self._bridge.runs.budget = 1_000_000 * megabytes
        self._bridge.runs.fit()
        self._bridge.runs_changed.emit()
