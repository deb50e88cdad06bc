"""Orders of units: each by hand, and always a permutation."""

import numpy as np
import pytest

from mnist_gui.inspection.unit_activity import Activity
from mnist_gui.inspection.unit_order import by_activity, by_class, by_size, change_norms, norms


def test_norms_are_euclidean_and_hold_the_largest_weights() -> None:
    weights = np.array([[3.0, 0.0, 3e38], [4.0, 0.0, 3e38]], np.float32)
    np.testing.assert_allclose(norms(weights), [5.0, 0.0, np.sqrt(2) * 3e38], rtol=1e-6)


def test_the_change_of_a_unit_is_how_far_it_came() -> None:
    start = np.array([[1.0, 2.0], [1.0, 2.0]], np.float32)
    now = np.array([[4.0, 2.0], [5.0, 2.0]], np.float32)
    np.testing.assert_allclose(change_norms(now, start), [5.0, 0.0])


def test_the_largest_come_first_ties_stay_in_order_and_no_numbers_come_last() -> None:
    assert by_size(np.array([1.0, np.nan, 5.0, 1.0, np.inf])).tolist() == [4, 2, 0, 3, 1]


def test_dead_units_come_first() -> None:
    activity = Activity(np.array([0.3, 0.0, 0.1, 0.2]), np.array([1.0, 0.0, 0.5, 0.5]), 10)
    assert by_activity(activity).tolist() == [1, 2, 3, 0]


def test_units_are_sorted_by_the_class_they_speak_most_for_and_then_by_how_much() -> None:
    speaks = np.array([[0.0, 2.0], [1.0, 0.5], [3.0, 0.0], [np.nan, 9.0], [0.0, 4.0]], np.float32)
    assert by_class(speaks).tolist() == [2, 1, 4, 0, 3]


@pytest.mark.parametrize("units", [1, 2, 1024])
def test_every_order_is_a_permutation(units: int) -> None:
    rng = np.random.default_rng(units)
    speaks = rng.normal(size=(units, 10)).astype(np.float32)
    activity = Activity(rng.random(units).astype(np.float32), rng.random(units).astype(np.float32), 9)
    for order in (by_size(norms(speaks.T)), by_class(speaks), by_activity(activity)):
        np.testing.assert_array_equal(np.sort(order), np.arange(units))


@pytest.mark.parametrize("value", [np.nan, np.inf, -3e38])
def test_ruined_weights_are_sorted_without_a_warning(value: float) -> None:
    weights = np.full((4, 3), value, np.float32)
    for order in (by_size(norms(weights)), by_size(change_norms(weights, -weights)), by_class(weights.T)):
        assert sorted(order.tolist()) == [0, 1, 2]
