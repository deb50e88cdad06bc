"""Where runs of a sweep stand in a chart: in the order of their values, and means as they are by hand."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.inspection.sweep_axes import axis_of, cell_means, is_grid, strengths, value_range


def test_a_few_values_stand_evenly_in_their_order() -> None:
    axis = axis_of("rate", [0.1, 0.001, 10.0, 0.1], "{:g}".format)
    assert axis.names == ("0.001", "0.1", "10")
    assert axis.numbers.tolist() == [1, 0, 2, 1]
    assert axis.places == pytest.approx([1 / 2, 1 / 6, 5 / 6, 1 / 2])
    assert [name for _, name in axis.ticks] == ["0.001", "0.1", "10"]


def test_names_stand_as_they_come_and_lists_by_their_first_sizes() -> None:
    assert axis_of("a", ["tanh", "relu", "tanh"], str).names == ("tanh", "relu")
    assert axis_of("h", [(64, 32), (), (32,)], str).names == ("()", "(32,)", "(64, 32)")


def test_many_rates_stand_by_their_logarithms() -> None:
    values = [10.0 ** (number / 10) for number in range(-20, 21)]
    axis = axis_of("rate", values, "{:g}".format, is_log=True)
    assert axis.places == pytest.approx(np.linspace(0, 1, 41))
    assert axis.ticks == ((0.0, "0.01"), (0.5, "1"), (1.0, "100"))


def test_many_numbers_with_zero_among_them_stand_in_proportion() -> None:
    axis = axis_of("l2", list(range(21)), str, is_log=True)
    assert axis.places == pytest.approx(np.linspace(0, 1, 21))
    assert [name for _, name in axis.ticks] == ["0", "10", "20"]


def test_many_names_are_not_all_labelled() -> None:
    axis = axis_of("faults", [f"fault {number}" for number in range(100)], str)
    assert len(axis.ticks) == 12
    assert (axis.ticks[0][1], axis.ticks[-1][1]) == ("fault 0", "fault 99")


def test_no_runs_make_an_empty_axis() -> None:
    axis = axis_of("rate", [], str)
    assert (axis.names, axis.ticks, len(axis.places)) == ((), (), 0)


@given(st.lists(st.one_of(st.floats(-1e300, 1e300), st.integers(-10, 10**12)), min_size=1, max_size=60), st.booleans())
def test_places_keep_the_order_of_any_numbers(values: list[float], is_log: bool) -> None:
    axis = axis_of("x", values, str, is_log=is_log)
    assert np.isfinite(axis.places).all()
    assert ((axis.places >= 0) & (axis.places <= 1)).all()
    in_order = axis.places[np.argsort(values, kind="stable")]
    assert (np.diff(in_order) >= 0).all()


def test_crossings_have_the_means_of_their_runs() -> None:
    rows, columns = axis_of("r", [1, 1, 2, 2, 2], str), axis_of("c", [1, 1, 1, 2, 2], str)
    means = cell_means(rows, columns, np.array([0.5, 0.7, 0.9, math.nan, math.nan]))
    assert means[:, 0] == pytest.approx([0.6, 0.9])
    assert np.isnan(means[:, 1]).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 1)), min_size=1, max_size=40))
def test_means_are_those_of_a_loop(runs: list[tuple[int, int, float]]) -> None:
    rows, columns = (axis_of("", [run[side] for run in runs], str) for side in (0, 1))
    means = cell_means(rows, columns, np.array([run[2] for run in runs]))
    for row, row_name in enumerate(rows.names):
        for column, column_name in enumerate(columns.names):
            here = [run[2] for run in runs if (str(run[0]), str(run[1])) == (row_name, column_name)]
            if here:
                assert means[row, column] == pytest.approx(statistics.fmean(here))
            else:
                assert math.isnan(means[row, column])


def test_a_grid_is_told_from_random_points() -> None:
    grid = [(x, y) for x in range(4) for y in range(5)]
    drawn = np.random.default_rng(0).random((20, 2)).tolist()
    for points, expected in ((grid, True), (grid[:7], True), (drawn, False)):
        assert is_grid([axis_of("", [point[side] for point in points], str) for side in (0, 1)]) is expected


def test_one_run_that_diverged_does_not_make_all_others_look_alike() -> None:
    values = np.array([0.98, 0.97, 0.96, 0.975, 0.1, math.nan])
    low, high = value_range(values)
    assert (low, high) == (pytest.approx(0.95), 0.98)
    assert strengths(values, low, high)[[0, 1, 4]] == pytest.approx([1.0, 2 / 3, 0.0])
    assert math.isnan(strengths(values, low, high)[5])


@given(st.lists(st.one_of(st.floats(0, 1), st.just(math.nan)), max_size=30))
def test_there_is_always_a_range_of_colours(values: list[float]) -> None:
    low, high = value_range(np.array(values))
    assert low < high
    shown = strengths(np.array(values), low, high)
    assert ((shown >= 0) & (shown <= 1) | np.isnan(shown)).all()
