"""The way out of a run: nothing lost, nothing twice, and no copy that nobody wants."""

from collections.abc import Callable

import numpy as np
import pytest

from mnist_gui.engine.inference import Predictions
from mnist_gui.training import meters
from mnist_gui.training import snapshot_publisher as watch
from mnist_gui.training.commands import Command, Resume, StepBatch
from mnist_gui.training.history import History
from mnist_gui.training.loop import Inbox, train
from mnist_gui.training.meters import BLOCK_LENGTH, BLOCK_SECONDS, BlockMeter, EpochMeter, Minibatch, Stopwatch
from mnist_gui.training.records import MinibatchesDone, Record, RunEnded, RunPaused, RunResumed, RunStarted
from mnist_gui.training.run_output import RunOutput
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.trainer import Trainer
from tests.support import make_trainer, run


class CountingTrainer(Trainer):
    """Counts the copies that are made of its weights."""

    copies = 0

    def snapshot(self, validation: Predictions | None = None) -> Snapshot:
        self.copies += 1
        return super().snapshot(validation)


class EagerOutbox(RunOutput):
    """A reader that takes the snapshot with every record."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Snapshot] = []

    def post(self, record: Record) -> None:
        super().post(record)
        snapshot = self.take_snapshot()
        if snapshot:
            self.taken.append(snapshot)


class PresentOutbox(RunOutput):
    """A reader that does not travel in time."""

    def wants_keyframe(self) -> bool:
        return False


@pytest.fixture
def every_minibatch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block and, if wanted, a snapshot with each minibatch, however fast the machine."""
    monkeypatch.setattr(meters, "BLOCK_SECONDS", -1.0)
    monkeypatch.setattr(watch, "SNAPSHOT_SHARE", float("inf"))


def counting_trainer() -> CountingTrainer:
    plain = make_trainer({"training.epochs": 3})
    return CountingTrainer(plain.config, plain.splits)


def test_records_are_taken_once_and_in_order() -> None:
    run_output = RunOutput()
    for step in range(3):
        run_output.post(RunPaused(step))
    assert run_output.take_records() == [RunPaused(0), RunPaused(1), RunPaused(2)]
    run_output.post(RunResumed(3))
    assert run_output.take_records() == [RunResumed(3)]
    assert run_output.take_records() == []


def test_only_the_newest_snapshot_is_held_and_it_is_taken_once() -> None:
    trainer, run_output = make_trainer(), RunOutput()
    assert run_output.take_snapshot() is None
    assert run_output.wants_snapshot()
    older, newer = trainer.snapshot(), trainer.snapshot()
    run_output.offer(older)
    assert not run_output.wants_snapshot()
    run_output.offer(newer)
    assert run_output.take_snapshot() is newer
    assert run_output.take_snapshot() is None
    assert run_output.wants_snapshot()


def test_the_best_snapshot_stays_when_it_has_been_looked_at() -> None:
    run_output, best = RunOutput(), make_trainer().snapshot()
    assert run_output.best is None
    run_output.keep(best)
    assert run_output.best is best
    assert run_output.best is best


@pytest.mark.usefixtures("every_minibatch")
def test_a_reader_that_takes_nothing_costs_copies_only_at_the_start_and_at_the_end_of_epochs() -> None:
    trainer, run_output = counting_trainer(), PresentOutbox()
    train(trainer, Inbox(), run_output)
    assert trainer.copies <= 1 + 3
    assert len([record for record in run_output.take_records() if isinstance(record, MinibatchesDone)]) == 36


@pytest.mark.usefixtures("every_minibatch")
def test_a_reader_that_takes_everything_gets_a_snapshot_with_every_block() -> None:
    trainer, run_output = counting_trainer(), EagerOutbox()
    train(trainer, Inbox(), run_output)
    steps = [snapshot.step for snapshot in run_output.taken]
    assert steps == sorted(set(steps))
    assert len(steps) >= 36 - 1


@pytest.mark.usefixtures("every_minibatch")
def test_looking_at_every_snapshot_changes_no_weight() -> None:
    watched, unwatched = counting_trainer(), counting_trainer()
    train(watched, Inbox(), EagerOutbox())
    train(unwatched, Inbox(), RunOutput())
    np.testing.assert_array_equal(watched.snapshot().parameters, unwatched.snapshot().parameters)


