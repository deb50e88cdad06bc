"""The life of a run: what commands do, what is told, and that it depends on nothing but config and digits."""

import math
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pytest

from mnist_gui.system.user_errors import NO_MEMORY
from mnist_gui.training.commands import At, ChangeSetting, Command, Pause, Resume, SetPace, StepBatch, StepEpoch, Stop
from mnist_gui.training.loop import Inbox, train
from mnist_gui.training.records import (
    EpochDone,
    MinibatchesDone,
    Record,
    RunEnded,
    RunPaused,
    RunStarted,
    SettingChanged,
)
from mnist_gui.training.run_output import RunOutput
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.thread import TrainingThread
from mnist_gui.training.trainer import Trainer
from tests.support import ScriptedRunOutput, kinds, make_trainer, rates, run


def weights(trainer: Trainer) -> np.ndarray:
    return trainer.snapshot().parameters


def test_a_run_starts_tells_every_epoch_and_ends() -> None:
    records = run(make_trainer())
    assert kinds(records) == ["RunStarted", "EpochDone", "EpochDone", "RunEnded"]
    started, ended = records[0], records[-1]
    assert isinstance(started, RunStarted)
    assert isinstance(ended, RunEnded)
    assert (started.steps_per_epoch, started.last_step) == (12, 24)
    assert (ended.state, ended.step, ended.epoch) == ("finished", 24, 2)


def test_every_minibatch_is_told_once_and_in_order() -> None:
    blocks = [record for record in run(make_trainer()) if isinstance(record, MinibatchesDone)]
    steps = [block.first_step + index for block in blocks for index in range(len(block.losses))]
    assert steps == list(range(1, 25))


def test_the_same_seed_gives_bit_equal_weights() -> None:
    one, other = make_trainer(), make_trainer()
    run(one)
    run(other)
    np.testing.assert_array_equal(weights(one), weights(other))


def test_a_thread_gives_the_same_weights_as_a_direct_call() -> None:
    direct = make_trainer()
    run(direct)
    session = TrainingThread(make_trainer)
    session.start()
    assert session.join(30)
    assert session.trainer
    np.testing.assert_array_equal(weights(session.trainer), weights(direct))


@pytest.mark.parametrize("key", ["training.seed", "data.seed"])
def test_another_seed_gives_other_weights(key: str) -> None:
    one, other = make_trainer(), make_trainer({key: 1})
    run(one)
    run(other)
    assert not np.array_equal(weights(one), weights(other))


def test_pausing_and_resuming_changes_no_weight() -> None:
    plain, paused = make_trainer(), make_trainer()
    run(plain)
    records = run(
        paused,
        StepBatch(),
        react=lambda record: [Resume()] if isinstance(record, RunPaused) else [],
    )
    assert kinds(records)[:3] == ["RunStarted", "RunPaused", "RunResumed"]
    np.testing.assert_array_equal(weights(paused), weights(plain))


def test_step_batch_holds_after_one_minibatch() -> None:
    records = run(make_trainer(), StepBatch(), react=lambda record: [Stop()] if isinstance(record, RunPaused) else [])
    assert [record.step for record in records if isinstance(record, RunPaused)] == [1]
    assert len(rates(records)) == 1


def test_step_epoch_holds_after_the_epoch_was_validated() -> None:
    records = run(
        make_trainer(),
        StepBatch(),
        StepEpoch(),
        react=lambda record: [Stop()] if isinstance(record, RunPaused) else [],
    )
    assert kinds(records) == ["RunStarted", "EpochDone", "RunPaused", "RunEnded"]
    assert len(rates(records)) == 12


def test_pause_before_the_first_minibatch_holds_at_step_zero() -> None:
    records = run(make_trainer(), Pause(), react=lambda record: [Stop()] if isinstance(record, RunPaused) else [])
    assert kinds(records) == ["RunStarted", "RunPaused", "RunEnded"]
    assert rates(records) == []


def test_a_learning_rate_change_takes_effect_on_the_next_minibatch() -> None:
    records = run(
        make_trainer({"training.schedule": "constant"}),
        StepBatch(),
        react=lambda record: (
            [ChangeSetting("training.learning_rate", 0.03), Resume()] if isinstance(record, RunPaused) else []
        ),
    )
    np.testing.assert_allclose(rates(records), [0.1] + 23 * [0.03], rtol=1e-6)
    assert SettingChanged(1, "training.learning_rate", 0.1, 0.03) in records


