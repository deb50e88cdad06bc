"""Between the window and the training thread: sends commands one way, polls records and snapshots the other.

All signals are emitted in the GUI thread, from `poll`. The bridge owns the session, its history and the dataset in use;
reading and writing files is ui.storage's.
"""

from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.source import deal
from mnist_gui.data.splits import Split, Splits
from mnist_gui.engine.parts import check_size
from mnist_gui.training.commands import (
    ChangeSetting,
    Command,
    Pause,
    Resume,
    SetPace,
    StepBatch,
    StepEpoch,
    Stop,
)
from mnist_gui.training.history import History
from mnist_gui.training.records import (
    LayersMeasured,
    MinibatchesDone,
    Record,
    RunEnded,
    RunPaused,
    RunResumed,
    RunStarted,
)
from mnist_gui.training.session import Session
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.trainer import Trainer
from mnist_gui.ui.background import Background
from mnist_gui.ui.storage import OpenedNetwork, Storage

# How long closing waits for the training thread. Nearly every minibatch ends sooner; a thread that is in the middle of
# a huge one is left behind, and ends with the program.
STOP_SECONDS = 0.9


class RunState(Enum):
    """What the window can do depends on this and on nothing else."""

    NEW = "no network yet"
    TRAINING = "training"
    PAUSED = "paused"
    ENDED = "ended"


