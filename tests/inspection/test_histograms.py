"""Histograms of weights: the shares NumPy counts, ranges that outliers do not squash, and bad values told of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_gui.inspection.histograms import BINS, HELD, MOST_WEIGHTS, SMALLEST_LIMIT, edges, shares, spread

VALUES = arrays(np.float32, st.integers(1, 200), elements=st.floats(-100.0, 100.0, width=32))


def test_each_weight_counts_in_the_bin_that_holds_it() -> None:
    bins = edges(1.0)
    assert len(bins) == BINS + 1
    middle = shares(np.array([0.0, 0.0, 1e-9, -0.5], np.float32), 1.0)
    assert middle[BINS // 2] == 0.75
    assert middle[np.searchsorted(bins, -0.5) - 1] == 0.25


@given(VALUES, st.floats(0.01, 200.0))
def test_the_shares_add_up_to_one_with_the_values_beyond_the_range_in_the_bins_at_the_ends(
    values: np.ndarray, limit: float
) -> None:
    found = shares(values, limit)
    assert found.sum() == pytest.approx(1.0)
    bins = edges(limit)
    for index in (0, BINS // 2, BINS - 1):
        low = -np.inf if index == 0 else bins[index]
        high = np.inf if index == BINS - 1 else bins[index + 1]
        inside = np.mean([low < value < high for value in values.astype(float)])
        on_edge = np.mean([value in (low, high) for value in values.astype(float)])
        assert inside - 1e-9 <= found[index] <= inside + on_edge + 1e-9


def test_no_values_have_no_shares() -> None:
    assert shares(np.empty(0, np.float32), 1.0).tolist() == [0.0] * BINS


def test_the_range_holds_nearly_all_weights_but_not_a_single_far_one() -> None:
    weights = np.random.default_rng(0).uniform(-0.5, 0.5, (100, 100)).astype(np.float32)
    weights[3, 3] = 1e6
    assert spread([weights]).limit == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("value", [0.0, 1e-30])
def test_weights_that_are_all_zero_have_a_range_and_lie_in_its_middle(value: float) -> None:
    found = spread([np.full((5, 5), value, np.float32)])
    assert found.limit == SMALLEST_LIMIT
    assert shares(found.values, found.limit)[BINS // 2] == 1.0


def test_mean_deviation_and_zeros_are_those_of_the_weights() -> None:
    weights = np.array([[0.0, 2.0], [0.0, -4.0]], np.float32)
    found = spread([weights])
    assert (found.mean, found.zeros, found.not_finite) == (-0.5, 0.5, 0)
    assert found.deviation == pytest.approx(np.std([0, 2, 0, -4]))


def test_values_that_are_not_finite_are_left_out_and_counted() -> None:
    found = spread([np.array([[np.nan, 1.0, np.inf, -np.inf, 3.0]], np.float32)])
    assert found.not_finite == 3
    assert (found.values.tolist(), found.mean) == ([1.0, 3.0], 2.0)


def test_nothing_but_values_that_are_not_finite_is_no_error() -> None:
    found = spread([np.full((3, 3), np.nan, np.float32)])
    assert (len(found.values), found.not_finite, found.limit) == (0, 9, SMALLEST_LIMIT)
    assert np.isnan([found.mean, found.deviation, found.zeros]).all()


@pytest.mark.parametrize("value", [3e38, -3e38, 1e-45])
def test_weights_at_the_ends_of_single_precision_are_counted_without_a_warning(value: float) -> None:
    found = spread([np.array([[value, 0.0, -value]], np.float32)])
    assert shares(found.values, found.limit * 1.05).sum() == pytest.approx(1.0)
    assert np.isfinite(found.deviation)


def test_a_large_layer_is_sampled_and_its_numbers_are_near_those_of_all() -> None:
    weights = np.random.default_rng(2).normal(0.1, 0.5, (784, 1024)).astype(np.float32)
    found = spread([weights])
    assert len(found.values) <= MOST_WEIGHTS
    assert found.mean == pytest.approx(0.1, abs=0.01)
    assert found.deviation == pytest.approx(0.5, rel=0.02)
    assert found.limit == pytest.approx(np.percentile(np.abs(weights), HELD), rel=0.05)


def test_layers_together_count_by_their_sizes() -> None:
    large, small = np.zeros((1000, 99), np.float32), np.ones((1000, 1), np.float32)
    assert spread([large, small]).mean == pytest.approx(0.01, rel=0.05)
