"""The training loop: carry out commands between minibatches, train, validate each epoch, and post records.

`train` takes its channels as arguments and owns no thread: the window runs it in one (training.thread), the command
line and most tests call it directly.
"""

import logging
import math
from bisect import insort
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from time import perf_counter

import numpy as np

from mnist_gui.engine.inference import Predictions
from mnist_gui.system.user_errors import failure_of
from mnist_gui.training.blas_threads import BLAS
from mnist_gui.training.commands import (
    At,
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
from mnist_gui.training.divergence import Diverged
from mnist_gui.training.early_stopping import EarlyStopping
from mnist_gui.training.meters import BlockMeter, EpochMeter, Stopwatch
from mnist_gui.training.pacing import Pacer
from mnist_gui.training.record_building import epoch_done, run_ended, run_started
from mnist_gui.training.records import RunPaused, RunResumed, SettingChanged, State
from mnist_gui.training.run_output import OutputSink
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.snapshot_publisher import SnapshotPublisher
from mnist_gui.training.trainer import Trainer

Inbox = SimpleQueue[Command]


def train(trainer: Trainer, inbox: Inbox, run_output: OutputSink) -> None:
    """Train until the schedule ends, a Stop arrives, patience is lost or a step cannot be made.

    Posts RunStarted first and RunEnded last, whatever happens in between. NumPy's floating-point warnings are off:
    divergence is reported in the record.
    """
    run = _Run(trainer, inbox, run_output)
    state: State = "failed"
    error: str | None = None
    try:
        with BLAS.managed(), np.errstate(all="ignore"):
            run.post_start()
            state, error = run.live()
            run.keep_last()
    except Exception as exception:  # noqa: BLE001  the top of the training thread: the user must see every failure
        failure = failure_of(exception, logging.getLogger(__name__), "training failed")
        state, error = "failed", f"{error}; {failure}" if error else failure
    trainer.release_buffers()
    run.post_end(state, error)


class _Run:
    """One call of `train`, with its state between minibatches."""

    def __init__(self, trainer: Trainer, inbox: Inbox, run_output: OutputSink) -> None:
        self._trainer = trainer
        self._inbox = inbox
        self._run_output = run_output
        self._deferred: deque[Command] = deque()
        self._scheduled: list[At] = []  # by their steps
        self._stopping = False
        self._keep = True
        self._pause_at: float = math.inf  # the step after which to hold
        self._is_paused = False
        self._stopwatch = Stopwatch()
        self._pacer = Pacer(self._stopwatch)
        self._publisher = SnapshotPublisher(trainer, run_output)
        self._block = BlockMeter(trainer.step)
        self._epoch = EpochMeter()
        self._validated_step = -1
        self._early_stopping = EarlyStopping(trainer.config.training.patience, trainer.best_step)
        self._is_best_the_last = False  # kept only because a diverged run has no better weights

    def live(self) -> tuple[State, str | None]:
        """Train to the end; returns how it ended, and the error if there was one."""
        trainer = self._trainer
        self._keep_best()
        self._publisher.keep_keyframe()
        self._publisher.offer_snapshot()
        while not trainer.is_finished:
            self._run_output.yield_to_gui()
            self._obey_commands()
            if self._stopping:
                return self._stopped()
            if self._must_wait():
                continue
            measures = trainer.measures_next
            try:
                with BLAS.using(self._threads.count):
                    started = perf_counter()
                    minibatch = trainer.train_minibatch(self._should_stop)
                    step_seconds = perf_counter() - started
            except Diverged as diverged:
                return self._diverged(str(diverged))
            if minibatch is None:
                return self._stopped()
            seconds = self._stopwatch.seconds()
            step_seconds = self._publisher.after_step(step_seconds, measures)
            self._epoch.add(minibatch, step_seconds)
            self._block.add(minibatch, seconds)
            if self._threads.note_step(step_seconds):
                self._post_threads(2)
            if trainer.is_between_epochs:
                ended = self._finish_epoch()
                if ended:
                    return ended
            elif self._pacer.is_on or self._block.is_due(seconds):
                self._post_block()
                self._publisher.offer_snapshot()
        return self._stopped() if self._stopping else ("finished", None)

    def post_start(self) -> None:
        trainer = self._trainer
        self._threads = trainer.blas_threads()
        self._threads.choose(self._should_stop)
        self._run_output.post(run_started(trainer, self._threads.count))

    def keep_last(self) -> None:
        """Make the final weights a keyframe."""
        best = self._trainer.best
        self._keep_best()
        self._publisher.keep_keyframe(best if best and best.step == self._trainer.step else None)

    def post_end(self, state: State, error: str | None) -> None:
        trainer = self._trainer
        best = trainer.best if not self._is_best_the_last else None
        self._run_output.post(run_ended(trainer, state, best, self._stopwatch.seconds(), error))

    def _obey_commands(self) -> None:
        """Carry out all commands that have arrived; while paused, wait for the next one."""
        while self._scheduled and self._scheduled[0].step <= self._trainer.step:
            self._obey(self._scheduled.pop(0).command)
        while self._deferred:
            self._obey(self._deferred.popleft())
        while not self._inbox.empty() or self._must_hold():
            if self._inbox.empty():
                self._hold()
            self._obey(self._inbox.get())
        if self._is_paused and not self._stopping:
            self._is_paused = False
            self._stopwatch.resume()
            self._run_output.post(RunResumed(self._trainer.step))

    def _must_wait(self) -> bool:
        """In slow motion, wait until the next minibatch is due; True if a command came first."""
        if not self._pacer.must_wait():
            return False
        self._post_block()  # so that the last minibatch is shown while waiting
        self._publisher.offer_snapshot()
        command = self._pacer.wait(self._inbox)
        if command is None:
            return False
        self._deferred.append(command)
        return True

    def _must_hold(self) -> bool:
        return self._trainer.step >= self._pause_at and not self._stopping

    def _hold(self) -> None:
        if self._is_paused:
            return
        self._is_paused = True
        self._stopwatch.pause()
        self._post_block()
        if self._trainer.step != self._validated_step:  # else the validated snapshot of the same step was offered
            self._run_output.offer(self._trainer.snapshot())
        self._run_output.post(RunPaused(self._trainer.step))

    def _obey(self, command: Command) -> None:
        step = self._trainer.step
        match command:
            case Pause():
                self._pause_at = step
            case Resume():
                self._pause_at = math.inf
            case StepBatch():
                self._pause_at = (step if math.isinf(self._pause_at) else max(step, self._pause_at)) + 1
            case StepEpoch():
                self._pause_at = step + self._trainer.steps_to_epoch_end
            case RunToEpoch(epoch):
                self._pause_at = step + self._steps_to(epoch)
            case Stop(keep):
                self._stopping, self._keep = True, keep
            case ChangeSetting("training.blas_threads", count):
                before = self._threads.fix(int(count))
                if before != count:
                    self._post_threads(before)
            case ChangeSetting(key, value):
                self._change(key, value)
            case SetPace(minibatches_per_second):
                self._pacer.set_pace(minibatches_per_second)
            case At(later, scheduled) if later <= step:
                self._obey(scheduled)
            case At():
                insort(self._scheduled, command, key=lambda at: at.step)

    def _steps_to(self, epoch: int) -> int:
        """Minibatches until `epoch` epochs are done in all."""
        to_come = epoch - self._trainer.epoch
        if to_come <= 0:
            return 0
        return self._trainer.steps_to_epoch_end + (to_come - 1) * self._trainer.steps_per_epoch

    def _change(self, key: str, value: float) -> None:
        self._run_output.post(SettingChanged(self._trainer.step, key, self._trainer.change(key, value), value))

    def _should_stop(self) -> bool:
        """Called during long work: whether to cancel it. Commands other than Stop are deferred to the end of the
        minibatch."""
        while not self._inbox.empty():
            command = self._inbox.get()
            if isinstance(command, Stop):
                self._obey(command)
            else:
                self._deferred.append(command)
        return self._stopping

    def _should_drop(self) -> bool:
        """Called while the last weights are validated: whether a second Stop, without keep, has cancelled it."""
        self._should_stop()
        return not self._keep

    def _stopped(self) -> tuple[State, str | None]:
        """End a stopped run. Within the first epoch no weights were kept yet: the present ones are validated and
        kept."""
        self._post_block()
        if self._keep and self._trainer.best is None and self._trainer.step:
            self._validate(self._should_drop)
            self._keep_best()
        return "stopped", None

    def _finish_epoch(self) -> tuple[State, str | None] | None:
        """Validate and post the epoch. Returns how the run ends here, if it does."""
        self._post_block()
        validation = self._validate(self._should_stop)
        if validation is None:
            return None
        self._keep_best()
        self._run_output.post(epoch_done(self._trainer, self._epoch, validation, self._stopwatch.seconds()))
        self._epoch = EpochMeter()
        self._validated_step = self._trainer.step
        # Offered even if the last one was not taken, so that a late reader gets the end of an epoch, not its middle.
        self._run_output.offer(self._measured_snapshot(validation))
        if len(validation.labels) and not math.isfinite(validation.loss):
            return self._diverged(self._trainer.explain_validation())
        threads = self._threads.count
        if self._threads.choose(self._should_stop):
            self._post_threads(threads)
        return ("stopped_early", None) if self._early_stopping.must_stop(self._trainer.best_step) else None

    def _measured_snapshot(self, validation: Predictions) -> Snapshot:
        """The weights at the end of an epoch: one copy, shared by best weights, keyframe and snapshot."""
        best = self._trainer.best
        is_best = best is not None and best.step == self._trainer.step and best.validation is validation
        snapshot = best if best and is_best else self._trainer.snapshot(validation)
        self._publisher.keep_keyframe(snapshot)
        return snapshot

    def _validate(self, should_cancel: Callable[[], bool]) -> Predictions | None:
        with BLAS.using(self._threads.count):
            return self._trainer.validate(should_cancel)

    def _post_threads(self, before: int) -> None:
        self._run_output.post(SettingChanged(self._trainer.step, "training.blas_threads", before, self._threads.count))

    def _diverged(self, why: str) -> tuple[State, str]:
        """End a diverged run: offer the last weights, which are finite; if none were kept as best, keep them."""
        self._post_block()
        snapshot = self._trainer.snapshot()
        self._run_output.offer(snapshot)
        if self._trainer.best is None:
            self._trainer.best = snapshot
            self._is_best_the_last = True
        self._keep_best()
        return "diverged", why

    def _keep_best(self) -> None:
        if self._trainer.best is not None:
            self._run_output.keep(self._trainer.best)

    def _post_block(self) -> None:
        if self._block.length:
            self._run_output.post(self._block.take())
