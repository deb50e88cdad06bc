"""Between the window and the training thread: sends commands one way, polls records and snapshots the other.

All signals are emitted in the GUI thread, from `poll`. The controller owns the runs, of which one is shown, and the
dataset in use; files are read and written by its FileService.
"""

from contextlib import AbstractContextManager
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import check_size
from mnist_gui.faults.run_factory import resolve_faults, split_dataset, trainer_for
from mnist_gui.runs.live_runs import LiveRuns
from mnist_gui.runs.run import Run
from mnist_gui.runs.run_list import RunList
from mnist_gui.training.commands import (
    ChangeSetting,
    Command,
    Pause,
    Resume,
    RunToEpoch,
    SetPace,
    StepBatch,
    StepEpoch,
    Stop,
)
from mnist_gui.training.history import History
from mnist_gui.training.records import (
    EpochDone,
    LayersMeasured,
    MinibatchesDone,
    Record,
    RunEnded,
    RunPaused,
    RunResumed,
    RunStarted,
)
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.thread import TrainingThread
from mnist_gui.training.trainer import Trainer
from mnist_gui.ui.services.file_service import FileService, OpenedNetwork
from mnist_gui.ui.services.load_budget import LoadBudget
from mnist_gui.ui.services.task_runner import TaskRunner
from mnist_gui.ui.services.test_evaluation import TestEvaluation

# How long closing waits for the training thread. Nearly every minibatch ends sooner; a thread that is in the middle of
# a huge one is left behind, and ends with the program.
STOP_SECONDS = 0.9

# How long it waits where nobody could be asked to save: weights of a first epoch are measured before they are kept.
KEEP_SECONDS = 5.0


class RunState(Enum):
    """What the window can do depends on this and on nothing else."""

    NEW = "no network yet"
    TRAINING = "training"
    PAUSED = "paused"
    ENDED = "ready"


