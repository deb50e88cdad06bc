"""Which answers the panels show: those of the weights that are looked at, to the digits of the split that is chosen."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from mnist_gui.data.splits import Split, SplitName
from mnist_gui.engine.inference import Predictions
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.load_budget import Throttle
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController, RunState

# While a network trains, digits are put to it anew at most so often, in seconds. Answers that came with the weights, as
# to the validation digits at the end of an epoch, cost nothing.
SECONDS_BETWEEN = 2.0

# For an answer about an earlier step the user waits: looked for so often, in milliseconds, frames or no frames.
WAITING_MS = 10

# What the user may choose to see: title and what it is.
SPLITS: dict[SplitName, tuple[str, str]] = {
    "validation": ("validation digits", "Digits that the network is judged by, and does not learn from"),
    "train": ("training digits", "Those it learns from: what it gets wrong here, it cannot learn"),
    "test": ("test digits", "For the final measurement only: shown once they are revealed"),
}


class PredictionService(QObject):
    """shown(snapshot, split, predictions, when): what panels should show. when: of which weights, such as "epoch 7".
    nothing_shown(): there are no answers. hidden(): the test digits are wanted and were not revealed."""

    shown = Signal(object, object, object, str)
    nothing_shown = Signal()
    hidden = Signal()

    def __init__(self, run_controller: RunController, playhead: Playhead, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller, self._playhead = run_controller, playhead
        self._split_name: SplitName = "validation"
        self._looked_at: Snapshot | None = None
        self._note = ""
        self._present: Snapshot | None = None  # those of the present whose answers are shown, or to come
        self._wanted: tuple[Snapshot, Split] | None = None
        self._last: tuple[Snapshot, Split, Predictions, str] | None = None  # what is shown
        self._is_hidden = False
        self._throttle = Throttle(run_controller.load_budget, SECONDS_BETWEEN)
        self._request_slot = RequestSlot(run_controller.task_runner, "predictions", self._throttle)
        self._waiting = QTimer(self)
        self._waiting.timeout.connect(self._on_waiting_timeout)
        playhead.weights_shown.connect(self._on_playhead_weights_shown)
        playhead.nothing_shown.connect(self._on_playhead_nothing_shown)
        run_controller.state_changed.connect(self._on_run_controller_state_changed)
        run_controller.test_evaluation.tested.connect(self._on_run_controller_tested)

    def subscribe(
        self,
        on_shown: Callable[[Snapshot, Split, Predictions, str], None],
        on_nothing_shown: Callable[[], None],
        on_hidden: Callable[[], None],
    ) -> None:
        """Connect to the three signals, and hand on at once what is shown now."""
        self.shown.connect(on_shown)
        self.nothing_shown.connect(on_nothing_shown)
        self.hidden.connect(on_hidden)
        if self._is_hidden:
            on_hidden()
        elif self._last is not None:
            on_shown(*self._last)

    def show_split(self, name: SplitName) -> None:
        """Answers to these digits are wanted."""
        self._split_name = name
        self._find()

    def reveal_test(self) -> None:
        """The user wants to see the test digits of the run, which notes it."""
        if self._run_controller.run:
            self._run_controller.run.reveal_test()
            self._run_controller.runs_changed.emit()
            self._find()

    def _find(self) -> None:
        """Show the answers that are wanted now, or ask for them."""
        run, looked_at = self._run_controller.run, self._looked_at
        if run is None or looked_at is None:
            return
        if self._split_name == "test" and run.test_revealed_at is None:
            self._wanted, self._last, self._is_hidden = None, None, True
            self.hidden.emit()
            return
        split = run.splits.named(self._split_name)
        snapshot = self._snapshot_for(looked_at, split)
        if snapshot is None or self._wanted == (snapshot, split):
            return
        self._wanted = (snapshot, split)
        known = self._known(snapshot, split)
        if known is not None:
            self._show(snapshot, split, known)
        else:
            self._ask(snapshot, split)

    def _snapshot_for(self, looked_at: Snapshot, split: Split) -> Snapshot | None:
        """The weights that are looked at; where to put the digits to them would slow down training, those before."""
        if not self._playhead.is_live:
            return looked_at
        if not self._must_spare(looked_at, split):
            self._present = looked_at
        return self._present

    def _must_spare(self, snapshot: Snapshot, split: Split) -> bool:
        """Whether putting the digits to these weights now would take too much from training."""
        return self._known(snapshot, split) is None and not self._throttle.is_due

    def _known(self, snapshot: Snapshot, split: Split) -> Predictions | None:
        """Answers that are there already."""
        if split.name == "validation":
            return snapshot.validation
        tested = self._run_controller.run.tested if self._run_controller.run and split.name == "test" else None
        return tested.predictions if tested and tested.snapshot is snapshot else None

    def _ask(self, snapshot: Snapshot, split: Split) -> None:
        def answer(predictions: Predictions | None) -> None:
            if predictions is not None and self._wanted == (snapshot, split):
                self._show(snapshot, split, predictions)

        def failure(error: BaseException) -> None:
            may_ask_again()
            self._run_controller.failed.emit("The digits could not be evaluated", str(error))

        def may_ask_again() -> None:
            if self._wanted == (snapshot, split):
                self._wanted = None

        self._request_slot.ask(
            lambda: snapshot.predict(split, self._run_controller.task_runner.should_cancel),
            answer,
            failure,
            may_ask_again,
        )
        if not self._playhead.is_live:
            self._waiting.start(WAITING_MS)

    def _show(self, snapshot: Snapshot, split: Split, predictions: Predictions) -> None:
        self._throttle.cool_down()
        is_epoch = self._playhead.is_live and (snapshot.is_measured or snapshot is self._run_controller.best)
        when = f"epoch {snapshot.epoch}{self._note}" if is_epoch else f"step {snapshot.step:,}"
        self._last, self._is_hidden = (snapshot, split, predictions, when), False
        self.shown.emit(*self._last)

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        self._looked_at, self._note = snapshot, note
        self._find()

    @Slot()
    def _on_playhead_nothing_shown(self) -> None:
        self._looked_at = self._present = self._wanted = self._last = None
        self._is_hidden = False
        self._request_slot.cancel()
        self._throttle.cool_down()
        self.nothing_shown.emit()

    @Slot(object)
    def _on_run_controller_state_changed(self, state: RunState) -> None:
        if state is RunState.PAUSED:
            self._find()  # now there is time for the weights of the present step

    @Slot(object, object)
    def _on_run_controller_tested(self, snapshot: Snapshot, predictions: Predictions) -> None:
        if self._split_name == "test":
            self._find()

    @Slot()
    def _on_waiting_timeout(self) -> None:
        self._run_controller.task_runner.poll()
        if not self._run_controller.is_busy:
            self._waiting.stop()