def test_a_momentum_change_takes_effect_on_the_next_minibatch() -> None:
    by_hand, told = make_trainer(), make_trainer()
    by_hand.train_minibatch()
    by_hand.change("training.momentum", 0.0)
    by_hand.train_minibatch()
    changes = iter([[ChangeSetting("training.momentum", 0.0), StepBatch()], [Stop()]])
    records = run(told, StepBatch(), react=lambda record: next(changes) if isinstance(record, RunPaused) else [])
    np.testing.assert_array_equal(weights(told), weights(by_hand))
    assert SettingChanged(1, "training.momentum", 0.9, 0.0) in records


def test_the_cosine_schedule_runs_from_the_peak_to_nearly_zero() -> None:
    values = rates(run(make_trainer()))
    np.testing.assert_allclose(values, [0.05 * (1 + math.cos(math.pi * step / 24)) for step in range(24)], rtol=1e-5)


def test_stop_within_the_first_epoch_measures_and_keeps_the_weights_of_that_moment() -> None:
    trainer = make_trainer()
    records = run(trainer, StepBatch(), react=lambda record: [Stop()] if isinstance(record, RunPaused) else [])
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.state, ended.best_epoch) == ("stopped", None)
    assert trainer.best
    assert trainer.best.is_measured
    np.testing.assert_array_equal(trainer.best.parameters, weights(trainer))


def test_stop_before_the_first_minibatch_keeps_nothing() -> None:
    trainer = make_trainer()
    assert kinds(run(trainer, Stop())) == ["RunStarted", "RunEnded"]
    assert trainer.best is None


def test_the_best_weights_are_a_copy_with_the_smallest_validation_loss() -> None:
    trainer = make_trainer({"training.learning_rate": 0.5, "training.schedule": "constant", "training.epochs": 6})
    kept: dict[int, np.ndarray] = {}

    def keep(record: object) -> list[object]:
        if isinstance(record, EpochDone):
            kept[record.epoch] = weights(trainer)
        return []

    records = run(trainer, react=keep)  # type: ignore[arg-type]
    epochs = [record for record in records if isinstance(record, EpochDone)]
    best = min(epochs, key=lambda epoch: epoch.validation_loss)
    assert trainer.best
    assert trainer.best.epoch == best.epoch
    np.testing.assert_array_equal(trainer.best.parameters, kept[best.epoch])
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.best_epoch, ended.best_validation_loss) == (best.epoch, best.validation_loss)


def test_a_diverging_run_ends_before_the_step_that_cannot_be_made_and_names_it() -> None:
    trainer = make_trainer({"training.learning_rate": 100.0, "network.hidden": [64, 32, 16, 16]})
    records = run(trainer)
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert ended.state == "diverged"
    assert f"at step {ended.step + 1} the" in str(ended.error)
    assert len(rates(records)) == ended.step
    assert trainer.best, "where no epoch was completed, the last finite weights are kept"
    assert trainer.best.step == ended.step
    assert np.isfinite(trainer.best.parameters).all()


def test_a_run_without_a_better_epoch_in_its_patience_ends_early_and_can_be_trained_on() -> None:
    # No penalty allows smaller weights than these: every epoch after the first makes the validation loss larger.
    trainer = make_trainer(
        {"training.epochs": 20, "training.patience": 3, "training.l2": 0.0, "training.learning_rate": 3.0}
    )
    records = run(trainer)
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert ended.state == "stopped_early"
    assert ended.error is None
    assert ended.best_epoch is not None
    losses = [record.validation_loss for record in records if isinstance(record, EpochDone)]
    assert ended.epoch == ended.best_epoch + 3
    assert min(losses) == losses[ended.best_epoch - 1]
    trainer.train_on(trainer.config.with_settings({"training.learning_rate": 0.01}))
    assert not trainer.is_finished


def test_without_patience_or_without_validation_digits_no_run_ends_early() -> None:
    for settings in ({"training.patience": 0}, {"training.patience": 1, "data.validation": 0}):
        ended = run(make_trainer({"training.learning_rate": 3.0, "training.epochs": 6, **settings}))[-1]
        assert isinstance(ended, RunEnded)
        assert (ended.state, ended.epoch) == ("finished", 6)


