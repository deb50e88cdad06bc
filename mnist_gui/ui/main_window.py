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
from mnist_gui.ui.panels.controls.presenter import TrainingDesk
from mnist_gui.ui.panels.diagnosis.presenter import DiagnosisDesk
from mnist_gui.ui.panels.digit.presenter import DigitDesk
from mnist_gui.ui.panels.draw.presenter import DrawDesk
from mnist_gui.ui.panels.draw.test_set_presenter import PersonalDesk
from mnist_gui.ui.panels.lab.describe_presenter import DescribeDesk
from mnist_gui.ui.panels.lab.presenter import LabDesk
from mnist_gui.ui.panels.map.presenter import MapDesk
from mnist_gui.ui.panels.mistakes.learning_lists import LearningDesk
from mnist_gui.ui.panels.mistakes.presenter import MistakesDesk
from mnist_gui.ui.panels.robust.presenter import RobustDesk
from mnist_gui.ui.panels.runs.presenter import RunDesk
from mnist_gui.ui.panels.scores.presenter import ScoresDesk
from mnist_gui.ui.panels.search.presenter import SearchDesk
from mnist_gui.ui.panels.sweep.presenter import SweepDesk
from mnist_gui.ui.panels.tags.csv_export import TagsExport
from mnist_gui.ui.panels.tags.presenter import TagsDesk
from mnist_gui.ui.panels.timeline.movie_export import MovieExport
from mnist_gui.ui.panels.unit.presenter import UnitDesk
from mnist_gui.ui.panels.units.presenter import Inside
from mnist_gui.ui.services.digit_selection import DigitChoice
from mnist_gui.ui.services.playhead import TimeTravel
from mnist_gui.ui.services.prediction_service import Answers
from mnist_gui.ui.services.refresh_scheduler import Frames
from mnist_gui.ui.services.run_controller import Bridge, RunState
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.docks import Layout
from mnist_gui.ui.shell.file_actions import Files
from mnist_gui.ui.shell.notifications import Narrator
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.shell.tool_windows import Tools
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
        self.bridge = Bridge(self)
        self.controls_actions = Actions(self)
        self.panels = panels = Panels(self.controls_actions)
        self.controls, self.curves, self.status = panels.controls, panels.curves, panels.status
        self.setStatusBar(self.status)
        self.setCentralWidget(panels.make_centre())
        self._preferences = preferences
        self._dialogs = dialogs
        dialogs.belong_to(self)
        self.training = TrainingDesk(self.bridge, self.controls_actions, self.controls, dialogs)
        self.tools = Tools(self.bridge, self.controls_actions, self.controls, self)
        self.run_desk = RunDesk(self.bridge, panels.runs, self.controls, self.curves)
        self.time_travel = TimeTravel(self.bridge, panels.timeline, self.curves)
        self._files = Files(self.bridge, self.controls_actions, dialogs, preferences, self.time_travel, self)
        self.digit_choice = DigitChoice(self)
        self.inside = Inside(self.bridge, self.time_travel, panels, self)
        self.answers = Answers(self.bridge, self.time_travel, self)
        MistakesDesk(panels.mistakes, self.answers, self.digit_choice)
        self.digit_desk = DigitDesk(self.bridge, self.time_travel, self.digit_choice, panels.digit)
        ScoresDesk(panels.scores, self.answers)
        self.unit_desk = UnitDesk(
            self.bridge, self.time_travel, self.digit_choice, panels.weights, panels.unit, dialogs, preferences
        )
        self.learning_desk = LearningDesk(self.bridge, self.answers, self.digit_choice, panels)
        self.tags_desk = TagsDesk(self.bridge, self.digit_choice, panels)
        self.draw_desk = DrawDesk(self.bridge, self.time_travel, panels.draw, dialogs, preferences)
        self.personal_desk = PersonalDesk(self.bridge, self.time_travel, self.draw_desk, panels.draw)
        self.robust_desk = RobustDesk(self.bridge, self.time_travel, self.digit_choice, self.answers, panels.robust)
        self.map_desk = MapDesk(self.bridge, self.time_travel, self.digit_choice, panels.map)
        self.diagnosis_desk = DiagnosisDesk(self.bridge, self.controls, self.curves, panels.diagnosis, panels.weights)
        self.lab_desk = LabDesk(self.bridge, self.controls, self.curves, panels.lab, preferences)
        self.describe_desk = DescribeDesk(
            self.bridge, self.controls, self.diagnosis_desk, panels.lab.describe, preferences
        )
        self.search_desk = SearchDesk(self.bridge, self.controls, self.diagnosis_desk, panels.search)
        self.sweep_desk = SweepDesk(self.bridge, self.controls, panels.sweep, dialogs, preferences)
        by_turns = (
            *(panels.weights, panels.timeline, panels.layers, panels.histograms, panels.scores),
            *(self.digit_desk, self.unit_desk, self.run_desk, self.personal_desk, self.draw_desk, self.robust_desk),
            *(self.map_desk, self.diagnosis_desk, self.search_desk, self.sweep_desk),
            self.learning_desk,
        )
        self.frames = Frames(self.bridge, self.curves.plots, by_turns, self.status, self)
        self.movies = MovieExport(self.bridge, panels.timeline, dialogs, preferences, self)
        TagsExport(
            self.bridge,
            self.time_travel,
            self.tags_desk.book,
            self.controls_actions,
            dialogs,
            preferences,
            panels.status,
        )
        self._layout = Layout(self, panels.docks, preferences)
        self.describe_desk.panel_wanted.connect(self._layout.bring)
        self.describe_desk.search_wanted.connect(panels.search.click_start)
        narrator = Narrator(
            self.bridge, self.curves, dialogs, preferences, find_cause=lambda: self.diagnosis_desk.cause
        )
        self.search_desk.ran.connect(lambda is_running: self.sweep_desk.wait_for("A search" if is_running else ""))
        self.sweep_desk.ran.connect(lambda is_running: self.search_desk.wait_for("A sweep" if is_running else ""))
        self.diagnosis_desk.proofs.begun.connect(self.run_desk.haunt)
        self.diagnosis_desk.error_found.connect(narrator.tell_finding)
        self.diagnosis_desk.counted.connect(lambda errors: self._layout.count("Diagnosis", errors))
        self._layout.count("Diagnosis", 0)
        self._view_menu = ViewMenu(self.bridge, self.controls_actions, preferences, narrator, panels.show_theme)
        self._may_discard = self._keeps_weights = False
        self.is_ending = False  # without a display
        self.has_left_thread = False  # closed while a thread was in something that cannot be interrupted

        self.controls_actions.fill(self.menuBar(), [dock.toggleViewAction() for dock in self._layout.docks])
        self._connect()
        self.controls.show_config(config)
        self._layout.restore()
        self._view_menu.apply()
        self.frames.start()
        self.bridge.storage.load_dataset(config.data.folder)

    # Wiring

    def _connect(self) -> None:
        actions, bridge = self.controls_actions, self.bridge
        actions.test.triggered.connect(self._on_test_triggered)
        actions.quit.triggered.connect(self.close)
        actions.reset_layout.triggered.connect(self._layout.reset)
        actions.about.triggered.connect(self._dialogs.show_about)
        actions.open_log.triggered.connect(lambda: self._dialogs.show_log(paths.log_file()))
        # Later, since it comes with an answer, and what closing writes begins only after that.
        self._files.saved_for_closing.connect(self.close_without_asking, Qt.ConnectionType.QueuedConnection)

        self.digit_choice.wanted.connect(lambda: self._layout.bring("Digit"))
        self.digit_choice.gathered.connect(lambda: self._layout.bring("Mistakes"))
        self.tags_desk.told.connect(lambda text: self.status.showMessage(text, TOLD_MS))
        self.lab_desk.mystery.told.connect(lambda text: self.status.showMessage(text, TOLD_MS))
        self.diagnosis_desk.units_shown.connect(lambda: self._layout.bring("Units"))
        self.panels.weights.unit_chosen.connect(lambda: self._layout.bring("Unit"))
        bridge.state_changed.connect(self._on_state_changed)
        bridge.storage.dataset_failed.connect(self._on_dataset_failed)
        bridge.storage.dataset_loading.connect(self._on_dataset_loading)
        bridge.dataset_loaded.connect(self._on_dataset_loaded)
        bridge.run_shown.connect(self._on_run_shown)
        bridge.record_taken.connect(self._on_record_taken)
        bridge.questions.tested.connect(self._on_tested)
        self._files.told.connect(self._on_files_told)
        bridge.failed.connect(self._on_failed)

    # The run that is shown

    @Slot(object)
    def _on_state_changed(self, state: RunState) -> None:
        self.status.show_state(state)

    @Slot()
    def _on_run_shown(self) -> None:
        self.curves.show_history(self.bridge.history)
        self.panels.layers.show_history(self.bridge.history)
        self.status.show_history(self.bridge.history)
        self.controls.show_test("")
        run = self.bridge.run
        if run is not None:
            self.digit_choice.find_again(run.splits, may_be_test=run.test_revealed_at is not None)

    @Slot(object)
    def _on_record_taken(self, record: Record) -> None:
        if isinstance(record, (RunStarted, RunEnded)):
            self.status.refresh()

    @Slot()
    def _on_test_triggered(self) -> None:
        if self.bridge.run:
            self.controls.show_test(MEASURING)
            self.bridge.questions.ask_test(self.bridge.run)

    @Slot(object, object)
    def _on_tested(self, snapshot: Snapshot, predictions: Predictions) -> None:
        asked = self.bridge.run.tests_asked if self.bridge.run else 0
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
        if not self._may_discard and not self._files.may_close(has_kept=has_kept):
            event.ignore()
            self.closing.emit(False)
            return
        self._end()
        event.accept()

    def _write_all(self) -> bool:
        """Put on the disk what a person said and drew; whether all of it is there."""
        for desk in (self.tags_desk, self.personal_desk):
            desk.keep_all()
        return self.bridge.background.finish_writing(WRITING_SECONDS)

    def _end(self) -> None:
        """Come to an end with all that is under way."""
        self.frames.stop()
        self._layout.remember()
        have_ended = self.search_desk.close(), self.sweep_desk.close()
        has_closed = self.bridge.close(keeps=self._keeps_weights)
        self.has_left_thread = not has_closed or not all(have_ended) or self.bridge.background.is_at_work


def _describe(dataset: Dataset, folder: str) -> str:
    rows, columns = dataset.image_shape
    return (
        f"<b>{escape(dataset.name) if folder else 'MNIST'}</b>: {len(dataset.train_labels):,} + "
        f"{len(dataset.test_labels):,} test digits, {rows}\N{MULTIPLICATION SIGN}{columns}, {dataset.classes} classes"
    )
