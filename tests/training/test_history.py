"""Curves: nothing lost in thinning, means equal to a reference, and values that are no numbers left as gaps."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_gui.config import RunConfig
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, MinibatchesDone, RunEnded, RunPaused, RunStarted, SettingChanged
from mnist_gui.training.series import WINDOW, Series
from tests.support import make_trainer, run

FLOATS = st.floats(-1e6, 1e6, width=32)


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


@given(arrays(np.float32, st.integers(1, 300), elements=st.floats(0, 100, width=32)))
def test_the_running_mean_is_that_of_the_last_values_and_looks_at_none_to_come(values: np.ndarray) -> None:
    curve = series_of(values).thinned(50)
    for step, mean in zip(curve.steps.astype(int), curve.mean, strict=True):
        np.testing.assert_allclose(
            mean, values[max(0, step - WINDOW) : step].astype(float).mean(), rtol=1e-6, atol=1e-6
        )


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


def test_a_minibatch_costs_at_most_forty_bytes() -> None:
    history = History()
    block = np.ones(512, np.float32)
    for _ in range(2048):  # fills the doubled room to the brim
        history.add(MinibatchesDone(1, block, block, block, block))
    columns = (history.losses.values, history.accuracies.values, history.rates, history.seconds)
    sums = 2 * 8 * len(history)
    assert sum(column.base.nbytes for column in columns) + sums <= 40 * len(history)


@given(arrays(np.float32, st.integers(1, 200), elements=st.floats(width=32)), st.integers(1, 40))
def test_each_point_has_the_extremes_of_exactly_the_steps_it_stands_for(values: np.ndarray, most: int) -> None:
    curve = series_of(values).thinned(most)
    starts = [0, *curve.steps[:-1].astype(int)]
    for start, end, low, high in zip(starts, curve.steps.astype(int), curve.low, curve.high, strict=True):
        finite = values[start:end][np.isfinite(values[start:end])]
        expected = (finite.min(), finite.max()) if len(finite) else (np.nan, np.nan)
        np.testing.assert_array_equal((low, high), expected)


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


def started(step: int = 0) -> RunStarted:
    return RunStarted(RunConfig(), step, 0, step + 100, 10, 600, 200, 1000, 1)


def block(first_step: int, losses: list[float]) -> MinibatchesDone:
    values = np.array(losses, np.float32)
    return MinibatchesDone(first_step, values, values, values, np.zeros_like(values))


def epoch(number: int, loss: float) -> EpochDone:
    return EpochDone(number, 10 * number, 0.5, 0.9, loss, 0.9, 1.0, 1000.0)


def test_stretches_without_a_finite_loss_are_known_and_neighbours_are_one() -> None:
    history = History()
    history.add(started())
    history.add(block(1, [1.0, math.nan, math.inf]))
    history.add(block(4, [-math.inf, 1.0, 2.0, math.nan]))
    assert history.gaps == [(2, 4), (7, 7)]
    history.add(started(3))  # goes on from step 3
    assert history.gaps == [(2, 3)]


def test_pauses_and_the_end_are_kept_until_training_goes_on() -> None:
    history = History()
    history.add(started())
    history.add(block(1, [1.0, 0.5]))
    history.add(RunPaused(1))
    history.add(RunPaused(2))
    ended = RunEnded("stopped", 2, 0, None, math.nan, math.nan, 1.0)
    history.add(ended)
    assert (history.pauses, history.ended) == ([1, 2], ended)
    history.add(started(1))
    assert (history.pauses, history.ended) == ([1], None)


@given(st.lists(st.sampled_from([0.3, 0.2, 0.1, math.nan, math.inf]), max_size=12), st.integers(0, 12))
def test_the_best_epoch_is_the_first_of_the_smallest_finite_loss_also_after_going_back(
    losses: list[float], back_to: int
) -> None:
    history = History()
    history.add(started())
    for number, loss in enumerate(losses, start=1):
        history.add(epoch(number, loss))

    def expected() -> EpochDone | None:
        finite = [each for each in history.epochs if math.isfinite(each.validation_loss)]
        return min(finite, key=lambda each: each.validation_loss, default=None)

    assert history.best_epoch is expected()
    history.add(started(10 * back_to))
    assert len(history.epochs) == min(back_to, len(losses))
    assert history.best_epoch is expected()


def test_the_epoch_in_force_at_a_step_is_the_last_one_before_it() -> None:
    history = History()
    history.add(started())
    epochs = [epoch(1, 0.3), epoch(2, 0.2)]
    for each in epochs:
        history.add(each)
    found = [history.epoch_before(step) for step in (1, 9, 10, 19, 20, 99)]
    assert found == [None, None, epochs[0], epochs[0], epochs[1], epochs[1]]


def test_a_part_of_the_steps_is_thinned_as_if_it_were_all() -> None:
    history = History()
    history.add(started(50))
    history.add(block(51, [float(value) for value in range(40)]))
    part = history.thinned(history.losses, 10, 60, 70)
    np.testing.assert_array_equal(part.steps, np.arange(61, 71))
    np.testing.assert_array_equal(part.low, np.arange(10, 20))
    assert len(history.thinned(history.losses, 10, 500, 600).steps) == 0
