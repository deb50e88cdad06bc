"""The x axis of the curves: places of steps in each unit, and the step under a place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config.run_config import RunConfig
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, MinibatchesDone, RunStarted
from mnist_gui.ui.plotting.x_axis import UNITS, place, places, step_at, steps_between, x_range


def history_of(seconds: list[float], *, first_step: int = 0, per_epoch: int = 4, epochs: int = 5) -> History:
    history = History()
    epoch = first_step // per_epoch
    last = first_step + per_epoch * epochs
    history.add(RunStarted(RunConfig(), first_step, epoch, last, per_epoch, 600, 200, 1000, 1))
    values = np.array(seconds, np.float32)
    if len(values):
        history.add(MinibatchesDone(first_step + 1, values, values, values, values))
    return history


def test_a_step_is_at_its_number_its_share_of_epochs_and_its_end_in_seconds() -> None:
    history = history_of([0.5, 1.0, 2.0, 4.0, 4.5])
    assert [place(history, unit, 3) for unit in ("step", "epoch", "seconds")] == [3, 0.75, 2.0]
    assert place(history, "seconds", 0) == 0.0


@pytest.mark.parametrize(("epoch", "step", "first"), [(10, 4300, 10.0), (3, 1301, 3.0), (0, 7, 0.0)])
def test_a_network_from_a_file_begins_at_the_epoch_it_had_been_trained_for(epoch: int, step: int, first: float) -> None:
    history = History(EpochDone(epoch, step, np.nan, np.nan, 0.1, 0.97, 0.0, np.nan))
    assert x_range(history, "epoch") == (first, first + 1.0)
    assert x_range(history, "step")[0] == step
    assert x_range(history, "seconds")[0] == 0.0


def test_a_network_from_a_file_goes_on_where_it_began_however_many_minibatches_an_epoch_has_now() -> None:
    history = History(EpochDone(1, 645, np.nan, np.nan, 0.1, 0.97, 0.0, np.nan))
    history.add(RunStarted(RunConfig(), 645, 1, 645 + 8, 4, 600, 200, 1000, 1))
    values = np.ones(8, np.float32)
    history.add(MinibatchesDone(646, values, values, values, values))
    np.testing.assert_allclose(places(history, "epoch", np.array([645.0, 649.0, 653.0])), [1.0, 2.0, 3.0])
    assert [step_at(history, "epoch", x) for x in (1.25, 2.0, 3.0, 1.0)] == [646, 649, 653, None]
    assert steps_between(history, "epoch", 1.5, 2.5) == (647, 652)


def test_seconds_still_to_come_are_guessed_from_those_that_were() -> None:
    history = history_of([1.0, 2.0])
    assert place(history, "seconds", 20) == pytest.approx(20.0)


def test_seconds_of_a_second_schedule_go_on_where_the_first_ended() -> None:
    history = history_of([1.0, 2.0, 3.0, 4.0])
    history.add(RunStarted(RunConfig(), 4, 1, 8, 4, 600, 200, 1000, 1))
    values = np.array([0.5, 1.0], np.float32)
    history.add(MinibatchesDone(5, values, values, values, values))
    np.testing.assert_allclose(history.seconds, [1.0, 2.0, 3.0, 4.0, 4.5, 5.0])
    np.testing.assert_allclose(places(history, "seconds", np.array([4.0, 6.0])), [4.0, 5.0])


@given(
    st.lists(st.floats(0.01, 2.0), min_size=1, max_size=40),
    st.sampled_from(UNITS),
    st.integers(0, 50),
    st.data(),
)
def test_the_step_under_the_place_of_a_step_is_that_step(
    durations: list[float], unit: str, first_step: int, data: st.DataObject
) -> None:
    history = history_of(list(np.cumsum(durations)), first_step=first_step)
    step = first_step + data.draw(st.integers(1, len(durations)))
    assert step_at(history, unit, place(history, unit, step)) == step  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", UNITS)
def test_beyond_the_curve_there_is_no_step(unit: str) -> None:
    history = history_of([1.0, 2.0, 3.0])
    assert step_at(history, unit, 1e6) is None  # type: ignore[arg-type]
    assert step_at(history_of([]), unit, 0.5) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("count", [0, 1, 7, 20])
def test_the_range_holds_all_steps_made(unit: str, count: int) -> None:
    history = history_of([0.1 * step for step in range(1, count + 1)])
    low, high = x_range(history, unit)  # type: ignore[arg-type]
    assert low <= 0.0
    assert high >= place(history, unit, count)  # type: ignore[arg-type]
    assert high > low


@given(
    st.lists(st.floats(0.01, 2.0), min_size=1, max_size=40),
    st.sampled_from(UNITS),
    st.integers(0, 50),
    st.floats(-5, 100),
    st.floats(0, 100),
)
def test_the_steps_between_two_places_are_those_that_are_there(
    durations: list[float], unit: str, first_step: int, low: float, length: float
) -> None:
    history = history_of(list(np.cumsum(durations)), first_step=first_step)
    first, last = steps_between(history, unit, low, low + length)  # type: ignore[arg-type]
    assert first_step < first
    assert last <= history.last_step
    steps = np.arange(first_step + 1, history.last_step + 1)
    at = places(history, unit, steps.astype(float))  # type: ignore[arg-type]
    inside = steps[(at >= low) & (at <= low + length)]
    assert set(inside.tolist()) <= set(range(first, last + 1))
    assert last - first + 1 <= len(inside) + 4


@pytest.mark.parametrize("unit", UNITS)
def test_places_beyond_all_numbers_are_no_trouble(unit: str) -> None:
    for history in (history_of([1.0, 2.0]), history_of([])):
        first, last = steps_between(history, unit, -1e300, 1e300)  # type: ignore[arg-type]
        assert (first, last) == (1, len(history))
        assert step_at(history, unit, 1e300) is None  # type: ignore[arg-type]
