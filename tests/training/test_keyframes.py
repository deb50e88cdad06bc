"""Keyframes: dense in the beginning, at every epoch's end, within their budget, and the ones that matter never go."""

import dataclasses
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_gui.training.commands import Stop
from mnist_gui.training.keyframes import MOST_KEYFRAMES, Keyframes, fit, next_keyframe
from mnist_gui.training.loop import Inbox, train
from mnist_gui.training.run_output import MOST_WAITING_BYTES, RunOutput
from mnist_gui.training.snapshot import Snapshot
from tests.support import make_trainer, run, small_config

PARAMETERS = 785 * 3 + 4 * 10
NBYTES = 4 * PARAMETERS


def keyframe(step: int, loss: float = float("nan")) -> Snapshot:
    return Snapshot.of(
        np.full(PARAMETERS, step, np.float32),
        config=small_config({"network.hidden": [3]}),
        image_shape=(28, 28),
        class_names=tuple("0123456789"),
        step=step,
        epoch=0,
        validation_loss=loss,
    )


def timeline(*steps: int, best: int | None = None) -> Keyframes:
    made = Keyframes()
    for step in steps:
        made.add(keyframe(step, 0.1 if step == best else 0.2))
    return made


def kept_of(settings: dict[str, object], *commands: Stop) -> list[Snapshot]:
    """The keyframes of a real run, with a reader that takes them at the end."""
    inbox, run_output = Inbox(), RunOutput()
    for command in commands:
        inbox.put(command)
    train(make_trainer(settings), inbox, run_output)
    return run_output.take_keyframes()


def test_keyframes_are_dense_in_the_beginning_and_at_the_end_of_every_epoch() -> None:
    kept = kept_of({"training.epochs": 3})
    assert [each.step for each in kept] == [*range(13), 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 26, 28, 30, 33, 36]
    assert [each.step for each in kept if each.validation] == [12, 24, 36]


def test_a_keyframe_holds_the_weights_of_its_step() -> None:
    kept = kept_of({})
    alone = make_trainer()
    for each in kept:
        while alone.step < each.step:
            alone.train_minibatch()
        np.testing.assert_array_equal(each.parameters, alone.snapshot().parameters)


def test_the_weights_a_run_ended_with_are_its_last_keyframe() -> None:
    trainer = make_trainer()
    inbox, run_output = Inbox(), RunOutput()
    trainer.step = 1005  # keyframes are far apart here
    trainer.last_step = 1009
    train(trainer, inbox, run_output)
    assert [each.step for each in run_output.take_keyframes()] == [1005, 1009]


def test_a_run_stopped_before_its_first_step_has_one_keyframe() -> None:
    assert [each.step for each in kept_of({}, Stop())] == [0]


def test_the_best_weights_are_kept_without_a_second_copy() -> None:
    inbox, run_output = Inbox(), RunOutput()
    train(make_trainer({"training.epochs": 1}), inbox, run_output)
    assert run_output.take_keyframes()[-1] is run_output.best


def test_a_reader_that_takes_no_keyframes_is_not_buried_in_them() -> None:
    run_output = RunOutput()
    large = Snapshot.of(
        np.zeros(MOST_WAITING_BYTES // 8, np.float32),
        config=small_config(),
        image_shape=(28, 28),
        class_names=tuple("0123456789"),
        step=0,
        epoch=0,
    )
    for _ in range(2):
        assert run_output.wants_keyframe()
        run_output.keep_keyframe(large)
    assert not run_output.wants_keyframe()
    run_output.take_keyframes()
    assert run_output.wants_keyframe()


def test_a_moment_shows_the_nearest_keyframe_before_it() -> None:
    kept = timeline(0, 10, 20, 30)
    found = [kept.at(step) for step in (0, 9, 10, 29, 30, 1000)]
    assert [each.step for each in found if each] == [0, 0, 10, 20, 30, 30]


def test_a_moment_before_the_first_keyframe_shows_the_first() -> None:
    first = timeline(50, 60).at(3)
    assert first is not None
    assert first.step == 50
    assert Keyframes().at(3) is None


def test_training_on_from_earlier_weights_forgets_what_came_after_them() -> None:
    kept = timeline(0, 10, 20, 30)
    kept.add(keyframe(20))
    assert kept.steps == [0, 10, 20]


def test_the_answers_to_the_validation_digits_count_too() -> None:
    kept = Keyframes()
    trainer = make_trainer()
    predictions = trainer.validate()
    assert predictions
    kept.add(trainer.snapshot(predictions))
    assert kept.nbytes == trainer.parameter_count * 4 + len(predictions.labels) * (1 + 1 + 4 + 4 + 4)


def test_the_next_keyframe_is_a_tenth_of_the_way_further() -> None:
    assert [next_keyframe(step) for step in (0, 1, 9, 10, 19, 20, 29, 30, 1000)] == [1, 2, 10, 11, 20, 22, 31, 33, 1100]


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    share=st.floats(0.0, 1.2),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_the_budget_is_honoured_and_first_best_and_last_never_go(
    lengths: list[int], share: float, data: st.DataObject
) -> None:
    bests = [data.draw(st.integers(0, length - 1)) for length in lengths]
    timelines = [timeline(*range(length), best=best) for length, best in zip(lengths, bests, strict=True)]
    protected = sum(len({0, best, length - 1}) for length, best in zip(lengths, bests, strict=True))
    budget = int(share * sum(lengths) * NBYTES)
    fit(timelines, budget)
    assert sum(each.nbytes for each in timelines) <= max(budget, protected * NBYTES)
    for each, length, best in zip(timelines, lengths, bests, strict=True):
        assert {0, best, length - 1} <= set(each.steps)
        assert each.steps == sorted(each.steps)


def test_nothing_goes_while_there_is_room() -> None:
    kept = timeline(*range(10))
    fit([kept], 10 * NBYTES)
    assert len(kept) == 10
    fit([kept], 10 * NBYTES - 1)
    assert kept.steps == [0, 2, 4, 6, 8, 9]


def test_what_is_known_of_a_moment_is_not_lost_when_training_goes_on_from_it() -> None:
    trainer = make_trainer()
    run(trainer)
    measured = trainer.best
    assert measured
    timeline = Keyframes()
    timeline.add(measured)
    timeline.add(dataclasses.replace(measured, validation_loss=math.nan, validation=None))
    assert timeline.keyframes == (measured,)
    assert timeline.best is measured


def test_very_many_small_moments_are_thinned_and_the_ends_stay() -> None:
    weights = make_trainer().snapshot()
    timeline = Keyframes()
    for step in range(3 * MOST_KEYFRAMES):
        timeline.add(dataclasses.replace(weights, step=step))
    assert MOST_KEYFRAMES / 2 <= len(timeline) <= MOST_KEYFRAMES
    assert (timeline.steps[0], timeline.steps[-1]) == (0, 3 * MOST_KEYFRAMES - 1)
