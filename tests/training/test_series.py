"""Thinning millions of values: what the blocks say is what the values say, whatever was appended or dropped."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_gui.training.columns import BLOCK, Column, Extremes
from mnist_gui.training.series import Series

SPECIAL = np.float32([np.nan, np.inf, -np.inf, 3.4e38, -3.4e38, 0.0])


def values_of(seed: int, length: int, *, with_gaps: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=length).astype(np.float32)
    if with_gaps:
        places = rng.random(length) < 0.01
        values[places] = rng.choice(SPECIAL, places.sum())
    return values


def filled(values: np.ndarray, chunk: int) -> Series:
    series = Series()
    for start in range(0, len(values), chunk):
        series.extend(values[start : start + chunk])
    return series


def naive(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (np.nan, np.nan)


@given(
    seed=st.integers(0, 1000),
    length=st.integers(1, 40_000),
    chunk=st.sampled_from([7, 64, 500, 5000]),
    most=st.integers(1, 300),
    with_gaps=st.booleans(),
    data=st.data(),
)
@settings(max_examples=80, deadline=None)
def test_every_point_has_the_extremes_of_its_steps_and_the_points_cover_the_range_once(
    seed: int, length: int, chunk: int, most: int, with_gaps: bool, data: st.DataObject
) -> None:
    values = values_of(seed, length, with_gaps=with_gaps)
    first = data.draw(st.one_of(st.just(0), st.integers(0, length - 1)))
    last = data.draw(st.one_of(st.just(length), st.integers(first + 1, length)))
    curve = filled(values, chunk).thinned(most, first, last)
    ends = curve.steps.astype(int)
    assert 1 <= len(ends) <= most
    assert ends[-1] == last
    for start, end, low, high in zip([first, *ends[:-1]], ends, curve.low, curve.high, strict=True):
        assert start < end
        np.testing.assert_array_equal((low, high), naive(values[start:end]))


@given(st.lists(st.integers(-3000, 9000), min_size=1, max_size=8), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_values_that_are_forgotten_leave_no_trace_in_the_extremes(changes: list[int], seed: int) -> None:
    """A positive number appends so many values, a negative one drops so many."""
    rng = np.random.default_rng(seed)
    series, reference = Series(), np.empty(0, np.float32)
    for change in changes:
        if change > 0:
            new = rng.normal(size=change).astype(np.float32)
            series.extend(new)
            reference = np.concatenate([reference, new])
        else:
            reference = reference[: max(0, len(reference) + change)]
            series.truncate(len(reference))
    curve = series.thinned(20)
    ends = curve.steps.astype(int)
    assert list(ends[-1:]) == ([len(reference)] if len(reference) else [])
    for start, end, low, high in zip([0, *ends[:-1]][: len(ends)], ends, curve.low, curve.high, strict=True):
        assert (low, high) == naive(reference[start:end])


def test_the_work_of_thinning_does_not_grow_with_the_values() -> None:
    """Counted in values that are read, not in time."""

    class CountingColumn(Column):
        read = 0

        @property
        def values(self) -> np.ndarray:
            found = super().values

            class Counted(np.ndarray):
                def __getitem__(inner, key: object) -> object:  # noqa: N805
                    result = np.asarray(inner)[key]
                    CountingColumn.read += np.size(result)
                    return result

            return found.view(Counted)

    read = []
    for length in (200_000, 2_000_000):
        column = CountingColumn(np.float32)
        column.extend(np.zeros(length, np.float32))
        extremes = Extremes(column)
        extremes.follow()
        CountingColumn.read = 0
        width = -(-length // 500 // BLOCK) * BLOCK
        edges = np.concatenate([np.arange(0, length, width), [length]])
        extremes.between(edges)
        read.append(CountingColumn.read / width)
    assert max(read) <= 2.0  # of all the stretches, only the first and the last are read value by value


def test_room_that_was_reserved_is_used_and_more_can_be_appended() -> None:
    column = Column(np.float32)
    column.reserve(5000)
    room = column.values.base
    column.extend(np.arange(5000, dtype=np.float32))
    assert column.values.base is room
    column.extend(np.arange(5000, dtype=np.float32))
    np.testing.assert_array_equal(column.values, np.tile(np.arange(5000), 2))
