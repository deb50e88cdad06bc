"""The window: makes the services, frames the panels, and says what a change in one place means for the others."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QChildEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QMainWindow, QTabBar, QVBoxLayout, QWidget

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.engine.inference import Predictions
from mnist_gui.system import paths
from mnist_gui.training.records import Record, RunEnded, RunStarted
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panel_registry import PANELS
from mnist_gui.ui.panels.controls.presenter import ControlsPresenter
from mnist_gui.ui.panels.controls.view import ControlsView
from mnist_gui.ui.panels.timeline.movie_export import MovieExport
from mnist_gui.ui.panels.timeline.presenter import TimelinePresenter
from mnist_gui.ui.panels.timeline.view import TimelineView
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.left_out_offers import LeftOutOffers
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.posted_numbers import PostedNumbers
from mnist_gui.ui.services.prediction_service import PredictionService
from mnist_gui.ui.services.process_use import ProcessUse
from mnist_gui.ui.services.refresh_scheduler import RefreshScheduler
from mnist_gui.ui.services.run_controller import RunController, RunState
from mnist_gui.ui.services.run_diagnosis import RunDiagnosis
from mnist_gui.ui.services.run_overlays import RunOverlays
from mnist_gui.ui.services.tag_store import TagStore
from mnist_gui.ui.services.unit_selection import UnitSelection
from mnist_gui.ui.services.user_digits import UserDigits
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.docks import Docks
from mnist_gui.ui.shell.file_actions import FileActions
from mnist_gui.ui.shell.manual import Manual
from mnist_gui.ui.shell.notifications import Notifications
from mnist_gui.ui.shell.panel_context import PanelContext, PanelEntry
from mnist_gui.ui.shell.panel_host import PanelHost
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.shell.status_bar import StatusBar
from mnist_gui.ui.shell.tags_csv_export import TagsCsvExport
from mnist_gui.ui.shell.tool_windows import ToolWindows
from mnist_gui.ui.shell.view_menu import ViewMenu
from mnist_gui.ui.widgets.application_style import set_sheet
from mnist_gui.ui.widgets.theme import Theme

MEASURING = "Measuring..."
MESSAGE_MS = 15_000

# So long the closing window waits for what the user said to be on the disk.
WRITING_SECONDS = 5.0


class MainWindow(QMainWindow):
    """The one window of the program: curves, timeline, form and status bar. Its other panels are built when first seen.

    closing(is_closing): it begins to close, which may take some seconds; or False, it stays open after all.
    """

    closing = Signal(bool)

    def __init__(
        self,
        config: RunConfig,
        preferences: Preferences,
        dialogs: Dialogs,
        entries: Sequence[PanelEntry] = PANELS,
    ) -> None:
        super().__init__()
        self.setWindowTitle("mnist_gui")
        self.setWindowIcon(QIcon(str(paths.resources() / "icons" / "mnist-gui.svg")))
        self._preferences, self._dialogs = preferences, dialogs
        dialogs.belong_to(self)
        self.run_controller = RunController(self)
        self.controls_actions = Actions(self)
        self._make_frame()
        self._make_services()
        self.refresh_scheduler = RefreshScheduler(self.run_controller, self.curves.plots, self.status, self)
        for refreshed in (self.timeline, self.diagnosis, self.user_digits):
            self.refresh_scheduler.add(refreshed)
        self.panels = PanelHost(entries, self._context(), self.refresh_scheduler)
        self._docks = Docks(self, self.controls, entries, self.panels.view, preferences)
        self._make_menus()
        self._may_discard = self._keeps_weights = False
        self.is_ending = False  # without a display
        self.has_left_thread = False  # closed while a thread was in something that cannot be interrupted
        self._connect()
        self.controls.show_config(config)
        self._docks.restore()
        self._view_menu.apply()
        self.refresh_scheduler.start()
        # When the window has been painted, which takes longer beside another thread that runs Python.
        QTimer.singleShot(0, self, lambda: self.run_controller.file_service.load_dataset(config.data.folder))

    def _make_frame(self) -> None:
        """What is always in sight."""
        self.controls, self.status = ControlsView(self.controls_actions), StatusBar()
        self.curves, self.timeline = CurvesView(), TimelineView()
        self.setStatusBar(self.status)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.curves, 1)
        layout.addWidget(self.timeline)
        self.setCentralWidget(centre)

    def _make_services(self) -> None:
        """What panels need, and what acts whether its panel is there or not."""
        run_controller = self.run_controller
        self.training = ControlsPresenter(run_controller, self.controls_actions, self.controls, self._dialogs)
        self.overlays = RunOverlays(run_controller, self.curves, self)
        self.playhead = Playhead(run_controller, self)
        TimelinePresenter(run_controller, self.playhead, self.timeline)
        self.digit_selection, self.unit_selection = DigitSelection(self), UnitSelection(self)
        self.prediction_service = PredictionService(run_controller, self.playhead, self)
        self.tags = TagStore(run_controller, self)
        LeftOutOffers(run_controller, self.tags, self.controls)
        self.user_digits = UserDigits(run_controller, self.playhead, self)
        self.diagnosis = RunDiagnosis(run_controller, self.controls, self.curves, self)
        self.posted_numbers = PostedNumbers(run_controller, self.curves, self)
        self.processes = ProcessUse(self)

    def _context(self) -> PanelContext:
        return PanelContext(
            run_controller=self.run_controller,
            playhead=self.playhead,
            digit_selection=self.digit_selection,
            unit_selection=self.unit_selection,
            prediction_service=self.prediction_service,
            diagnosis=self.diagnosis,
            overlays=self.overlays,
            posted_numbers=self.posted_numbers,
            tags=self.tags,
            user_digits=self.user_digits,
            processes=self.processes,
            form=self.controls,
            curves=self.curves,
            dialogs=self._dialogs,
            preferences=self._preferences,
            show_message=self._show_message,
            bring=lambda title: self._docks.bring(title),
        )

    def _make_menus(self) -> None:
        """What the actions do that need no panel."""
        run_controller, actions, dialogs = self.run_controller, self.controls_actions, self._dialogs
        self._file_actions = FileActions(run_controller, actions, dialogs, self._preferences, self.playhead, self)
        self.tool_windows = ToolWindows(run_controller, actions, self.controls, self)
        self.movies = MovieExport(run_controller, self.timeline, dialogs, self._preferences, self)
        TagsCsvExport(run_controller, self.playhead, self.tags, actions, dialogs, self._preferences, self.status)
        self.manual = Manual(actions, self._docks.docks, self)
        self._notifications = Notifications(
            run_controller, self.curves, dialogs, self._preferences, find_cause=lambda: self.diagnosis.cause
        )
        self._view_menu = ViewMenu(run_controller, actions, self._preferences, self._notifications, self._show_theme)
        actions.fill(self.menuBar(), [dock.toggleViewAction() for dock in self._docks.docks])

    def view(self, key: str) -> QWidget:
        """The panel of this key, built now if it was not shown yet."""
        self._docks.fill(key)
        return self.panels.view(key)

    def presenter(self, key: str) -> QObject | None:
        """What fills the panel of this key, which is built now if it was not shown yet."""
        self._docks.fill(key)
        return self.panels.get(key).presenter

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        if event.polished():
            child = event.child()
            if isinstance(child, QTabBar):  # of docks that lie behind one another
                set_sheet(child, "dock tabs")

    def _show_theme(self, theme: Theme) -> None:
        for themed in (self.curves, self.timeline, self.panels):
            themed.show_theme(theme)

    @Slot(str)
    def _show_message(self, text: str) -> None:
        self.status.showMessage(text, MESSAGE_MS)

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

        self.playhead.moved.connect(lambda step, shown: self.curves.show_step(step))
        self.playhead.nothing_shown.connect(self.unit_selection.forget)
        self.curves.step_chosen.connect(self.playhead.go_to)
        self.prediction_service.nothing_shown.connect(self.digit_selection.forget)
        self.digit_selection.wanted.connect(lambda: self._docks.bring("Digit"))
        self.digit_selection.gathered.connect(lambda: self._docks.bring("Mistakes"))
        self.unit_selection.chosen.connect(lambda: self._docks.bring("Unit"))
        self.diagnosis.units_shown.connect(lambda: self._docks.bring("Units"))
        self.diagnosis.proof_begun.connect(self.overlays.overlay_previous_run)
        self.diagnosis.error_found.connect(self._notifications.announce_finding)
        self.diagnosis.counted.connect(lambda errors: self._docks.count("Diagnosis", errors))
        self._docks.count("Diagnosis", 0)
        run_controller.state_changed.connect(self._on_state_changed)
        run_controller.file_service.dataset_failed.connect(self._on_dataset_failed)
        run_controller.file_service.dataset_loading.connect(self._on_dataset_loading)
        run_controller.dataset_loaded.connect(self._on_dataset_loaded)
        run_controller.run_shown.connect(self._on_run_shown)
        run_controller.record_taken.connect(self._on_record_taken)
        run_controller.test_evaluation.tested.connect(self._on_tested)
        self._file_actions.message.connect(self._show_message)
        run_controller.failed.connect(self._on_failed)

    # The run that is shown

    @Slot(object)
    def _on_state_changed(self, state: RunState) -> None:
        self.status.show_state(state)

    @Slot()
    def _on_run_shown(self) -> None:
        self.curves.show_history(self.run_controller.history)
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
        """Put on the disk what the user said and drew; whether all of it is there."""
        self.panels.commit()
        self.tags.keep_waiting()
        self.user_digits.keep_all()
        return self.run_controller.task_runner.finish_writing(WRITING_SECONDS)

    def _end(self) -> None:
        """Come to an end with all that is under way."""
        self.refresh_scheduler.stop()
        self._docks.remember()
        have_ended = self.panels.close()
        has_closed = self.run_controller.close(keeps=self._keeps_weights)
        self.has_left_thread = not has_closed or not have_ended or self.run_controller.task_runner.is_at_work


def _describe(dataset: Dataset, folder: str) -> str:
    rows, columns = dataset.image_shape
    return (
        f"<b>{escape(dataset.name) if folder else 'MNIST'}</b>: {len(dataset.train_labels):,} + "
        f"{len(dataset.test_labels):,} test digits, {rows}\N{MULTIPLICATION SIGN}{columns}, {dataset.classes} classes"
    )
