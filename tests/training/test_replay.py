"""A run with its changes is run again from its record: every loss and every weight is the same to the bit."""

from collections.abc import Callable

import numpy as np

from mnist_gui.config.run_config import RunConfig
from mnist_gui.training.commands import (
    At,
    ChangeSetting,
    Command,
    Pause,
    Resume,
    RunToEpoch,
    StepBatch,
    StepEpoch,
    Stop,
)
from mnist_gui.training.records import (
    EpochDone,
    MinibatchesDone,
    Record,
    RunEnded,
    RunPaused,
    RunStarted,
    SettingChanged,
)
from mnist_gui.training.replay import ScheduleSegment, altered, changed_during_training, segments
from mnist_gui.training.trainer import Trainer
from tests.support import make_trainer, run

React = Callable[[Record], list[Command]]


def losses(records: list[Record]) -> list[float]:
    return [float(loss) for record in records if isinstance(record, MinibatchesDone) for loss in record.losses]


def replayed(records: list[Record], trainer: Trainer) -> list[Record]:
    """Train a fresh trainer as these records tell."""
    again: list[Record] = []
    for number, leg in enumerate(segments(records)):
        if number:
            trainer.train_on(leg.config)
        again += run(trainer, *leg.commands)
    return again


def assert_alike(first: list[Record], second: list[Record], one: Trainer, other: Trainer) -> None:
    assert losses(first) == losses(second)
    np.testing.assert_array_equal(one.snapshot().parameters, other.snapshot().parameters)
    changes = [[record for record in records if isinstance(record, SettingChanged)] for records in (first, second)]
    assert changes[0] == changes[1]
    ends = [[record.state for record in records if isinstance(record, RunEnded)] for records in (first, second)]
    assert ends[0] == ends[1]


def test_changes_and_pauses_of_a_run_are_made_again_at_the_same_steps() -> None:
    """Held and changed in the middle of an epoch, then at the end of one."""

    def react(record: Record) -> list[Command]:
        match record:
            case RunPaused(step=3):
                return [ChangeSetting("training.learning_rate", 0.02), StepBatch()]
            case RunPaused(step=4):
                return [ChangeSetting("training.momentum", 0.5), ChangeSetting("training.l2", 1e-3), StepEpoch()]
            case RunPaused(step=12):
                return [ChangeSetting("training.dropout", 0.2), Resume()]
        return []

    trainer = make_trainer()
    records = run(trainer, StepBatch(), StepBatch(), StepBatch(), react=react)
    other = make_trainer()
    again = replayed(records, other)
    assert len(losses(records)) == 24
    assert_alike(records, again, trainer, other)


def test_a_run_that_was_stopped_by_hand_stops_there_again() -> None:
    trainer = make_trainer()

    def react(record: Record) -> list[Command]:
        return [Stop()] if isinstance(record, RunPaused) else []

    records = run(trainer, *[StepBatch()] * 7, react=react)
    other = make_trainer()
    again = replayed(records, other)
    assert len(losses(again)) == 7
    assert_alike(records, again, trainer, other)


def test_several_schedules_are_run_again_one_after_the_other() -> None:
    trainer = make_trainer({"training.optimizer": "adam", "training.learning_rate": 0.01})
    records = run(
        trainer, StepBatch(), react=lambda record: [Stop()] if isinstance(record, RunPaused) else []
    )  # an epoch that is left in its middle
    trainer.train_on(trainer.config.with_settings({"training.epochs": 1, "training.learning_rate": 0.003}))
    records += run(trainer)
    other = make_trainer({"training.optimizer": "adam", "training.learning_rate": 0.01})
    again = replayed(records, other)
    assert [record.step for record in again if isinstance(record, RunStarted)] == [0, 1]
    assert_alike(records, again, trainer, other)


def test_the_number_of_blas_threads_is_as_it_was() -> None:
    trainer = make_trainer({"training.blas_threads": 2})
    records = run(trainer)
    other = make_trainer({"training.blas_threads": 0})  # would choose one for so small a network
    again = replayed(records, other)
    assert [record.new for record in again if isinstance(record, SettingChanged)] == [2]


def test_a_run_to_an_epoch_holds_at_its_end() -> None:
    def react(record: Record) -> list[Command]:
        return [Stop()] if isinstance(record, RunPaused) else []

    records = run(make_trainer({"training.epochs": 5}), StepBatch(), RunToEpoch(3), react=react)
    assert [record.step for record in records if isinstance(record, RunPaused)] == [36]
    assert [record.epoch for record in records if isinstance(record, EpochDone)] == [1, 2, 3]


def test_a_run_to_an_epoch_that_is_over_holds_at_once() -> None:
    def react(record: Record) -> list[Command]:
        match record:
            case EpochDone(epoch=2):
                return [RunToEpoch(2)]
            case RunPaused():
                return [Stop()]
        return []

    records = run(make_trainer({"training.epochs": 5}), Pause(), Resume(), react=react)
    assert [record.step for record in records if isinstance(record, RunPaused)] == [24]


def test_a_run_to_an_epoch_beyond_the_schedule_ends_with_it() -> None:
    records = run(make_trainer(), RunToEpoch(99))
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert ended.state == "finished"
    assert not any(isinstance(record, RunPaused) for record in records)


def test_altered_schedules_change_the_same_things_after_the_same_part_of_an_epoch() -> None:
    config = RunConfig()
    first = ScheduleSegment(
        0,
        config,
        (At(0, ChangeSetting("training.blas_threads", 1)), At(40, ChangeSetting("training.learning_rate", 0.5)),
         At(60, ChangeSetting("training.momentum", 0.5)), At(80, Stop())),
    )  # fmt: skip
    second = ScheduleSegment(80, config, (At(100, Stop()),))
    one, two = altered([first, second], {"training.batch_size": 64, "training.learning_rate": 0.1}, 2.0)
    assert one.commands == (
        At(0, ChangeSetting("training.blas_threads", 1)),
        At(120, ChangeSetting("training.momentum", 0.5)),
        At(160, Stop()),
    )
    assert two.commands == ()
    assert {one.config, two.config} == {
        config.with_settings({"training.batch_size": 64, "training.learning_rate": 0.1}),
    }
    assert changed_during_training([first, second]) == ("training.learning_rate", "training.momentum")
