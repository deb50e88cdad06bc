"""Curves: nothing lost in thinning, means equal to a reference, and values that are no numbers left as gaps."""

import dataclasses
import math
import tracemalloc
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_gui.config.run_config import RunConfig
from mnist_gui.training.history import MOST_GAPS, History
from mnist_gui.training.records import (
    EpochDone,
    MinibatchesDone,
    RunEnded,
    RunPaused,
    RunResumed,
    RunStarted,
    SettingChanged,
)
from mnist_gui.training.series import WINDOW, Series
from tests.support import make_trainer, run

FLOATS = st.floats(-1e6, 1e6, width=32)
NOT_FINITE = st.sampled_from([np.nan, np.inf, -np.inf])


def series_of(values: np.ndarray) -> Series:
    series = Series()
    for start in range(0, len(values), 7):
        series.extend(values[start : start + 7])
    return series


@given(arrays(np.float32, st.integers(1, 400), elements=FLOATS), st.integers(1, 60))
def test_thinning_keeps_the_extremes_and_the_number_of_points(values: np.ndarray, most: int) -> None:
    curve = series_of(values).thinned(most)
    assert len(curve.steps) <= most
    assert curve.steps[-1] == len(values)
    assert (np.diff(curve.steps) > 0).all()
    assert curve.low.min() == values.min()
    assert curve.high.max() == values.max()


@given(arrays(np.float32, st.integers(1, 300), elements=st.floats(0, 100, width=32) | NOT_FINITE))
def test_the_running_mean_is_that_of_the_last_values_and_looks_at_none_to_come(values: np.ndarray) -> None:
    curve = series_of(values).thinned(50)
    for step, mean in zip(curve.steps.astype(int), curve.mean, strict=True):
        recent = values[max(0, step - WINDOW) : step].astype(float)
        expected = recent[np.isfinite(recent)].mean() if np.isfinite(recent[-1]) else np.nan
        np.testing.assert_allclose(mean, expected, rtol=1e-6, atol=1e-6)


def test_a_value_of_1e38_spoils_only_the_means_that_it_is_in() -> None:
    values = np.full(300, 0.5, np.float32)
    values[20] = 1e38
    series = series_of(values)
    assert series.mean_at(21) > 1e36
    assert series.mean_at(200) == 0.5
    assert series.last_mean == 0.5


def test_what_is_not_a_number_is_a_gap_and_spoils_no_other_value() -> None:
    values = np.array([1, np.nan, 3, np.inf, -np.inf, 2], np.float32)
    curve = series_of(values).thinned(10)
    np.testing.assert_array_equal(np.isnan(curve.high), [False, True, False, True, True, False])
    assert curve.high[-1] == 2
    assert math.isfinite(curve.mean[-1])
    assert np.isnan(curve.mean[[1, 3, 4]]).all()


def test_a_spike_beside_a_gap_is_still_drawn() -> None:
    curve = series_of(np.array([np.nan, 9.0, 1.0, 1.0], np.float32)).thinned(2)
    assert curve.high[0] == 9.0


def test_an_empty_history_has_an_empty_curve() -> None:
    history = History()
    assert len(history) == 0
    assert len(history.thinned(history.losses, 100).steps) == 0
    assert math.isnan(history.losses.last_mean)


def test_a_history_holds_what_the_records_of_a_run_said() -> None:
    history, records = History(), run(make_trainer())
    for record in records:
        history.add(record)
    blocks = [record for record in records if isinstance(record, MinibatchesDone)]
    np.testing.assert_array_equal(history.losses.values, np.concatenate([block.losses for block in blocks]))
    np.testing.assert_array_equal(history.accuracies.values, np.concatenate([block.accuracies for block in blocks]))
    np.testing.assert_array_equal(history.rates, np.concatenate([block.rates for block in blocks]))
    assert (np.diff(history.seconds) >= 0).all()
    assert [epoch.epoch for epoch in history.epochs] == [1, 2]
    assert (history.last_step, history.planned_step) == (24, 24)


