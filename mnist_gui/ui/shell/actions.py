"""The actions of the window, which its menus, buttons and shortcuts trigger."""

from collections.abc import Iterable

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenuBar, QWidget

from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.shell.preferences import TIMELINE_MB
from mnist_gui.ui.widgets.theme import THEMES, Theme

# Minibatches a second -> what it is called.
PACES: dict[float | None, str] = {
    None: "&Full speed",
    100.0: "&100 minibatches a second",
    10.0: "1&0 minibatches a second",
    1.0: "&One minibatch a second",
}

# What the button does that trains a new network, or why it cannot.
_TRAIN_NEW = {
    RunState.NEW: "Train a network with the settings of the form",
    RunState.TRAINING: "A network is training: pause or stop it first, and a new one can be trained",
    RunState.PAUSED: "End the paused run, which stays among the runs, and train a new network as the form says",
    RunState.ENDED: "Train a new network as the form says. The one that is shown stays among the runs",
}
NOTHING_TO_GO_ON = "Train a paused or finished network on: there is none (Ctrl+Return)"


class Actions:
    """The actions of one window. What they do is connected by the window; here is when they can be done."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._make_file_actions()
        self._make_network_actions()
        self._make_view_actions()
        self._make_help_actions()
        self.themes = self._make_themes(window)
        self.paces = self._make_paces(window)
        self.timeline_budgets = self._make_timeline_budgets(window)
        self.show_state(RunState.NEW, has_best=False)

    def _action(self, name: str, text: str, shortcut: str, tip: str) -> QAction:
        made = QAction(text, self._window)
        made.setObjectName(name)
        made.setShortcut(QKeySequence(shortcut))
        made.setToolTip(f"{tip} ({shortcut})" if shortcut else tip)
        return made

    def _make_file_actions(self) -> None:
        self.open_model = self._action(
            "open_model", "&Open model...", "Ctrl+O", "Open a saved network, to look into or train on"
        )
        self.save_model = self._action(
            "save_model", "&Save best weights...", "Ctrl+S", "Save a model of the best weights so far"
        )
        self.save_shown = self._action(
            "save_shown",
            "Save s&hown weights...",
            "Ctrl+Shift+S",
            "Save a model of the weights that the panels show: those of the step that is looked at",
        )
        self.save_shown.setEnabled(False)
        self.open_dataset = self._action(
            "open_dataset", "Open &dataset...", "Ctrl+D", "Use another folder of IDX files"
        )
        self.bundled_dataset = self._action(
            "bundled_dataset", "Use the &bundled MNIST", "", "Use the digits of the program"
        )
        self.export_tags = self._action(
            "export_tags",
            "E&xport tags as CSV...",
            "",
            "Save a table of the digits that you tagged: their places in the files, labels, notes, and what the "
            "network that is shown takes them for",
        )
        self.quit = self._action("quit", "&Quit", "Ctrl+Q", "Close the window")

    def _make_network_actions(self) -> None:
        self.primary = self._action("train", "Train &new network", "Ctrl+T", "")
        self.pause = self._action("pause", "&Pause", "Ctrl+H", "Hold after the current minibatch")
        self.train_on = self._action("continue", "C&ontinue", "Ctrl+Return", "")
        self.step_batch = self._action("step_batch", "Step &batch", "Ctrl+B", "")
        self.step_epoch = self._action("step_epoch", "Step &epoch", "Ctrl+E", "")
        self.run_to_epoch = self._action(
            "run_to_epoch", "&Run to epoch...", "Ctrl+R", "Train until so many epochs are done, then hold"
        )
        self.stop = self._action("stop", "&Stop", "Ctrl+.", "End the run now and keep the best weights so far")
        self.new_network = self._action(
            "new_network",
            "C&lose run",
            "Ctrl+W",
            "Show no network and empty curves, as at the start. The run stays among the runs; one under way ends",
        )
        self.test = self._action(
            "test",
            "Test on the &test digits",
            "Ctrl+Shift+T",
            "Measure the best weights on digits that were kept aside until now. Whoever tries settings until this "
            "number is good has no test digits any more, so it is measured only when you ask",
        )
        self.check_gradient = self._action(
            "check_gradient",
            "Check the &gradient...",
            "Ctrl+G",
            "Compare the gradient of every layer with differences of the loss: is the backward pass right?",
        )
        self.preview_distortions = self._action(
            "preview_distortions", "Preview &distortions...", "Ctrl+P", "Show training digits as the network sees them"
        )

    def _make_view_actions(self) -> None:
        self.reset_layout = self._action("reset_layout", "&Reset layout", "", "Put all panels back to their places")
        self.sound = self._action("sound", "So&und at the end", "", "Sound when a run ends or something fails")
        self.sound.setCheckable(True)

    def _make_help_actions(self) -> None:
        self.manual = self._action("manual", "&Manual", "F1", "What each panel shows, and what can be done in it")
        self.panel_help = self._action(
            "panel_help", "&Explain this panel", "Shift+F1", "Open the page of the panel that has the focus"
        )
        self.open_log = self._action(
            "open_log", "Open &log", "", "What happened in the program, for whoever looks for the cause of an error"
        )
        self.about = self._action("about", "&About", "", "What this program is")

    def _make_themes(self, window: QWidget) -> dict[str, QAction]:
        group = QActionGroup(window)
        actions = {}
        for name, text in {"system": "As the des&ktop", "light": "&Light", "dark": "&Dark"}.items():
            made = QAction(text, group)
            made.setObjectName(f"theme_{name}")
            made.setCheckable(True)
            actions[name] = made
        return actions

    def _make_paces(self, window: QWidget) -> dict[float | None, QAction]:
        group = QActionGroup(window)
        actions: dict[float | None, QAction] = {}
        for pace, text in PACES.items():
            made = QAction(text, group)
            made.setCheckable(True)
            made.setChecked(pace is None)
            actions[pace] = made
        return actions

    def _make_timeline_budgets(self, window: QWidget) -> dict[int, QAction]:
        group = QActionGroup(window)
        actions: dict[int, QAction] = {}
        for megabytes in TIMELINE_MB:
            made = QAction(f"{megabytes:,} MB", group)
            made.setCheckable(True)
            actions[megabytes] = made
        return actions

    def show_theme(self, theme: Theme | None) -> None:
        """Tick the chosen theme; None is the desktop's."""
        self.themes[theme.name if theme else "system"].setChecked(True)

    def theme_of(self, action: QAction) -> Theme | None:
        """The theme behind one of the theme actions; None for the desktop's."""
        return THEMES.get(action.objectName().removeprefix("theme_"))  # type: ignore[call-overload,no-any-return]

    def show_state(self, state: RunState, *, has_best: bool, is_legal: bool = True, what: str = "the network") -> None:
        """Enable what can be done now, and say in its tip what it would do. Each action does one thing, whatever the
        state: where it cannot, it is disabled. is_legal: whether the form is. what: what is trained on, in words."""
        is_training, is_paused = state is RunState.TRAINING, state is RunState.PAUSED
        is_running = is_training or is_paused
        self.primary.setEnabled(is_legal and not is_training)
        self.primary.setToolTip(f"{_TRAIN_NEW[state]} (Ctrl+T)")
        self.pause.setEnabled(is_training)
        self.train_on.setEnabled(is_paused or (state is RunState.ENDED and is_legal))
        self.train_on.setToolTip(f"Train {what} on (Ctrl+Return)" if state is not RunState.NEW else NOTHING_TO_GO_ON)
        whom = "a new network, as the form says," if state is RunState.NEW else what
        for action, tip in (
            (self.step_batch, f"Train {whom} for one minibatch, then hold"),
            (self.step_epoch, f"Train {whom} to the end of an epoch, then hold"),
        ):
            action.setEnabled(is_running or is_legal)
            action.setToolTip(f"{tip} ({action.shortcut().toString()})")
        self.run_to_epoch.setEnabled(is_running or is_legal)
        self.stop.setEnabled(is_running)
        self.new_network.setEnabled(state is not RunState.NEW)
        for action in (self.test, self.save_model):
            action.setEnabled(has_best)

    def fill(self, bar: QMenuBar, panels: Iterable[QAction]) -> None:
        """Make the menus."""
        file_menu, network, view, help_menu = (bar.addMenu(name) for name in ("&File", "&Network", "&View", "&Help"))
        file_menu.addActions([self.open_model, self.save_model, self.save_shown])
        file_menu.addSeparator()
        file_menu.addActions([self.open_dataset, self.bundled_dataset, self.export_tags])
        file_menu.addSeparator()
        file_menu.addAction(self.quit)
        network.addActions([self.primary, self.pause, self.train_on])
        network.addSeparator()
        network.addActions([self.step_batch, self.step_epoch, self.run_to_epoch, self.stop])
        network.addSeparator()
        network.addActions([self.new_network, self.test, self.check_gradient, self.preview_distortions])
        pace = network.addMenu("Pa&ce")
        pace.setToolTip("Slow motion: watch the network learn, minibatch by minibatch")
        pace.addActions(list(self.paces.values()))
        view.addActions(list(panels))
        view.addSeparator()
        theme = view.addMenu("&Theme")
        theme.addActions(list(self.themes.values()))
        budget = view.addMenu("Timeline &memory")
        budget.setToolTip("What all runs together may keep: beyond it, weights kept for looking back are thinned")
        budget.addActions(list(self.timeline_budgets.values()))
        view.addAction(self.sound)
        view.addAction(self.reset_layout)
        help_menu.addActions([self.manual, self.panel_help])
        help_menu.addSeparator()
        help_menu.addActions([self.open_log, self.about])
