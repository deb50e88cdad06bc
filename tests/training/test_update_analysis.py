"""Steps taken apart, against steps put together by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.training.update_analysis import agreement, own_shrinkage

RNG = np.random.default_rng(3)
W, G, LAST = (RNG.normal(size=(40, 30)).astype(np.float32) for _ in range(3))


@given(st.floats(0.0, 0.99), st.floats(1e-3, 10.0), st.floats(1e-3, 0.5))
def test_a_shrinkage_is_found_whatever_velocity_and_gradient_add_to_it(
    momentum: float, rate: float, share: float
) -> None:
    move = (momentum * LAST - rate * G - share * W).astype(np.float32)
    assert own_shrinkage(move, LAST, G, W) == pytest.approx(share, rel=1e-3, abs=1e-4)


@given(st.floats(0.0, 0.99), st.floats(1e-6, 10.0))
def test_momentum_and_gradient_alone_shrink_nothing(momentum: float, rate: float) -> None:
    move = (momentum * LAST - rate * G).astype(np.float32)
    assert own_shrinkage(move, LAST, G, W) == pytest.approx(0.0, abs=1e-4)


def test_a_penalty_is_in_the_gradient_and_no_shrinkage_of_its_own() -> None:
    assert math.isnan(own_shrinkage(-0.1 * W, np.zeros_like(W), W, W))  # of nothing but a penalty it cannot be told


def test_geometric_decay_is_told_from_momentum_by_the_first_step() -> None:
    assert own_shrinkage(-0.1 * W, np.zeros_like(W), 1e-3 * G, W) == pytest.approx(0.1, rel=1e-3)


def test_a_step_that_weights_velocity_and_gradient_do_not_explain_is_not_judged() -> None:
    assert math.isnan(own_shrinkage(np.sign(G) * 0.01, LAST, G, W))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_steps_of_no_number_or_none_at_all_are_not_judged(bad: float) -> None:
    with np.errstate(all="ignore"):
        assert math.isnan(own_shrinkage(np.full_like(W, bad), LAST, G, W))


def test_agreement_is_the_cosine_of_the_angle() -> None:
    assert agreement(np.array([3.0, 0.0]), np.array([1.0, 1.0])) == pytest.approx(math.sqrt(0.5))
    assert agreement(G.ravel(), -G.ravel()) == pytest.approx(-1.0)
    assert math.isnan(agreement(np.zeros(2), np.ones(2)))
    assert math.isnan(agreement(np.full(2, np.float32(3e38)), np.ones(2, np.float32)))


def test_weights_at_rest_under_a_shrinkage_that_the_gradient_undoes_say_nothing_of_either() -> None:
    """As those of case A after a hundred steps: 0.1 W = -1.9 rate g, and no step is left to explain."""
    assert math.isnan(own_shrinkage(1e-6 * W, 1.1e-6 * W, -W, W))
