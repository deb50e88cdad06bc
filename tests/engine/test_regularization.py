"""L2 penalty, dropout and clipping: expectations, exact values, and what must stay untouched."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.engine.activations import ACTIVATIONS, Activation
from mnist_gui.engine.losses import LOSSES
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.regularization import add_l2_gradient, clip, draw_dropout, euclidean_norm, l2_penalty


def network_of(*sizes: int, activation: str = "tanh") -> Network:
    network = Network(sizes, ACTIVATIONS[activation], np.float64)
    network.parameters[...] = np.random.default_rng(0).normal(0.0, 0.5, network.parameters.size)
    return network


def test_the_penalty_is_lambda_by_2n_times_the_squared_weights_without_the_biases() -> None:
    network = Network((2, 2, 1), ACTIVATIONS["relu"])
    network.parameters[...] = 1000.0
    network.weights[0][...] = [[1.0, -2.0], [3.0, 0.0]]
    network.weights[1][...] = [[0.5], [-0.5]]
    assert l2_penalty(network.weights, 4.0, 10) == pytest.approx(4.0 / 20 * 14.5)
    assert l2_penalty(network.weights, 0.0, 10) == 0.0


def test_the_penaltys_gradient_equals_central_differences_and_leaves_biases_alone() -> None:
    network = network_of(4, 3, 2)
    gradient = Gradient(network)
    gradient.flat[...] = 7.0  # it is added to what is there
    add_l2_gradient(gradient, network, 3.0, 50)
    for index, value in enumerate(network.parameters.copy()):
        network.parameters[index] = value + 1e-5
        above = l2_penalty(network.weights, 3.0, 50)
        network.parameters[index] = value - 1e-5
        below = l2_penalty(network.weights, 3.0, 50)
        network.parameters[index] = value
        assert gradient.flat[index] - 7.0 == pytest.approx((above - below) / 2e-5, abs=1e-9)


def test_dropout_leaves_out_about_its_share_and_keeps_the_mean() -> None:
    network = network_of(3, 200, 100, 2)
    workspace = Workspace(network, 50)
    draw_dropout(workspace, 0.3, np.random.default_rng(0))
    assert workspace.masks is not None
    assert [mask.shape for mask in workspace.masks] == [(50, 200), (50, 100)]
    for mask in workspace.masks:
        assert set(np.unique(mask)) == {0.0, np.float64(1 / 0.7)}
        assert np.mean(mask == 0.0) == pytest.approx(0.3, abs=0.03)
        assert mask.mean() == pytest.approx(1.0, abs=0.03)


def test_logits_keep_their_expectation_under_dropout() -> None:
    network, rng = network_of(6, 30, 4, activation="sigmoid"), np.random.default_rng(1)
    inputs = np.repeat(rng.normal(size=(1, 6)), 20_000, axis=0)
    workspace = Workspace(network, len(inputs))
    whole = network.forward(inputs[:1], Workspace(network, 1))[0].copy()
    draw_dropout(workspace, 0.5, rng)
    sampled = network.forward(inputs, workspace)
    errors = sampled.std(axis=0) / math.sqrt(len(inputs))
    assert (np.abs(sampled.mean(axis=0) - whole) < 5 * errors).all()


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_the_gradient_under_dropout_equals_central_differences(activation: Activation) -> None:
    network, rng = Network((5, 6, 4, 3), activation, np.float64), np.random.default_rng(2)
    network.parameters[...] = rng.normal(0.0, 0.7, network.parameters.size)
    inputs, labels, loss = rng.normal(size=(8, 5)), rng.integers(0, 3, 8), LOSSES["cross_entropy"]
    workspace, gradient = Workspace(network, 8), Gradient(network)
    draw_dropout(workspace, 0.4, rng)

    def total() -> float:
        return float(loss.forward(network.forward(inputs, workspace), labels).sum())

    total()
    loss.backward(workspace.outputs[-1], labels)
    network.backward(inputs, workspace, gradient)
    analytic = gradient.flat.copy()
    for index, value in enumerate(network.parameters.copy()):
        network.parameters[index] = value + 1e-6
        above = total()
        network.parameters[index] = value - 1e-6
        below = total()
        network.parameters[index] = value
        assert analytic[index] == pytest.approx((above - below) / 2e-6, rel=1e-5, abs=1e-7)


def test_without_dropout_the_masks_of_before_are_forgotten() -> None:
    workspace = Workspace(network_of(3, 4, 2), 5)
    draw_dropout(workspace, 0.5, np.random.default_rng(0))
    draw_dropout(workspace, 0.0, np.random.default_rng(0))
    assert workspace.masks is None


@given(st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=20), st.floats(0.01, 50))
def test_a_clipped_gradient_keeps_its_direction_and_is_no_longer_than_allowed(
    values: list[float], longest: float
) -> None:
    gradient = np.array(values)
    before = gradient.copy()
    norm = euclidean_norm(gradient)
    assert norm == pytest.approx(math.sqrt(math.fsum(value * value for value in values)), rel=1e-6)
    clip(gradient, norm, longest)
    assert np.linalg.norm(gradient) <= longest * (1 + 1e-9) or norm <= longest
    if norm <= longest:
        np.testing.assert_array_equal(gradient, before)
    else:
        np.testing.assert_allclose(gradient * norm, before * longest, rtol=1e-9)


def test_clipping_at_zero_is_no_clipping() -> None:
    gradient = np.array([3e5, 4e5])
    clip(gradient, euclidean_norm(gradient), 0.0)
    np.testing.assert_array_equal(gradient, [3e5, 4e5])


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e30])
def test_a_gradient_that_float32_cannot_square_has_no_finite_norm(value: float) -> None:
    with np.errstate(over="ignore"):
        assert not math.isfinite(euclidean_norm(np.array([1.0, value], np.float32)))
