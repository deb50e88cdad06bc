"""The backward pass against central differences, for every activation, loss and depth in the tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config.run_config import NetworkConfig
from mnist_gui.engine.activations import ACTIVATIONS, Activation
from mnist_gui.engine.initializers import Layer, glorot_uniform
from mnist_gui.engine.losses import LOSSES, Loss
from mnist_gui.engine.network import Gradient, Network, Workspace

BATCH = 6
STEP = 1e-5
HIDDEN = {1: (5,), 2: (5, 4), 3: (5, 4, 6)}


def make_network(activation: Activation, depth: int, dtype: type = np.float64) -> Network:
    network = Network((7, *HIDDEN[depth], 3), activation, dtype)
    rng = np.random.default_rng(depth)
    for weights, biases in zip(network.weights, network.biases, strict=True):
        layer = Layer(*weights.shape, rectifies=False)
        weights[...] = glorot_uniform(rng, weights.shape, layer, NetworkConfig())
        biases[...] = rng.normal(0.0, 0.3, biases.shape)
    return network


def make_batch(dtype: type = np.float64) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    return rng.normal(0.0, 1.0, (BATCH, 7)).astype(dtype), rng.integers(0, 3, BATCH)


def mean_loss(network: Network, loss: Loss, inputs: np.ndarray, labels: np.ndarray) -> float:
    logits = network.forward(inputs, Workspace(network, BATCH))
    return float(loss.forward(logits, labels).mean())


def analytic_gradient(network: Network, loss: Loss, inputs: np.ndarray, labels: np.ndarray) -> Gradient:
    workspace, gradient = Workspace(network, BATCH), Gradient(network)
    outputs = network.forward(inputs, workspace)
    loss.forward(outputs, labels)
    loss.backward(outputs, labels)
    outputs /= BATCH
    network.backward(inputs, workspace, gradient)
    return gradient


def numerical_gradient(network: Network, loss: Loss, inputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    numerical = np.empty_like(network.parameters)
    for index, value in enumerate(network.parameters.copy()):
        network.parameters[index] = value + STEP
        above = mean_loss(network, loss, inputs, labels)
        network.parameters[index] = value - STEP
        below = mean_loss(network, loss, inputs, labels)
        network.parameters[index] = value
        numerical[index] = (above - below) / (2 * STEP)
    return numerical


def relative_error(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(one - other) / (np.linalg.norm(one) + np.linalg.norm(other)))


@pytest.mark.parametrize("depth", HIDDEN)
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_every_layers_gradient_equals_central_differences(activation: Activation, loss: Loss, depth: int) -> None:
    network, (inputs, labels) = make_network(activation, depth), make_batch()
    analytic = analytic_gradient(network, loss, inputs, labels)
    numerical = Gradient(network)
    numerical.flat[...] = numerical_gradient(network, loss, inputs, labels)
    for layer in range(depth + 1):
        assert relative_error(analytic.weights[layer], numerical.weights[layer]) < 1e-7
        assert relative_error(analytic.biases[layer], numerical.biases[layer]) < 1e-7


@pytest.mark.parametrize("depth", HIDDEN)
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_the_float32_gradient_equals_the_float64_one_to_rounding(
    activation: Activation, loss: Loss, depth: int
) -> None:
    exact = analytic_gradient(make_network(activation, depth), loss, *make_batch())
    rounded = analytic_gradient(make_network(activation, depth, np.float32), loss, *make_batch(np.float32))
    assert rounded.flat.dtype == np.float32
    for one, other in zip(rounded.weights + rounded.biases, exact.weights + exact.biases, strict=True):
        assert relative_error(one, other) < 1e-5


@given(st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from(sorted(LOSSES)), st.permutations(range(BATCH)))
def test_a_permuted_batch_has_the_same_gradient_up_to_rounding(activation: str, loss: str, order: list[int]) -> None:
    network, (inputs, labels) = make_network(ACTIVATIONS[activation], 2), make_batch()
    straight = analytic_gradient(network, LOSSES[loss], inputs, labels).flat.copy()
    permuted = analytic_gradient(network, LOSSES[loss], inputs[order], labels[order]).flat
    np.testing.assert_allclose(permuted, straight, rtol=1e-9, atol=1e-14)


@given(st.sampled_from(sorted(LOSSES)), st.integers(1, 5))
def test_a_digit_seen_twice_counts_twice_in_the_mean(loss: str, times: int) -> None:
    network, (inputs, labels) = make_network(ACTIVATIONS["tanh"], 1), make_batch()
    each = [
        analytic_gradient(
            network, LOSSES[loss], np.tile(inputs[[i]], (BATCH, 1)), np.repeat(labels[i], BATCH)
        ).flat.copy()
        for i in range(BATCH)
    ]
    rows = [0] * times + list(range(times, BATCH))
    together = analytic_gradient(network, LOSSES[loss], inputs[rows], labels[rows]).flat
    np.testing.assert_allclose(together, np.mean([each[row] for row in rows], axis=0), rtol=1e-9, atol=1e-14)