def test_a_run_that_ended_early_plans_no_further() -> None:
    history = History()
    history.add(run(make_trainer())[0])
    assert history.planned_step == 24
    history.add(RunEnded("stopped", 5, 0, None, math.nan, math.nan, 0.1))
    assert history.planned_step == 5


def test_changes_are_kept_and_steps_count_on_from_a_saved_network() -> None:
    history = History()
    change = SettingChanged(3, "training.momentum", 0.9, 0.5)
    history.add(change)
    history.first_step = 100
    values = np.ones(4, np.float32)
    history.add(MinibatchesDone(101, values, values, values, values))
    assert history.changes == [change]
    assert history.thinned(history.losses, 10).steps.tolist() == [101, 102, 103, 104]


def test_a_minibatch_costs_at_most_forty_bytes_however_many_there_are() -> None:
    block, worst = np.ones(512, np.float32), 0.0
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        history = History()
        while len(history) < 500_000:
            history.add(MinibatchesDone(1, block, block, block, block))
            if len(history) > 50_000:
                worst = max(worst, (tracemalloc.get_traced_memory()[0] - before) / len(history))
    finally:
        tracemalloc.stop()
    assert worst <= 40


def record_of(first_step: int, count: int) -> MinibatchesDone:
    steps = np.arange(first_step, first_step + count, dtype=np.float32)
    return MinibatchesDone(first_step, steps, steps, steps, steps)


