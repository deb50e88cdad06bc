"""The window: puts panels, actions and the bridge together, and says what a change of one means for the others."""

from html import escape

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QMainWindow

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.engine.inference import Predictions
from mnist_gui.system import paths
from mnist_gui.training.records import Record, RunEnded, RunStarted
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panel_registry import Panels
from mnist_gui.ui.panels.controls.presenter import ControlsPresenter
from mnist_gui.ui.panels.diagnosis.presenter import DiagnosisPresenter
from mnist_gui.ui.panels.digit.presenter import DigitPresenter
from mnist_gui.ui.panels.digit.tags_presenter import TagsPresenter
from mnist_gui.ui.panels.draw.presenter import DrawPresenter
from mnist_gui.ui.panels.draw.test_set_presenter import TestSetPresenter
from mnist_gui.ui.panels.lab.describe_presenter import DescribePresenter
from mnist_gui.ui.panels.lab.presenter import LabPresenter
from mnist_gui.ui.panels.map.presenter import MapPresenter
from mnist_gui.ui.panels.mistakes.learning_lists import LearningLists
from mnist_gui.ui.panels.mistakes.presenter import MistakesPresenter
from mnist_gui.ui.panels.robust.presenter import RobustPresenter
from mnist_gui.ui.panels.runs.presenter import RunsPresenter
from mnist_gui.ui.panels.scores.presenter import ScoresPresenter
from mnist_gui.ui.panels.search.presenter import SearchPresenter
from mnist_gui.ui.panels.sweep.presenter import SweepPresenter
from mnist_gui.ui.panels.timeline.movie_export import MovieExport
from mnist_gui.ui.panels.timeline.presenter import TimelinePresenter
from mnist_gui.ui.panels.unit.presenter import UnitPresenter
from mnist_gui.ui.panels.units.presenter import UnitsPresenter
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.prediction_service import PredictionService
from mnist_gui.ui.services.refresh_scheduler import RefreshScheduler
from mnist_gui.ui.services.run_controller import RunController, RunState
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.docks import Docks
from mnist_gui.ui.shell.file_actions import FileActions
from mnist_gui.ui.shell.manual import Manual
from mnist_gui.ui.shell.notifications import Notifications
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.shell.tags_csv_export import TagsCsvExport
from mnist_gui.ui.shell.tool_windows import ToolWindows
from mnist_gui.ui.shell.view_menu import ViewMenu

MEASURING = "Measuring..."
TOLD_MS = 15_000

# So long the closing window waits for what a person said to be on the disk.
WRITING_SECONDS = 5.0


