"""The window: puts panels, actions and the bridge together, and draws one panel a tick."""

from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QByteArray, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from mnist_gui import paths
from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Split
from mnist_gui.engine.evaluation import Predictions
from mnist_gui.settings import SETTINGS
from mnist_gui.training.commands import StepBatch, StepEpoch
from mnist_gui.training.records import Record, RunEnded, RunStarted
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui import theme as themes
from mnist_gui.ui.actions import Actions
from mnist_gui.ui.bridge import Bridge, RunState
from mnist_gui.ui.control_panel import ControlPanel
from mnist_gui.ui.curves_view import CurvesView
from mnist_gui.ui.dialogs import Dialogs
from mnist_gui.ui.earlier_networks import EarlierNetworks
from mnist_gui.ui.mistakes_view import MistakesView
from mnist_gui.ui.preferences import Preferences
from mnist_gui.ui.status_bar import StatusBar
from mnist_gui.ui.theme import Theme
from mnist_gui.ui.weights_view import WeightsView

TICK_MS = 20

# Of all time, the most that frames may take while a network trains: training gives way to them.
DRAWING_SHARE = 0.08

DESIGN_SIZE = (1366, 768)


class MainWindow(QMainWindow):
    """The one window of the program. Owns the panels; what they show comes from the bridge."""

    def __init__(self, config: RunConfig, preferences: Preferences, dialogs: Dialogs) -> None:
        super().__init__()
        self.setWindowTitle("mnist_gui")
        self.setWindowIcon(QIcon(str(paths.resources() / "icons" / "mnist-gui.svg")))
        self.bridge = Bridge(self)
        self.controls_actions = Actions(self)
        self.controls = ControlPanel(self.controls_actions)
        self.curves = CurvesView()
        self.weights = WeightsView()
        self.mistakes = MistakesView()
        self.status = StatusBar()
        self._preferences = preferences
        self._dialogs = dialogs
        self._earlier = EarlierNetworks(self.controls_actions.earlier)
        self._may_discard = False
        self._save_then_close: Path | None = None

        self.setStatusBar(self.status)
        self.setCentralWidget(self.curves)
        self._docks = self._make_docks()
        self._default_layout: QByteArray | None = None
        self.controls_actions.fill(self.menuBar(), [dock.toggleViewAction() for dock in self._docks])
        self._connect()
        self.controls.show_config(config)
        self._restore_layout()
        self._apply_theme(preferences.theme)

        self._turn = 0
        self._next_frame = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start(TICK_MS)
        self.bridge.load_dataset(config.data.folder)

    # Layout

    def _make_docks(self) -> list[QDockWidget]:
        return [
            self._make_dock("Controls", self.controls, Qt.DockWidgetArea.LeftDockWidgetArea),
            self._make_dock("Units", self.weights, Qt.DockWidgetArea.RightDockWidgetArea),
            self._make_dock("Mistakes", self.mistakes, Qt.DockWidgetArea.RightDockWidgetArea),
        ]

    def _make_dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock_{title.lower()}")
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _restore_layout(self) -> None:
        available = QGuiApplication.primaryScreen().availableSize()
        self.resize(min(DESIGN_SIZE[0], available.width()), min(DESIGN_SIZE[1], available.height()))
        controls, units, mistakes = self._docks
        self.resizeDocks([controls, units], [self.controls.minimumWidth() + 20, 380], Qt.Orientation.Horizontal)
        self.resizeDocks([units, mistakes], [400, 300], Qt.Orientation.Vertical)
        self._default_layout = self.saveState()
        stored = self._preferences.layout
        if stored:
            geometry, state = stored
            self.restoreGeometry(geometry)
            self.restoreState(state)

    @Slot()
    def _on_reset_layout_triggered(self) -> None:
        self._preferences.layout = None
        if self._default_layout:
            self.restoreState(self._default_layout)

    def _apply_theme(self, chosen: Theme | None) -> None:
        self.controls_actions.show_theme(chosen)
        theme = chosen or themes.system_theme()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        themes.apply(theme, application)
        self.curves.show_theme(theme)
        self.weights.show_theme(theme)

    # Wiring

    def _connect(self) -> None:
        actions, bridge = self.controls_actions, self.bridge
        actions.primary.triggered.connect(self._on_primary_triggered)
        actions.step_batch.triggered.connect(self._on_step_batch_triggered)
        actions.step_epoch.triggered.connect(self._on_step_epoch_triggered)
        actions.stop.triggered.connect(bridge.stop)
        actions.new_network.triggered.connect(self._on_new_network_triggered)
        actions.test.triggered.connect(self._on_test_triggered)
        actions.open_model.triggered.connect(self._on_open_model_triggered)
        actions.save_model.triggered.connect(self._on_save_model_triggered)
        actions.open_dataset.triggered.connect(self._on_open_dataset_triggered)
        actions.bundled_dataset.triggered.connect(self._on_bundled_dataset_triggered)
        actions.quit.triggered.connect(self.close)
        actions.reset_layout.triggered.connect(self._on_reset_layout_triggered)
        actions.about.triggered.connect(self._dialogs.show_about)
        for theme_action in actions.themes.values():
            theme_action.triggered.connect(lambda _, action=theme_action: self._on_theme_triggered(action))
        self._earlier.chosen.connect(bridge.show_network)

        self.controls.live_setting_changed.connect(self._on_live_setting_changed)
        self.controls.edited.connect(self._refresh_actions)
        bridge.state_changed.connect(self._on_state_changed)
        bridge.dataset_loading.connect(self._on_dataset_loading)
        bridge.dataset_loaded.connect(self._on_dataset_loaded)
        bridge.network_begun.connect(self._on_network_begun)
        bridge.network_left.connect(self._earlier.add)
        bridge.record_taken.connect(self._on_record_taken)
        bridge.snapshot_taken.connect(self._on_snapshot_taken)
        bridge.predictions_taken.connect(self._on_predictions_taken)
        bridge.tested.connect(self._on_tested)
        bridge.model_saved.connect(self._on_model_saved)
        bridge.network_shown.connect(self._on_network_shown)
        bridge.failed.connect(self._on_failed)

    # Frames

    @Slot()
    def _on_timer_timeout(self) -> None:
        """Take what has come, and draw one panel that has something new: a frame stays short however many there are."""
        started = perf_counter()
        self.bridge.poll()
        if started < self._next_frame:
            return
        with self.bridge.drawing():
            panels = (self.curves.loss, self.weights, self.curves.accuracy)
            for _ in panels:
                self._turn = (self._turn + 1) % len(panels)
                if panels[self._turn].refresh():
                    break
            if self._turn == 0:
                self.status.refresh()
        seconds = perf_counter() - started
        self._next_frame = started + (seconds / DRAWING_SHARE if self.bridge.is_running else 0.0)
        self.status.count_frame(seconds)

    def draw_everything(self) -> None:
        """Take and draw all that is new at once, for a picture."""
        self.bridge.poll()
        for panel in (self.curves.loss, self.weights, self.curves.accuracy, self.status):
            panel.refresh()

    # Training

    def _form_config(self) -> RunConfig | None:
        """The form's settings; None, and the reason is shown, if one is illegal."""
        try:
            return self.controls.config
        except ConfigError as error:
            self.controls.show_note(str(error), is_error=True)
            return None

    def _needs_new_network(self, config: RunConfig) -> bool:
        present = self.bridge.network_config
        return present is None or any(SETTINGS[key].acts == "new network" for key in config.differences(present))

    @Slot()
    def _on_primary_triggered(self) -> None:
        match self.bridge.state:
            case RunState.TRAINING:
                self.bridge.pause()
            case RunState.PAUSED:
                self.bridge.resume()
            case _:
                self._train()

    @Slot()
    def _on_step_batch_triggered(self) -> None:
        if self.bridge.is_running:
            self.bridge.step_batch()
        else:
            self._train(StepBatch())

    @Slot()
    def _on_step_epoch_triggered(self) -> None:
        if self.bridge.is_running:
            self.bridge.step_epoch()
        else:
            self._train(StepEpoch())

    def _train(self, *commands: StepBatch | StepEpoch) -> None:
        config = self._form_config()
        if config is None:
            return
        if self.bridge.state is RunState.ENDED and not self._needs_new_network(config):
            self.bridge.train_on(config, *commands)
        else:
            self.bridge.begin(config, *commands)

    @Slot()
    def _on_new_network_triggered(self) -> None:
        self.bridge.forget_network()

    @Slot(str, float)
    def _on_live_setting_changed(self, key: str, value: float) -> None:
        if key == "training.learning_rate":
            self.bridge.set_learning_rate(value)
        else:
            self.bridge.set_momentum(value)

    @Slot(object)
    def _on_state_changed(self, state: RunState) -> None:
        self.status.show_state(state)
        self._refresh_actions()
        if state is RunState.ENDED and self._save_then_close:
            self.bridge.save_model(self._save_then_close)

    @Slot()
    def _refresh_actions(self) -> None:
        """Say what can be done now: depends on the state, and on whether the form still describes the network."""
        try:
            config = self.controls.config
        except ConfigError as error:
            self.controls.show_note(str(error), is_error=True)
            return
        present = self.bridge.network_config
        changed = config.differences(present) if present else ()
        structural = [SETTINGS[key].label for key in changed if SETTINGS[key].acts == "new network"]
        later = [SETTINGS[key].label for key in changed if SETTINGS[key].acts == "next training"]
        self.controls_actions.show_state(
            self.bridge.state,
            needs_new_network=bool(structural) or present is None,
            has_best=self.bridge.best is not None,
        )
        if structural:
            self.controls.show_note(f"Changed for a new network: {', '.join(structural)}.")
        elif later and self.bridge.is_running:
            self.controls.show_note(f"Changed for the next training: {', '.join(later)}.")
        else:
            self.controls.show_note("")

    @Slot()
    def _on_network_begun(self) -> None:
        self.curves.show_history(self.bridge.history)
        self.status.show_history(self.bridge.history)
        self.weights.show_nothing()
        self.mistakes.show_nothing()
        self.controls.show_test("")
        self._refresh_actions()

    @Slot(object)
    def _on_record_taken(self, record: Record) -> None:
        if isinstance(record, (RunStarted, RunEnded)):
            self.status.refresh()
        if isinstance(record, RunEnded) and record.state == "diverged":
            kept = f"The weights of epoch {record.best_epoch} are kept. " if record.best_epoch else ""
            self._on_failed(
                "The network diverged",
                f"Training stopped: {record.error}. {kept}Try a smaller learning rate.",
            )
        if isinstance(record, RunEnded):
            self.status.show_text(record.state)
        self._refresh_actions()

    @Slot(object)
    def _on_snapshot_taken(self, snapshot: Snapshot) -> None:
        self.weights.show_snapshot(snapshot, self._best_note(snapshot))

    @Slot(object, object, object)
    def _on_predictions_taken(self, snapshot: Snapshot, split: Split, predictions: Predictions) -> None:
        when = f"epoch {snapshot.epoch}{self._best_note(snapshot)}"
        self.mistakes.show_mistakes(split, predictions, snapshot.class_names, when)

    def _best_note(self, snapshot: Snapshot) -> str:
        """When training has ended, the panels show the best weights; said where they are not the last ones too."""
        is_over = self.bridge.state is RunState.ENDED
        return ", the best" if is_over and snapshot is self.bridge.best else ""

    @Slot()
    def _on_test_triggered(self) -> None:
        self.controls.show_test("Measuring...")
        self.bridge.ask_test()

    @Slot(object, object)
    def _on_tested(self, snapshot: Snapshot, predictions: Predictions) -> None:
        asked = self.bridge.tests_asked
        times = "asked once" if asked == 1 else f"asked {asked} times"
        self.controls.show_test(
            f"<b>{predictions.accuracy:.2%}</b> of {len(predictions.labels):,} test digits right, "
            f"loss {predictions.loss:.4f} (weights of epoch {snapshot.epoch}; {times})"
        )

    # Data and models

    @Slot(str)
    def _on_dataset_loading(self, name: str) -> None:
        self.status.show_text("loading dataset")

    @Slot(object, str)
    def _on_dataset_loaded(self, dataset: Dataset, folder: str) -> None:
        self.status.show_text("")
        self.controls.use_folder(folder)
        rows, columns = dataset.image_shape
        self.controls.show_dataset(
            f"<b>{dataset.name if folder else 'MNIST'}</b>: {len(dataset.train_labels):,} + "
            f"{len(dataset.test_labels):,} test digits, {rows}\N{MULTIPLICATION SIGN}{columns}, "
            f"{dataset.classes} classes"
        )
        self._refresh_actions()

    @Slot()
    def _on_open_dataset_triggered(self) -> None:
        folder = self._dialogs.ask_folder(self._preferences.folder("dataset"))
        if folder:
            self._preferences.remember_folder("dataset", folder)
            self.bridge.load_dataset(str(folder))

    @Slot()
    def _on_bundled_dataset_triggered(self) -> None:
        self.bridge.load_dataset("")

    @Slot()
    def _on_open_model_triggered(self) -> None:
        path = self._dialogs.ask_model_to_open(self._preferences.folder("model"))
        if path:
            self._preferences.remember_folder("model", path.parent)
            self.bridge.open_model(path)

    @Slot()
    def _on_save_model_triggered(self) -> None:
        path = self._ask_where_to_save()
        if path:
            self.bridge.save_model(path)

    def _ask_where_to_save(self) -> Path | None:
        path = self._dialogs.ask_model_to_save(self._preferences.folder("model") / "model.npz")
        if path:
            self._preferences.remember_folder("model", path.parent)
        return path

    @Slot(object)
    def _on_model_saved(self, path: Path) -> None:
        self._earlier.forget(self.bridge.saved)
        self.status.showMessage(f"Saved {path}", 5000)
        if path == self._save_then_close:
            self._may_discard = True
            self.close()

    @Slot(object)
    def _on_network_shown(self, snapshot: Snapshot) -> None:
        self._earlier.forget(snapshot)
        self.controls.show_config(snapshot.config)
        self._refresh_actions()

    @Slot(str, str)
    def _on_failed(self, title: str, text: str) -> None:
        self.status.show_text("")
        self._save_then_close = None
        self._dialogs.show_error(title, text)

    @Slot(QAction)
    def _on_theme_triggered(self, action: QAction) -> None:
        chosen = self.controls_actions.theme_of(action)
        self._preferences.theme = chosen
        self._apply_theme(chosen)

    # The end

    def close_without_asking(self) -> None:
        """Close, whatever is unsaved: for signals from outside, which cannot answer a question."""
        self._may_discard = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close():
            event.ignore()
            return
        self._timer.stop()
        self._preferences.layout = (self.saveGeometry(), self.saveState())
        self.bridge.close()
        event.accept()

    def _may_close(self) -> bool:
        unsaved = self._describe_unsaved()
        if self._may_discard or not unsaved:
            return True
        answer = self._dialogs.ask_unsaved(unsaved)
        if answer == "save":
            self._save_and_close()
        return answer == "discard"

    def _describe_unsaved(self) -> str:
        sentences = []
        if self.bridge.is_running:
            sentences.append("The network is still training.")
        elif self.bridge.has_unsaved:
            sentences.append("The trained network is not saved.")
        if len(self._earlier):
            count = len(self._earlier)
            plural = "network is" if count == 1 else f"{count} networks are"
            sentences.append(f"The earlier {plural} not saved either: Network > Earlier networks shows what there is.")
        return "\n".join(sentences)

    def _save_and_close(self) -> None:
        if self.bridge.best is None and not self.bridge.is_running:
            return
        path = self._ask_where_to_save()
        if path is None:
            return
        self._save_then_close = path
        if self.bridge.is_running:
            self.bridge.stop()
        else:
            self.bridge.save_model(path)
