"""Thinning: every point has the extremes of exactly the values it stands for, whatever was appended and forgotten."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_gui.training.minmax_pyramid import Column, MinMaxPyramid

ANY_FLOAT = st.floats(width=32)
CHANGES = st.lists(
    st.one_of(arrays(np.float32, st.integers(0, 90), elements=ANY_FLOAT), st.integers(0, 300)), min_size=1, max_size=12
)


def check(pyramid: MinMaxPyramid, expected: np.ndarray, most: int, first: int, last: int) -> None:
    """Compare every point with the values themselves."""
    points = pyramid.thinned(most, first, last)
    assert len(points.ends) <= most
    assert (np.diff(points.ends) > 0).all()
    if first >= min(last, len(expected)):
        assert len(points.ends) == 0
        return
    assert points.start <= first
    assert points.ends[-1] >= min(last, len(expected))
    start = points.start
    for end, low, high in zip(points.ends.tolist(), points.low, points.high, strict=True):
        finite = expected[start:end][np.isfinite(expected[start:end])]
        np.testing.assert_array_equal(low, finite.min() if len(finite) else np.nan)
        np.testing.assert_array_equal(high, finite.max() if len(finite) else np.nan)
        start = end


@given(CHANGES, st.integers(1, 60), st.integers(0, 400), st.integers(0, 400))
def test_points_have_the_extremes_of_their_values_after_any_appending_and_forgetting(
    changes: list[np.ndarray | int], most: int, one: int, other: int
) -> None:
    pyramid, expected = MinMaxPyramid(np.float32), np.empty(0, np.float32)
    for change in changes:
        if isinstance(change, int):
            pyramid.truncate(change)
            expected = expected[:change]
        else:
            pyramid.extend(change)
            expected = np.concatenate([expected, change])
    np.testing.assert_array_equal(pyramid.values, expected)
    check(pyramid, expected, most, 0, len(expected))
    check(pyramid, expected, most, min(one, other), max(one, other))


@pytest.mark.parametrize("length", [15, 16, 17, 255, 256, 4096, 65_537, 300_000])
def test_long_rows_of_values_lose_no_extreme_at_any_number_of_points(length: int) -> None:
    values = np.random.default_rng(length).normal(size=length).astype(np.float32)
    values[length // 3 :: 1009] = np.nan
    pyramid = MinMaxPyramid(np.float32)
    for start in range(0, length, 4001):
        pyramid.extend(values[start : start + 4001])
    for most in (1, 3, 50, 700):
        check(pyramid, values, most, 0, length)
        check(pyramid, values, most, length // 2, length // 2 + length // 5 + 1)
    pyramid.truncate(length * 2 // 3)
    check(pyramid, values[: length * 2 // 3], 700, 0, length)


def test_points_stay_where_they_are_while_values_are_appended() -> None:
    pyramid = MinMaxPyramid(np.float32)
    pyramid.extend(np.zeros(1000, np.float32))
    before = pyramid.thinned(300).ends
    pyramid.extend(np.zeros(100, np.float32))
    after = pyramid.thinned(300).ends
    np.testing.assert_array_equal(after[: len(before) - 1], before[:-1])


def test_numbers_as_large_as_there_are_are_thinned_without_a_warning() -> None:
    values = np.array([1e308, -1e308, 5e-324, np.inf, 0.0])
    pyramid = MinMaxPyramid(np.float64)
    pyramid.extend(values)
    points = pyramid.thinned(1)
    assert (points.low.tolist(), points.high.tolist()) == ([-1e308], [1e308])


def test_a_column_wastes_little_room_and_keeps_its_values() -> None:
    tracemalloc.start()
    try:
        column = Column(np.float32)
        before = tracemalloc.get_traced_memory()[0]
        worst = 0.0
        for start in range(0, 400_000, 500):
            column.extend(np.arange(start, start + 500, dtype=np.float32))
            if start > 50_000:
                worst = max(worst, (tracemalloc.get_traced_memory()[0] - before) / len(column))
    finally:
        tracemalloc.stop()
    assert worst <= 4 * 1.25
    np.testing.assert_array_equal(column.values, np.arange(400_000))


def test_values_that_were_planned_for_are_never_moved() -> None:
    column = Column(np.float32)
    column.reserve(5000)
    room = column.values.base
    for _ in range(50):
        column.extend(np.arange(100, dtype=np.float32))
        assert column.values.base is room
    column.extend(np.zeros(1, np.float32))  # beyond the plan
    np.testing.assert_array_equal(column.values[:-1], np.tile(np.arange(100), 50))


def test_a_plan_for_more_than_any_memory_holds_is_reserved_in_part() -> None:
    column = Column(np.float32)
    column.reserve(10**15)
    column.extend(np.ones(3, np.float32))
    np.testing.assert_array_equal(column.values, [1, 1, 1])
