"""The window: puts panels, actions and the bridge together, and says what a change of one means for the others."""

from html import escape
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QCloseEvent, QIcon
from PySide6.QtWidgets import QApplication, QMainWindow

from mnist_gui import paths
from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Split
from mnist_gui.engine.evaluation import Predictions
from mnist_gui.settings import SETTINGS
from mnist_gui.training.commands import StepBatch, StepEpoch
from mnist_gui.training.records import EpochDone, Record, RunEnded, RunStarted
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.summary import summarize
from mnist_gui.ui import theme as themes
from mnist_gui.ui.actions import Actions
from mnist_gui.ui.bridge import Bridge, RunState
from mnist_gui.ui.control_panel import ControlPanel
from mnist_gui.ui.curves_view import CurvesView
from mnist_gui.ui.dialogs import Dialogs
from mnist_gui.ui.earlier_networks import EarlierNetworks
from mnist_gui.ui.files import Files
from mnist_gui.ui.frames import Frames
from mnist_gui.ui.layers_view import LayersView
from mnist_gui.ui.layout import Layout
from mnist_gui.ui.mistakes_view import MistakesView
from mnist_gui.ui.preferences import Preferences
from mnist_gui.ui.status_bar import StatusBar
from mnist_gui.ui.theme import Theme
from mnist_gui.ui.tools import Tools
from mnist_gui.ui.weights_view import WeightsView