class MainWindow(QMainWindow):
    """The one window of the program. Owns the panels; what they show comes from the bridge.

    closing(is_closing): it begins to close, which may take some seconds; or False, it stays open after all.
    """

    closing = Signal(bool)

    def __init__(self, config: RunConfig, preferences: Preferences, dialogs: Dialogs) -> None:
        super().__init__()
        self.setWindowTitle("mnist_gui")
        self.setWindowIcon(QIcon(str(paths.resources() / "icons" / "mnist-gui.svg")))
        self.run_controller = RunController(self)
        self.controls_actions = Actions(self)
        self.panels = panels = Panels(self.controls_actions)
        self.controls, self.curves, self.status = panels.controls, panels.curves, panels.status
        self.setStatusBar(self.status)
        self.setCentralWidget(panels.make_centre())
        self._preferences = preferences
        self._dialogs = dialogs
        dialogs.belong_to(self)
        self.training = ControlsPresenter(self.run_controller, self.controls_actions, self.controls, dialogs)
        self.tool_windows = ToolWindows(self.run_controller, self.controls_actions, self.controls, self)
        self.runs_presenter = RunsPresenter(self.run_controller, panels.runs, self.controls, self.curves)
        self.playhead = Playhead(self.run_controller, self)
        TimelinePresenter(self.run_controller, self.playhead, panels.timeline)
        self.playhead.moved.connect(lambda step, shown: self.curves.show_moment(step))
        self.curves.moment_chosen.connect(self.playhead.go_to)
        self._file_actions = FileActions(
            self.run_controller, self.controls_actions, dialogs, preferences, self.playhead, self
        )
        self.digit_selection = DigitSelection(self)
        self.units_presenter = UnitsPresenter(
            self.run_controller, self.playhead, panels.weights, panels.histograms, self
        )
        self.prediction_service = PredictionService(self.run_controller, self.playhead, self)
        MistakesPresenter(panels.mistakes, self.prediction_service, self.digit_selection)
        self.digit_presenter = DigitPresenter(self.run_controller, self.playhead, self.digit_selection, panels.digit)
        ScoresPresenter(panels.scores, self.prediction_service)
        self.unit_presenter = UnitPresenter(
            self.run_controller, self.playhead, self.digit_selection, panels.weights, panels.unit, dialogs, preferences
        )
        self.learning_lists = LearningLists(
            self.run_controller,
            self.prediction_service,
            self.digit_selection,
            panels.mistakes,
            panels.digit,
            panels.digit.history,
        )
        self.tags_presenter = TagsPresenter(
            self.run_controller, self.digit_selection, panels.digit.tags, panels.mistakes, self.controls
        )
        self.draw_presenter = DrawPresenter(self.run_controller, self.playhead, panels.draw, dialogs, preferences)
        self.test_set_presenter = TestSetPresenter(self.run_controller, self.playhead, self.draw_presenter, panels.draw)
        self.robust_presenter = RobustPresenter(
            self.run_controller, self.playhead, self.digit_selection, self.prediction_service, panels.robust
        )
        self.map_presenter = MapPresenter(self.run_controller, self.playhead, self.digit_selection, panels.map)
        self.diagnosis_presenter = DiagnosisPresenter(
            self.run_controller, self.controls, self.curves, panels.diagnosis, panels.weights
        )
        self.lab_presenter = LabPresenter(self.run_controller, self.controls, self.curves, panels.lab, preferences)
        self.describe_presenter = DescribePresenter(
            self.run_controller, self.controls, self.diagnosis_presenter, panels.lab.describe, preferences
        )
        self.search_presenter = SearchPresenter(
            self.run_controller, self.controls, self.diagnosis_presenter, panels.search
        )
        self.sweep_presenter = SweepPresenter(self.run_controller, self.controls, panels.sweep, dialogs, preferences)
        round_robin = (
            *(panels.weights, panels.timeline, panels.layers, panels.histograms, panels.scores),
            *(
                self.digit_presenter,
                self.unit_presenter,
                self.runs_presenter,
                self.test_set_presenter,
                self.draw_presenter,
                self.robust_presenter,
            ),
            *(self.map_presenter, self.diagnosis_presenter, self.search_presenter, self.sweep_presenter),
            self.learning_lists,
        )
        self.refresh_scheduler = RefreshScheduler(
            self.run_controller, self.curves.plots, round_robin, self.status, self
        )
        self.movies = MovieExport(self.run_controller, panels.timeline, dialogs, preferences, self)
        TagsCsvExport(
            self.run_controller,
            self.playhead,
            self.tags_presenter.book,
            self.controls_actions,
            dialogs,
            preferences,
            panels.status,
        )
        self._docks = Docks(self, panels.docks, preferences)
        self.manual = Manual(self.controls_actions, self._docks.docks, self)
        self.describe_presenter.panel_wanted.connect(self._docks.bring)
        self.describe_presenter.search_wanted.connect(panels.search.click_start)
        notifications = Notifications(
            self.run_controller, self.curves, dialogs, preferences, find_cause=lambda: self.diagnosis_presenter.cause
        )
        self.search_presenter.ran.connect(
            lambda is_running: self.sweep_presenter.wait_for("A search" if is_running else "")
        )
        self.sweep_presenter.ran.connect(
            lambda is_running: self.search_presenter.wait_for("A sweep" if is_running else "")
        )
        self.diagnosis_presenter.proofs.begun.connect(self.runs_presenter.overlay_previous_run)
        self.diagnosis_presenter.error_found.connect(notifications.tell_finding)
        self.diagnosis_presenter.counted.connect(lambda errors: self._docks.count("Diagnosis", errors))
        self._docks.count("Diagnosis", 0)
        self._view_menu = ViewMenu(
            self.run_controller, self.controls_actions, preferences, notifications, panels.show_theme
        )
        self._may_discard = self._keeps_weights = False
        self.is_ending = False  # without a display
        self.has_left_thread = False  # closed while a thread was in something that cannot be interrupted

        self.controls_actions.fill(self.menuBar(), [dock.toggleViewAction() for dock in self._docks.docks])
        self._connect()
        self.controls.show_config(config)
        self._docks.restore()
        self._view_menu.apply()
        self.refresh_scheduler.start()
        self.run_controller.file_service.load_dataset(config.data.folder)

    # Wiring

    def _connect(self) -> None:
        actions, run_controller = self.controls_actions, self.run_controller
        actions.test.triggered.connect(self._on_test_triggered)
        actions.quit.triggered.connect(self.close)
        actions.reset_layout.triggered.connect(self._docks.reset)
        actions.about.triggered.connect(self._dialogs.show_about)
        actions.open_log.triggered.connect(lambda: self._dialogs.show_log(paths.log_file()))
        # Later, since it comes with an answer, and what closing writes begins only after that.
        self._file_actions.saved_for_closing.connect(self.close_without_asking, Qt.ConnectionType.QueuedConnection)

        self.digit_selection.wanted.connect(lambda: self._docks.bring("Digit"))
        self.digit_selection.gathered.connect(lambda: self._docks.bring("Mistakes"))
        self.tags_presenter.told.connect(lambda text: self.status.showMessage(text, TOLD_MS))
        self.lab_presenter.hidden_fault.told.connect(lambda text: self.status.showMessage(text, TOLD_MS))
        self.diagnosis_presenter.units_shown.connect(lambda: self._docks.bring("Units"))
        self.panels.weights.unit_chosen.connect(lambda: self._docks.bring("Unit"))
        run_controller.state_changed.connect(self._on_state_changed)
        run_controller.file_service.dataset_failed.connect(self._on_dataset_failed)
        run_controller.file_service.dataset_loading.connect(self._on_dataset_loading)
        run_controller.dataset_loaded.connect(self._on_dataset_loaded)
        run_controller.run_shown.connect(self._on_run_shown)
        run_controller.record_taken.connect(self._on_record_taken)
        run_controller.test_evaluation.tested.connect(self._on_tested)
        self._file_actions.told.connect(self._on_files_told)
        run_controller.failed.connect(self._on_failed)

    # The run that is shown

    @Slot(object)
    def _on_state_changed(self, state: RunState) -> None:
        self.status.show_state(state)

    @Slot()
    def _on_run_shown(self) -> None:
        self.curves.show_history(self.run_controller.history)
        self.panels.layers.show_history(self.run_controller.history)
        self.status.show_history(self.run_controller.history)
        self.controls.show_test("")
        run = self.run_controller.run
        if run is not None:
            self.digit_selection.find_again(run.splits, may_be_test=run.test_revealed_at is not None)

    @Slot(object)
    def _on_record_taken(self, record: Record) -> None:
        if isinstance(record, (RunStarted, RunEnded)):
            self.status.refresh()

    @Slot()
    def _on_test_triggered(self) -> None:
        if self.run_controller.run:
            self.controls.show_test(MEASURING)
            self.run_controller.test_evaluation.ask_test(self.run_controller.run)

    @Slot(object, object)
    def _on_tested(self, snapshot: Snapshot, predictions: Predictions) -> None:
        asked = self.run_controller.run.tests_asked if self.run_controller.run else 0
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
        self.controls.show_dataset(_describe(dataset, folder))

    @Slot(str)
    def _on_dataset_failed(self, folder: str) -> None:
        self.status.show_text("")

    @Slot(str)
    def _on_files_told(self, text: str) -> None:
        self.status.showMessage(text, TOLD_MS)

    @Slot(str, str)
    def _on_failed(self, title: str, text: str) -> None:
        if self.controls.test_result == MEASURING:
            self.controls.show_test("")

    # The end

    def close_without_asking(self) -> None:
        """Close, whatever is unsaved: for signals from outside, which cannot answer a question."""
        self._may_discard = True
        self.close()

    def close_and_keep(self) -> None:
        """The same, but what runs under way have come to is then in `bridge.runs`, to be saved."""
        self._keeps_weights = True
        self.close_without_asking()

    def end_and_keep(self) -> None:
        """What `close_and_keep` does besides closing: where the display has gone, nothing that is drawn can change."""
        self.is_ending = self._keeps_weights = True
        self.closing.emit(True)
        self._write_all()
        self._end()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit(True)
        has_kept = self._write_all()
        if not self._may_discard and not self._file_actions.may_close(has_kept=has_kept):
            event.ignore()
            self.closing.emit(False)
            return
        self._end()
        event.accept()

    def _write_all(self) -> bool:
        """Put on the disk what a person said and drew; whether all of it is there."""
        for desk in (self.tags_presenter, self.test_set_presenter):
            desk.keep_all()
        return self.run_controller.task_runner.finish_writing(WRITING_SECONDS)

    def _end(self) -> None:
        """Come to an end with all that is under way."""
        self.refresh_scheduler.stop()
        self._docks.remember()
        have_ended = self.search_presenter.close(), self.sweep_presenter.close()
        has_closed = self.run_controller.close(keeps=self._keeps_weights)
        self.has_left_thread = not has_closed or not all(have_ended) or self.run_controller.task_runner.is_at_work


def _describe(dataset: Dataset, folder: str) -> str:
    rows, columns = dataset.image_shape
    return (
        f"<b>{escape(dataset.name) if folder else 'MNIST'}</b>: {len(dataset.train_labels):,} + "
        f"{len(dataset.test_labels):,} test digits, {rows}\N{MULTIPLICATION SIGN}{columns}, {dataset.classes} classes"
    )