def test_every_snapshot_of_a_run_is_read_only_and_shares_no_memory_with_the_run() -> None:
    trainer, run_output = counting_trainer(), EagerOutbox()
    train(trainer, Inbox(), run_output)
    for snapshot in (*run_output.taken, run_output.best, trainer.best):
        assert snapshot
        assert not snapshot.parameters.flags.writeable
        assert all(not array.flags.writeable for array in snapshot.weights + snapshot.biases)
        assert not any(np.shares_memory(snapshot.parameters, weights) for weights in trainer._network.weights)
        assert not np.shares_memory(snapshot.network().parameters, snapshot.parameters)


def test_values_of_minibatches_are_read_only_and_cost_at_most_forty_bytes_each() -> None:
    block = BlockMeter(10)
    for index in range(5):
        block.add(Minibatch(0.5, 0.25, 0.1, 32), float(index))
    record = block.take()
    columns = (record.losses, record.accuracies, record.rates, record.seconds)
    assert not any(column.flags.writeable for column in columns)
    assert sum(column.nbytes for column in columns) <= 40 * 5
    assert {id(column.base) for column in columns} == {id(record.losses.base)}
    assert record.losses.base is not None
    assert record.losses.base.nbytes <= 40 * 5  # no view keeps a larger buffer alive


def test_blocks_number_their_minibatches_from_the_step_before() -> None:
    block = BlockMeter(10)
    for _ in range(2):
        block.add(Minibatch(1.0, 0.0, 0.1, 32), 0.0)
    assert block.take().first_step == 11
    block.add(Minibatch(2.0, 1.0, 0.2, 32), 0.5)
    record = block.take()
    assert record.first_step == 13
    assert [record.losses[0], record.accuracies[0], record.seconds[0]] == [2.0, 1.0, 0.5]
    assert record.rates[0] == pytest.approx(0.2)


def test_a_block_is_due_when_it_is_full_or_old() -> None:
    block = BlockMeter(0)
    block.add(Minibatch(1.0, 0.0, 0.1, 32), 1.0)
    assert not block.is_due(1.0 + BLOCK_SECONDS / 2)
    assert block.is_due(1.0 + BLOCK_SECONDS * 1.01)
    for _ in range(BLOCK_LENGTH - 1):
        block.add(Minibatch(1.0, 0.0, 0.1, 32), 1.0)
    assert block.is_due(1.0)
    assert len(block.take().losses) == BLOCK_LENGTH


def test_means_over_an_epoch_count_every_digit_once() -> None:
    epoch = EpochMeter()
    epoch.add(Minibatch(2.0, 0.5, 0.1, 30), 0.25)
    epoch.add(Minibatch(1.0, 1.0, 0.1, 10), 0.25)
    assert epoch.loss == pytest.approx((30 * 2.0 + 10 * 1.0) / 40)
    assert epoch.accuracy == pytest.approx((15 + 10) / 40)
    assert epoch.images_per_second == pytest.approx(80.0)


def clock(*moments: float) -> Callable[[], float]:
    remaining = iter(moments)
    return lambda: next(remaining)


def test_a_stopwatch_leaves_pauses_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters, "perf_counter", clock(100.0, 103.0, 200.0, 204.0))
    watch = Stopwatch()
    watch.pause()
    assert watch.seconds() == 3.0
    watch.resume()
    assert watch.seconds() == 7.0


def test_the_time_of_a_run_leaves_its_pauses_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def pass_the_time(record: Record) -> list[Command]:
        nonlocal now
        now += {RunStarted: 5.0, RunPaused: 3600.0, RunResumed: 2.0}.get(type(record), 0.0)
        return [Resume()] if isinstance(record, RunPaused) else []

    monkeypatch.setattr(meters, "perf_counter", lambda: now)
    records = run(make_trainer(), StepBatch(), react=pass_the_time)
    assert RunResumed(1) in records
    assert isinstance(records[-1], RunEnded)
    assert records[-1].seconds == 7.0


def test_the_training_loss_of_an_epoch_is_the_mean_over_its_own_minibatches() -> None:
    history = History()
    for record in run(make_trainer()):
        history.add(record)
    for epoch, values in zip(history.epochs, np.split(history.losses.values, 2), strict=True):
        assert epoch.train_loss == pytest.approx(values.mean(), rel=1e-5)
