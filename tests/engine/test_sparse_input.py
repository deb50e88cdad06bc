"""Leaving blank inputs out of the first layer's products changes no result but by rounding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.engine.sparse_input import LEAST_DIGITS, LEAST_UNITS, SparseInputLayer

UNITS = LEAST_UNITS + 3


def products(inputs: np.ndarray, layer: SparseInputLayer | None = None, seed: int = 1) -> list[np.ndarray]:
    """What the layer computes, and what plain matrix products do."""
    rng = np.random.default_rng(seed)
    batch, size = inputs.shape
    weights, delta = rng.normal(size=(size, UNITS)), rng.normal(size=(batch, UNITS))
    outputs, gradient = np.full((batch, UNITS), np.nan), np.full((size, UNITS), np.nan)
    layer = layer or SparseInputLayer(batch, size, UNITS, np.float64)
    layer.forward(inputs, weights, outputs)
    layer.backward(inputs, delta, gradient)
    return [outputs, gradient, inputs @ weights, inputs.T @ delta]


@given(
    batch=st.sampled_from([1, LEAST_DIGITS - 1, LEAST_DIGITS, 40]),
    size=st.integers(1, 60),
    blank=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
def test_the_products_equal_the_plain_ones_whatever_share_of_the_inputs_is_blank(
    batch: int, size: int, blank: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(batch, size)) * (rng.random(size) >= blank)
    outputs, gradient, plain_outputs, plain_gradient = products(inputs)
    np.testing.assert_allclose(outputs, plain_outputs, atol=1e-12)
    np.testing.assert_allclose(gradient, plain_gradient, atol=1e-12)


def test_blank_inputs_have_a_gradient_of_exactly_zero() -> None:
    inputs = np.random.default_rng(0).normal(size=(30, 40))
    inputs[:, 5:25] = 0.0
    _, gradient, *_ = products(inputs)
    assert not gradient[5:25].any()
    assert gradient[:5].all()


def test_an_input_lit_in_a_single_digit_takes_part_whether_positive_or_negative() -> None:
    for value in (1.0, -1.0):
        inputs = np.zeros((20, 10))
        inputs[7, 3] = value
        outputs, gradient, plain_outputs, plain_gradient = products(inputs)
        np.testing.assert_allclose(outputs, plain_outputs, atol=1e-12)
        np.testing.assert_allclose(gradient, plain_gradient, atol=1e-12)


def test_a_layer_is_used_again_without_a_trace_of_other_inputs() -> None:
    rng = np.random.default_rng(3)
    layer = SparseInputLayer(20, 12, UNITS, np.float64)
    for lit in (rng.random(12) > 0.5, np.ones(12), rng.random(12) > 0.7, np.zeros(12)):
        outputs, gradient, plain_outputs, plain_gradient = products(rng.normal(size=(20, 12)) * lit, layer)
        np.testing.assert_allclose(outputs, plain_outputs, atol=1e-12)
        np.testing.assert_allclose(gradient, plain_gradient, atol=1e-12)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_input_that_is_no_number_is_not_taken_for_blank(value: float) -> None:
    inputs = np.zeros((20, 10))
    inputs[0, 4] = value
    with np.errstate(invalid="ignore"):
        outputs, *_ = products(inputs)
    assert not np.isfinite(outputs[0]).any()