def test_an_error_in_the_middle_of_a_run_is_told_as_its_end() -> None:
    class BrokenTrainer(Trainer):
        def validate(self, should_cancel: object = None) -> None:  # type: ignore[override]
            raise ValueError("no luck")

    healthy = make_trainer()
    records = run(BrokenTrainer(healthy.config, healthy.splits))
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.state, ended.error) == ("failed", "ValueError: no luck")


def test_an_error_after_the_last_step_is_told_as_a_failure_and_not_as_a_run_that_finished() -> None:
    class FullOutbox(ScriptedRunOutput):
        def keep(self, best: Snapshot) -> None:
            if isinstance(self.records[-1], EpochDone) and self.records[-1].epoch == 2:
                raise MemoryError("no room")

    inbox = Inbox()
    run_output = FullOutbox(inbox)
    train(make_trainer(), inbox, run_output)
    ended = run_output.records[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.state, ended.step, ended.error) == ("failed", 24, f"{NO_MEMORY} (MemoryError: no room)")


@pytest.mark.parametrize(
    ("settings", "commands", "why"),
    [
        ({}, [At(5, Stop())], ""),
        (
            {"training.learning_rate": 100.0, "data.scaling": "raw", "network.loss": "mse"},
            [],
            "too large",
        ),
    ],
    ids=["stopped", "diverged"],
)
def test_last_weights_that_cannot_be_kept_make_a_run_a_failed_one_however_it_ended(
    settings: dict[str, object], commands: list[Command], why: str
) -> None:
    class FullOutbox(ScriptedRunOutput):
        def keep_keyframe(self, keyframe: Snapshot) -> None:
            raise MemoryError("no room")

        def wants_keyframe(self) -> bool:
            """Only when the last step has been told of."""
            last = self.records[-1]
            return isinstance(last, MinibatchesDone) and last.first_step + len(last.losses) - 1 == whole.step

    whole = run(make_trainer(settings), *commands)[-1]
    assert isinstance(whole, RunEnded)
    assert whole.state == ("diverged" if why else "stopped")
    trainer, inbox = make_trainer(settings), Inbox()
    for command in commands:
        inbox.put(command)
    run_output = FullOutbox(inbox)
    train(trainer, inbox, run_output)
    ended = run_output.records[-1]
    assert isinstance(ended, RunEnded)
    assert ended.state == "failed"
    assert ended.error
    assert ended.error.endswith("(MemoryError: no room)")
    assert why in ended.error


def test_a_network_that_cannot_be_built_is_told_as_a_failed_run() -> None:
    def fail() -> Trainer:
        raise MemoryError("too large")

    session = TrainingThread(fail)
    session.start()
    assert session.join(30)
    (ended,) = session.run_output.take_records()
    assert isinstance(ended, RunEnded)
    assert (ended.state, ended.error) == ("failed", f"{NO_MEMORY} (MemoryError: too large)")


def test_training_more_starts_a_new_schedule_where_the_last_one_ended() -> None:
    trainer = make_trainer()
    run(trainer)
    trainer.train_on(trainer.config.with_settings({"training.epochs": 1, "training.learning_rate": 0.02}))
    records = run(trainer)
    started = records[0]
    assert isinstance(started, RunStarted)
    assert (started.step, started.epoch, started.last_step) == (24, 2, 36)
    assert rates(records)[0] == pytest.approx(0.02)
    assert [record.epoch for record in records if isinstance(record, EpochDone)] == [3]


def test_without_validation_digits_the_last_weights_are_kept() -> None:
    trainer = make_trainer({"data.validation": 0})
    records = run(trainer)
    epoch = next(record for record in records if isinstance(record, EpochDone))
    assert math.isnan(epoch.validation_loss)
    assert trainer.best
    np.testing.assert_array_equal(trainer.best.parameters, weights(trainer))


def test_means_over_an_epoch_weigh_each_digit_alike() -> None:
    records = run(make_trainer({"training.batch_size": 500, "training.epochs": 1}))  # minibatches of 500 and 100
    blocks = [record for record in records if isinstance(record, MinibatchesDone)]
    losses = np.concatenate([block.losses for block in blocks])
    epoch = next(record for record in records if isinstance(record, EpochDone))
    assert epoch.train_loss == pytest.approx((500 * losses[0] + 100 * losses[1]) / 600, rel=1e-6)
    assert epoch.images_per_second > 0