class RunController(QObject):
    """The window's one way to data and training.

    run_shown(): another run is shown, or none. settings_shown(config): the form should say what this run was made with.
    runs_changed(): one came, went, or has something new to show. record_taken(record): any record of the run that is
    shown but those of values, which go into `history`. snapshot_taken(snapshot): its newest weights.
    """

    state_changed = Signal(object)
    dataset_loaded = Signal(object, str)
    run_shown = Signal()
    settings_shown = Signal(object)
    runs_changed = Signal()
    record_taken = Signal(object)
    snapshot_taken = Signal(object)
    failed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = RunState.NEW
        self.dataset: Dataset | None = None
        self.runs = RunList()
        self.run: Run | None = None
        self.task_runner = TaskRunner()
        self.load_budget = LoadBudget(lambda: self.state is RunState.TRAINING)
        self.file_service = FileService(self.task_runner, lambda: self.dataset, self)
        self.file_service.dataset_opened.connect(self._on_storage_dataset_opened)
        self.file_service.dataset_failed.connect(self._on_storage_dataset_failed)
        self.file_service.network_opened.connect(self._on_storage_network_opened)
        self.file_service.model_saved.connect(self._on_storage_model_saved)
        self.file_service.failed.connect(self.failed)
        self.test_evaluation = TestEvaluation(self.task_runner, self)
        self.test_evaluation.failed.connect(self.failed)
        self._no_history = History()
        self._pace: float | None = None
        self._live = LiveRuns()

    # The run that is shown

    @property
    def history(self) -> History:
        """Its curves; empty ones without a run."""
        return self.run.history if self.run else self._no_history

    @property
    def network_config(self) -> RunConfig | None:
        """Its settings as they stand."""
        return self.run.config if self.run else None

    @property
    def splits(self) -> Splits | None:
        """Its digits."""
        return self.run.splits if self.run else None

    @property
    def best(self) -> Snapshot | None:
        """Its best weights so far."""
        return self.run.best if self.run else None

    # Training

    @property
    def is_running(self) -> bool:
        """Whether a training thread lives."""
        return self.state in (RunState.TRAINING, RunState.PAUSED)

    @property
    def is_busy(self) -> bool:
        """Whether an answer from the helper thread is still to come."""
        return self.task_runner.is_busy

    @property
    def is_ending(self) -> bool:
        """Whether a run that was left behind has not handed on its weights yet."""
        return bool(self._live.leaving)

    @property
    def has_unsaved(self) -> bool:
        """Whether closing now would lose trained weights of the run that is shown."""
        return self.is_running or (self.run is not None and self.run.has_unsaved)

    def begin(self, config: RunConfig, *commands: Command, is_hidden: bool = False) -> None:
        """Train a new network on the dataset in use, commands first; refuses what cannot work. is_hidden: whether its
        faults are not to be shown."""
        if self.dataset is None:
            raise RuntimeError("there are no digits to train on yet")
        asked, config = config, resolve_faults(config)
        if config != asked:
            self.settings_shown.emit(config)
        try:
            splits = split_dataset(self.dataset, config)
            check_size(config, splits.inputs, splits.classes)
        except ConfigError as error:
            self.failed.emit("These settings cannot be used", str(error))
            return
        run = self.runs.begin(config, self.dataset, splits)
        run.is_hidden = is_hidden
        self.train_new(run, *commands)

    def train_new(self, run: Run, *commands: Command) -> None:
        """Show a run that has not begun yet, and train it as its settings say."""
        config, splits, start = run.config, run.splits, run.start
        self._show(run)
        self._start(TrainingThread(lambda: trainer_for(config, splits, start)), config, *commands)

    def train_on(self, config: RunConfig, *commands: Command) -> None:
        """Train the network that is there for another schedule; `config` differs from its own in nothing structural."""
        run = self.run
        if run is None or (run.trainer is None and run.best is None):
            raise RuntimeError("there is no network to train on")
        trainer, best, splits = run.trainer, run.best, run.splits

        def make_trainer() -> Trainer:
            ready = trainer or trainer_for(config, splits, best)
            ready.train_on(config)
            return ready

        self._start(TrainingThread(make_trainer), config, *commands)

    def send(self, command: Command) -> None:
        """Send the run a command; without a run nothing happens."""
        self._live.send(command)

    def pause(self) -> None:
        """Hold after the current minibatch."""
        self.send(Pause())

    def resume(self) -> None:
        """Go on."""
        self.send(Resume())

    def step_batch(self) -> None:
        """Train one minibatch and hold."""
        self.send(StepBatch())

    def step_epoch(self) -> None:
        """Train to the end of the epoch and hold."""
        self.send(StepEpoch())

    def run_to_epoch(self, epoch: int) -> None:
        """Train until so many epochs are done, and hold."""
        self.send(RunToEpoch(epoch))

    def stop(self) -> None:
        """End the run and keep what it has learned."""
        if self.run:
            self.run.to_replay.clear()
        self.send(Stop())

    def set_pace(self, minibatches_per_second: float | None) -> None:
        """Train at most so fast, in this run and those to come; None: as fast as it goes."""
        self._pace = minibatches_per_second
        self.send(SetPace(minibatches_per_second))

    def change_setting(self, key: str, value: float) -> None:
        """Use another value of a setting that acts at once."""
        if self.run is None or not self.is_running or self.run.config[key] == value:
            return
        self.run.config = self.run.config.with_settings({key: value})
        self.send(ChangeSetting(key, value))

    # Runs

    def leave(self) -> None:
        """Show no run, as before the first one. One under way is stopped; like all, it stays among the runs."""
        self.file_service.drop_opening()
        self._show(None)

    def show_run(self, run: Run) -> None:
        """Come back to an earlier run."""
        if run is self.run or self.is_live(run):
            return
        self.file_service.drop_opening()
        self._come_to(run)

    def _come_to(self, run: Run) -> None:
        self._show(run)
        self._set_state(RunState.ENDED if run.best else RunState.NEW)
        self.settings_shown.emit(run.config)
        if run.best:
            self.snapshot_taken.emit(run.best)
        if run.tested:
            self.test_evaluation.tested.emit(run.tested.snapshot, run.tested.predictions)

    def is_live(self, run: Run) -> bool:
        """Whether a run trains, or was left behind and has not handed on its weights yet."""
        return run in self._live.leaving or (run is self.run and self.is_running)

    def use_dataset_of(self, run: Run) -> None:
        """The next network is for the digits of this run."""
        self.use_dataset(run.dataset, run.config.data.folder)

    def use_dataset(self, dataset: Dataset, folder: str) -> None:
        """The next network is for these digits, which are already in memory."""
        if dataset is not self.dataset:
            self.dataset = dataset
            self.dataset_loaded.emit(dataset, folder)

    def _show(self, run: Run | None) -> None:
        before = self.run
        self._live.leave()
        if before and before.is_empty and before not in self._live.leaving:
            self.runs.drop(before)
        self.test_evaluation.drop()
        self.run = run
        self._set_state(RunState.NEW)
        self.run_shown.emit()
        self.runs_changed.emit()
        if run:
            self.use_dataset_of(run)

    # Data and models

    @Slot(object, str)
    def _on_storage_dataset_opened(self, dataset: Dataset, folder: str) -> None:
        self.dataset = dataset
        self.dataset_loaded.emit(dataset, folder)

    @Slot(str)
    def _on_storage_dataset_failed(self, folder: str) -> None:
        """With no dataset in use yet, there is always the bundled one."""
        if self.dataset is None and folder:
            self.file_service.load_dataset("")

    @Slot(object)
    def _on_storage_network_opened(self, opened: OpenedNetwork) -> None:
        run = self.runs.begin(opened.snapshot.config, opened.dataset, opened.splits, opened.snapshot)
        run.saved = opened.snapshot
        self._come_to(run)

    @Slot(object, object)
    def _on_storage_model_saved(self, path: Path, snapshot: Snapshot) -> None:
        for run in self.runs:
            if run.best is snapshot:
                run.saved = snapshot
        self.runs_changed.emit()

    def save_model(self, path: Path) -> None:
        """Write the best weights as they are now to a file, in the background."""
        if self.best is not None:
            self.file_service.save_model(path, self.best)

    # The life of a session

    def poll(self, *, takes_weights: bool = True) -> bool:
        """Take what has come from the training thread and from the helpers; whether there were minibatches.

        takes_weights: the newest weights too, of which the thread then makes another copy.
        """
        self.task_runner.poll()
        for run in self._live.take_leaving():
            if run.is_empty:
                self.runs.drop(run)
            self.runs_changed.emit()
        before = len(self.history)
        self._live.take(self._take)
        self.runs.fit()
        snapshot = self._live.take_snapshot() if takes_weights else None
        if snapshot is not None and self.is_running:
            self.snapshot_taken.emit(snapshot)
        return len(self.history) > before

    def drawing(self) -> AbstractContextManager[None]:
        """Within this context the training thread gives way to the drawing of a frame."""
        return self._live.drawing()

    def close(self, *, keeps: bool = False) -> bool:
        """End all training threads and the helpers, within STOP_SECONDS; whether they have ended.

        keeps: the runs get the weights that they have come to, for which KEEP_SECONDS more are given.
        """
        self.task_runner.close()
        return self._live.close(STOP_SECONDS, keep_seconds=KEEP_SECONDS if keeps else 0.0)

    def _start(self, session: TrainingThread, config: RunConfig, *commands: Command) -> None:
        assert self.run
        self.file_service.drop_opening()
        self.run.config = config
        self._live.start(self.run, session, SetPace(self._pace), *commands)
        self._set_state(RunState.TRAINING)

    def _take(self, record: Record) -> None:
        match record:
            case RunPaused():
                self._set_state(RunState.PAUSED)
            case RunResumed() | RunStarted():
                self._set_state(RunState.TRAINING)
            case RunEnded():
                self._on_run_ended(record)
        if not isinstance(record, (MinibatchesDone, LayersMeasured)):
            self.record_taken.emit(record)
            if not isinstance(record, EpochDone):  # which come so often that the table of runs follows at its leisure
                self.runs_changed.emit()

    def _on_run_ended(self, record: RunEnded) -> None:
        run = self.run
        assert run
        self._set_state(RunState.ENDED if run.best else RunState.NEW)
        if run.best:
            self.snapshot_taken.emit(run.best)
        if record.state == "failed":
            self.failed.emit("Training failed", record.error or "")
        elif run.to_replay:
            leg = run.to_replay.popleft()
            self.train_on(leg.config, *leg.commands)
            self.settings_shown.emit(leg.config)

    def _set_state(self, state: RunState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)
