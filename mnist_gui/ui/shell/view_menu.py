"""The View menu: theme, sound and memory of the timeline, kept as preferences for later windows."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.notifications import Notifications
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets import application_style
from mnist_gui.ui.widgets.theme import Theme, system_theme


class ViewMenu(QObject):
    """Applies the preferences, and those that are chosen in the menu. show_theme(theme): colours the panels."""

    def __init__(
        self,
        run_controller: RunController,
        actions: Actions,
        preferences: Preferences,
        notifications: Notifications,
        show_theme: Callable[[Theme], None],
    ) -> None:
        super().__init__(run_controller)
        self._run_controller, self._actions, self._preferences = run_controller, actions, preferences
        self._notifications, self._show_theme = notifications, show_theme
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
        theme = chosen or system_theme()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application_style.apply(theme, application)
        self._show_theme(theme)

    @Slot(bool)
    def _on_sound_triggered(self, checked: bool) -> None:
        self._preferences.sound = checked
        self._notifications.sound()

    def _use_timeline_budget(self, megabytes: int) -> None:
        self._preferences.timeline_mb = megabytes
        self._actions.timeline_budgets[megabytes].setChecked(True)
        self._run_controller.runs.budget = 1_000_000 * megabytes
        self._run_controller.runs.fit()
        self._run_controller.runs_changed.emit()