def started_at(step: int, last_step: int) -> RunStarted:
    return RunStarted(RunConfig(), step, step // 10, last_step, 10, 600, 200, 5, 1)


def epoch_at(step: int) -> EpochDone:
    return EpochDone(step // 10, step, 0.1, 0.9, 0.2, 0.8, 1.0, 1e5)


def test_a_second_schedule_lengthens_the_same_curve() -> None:
    history = History()
    for start in (0, 20):
        history.add(started_at(start, start + 20))
        history.add(record_of(start + 1, 20))
        history.add(epoch_at(start + 20))
    assert [started.step for started in history.starts] == [0, 20]
    assert (len(history), history.last_step, history.planned_step) == (40, 40, 40)
    np.testing.assert_array_equal(history.losses.values, np.arange(1, 41))


def test_training_on_from_earlier_weights_forgets_what_came_after_them() -> None:
    history = History()
    history.add(started_at(0, 40))
    history.add(record_of(1, 25))
    history.add(epoch_at(10))
    history.add(epoch_at(20))
    history.add(SettingChanged(22, "training.learning_rate", 0.1, 50.0))
    history.add(started_at(10, 50))
    history.add(record_of(11, 3))
    np.testing.assert_array_equal(history.losses.values, np.arange(1, 14))
    np.testing.assert_array_equal(history.rates, np.arange(1, 14))
    assert [epoch.step for epoch in history.epochs] == [10]
    assert history.changes == []
    assert history.last_step == 13
    assert history.losses.last_mean == 12.5  # of 12 and 13: a quarter of an epoch of ten


def test_a_saved_network_that_trains_on_counts_from_its_own_step() -> None:
    history = History()
    history.add(started_at(500, 520))
    history.add(record_of(501, 4))
    assert (history.first_step, history.last_step) == (500, 504)
    assert history.thinned(history.losses, 2).steps.tolist() == [502, 504]


def test_the_running_mean_of_short_epochs_spans_a_quarter_of_one() -> None:
    history, records = History(), run(make_trainer())  # 12 minibatches in an epoch
    for record in records:
        history.add(record)
    assert history.losses.last_mean == np.float64(history.losses.values[-3:].astype(float).mean())


def test_a_part_of_a_long_run_is_told_minibatch_by_minibatch() -> None:
    history = History()
    history.add(started_at(1000, 60_000))
    history.add(record_of(1001, 50_000))
    curve = history.thinned(history.losses, 200, (21_000, 21_099))
    assert curve.steps.tolist() == list(range(21_000, 21_100))
    np.testing.assert_array_equal(curve.low, curve.steps)
    np.testing.assert_array_equal(curve.high, curve.steps)
    np.testing.assert_allclose(curve.mean, curve.steps - 0.5)  # two minibatches in the mean


def losses(*values: float) -> MinibatchesDone:
    array = np.array(values, np.float32)
    return MinibatchesDone(1, array, np.ones_like(array), array, array)


def test_stretches_without_a_finite_loss_are_known_by_their_steps_across_blocks() -> None:
    history = History()
    history.add(started_at(100, 200))
    history.add(losses(1, np.nan, np.inf))
    history.add(losses(-np.inf, 2, 3))
    history.add(losses(4, 5))
    history.add(losses(np.nan))
    assert history.gaps == [(102, 104), (109, 109)]


@given(st.lists(st.lists(st.sampled_from([1.0, np.nan]), min_size=1, max_size=9), max_size=12))
def test_the_gaps_cover_exactly_the_steps_without_a_finite_loss(blocks: list[list[float]]) -> None:
    history = History()
    for block in blocks:
        history.add(losses(*block))
    covered = [step for first, last in history.gaps for step in range(first, last + 1)]
    expected = [step for step, loss in enumerate((loss for block in blocks for loss in block), 1) if np.isnan(loss)]
    assert covered == expected
    assert all(one[1] + 1 < other[0] for one, other in pairwise(history.gaps))


def test_so_many_gaps_that_nobody_could_tell_them_apart_are_joined() -> None:
    history = History()
    history.add(losses(*[1.0, np.nan] * (MOST_GAPS + 1)))
    assert len(history.gaps) <= MOST_GAPS
    assert (history.gaps[0][0], history.gaps[-1][1]) == (2, 2 * MOST_GAPS + 2)


def test_pauses_and_the_end_are_kept_and_training_on_forgets_what_came_after_its_start() -> None:
    history = History()
    ended = RunEnded("diverged", 30, 3, 1, 0.5, 0.9, 1.0)
    history.add(started_at(0, 40))
    history.add(losses(*[1.0] * 18, *[np.nan] * 12))
    for record in (RunPaused(5), RunResumed(5), RunPaused(25), epoch_at(10), epoch_at(20), ended):
        history.add(record)
    assert (history.pauses, history.gaps, history.ended) == ([5, 25], [(19, 30)], ended)
    history.add(started_at(20, 60))
    assert (history.pauses, history.gaps, history.ended) == ([5], [(19, 20)], None)
    assert [epoch.step for epoch in history.epochs] == [10, 20]
    history.add(started_at(10, 50))
    assert history.gaps == []
    assert history.best_epoch is history.epochs[0]


def test_the_best_epoch_is_that_of_the_smallest_loss_of_those_not_forgotten() -> None:
    history = History()
    history.add(started_at(0, 40))
    history.add(record_of(1, 40))
    for step, loss in ((10, 0.5), (20, 0.4), (30, np.nan), (40, 0.1)):
        history.add(dataclasses.replace(epoch_at(step), validation_loss=loss))
    assert history.best_epoch is history.epochs[3]
    history.add(started_at(30, 60))
    assert history.best_epoch is history.epochs[1]
    history.add(started_at(0, 60))
    assert history.best_epoch is None


def test_the_best_may_be_what_a_saved_network_began_with() -> None:
    def worth(epoch: int, loss: float) -> EpochDone:
        return EpochDone(epoch, 10 * epoch, 0.5, 0.8, loss, 0.9, 1.0, 1000.0)

    saved, better = worth(4, 0.1), worth(6, 0.05)
    history = History(saved)
    assert history.first_step == 40
    history.add(worth(5, 0.2))
    assert history.best_epoch is saved
    history.add(better)
    assert history.best_epoch is better
    assert History(worth(4, math.nan)).best_epoch is None