def test_a_reader_that_never_takes_costs_one_snapshot_and_the_records() -> None:
    trainer, run_output = make_trainer({"training.epochs": 5}), RunOutput()
    train(trainer, Inbox(), run_output)
    records = run_output.take_records()
    arrays = [
        array
        for record in records
        if isinstance(record, MinibatchesDone)
        for array in (record.losses, record.accuracies, record.rates, record.seconds)
    ]
    assert sum(array.nbytes for array in arrays) <= 40 * 60
    snapshot = run_output.take_snapshot()
    assert snapshot
    assert snapshot.epoch == 5
    assert run_output.take_snapshot() is None


def test_a_snapshot_is_a_read_only_copy() -> None:
    trainer = make_trainer()
    snapshot = trainer.snapshot()
    before = snapshot.parameters.copy()
    trainer.train_minibatch()
    np.testing.assert_array_equal(snapshot.parameters, before)
    with pytest.raises(ValueError, match="read-only"):
        snapshot.parameters[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        snapshot.weights[0][0, 0] = 1.0


def test_training_waits_for_a_frame_no_longer_than_its_bound() -> None:
    inbox = Inbox()
    run_output = ScriptedRunOutput(inbox)
    with run_output.drawing():  # a reader that never stops drawing
        train(make_trainer({"training.epochs": 1}), inbox, run_output)
    assert kinds(run_output.records)[-1] == "RunEnded"


def test_holding_after_an_epoch_leaves_its_validated_snapshot_in_the_slot() -> None:
    inbox = Inbox()
    run_output = ScriptedRunOutput(inbox, lambda record: [Stop()] if isinstance(record, RunPaused) else [])
    inbox.put(StepEpoch())
    train(make_trainer(), inbox, run_output)
    snapshot = run_output.take_snapshot()
    assert snapshot
    assert snapshot.validation


class PacedOutbox(ScriptedRunOutput):
    """Notes when each block came."""

    def __init__(self, inbox: Inbox, react: Callable[[Record], list[Command]]) -> None:
        super().__init__(inbox, react)
        self.times: list[float] = []

    def post(self, record: Record) -> None:
        super().post(record)
        if isinstance(record, MinibatchesDone):
            self.times.append(perf_counter())


def test_in_slow_motion_minibatches_come_one_by_one_and_no_faster_than_asked_for() -> None:
    trainer, inbox = make_trainer({"training.epochs": 1}), Inbox()
    inbox.put(SetPace(100.0))
    run_output = PacedOutbox(inbox, lambda record: [])
    began = perf_counter()
    train(trainer, inbox, run_output)
    blocks = [record for record in run_output.records if isinstance(record, MinibatchesDone)]
    assert [len(block.losses) for block in blocks] == 12 * [1]
    assert run_output.times[-1] - began >= 11 * 0.01  # though one that was held up is made up for


def test_in_slow_motion_minibatches_come_one_by_one_also_where_each_takes_longer_than_its_turn() -> None:
    trainer, inbox = make_trainer({"training.epochs": 1}), Inbox()
    inbox.put(SetPace(1e9))
    run_output = PacedOutbox(inbox, lambda record: [])
    train(trainer, inbox, run_output)
    blocks = [record for record in run_output.records if isinstance(record, MinibatchesDone)]
    assert [len(block.losses) for block in blocks] == 12 * [1]


def test_slow_motion_changes_no_weight() -> None:
    fast, slow = make_trainer(), make_trainer()
    run(fast)
    run(slow, SetPace(1000.0))
    np.testing.assert_array_equal(fast.snapshot().parameters, slow.snapshot().parameters)


@pytest.mark.parametrize("command", [Stop(), SetPace(None)])
def test_a_command_is_obeyed_at_once_though_the_next_minibatch_is_an_hour_away(command: Command) -> None:
    def react(record: Record) -> list[Command]:
        return [command] if isinstance(record, MinibatchesDone) else []

    records = run(make_trainer(), SetPace(1 / 3600), react=react)
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.state, ended.step) == (("stopped", 1) if command == Stop() else ("finished", 24))