class Bridge(QObject):
    """The window's one way to data and training.

    record_taken(record): any record but those of values, which go into `history`. snapshot_taken(snapshot): weights to
    look at. predictions_taken(snapshot, split, predictions): the answers of those weights to a split.
    """

    state_changed = Signal(object)
    dataset_loaded = Signal(object, str)
    network_begun = Signal()
    network_left = Signal(object)
    network_shown = Signal(object)
    record_taken = Signal(object)
    snapshot_taken = Signal(object)
    predictions_taken = Signal(object, object, object)
    tested = Signal(object, object)
    failed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = RunState.NEW
        self.history = History()
        self.dataset: Dataset | None = None
        self.splits: Splits | None = None
        self.network_config: RunConfig | None = None
        self.best: Snapshot | None = None
        self.saved: Snapshot | None = None
        self.tests_asked = 0
        self.background = Background()
        self.storage = Storage(self.background, lambda: self.dataset, self)
        self.storage.dataset_opened.connect(self._on_storage_dataset_opened)
        self.storage.dataset_failed.connect(self._on_storage_dataset_failed)
        self.storage.network_opened.connect(self._on_storage_network_opened)
        self.storage.model_saved.connect(self._on_storage_model_saved)
        self.storage.failed.connect(self.failed)
        self._pace: float | None = None
        self._session: Session | None = None
        self._trainer: Trainer | None = None
        self._leaving: list[Session] = []

    # Training

    @property
    def is_running(self) -> bool:
        """Whether a training thread lives."""
        return self.state in (RunState.TRAINING, RunState.PAUSED)

    @property
    def is_busy(self) -> bool:
        """Whether an answer from the helper thread is still to come."""
        return self.background.is_busy

    @property
    def is_ending(self) -> bool:
        """Whether a run that was left behind has not handed on its weights yet."""
        return bool(self._leaving)

    @property
    def has_unsaved(self) -> bool:
        """Whether closing now would lose trained weights."""
        return self.is_running or self.best is not self.saved

    def begin(self, config: RunConfig, *commands: Command) -> None:
        """Train a new network on the dataset in use, commands first; refuses what cannot work."""
        if self.dataset is None:
            raise RuntimeError("there are no digits to train on yet")
        try:
            splits = deal(self.dataset, config.data)
            check_size(config, splits.inputs, splits.classes)
        except ConfigError as error:
            self.failed.emit("These settings cannot be used", str(error))
            return
        self.forget_network()
        self.splits = splits
        self._start(Session(lambda: Trainer(config, splits)), config, *commands)

    def train_on(self, config: RunConfig, *commands: Command) -> None:
        """Train the network that is there for another schedule; `config` differs from its own in nothing structural."""
        trainer, best, splits = self._trainer, self.best, self.splits
        if splits is None or (trainer is None and best is None):
            raise RuntimeError("there is no network to train on")

        def make_trainer() -> Trainer:
            ready = trainer or Trainer(config, splits, start=best)
            ready.train_on(config)
            return ready

        self._start(Session(make_trainer), config, *commands)

    def send(self, command: Command) -> None:
        """Tell the run something; without a run there is nobody to tell."""
        if self._session and self.is_running:
            self._session.send(command)

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

    def stop(self) -> None:
        """End the run and keep what it has learned."""
        self.send(Stop())

    def set_pace(self, minibatches_per_second: float | None) -> None:
        """Train at most so fast, in this run and those to come; None: as fast as it goes."""
        self._pace = minibatches_per_second
        self.send(SetPace(minibatches_per_second))

    def change_setting(self, key: str, value: float) -> None:
        """Use another value of a setting that acts at once."""
        if self.network_config is None or not self.is_running or self.network_config[key] == value:
            return
        self.network_config = self.network_config.with_settings({key: value})
        self.send(ChangeSetting(key, value))

    def forget_network(self) -> None:
        """Leave the network and its curves behind. A run under way is stopped; its best weights follow when it ends."""
        if self.is_running and self._session:
            self._session.send(Stop())
            self._leaving.append(self._session)
        elif self.best is not None and self.best is not self.saved:
            self.network_left.emit(self.best)
        for topic in ("predictions", "test", "network"):
            self.background.cancel(topic)
        self._session = self._trainer = self.best = self.saved = self.network_config = None
        self.tests_asked = 0
        self.history = History()
        self._set_state(RunState.NEW)
        self.network_begun.emit()

    # Questions

    def ask_predictions(self, snapshot: Snapshot, split: Split) -> None:
        """Evaluate a split in the background; of several questions waiting, only the newest is answered."""
        self.background.request(
            "predictions",
            lambda: snapshot.predict(split, self.background.is_closed),
            lambda predictions: self.predictions_taken.emit(snapshot, split, predictions),
            lambda error: self.failed.emit("The digits could not be evaluated", str(error)),
        )

    def ask_test(self) -> None:
        """Evaluate the test digits with the best weights so far."""
        snapshot, splits = self.best, self.splits
        if snapshot is None or splits is None:
            return
        self.tests_asked += 1
        self.background.request(
            "test",
            lambda: snapshot.predict(splits.test, self.background.is_closed),
            lambda predictions: self.tested.emit(snapshot, predictions),
            lambda error: self.failed.emit("The test digits could not be evaluated", str(error)),
        )

    # Data and models

    @Slot(object, str)
    def _on_storage_dataset_opened(self, dataset: Dataset, folder: str) -> None:
        self.dataset = dataset
        self.dataset_loaded.emit(dataset, folder)

    @Slot(str)
    def _on_storage_dataset_failed(self, folder: str) -> None:
        """With no dataset in use yet, there is always the bundled one."""
        if self.dataset is None and folder:
            self.storage.load_dataset("")

    @Slot(object)
    def _on_storage_network_opened(self, opened: OpenedNetwork) -> None:
        self.forget_network()
        snapshot = opened.snapshot
        self.dataset, self.splits = opened.dataset, opened.splits
        self.dataset_loaded.emit(opened.dataset, snapshot.config.data.folder)
        self.best = snapshot
        self.saved = snapshot if opened.is_saved else None
        self.network_config = snapshot.config
        self.history.first_step = snapshot.step
        self._set_state(RunState.ENDED)
        self.network_shown.emit(snapshot)
        self.snapshot_taken.emit(snapshot)
        self._tell_mistakes(snapshot)

    @Slot(object, object)
    def _on_storage_model_saved(self, path: Path, snapshot: Snapshot) -> None:
        if snapshot is self.best:
            self.saved = snapshot

    def save_model(self, path: Path) -> None:
        """Write the best weights so far to a file, in the background."""
        if self.best is not None:
            self.storage.save_model(path, self.best)

    # The life of a session

    def poll(self) -> bool:
        """Take what has come from the training thread and from the helper; whether there were minibatches."""
        self.background.poll()
        self._poll_leaving()
        session = self._session
        if session is None:
            return False
        before = len(self.history)
        records = session.outbox.take_records()
        self.best = session.outbox.best or self.best  # after the records were taken, it is at least as new as they
        for record in records:
            self.history.add(record)
            self._take(record)
        snapshot = session.outbox.take_snapshot()
        if snapshot is not None and self.is_running:
            self.snapshot_taken.emit(snapshot)
            self._tell_mistakes(snapshot)
        return len(self.history) > before

    def _poll_leaving(self) -> None:
        """Runs that were left while they trained: what they have learned is handed on when they end."""
        for session in self._leaving.copy():
            if any(isinstance(record, RunEnded) for record in session.outbox.take_records()):
                self._leaving.remove(session)
                if session.outbox.best is not None:
                    self.network_left.emit(session.outbox.best)

    def drawing(self) -> AbstractContextManager[None]:
        """Within this context the training thread gives way to the drawing of a frame."""
        return self._session.outbox.drawing() if self._session else nullcontext()

    def close(self) -> bool:
        """End all training threads and the helper, within STOP_SECONDS; whether they have ended."""
        sessions = [*self._leaving, *([self._session] if self._session else [])]
        for session in sessions:
            session.send(Stop(keep=False))
        self.background.close()
        deadline = monotonic() + STOP_SECONDS
        have_ended = [session.join(max(0.0, deadline - monotonic())) for session in sessions]
        return all(have_ended)

    def _start(self, session: Session, config: RunConfig, *commands: Command) -> None:
        self.background.cancel("network")
        self._session = session
        self.network_config = config
        for command in (SetPace(self._pace), *commands):
            session.send(command)
        session.start()
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

    def _on_run_ended(self, record: RunEnded) -> None:
        assert self._session
        # The weights of a run that went wrong are of no use: training on would start from the best ones.
        self._trainer = self._session.trainer if record.state in ("finished", "stopped_early", "stopped") else None
        self.best = self._session.outbox.best or self.best
        self._set_state(RunState.ENDED if self.best else RunState.NEW)
        if self.best and self.splits:
            self.snapshot_taken.emit(self.best)
            self._tell_mistakes(self.best)
        if record.state == "failed":
            self.failed.emit("Training failed", record.error or "")

    def _tell_mistakes(self, snapshot: Snapshot) -> None:
        """Pass on the answers to the validation digits that came with the weights; those of a file brought none."""
        if self.splits is None:
            return
        if snapshot.validation:
            self.predictions_taken.emit(snapshot, self.splits.validation, snapshot.validation)
        elif snapshot is self.best:
            self.ask_predictions(snapshot, self.splits.validation)

    def _set_state(self, state: RunState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)