MEASURING = "Measuring..."


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
        self.layers = LayersView()
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.setCentralWidget(self.curves)
        self.frames = Frames(
            self.bridge, (self.curves.loss, self.weights, self.curves.accuracy, self.layers), self.status, self
        )
        self._preferences = preferences
        self._dialogs = dialogs
        dialogs.belong_to(self)
        self._sizes_note = ""
        self._wanted_at_load: tuple[StepBatch | StepEpoch, ...] | None = None
        self._earlier = EarlierNetworks(self.controls_actions.earlier)
        self._files = Files(self.bridge, self.controls_actions, self._earlier, dialogs, preferences, self)
        self.tools = Tools(self.bridge, self.controls_actions, self.controls, self)
        self._layout = Layout(self, self.controls, self.weights, self.mistakes, self.layers, preferences)
        self._may_discard = False
        self.has_left_thread = False  # closed while a thread was in something that cannot be interrupted

        self.controls_actions.fill(self.menuBar(), [dock.toggleViewAction() for dock in self._layout.docks])
        self._connect()
        self.controls.show_config(config)
        self._layout.restore()
        self._apply_theme(preferences.theme)
        self.frames.start()
        self.bridge.storage.load_dataset(config.data.folder)

    def _apply_theme(self, chosen: Theme | None) -> None:
        self.controls_actions.show_theme(chosen)
        theme = chosen or themes.system_theme()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        themes.apply(theme, application)
        self.curves.show_theme(theme)
        self.weights.show_theme(theme)
        self.layers.show_theme(theme)

    # Wiring

    def _connect(self) -> None:
        actions, bridge = self.controls_actions, self.bridge
        actions.primary.triggered.connect(self._on_primary_triggered)
        actions.step_batch.triggered.connect(self._on_step_batch_triggered)
        actions.step_epoch.triggered.connect(self._on_step_epoch_triggered)
        actions.stop.triggered.connect(bridge.stop)
        actions.new_network.triggered.connect(self._on_new_network_triggered)
        actions.test.triggered.connect(self._on_test_triggered)
        actions.quit.triggered.connect(self.close)
        actions.reset_layout.triggered.connect(self._layout.reset)
        actions.about.triggered.connect(self._dialogs.show_about)
        for pace, pace_action in actions.paces.items():
            pace_action.triggered.connect(lambda _, pace=pace: bridge.set_pace(pace))
        for theme_action in actions.themes.values():
            theme_action.triggered.connect(lambda _, action=theme_action: self._on_theme_triggered(action))
        self._earlier.chosen.connect(bridge.storage.open_network)
        self._files.saved_for_closing.connect(self.close_without_asking)

        self.controls.live_setting_changed.connect(bridge.change_setting)
        self.controls.live_setting_changed.connect(self._refresh_actions)
        self.controls.edited.connect(self._refresh_actions)
        bridge.state_changed.connect(self._on_state_changed)
        bridge.storage.dataset_failed.connect(self._on_dataset_failed)
        bridge.storage.dataset_loading.connect(self._on_dataset_loading)
        bridge.dataset_loaded.connect(self._on_dataset_loaded)
        bridge.network_begun.connect(self._on_network_begun)
        bridge.network_left.connect(self._earlier.add)
        bridge.record_taken.connect(self._on_record_taken)
        bridge.snapshot_taken.connect(self._on_snapshot_taken)
        bridge.predictions_taken.connect(self._on_predictions_taken)
        bridge.tested.connect(self._on_tested)
        bridge.storage.model_saved.connect(self._on_model_saved)
        bridge.network_shown.connect(self._on_network_shown)
        bridge.failed.connect(self._on_failed)

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
        self.controls.commit()
        config = self._form_config()
        if config is None:
            return
        if self.bridge.dataset is None:
            self._wanted_at_load = commands
            self.controls.show_note("Training starts as soon as the digits are read.")
            return
        if self.bridge.state is RunState.ENDED and not self._needs_new_network(config):
            self.bridge.train_on(config, *commands)
        else:
            self.bridge.begin(config, *commands)

    @Slot()
    def _on_new_network_triggered(self) -> None:
        self.bridge.forget_network()

    @Slot(object)
    def _on_state_changed(self, state: RunState) -> None:
        self.status.show_state(state)
        self._refresh_actions()

    @Slot()
    def _refresh_actions(self) -> None:
        """Say what can be done now: depends on the state, and on whether the form still describes the network."""
        config, present = self._form_config(), self.bridge.network_config
        changed = config.differences(present) if config and present else ()
        structural = [SETTINGS[key].label for key in changed if SETTINGS[key].acts == "new network"]
        later = [SETTINGS[key].label for key in changed if SETTINGS[key].acts == "next training"]
        waiting = [SETTINGS[key].label for key in changed if SETTINGS[key].acts == "at once"]
        self.controls_actions.show_state(
            self.bridge.state,
            needs_new_network=bool(structural) or present is None,
            has_best=self.bridge.best is not None,
        )
        if config is None:
            return  # the note says what is wrong in the form
        if structural:
            self.controls.show_note(f"Changed for a new network: {', '.join(structural)}.")
        elif waiting and self.bridge.is_running:
            self.controls.show_note(f"Not in force: {', '.join(waiting)}. Return in the field uses it now.")
        elif later and self.bridge.is_running:
            self.controls.show_note(f"Changed for the next training: {', '.join(later)}.")
        else:
            self.controls.show_note(self._sizes_note)

    @Slot()
    def _on_network_begun(self) -> None:
        self.curves.show_history(self.bridge.history)
        self.layers.show_history(self.bridge.history)
        self.status.show_history(self.bridge.history)
        self.weights.show_nothing()
        self.mistakes.show_nothing()
        self.controls.show_test("")
        self._sizes_note = ""
        self._refresh_actions()

    @Slot(object)
    def _on_record_taken(self, record: Record) -> None:
        if isinstance(record, (RunStarted, RunEnded)):
            self.status.refresh()
        if isinstance(record, RunEnded) and record.state == "diverged":
            epoch = record.best_epoch
            kept = f"The weights of epoch {epoch}" if epoch else f"The last finite weights, of step {record.step:,},"
            advice = "" if epoch else " They are to look at: a new network will do better than training these on."
            self._on_failed("The network diverged", f"Training stopped: {record.error}.\n{kept} are kept.{advice}")
        if isinstance(record, RunStarted):
            self._sizes_note = _describe_sizes(record)
        if isinstance(record, EpochDone):
            self.curves.announce(summarize(self.bridge.history))
        if isinstance(record, RunEnded):
            ended = f"training {record.state.replace('_', ' ')}"
            self.curves.announce("; ".join(part for part in (ended, summarize(self.bridge.history)) if part))
            self.status.show_text(record.state.replace("_", " "))
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
        self.controls.show_test(MEASURING)
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
        self.controls.show_dataset(_describe(dataset, folder))
        self._refresh_actions()
        if self._wanted_at_load is not None:
            commands, self._wanted_at_load = self._wanted_at_load, None
            self._train(*commands)

    @Slot(str)
    def _on_dataset_failed(self, folder: str) -> None:
        self._wanted_at_load = None

    @Slot(object, object)
    def _on_model_saved(self, path: Path, snapshot: Snapshot) -> None:
        self.status.showMessage(f"Saved {path}", 5000)

    @Slot(object)
    def _on_network_shown(self, snapshot: Snapshot) -> None:
        self._earlier.forget(snapshot)
        self.controls.show_config(snapshot.config)
        self._refresh_actions()

    @Slot(str, str)
    def _on_failed(self, title: str, text: str) -> None:
        self.status.show_text("")
        if self.controls.test_result == MEASURING:
            self.controls.show_test("")
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
        if not self._may_discard and not self._files.may_close():
            event.ignore()
            return
        self.frames.stop()
        self._layout.remember()
        self.has_left_thread = not self.bridge.close()
        event.accept()


def _describe(dataset: Dataset, folder: str) -> str:
    rows, columns = dataset.image_shape
    return (
        f"<b>{escape(dataset.name) if folder else 'MNIST'}</b>: {len(dataset.train_labels):,} + "
        f"{len(dataset.test_labels):,} test digits, {rows}\N{MULTIPLICATION SIGN}{columns}, {dataset.classes} classes"
    )


def _describe_sizes(started: RunStarted) -> str:
    """Smaller files than the form's default sizes are dealt out in proportion: how; "" if all is as the form says."""
    asked = started.config.data
    as_asked = (started.train_digits, started.validation_digits) == (asked.train, asked.validation)
    if as_asked or asked.digits or isinstance(asked.train, float) or isinstance(asked.validation, float):
        return ""
    return (
        f"The files hold fewer digits than asked for: {started.train_digits:,} are for training, "
        f"{started.validation_digits:,} for validation."
    )
