"""Which moment of the run the panels show: the present, or any kept one while training goes on."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from mnist_gui.data.splits import Split
from mnist_gui.engine.evaluation import Predictions
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.bridge import Bridge, RunState
from mnist_gui.ui.curves_view import CurvesView
from mnist_gui.ui.mistakes_view import MistakesView
from mnist_gui.ui.timeline_bar import TimelineBar

ASKING_MS = 10

Answers = tuple[Snapshot, Split, Predictions]


class TimeTravel(QObject):
    """Hands the weights of the chosen moment to the panels. What is new is kept for the return to the present.

    weights_shown(snapshot, note, start): the weights that panels should show. note: what else to say of them, such as
    ", the best"; start: the same network's before its first step, None where they are not known. nothing_shown(): there
    are none, or another run's will come. moment_chosen(): a person went to a kept moment, and waits for it to be drawn.
    """

    weights_shown = Signal(object, str, object)
    nothing_shown = Signal()
    moment_chosen = Signal()

    def __init__(
        self,
        bridge: Bridge,
        bar: TimelineBar,
        curves: CurvesView,
        mistakes: MistakesView,
    ) -> None:
        super().__init__(bar)
        self._bridge, self._bar, self._curves = bridge, bar, curves
        self._mistakes = mistakes
        self._shown: Snapshot | None = None  # the kept weights that are looked at; None in the present
        self._newest: Snapshot | None = None
        self._answers: Answers | None = None  # the newest there are, for the present
        self._asked: Snapshot | None = None  # kept weights whose answers are to come
        self._asking = QTimer(self)
        self._asking.timeout.connect(self._on_asking_timeout)
        self._player = QTimer(self)
        self._player.timeout.connect(self._on_player_timeout)
        bridge.run_shown.connect(self._on_bridge_run_shown)
        bridge.runs_changed.connect(self._on_bridge_runs_changed)
        bridge.snapshot_taken.connect(self._on_bridge_snapshot_taken)
        bridge.questions.predictions_taken.connect(self._on_bridge_predictions_taken)
        bar.moment_chosen.connect(self._on_bar_moment_chosen)
        bar.live_asked.connect(self.return_to_present)
        bar.play_toggled.connect(self._on_bar_play_toggled)
        curves.moment_chosen.connect(self._on_bar_moment_chosen)

    @property
    def is_live(self) -> bool:
        """Whether the panels show the newest weights."""
        return self._shown is None

    @Slot(int)
    def _on_bar_moment_chosen(self, step: int) -> None:
        self._stop_playing()
        self.show_moment(step)

    def show_moment(self, step: int) -> None:
        """Show the weights kept nearest before a step, in every panel, at once."""
        run = self._bridge.run
        keyframe = run.timeline.at(step) if run else None
        if run is None or keyframe is None:
            return
        has_changed = keyframe is not self._shown
        self._shown = keyframe
        self._bar.show_moment(step, keyframe.step)
        with self._bridge.drawing():
            self._curves.show_moment(step)
            if has_changed:
                self._show_weights(keyframe, "")
                self.moment_chosen.emit()
        if has_changed:
            self._show_mistakes_of(keyframe, run.splits.validation)

    @Slot()
    def return_to_present(self) -> None:
        """Show the newest weights, and go along with training."""
        self._stop_playing()
        if self._shown is None:
            self._bar.show_moment(None)
            return
        self._shown = None
        self._bar.show_moment(None)
        self._curves.show_moment(None)
        if self._newest:
            self._show_weights(self._newest, self._best_note(self._newest))
        if self._answers:
            self._show_mistakes(*self._answers)
        elif self._newest and self._bridge.splits:  # the question about them gave way to one about the past
            self._bridge.questions.ask_predictions(self._newest, self._bridge.splits.validation)

    def _show_weights(self, snapshot: Snapshot, note: str) -> None:
        run = self._bridge.run
        self.weights_shown.emit(snapshot, note, run.timeline.first if run else None)

    def _show_mistakes_of(self, keyframe: Snapshot, split: Split) -> None:
        """At once where the weights were validated; else as soon as they are."""
        if keyframe.validation:
            self._show_mistakes(keyframe, split, keyframe.validation)
        else:
            self._asked = keyframe
            self._asking.start(ASKING_MS)
            self._bridge.questions.ask_predictions(keyframe, split)

    def _show_mistakes(self, snapshot: Snapshot, split: Split, predictions: Predictions) -> None:
        when = f"step {snapshot.step:,}" if self._shown else f"epoch {snapshot.epoch}{self._best_note(snapshot)}"
        self._mistakes.show_mistakes(split, predictions, snapshot.class_names, when)

    def _best_note(self, snapshot: Snapshot) -> str:
        """When training has ended, the panels show the best weights; said where they are not the last ones too."""
        is_over = self._bridge.state is RunState.ENDED
        return ", the best" if is_over and snapshot is self._bridge.best else ""

    @Slot()
    def _on_bridge_run_shown(self) -> None:
        self._stop_playing()
        self._shown = self._newest = self._answers = self._asked = None
        run = self._bridge.run
        self._bar.show_run(run)
        self._curves.show_moment(None)
        self.nothing_shown.emit()
        self._mistakes.show_nothing()

    @Slot()
    def _on_bridge_runs_changed(self) -> None:
        self._bar.show_memory(self._bridge.runs.nbytes, self._bridge.runs.budget)

    @Slot(object)
    def _on_bridge_snapshot_taken(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        if self.is_live:
            self._show_weights(snapshot, self._best_note(snapshot))

    @Slot(object, object, object)
    def _on_bridge_predictions_taken(self, snapshot: Snapshot, split: Split, predictions: Predictions) -> None:
        if snapshot is self._asked:  # a kept moment, which may have been left again
            if snapshot is self._shown:
                self._show_mistakes(snapshot, split, predictions)
            return
        self._answers = (snapshot, split, predictions)
        if self.is_live:
            self._show_mistakes(snapshot, split, predictions)

    @Slot()
    def _on_asking_timeout(self) -> None:
        """The answer is wanted sooner than at the next frame, which is far away while a network trains."""
        self._bridge.background.poll()
        if not self._bridge.is_busy:
            self._asking.stop()

    # Playing back

    @Slot(bool)
    def _on_bar_play_toggled(self, is_wanted: bool) -> None:
        run = self._bridge.run
        if not is_wanted or run is None or not len(run.timeline):
            self._stop_playing()
            return
        if self._shown is None or self._shown is run.timeline.keyframes[-1]:
            self.show_moment(run.timeline.steps[0])
        self._player.start(1000 // self._bar.speed)
        self._bar.show_playing(True)

    @Slot()
    def _on_player_timeout(self) -> None:
        run = self._bridge.run
        later = [step for step in run.timeline.steps if self._shown and step > self._shown.step] if run else []
        if not later:
            self.return_to_present()
            return
        self._player.setInterval(1000 // self._bar.speed)
        self.show_moment(later[0])

    def _stop_playing(self) -> None:
        self._player.stop()
        self._bar.show_playing(False)
