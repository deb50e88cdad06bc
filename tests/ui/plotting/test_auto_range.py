"""How much of an axis is shown where only other runs can set it: those that diverged would flatten the others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.ui.plotting.auto_range import AutoRange, close_range

BASE_RATE_LOSS = 2.3


@pytest.mark.parametrize("is_log", [False, True])
def test_a_run_that_diverged_gets_no_room_beside_one_that_learns(is_log: bool) -> None:
    axis = AutoRange(percent=False, is_log=is_log)
    others = axis.scaled(np.array([0.5, 2.3, 6.8, 7.0, 3e34]))
    np.testing.assert_allclose(axis.near(others, BASE_RATE_LOSS), others[:3])
    np.testing.assert_array_equal(axis.near(others, float("nan")), others)


def test_all_accuracies_have_room() -> None:
    accuracies = np.array([0.1, 0.9])
    np.testing.assert_array_equal(AutoRange(percent=True).near(accuracies, BASE_RATE_LOSS), accuracies)


def test_seen_from_close_a_loss_that_hardly_falls_takes_most_of_the_axis() -> None:
    losses = np.array([2.3033, 2.2977, 2.2917])  # as those of case A
    low, high = AutoRange(percent=False, is_close=True).range(losses)
    assert 2.28 < low < 2.2917
    assert 2.3033 < high < 2.31
    assert AutoRange(percent=False).range(losses)[0] == 0.0


@given(st.lists(st.floats(-300.0, 1e30), min_size=1, max_size=20))
def test_seen_from_close_every_value_is_on_the_axis_and_no_axis_is_a_point(values: list[float]) -> None:
    low, high = close_range(np.array(values))
    assert low < min(values)
    assert high > max(values)
