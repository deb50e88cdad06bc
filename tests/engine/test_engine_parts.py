"""Losses, update rules, schedules, initialisers and evaluation against hand-worked values and properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.data.batches import SCALINGS
from mnist_gui.engine.activations import ACTIVATIONS, Activation
from mnist_gui.engine.evaluation import predict
from mnist_gui.engine.initializers import INITIALIZERS, auto, glorot, he
from mnist_gui.engine.losses import LOSSES, softmax_cross_entropy, softmax_cross_entropy_backward
from mnist_gui.engine.network import Network, Workspace, parameter_count
from mnist_gui.engine.optimizers import OPTIMIZERS, Momentum
from mnist_gui.engine.parts import build_network, check_size, initialize
from mnist_gui.engine.schedules import SCHEDULES, constant, cosine
from mnist_gui.settings import SETTINGS, Choice


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("network.activation", ACTIVATIONS),
        ("network.loss", LOSSES),
        ("network.init", INITIALIZERS),
        ("training.optimizer", OPTIMIZERS),
        ("training.schedule", SCHEDULES),
        ("data.scaling", SCALINGS),
    ],
)
def test_the_settings_offer_exactly_what_the_engine_has(key: str, table: dict[str, object]) -> None:
    setting = SETTINGS[key]
    assert isinstance(setting, Choice)
    assert set(setting.choices) == set(table)


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("relu", [0.0, 0.0, 2.0]),
        ("tanh", [math.tanh(-1.0), 0.0, math.tanh(2.0)]),
        ("sigmoid", [1 / (1 + math.e), 0.5, 1 / (1 + math.exp(-2.0))]),
    ],
)
def test_an_activation_has_its_textbook_values(name: str, outputs: list[float]) -> None:
    z = np.array([[-1.0, 0.0, 2.0]])
    ACTIVATIONS[name].apply(z)
    np.testing.assert_allclose(z[0], outputs, rtol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_an_activation_stays_finite_at_extreme_inputs(activation: Activation) -> None:
    z = np.array([[-1e30, -1e4, 1e4, 1e30]], np.float32)
    activation.apply(z)
    assert np.isfinite(z).all()


def test_softmax_and_its_loss_equal_a_hand_worked_example() -> None:
    logits = np.log(np.array([[1.0, 2.0, 5.0]]))
    losses = softmax_cross_entropy(logits, np.array([1]))
    np.testing.assert_allclose(logits, [[1 / 8, 2 / 8, 5 / 8]])
    np.testing.assert_allclose(losses, [math.log(4.0)])
    softmax_cross_entropy_backward(logits, np.array([1]))
    np.testing.assert_allclose(logits, [[1 / 8, -6 / 8, 5 / 8]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_loss_is_finite_at_logits_of_ten_thousand(dtype: type) -> None:
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]], dtype)
    losses = softmax_cross_entropy(logits, np.array([1, 0]))
    assert np.isfinite(logits).all()
    np.testing.assert_allclose(losses, [2e4, math.log(3.0)], rtol=1e-6)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=12), st.floats(-1000, 1000))
def test_softmax_does_not_depend_on_a_shift_of_all_logits(values: list[float], shift: float) -> None:
    plain, shifted = np.array([values]), np.array([values]) + shift
    losses = softmax_cross_entropy(plain, np.array([0])), softmax_cross_entropy(shifted, np.array([0]))
    np.testing.assert_allclose(shifted, plain, atol=1e-9)
    np.testing.assert_allclose(*losses, atol=1e-9)
    np.testing.assert_allclose(plain.sum(), 1.0)


def test_two_momentum_steps_equal_those_worked_by_hand() -> None:
    parameters = np.array([1.0, -2.0], np.float32)
    momentum = Momentum(parameters)
    momentum.update(parameters, np.array([0.5, -1.0], np.float32), 0.1, 0.9)  # v = -0.05, 0.1
    np.testing.assert_allclose(parameters, [0.95, -1.9], rtol=1e-6)
    momentum.update(parameters, np.array([1.0, 0.0], np.float32), 0.2, 0.5)  # v = -0.225, 0.05
    np.testing.assert_allclose(parameters, [0.725, -1.85], rtol=1e-6)
    assert momentum.velocity.dtype == np.float32


def test_momentum_zero_is_plain_gradient_descent() -> None:
    parameters = np.array([3.0])
    momentum = Momentum(parameters)
    for gradient in (1.0, -4.0):
        momentum.update(parameters, np.array([gradient]), 0.25, 0.0)
    np.testing.assert_allclose(parameters, [3.0 - 0.25 + 1.0])


def test_the_cosine_schedule_falls_from_one_over_a_half_to_zero() -> None:
    np.testing.assert_allclose(
        [cosine(step, 8) for step in (0, 2, 4, 8)], [1.0, (2 + 2**0.5) / 4, 0.5, 0.0], atol=1e-12
    )
    assert constant(5, 8) == 1.0


def test_he_weights_have_variance_two_by_fan_in() -> None:
    weights = he(np.random.default_rng(0), 400, 500, None)
    assert weights.var() == pytest.approx(2 / 400, rel=0.02)
    assert abs(weights.mean()) < 1e-3


def test_glorot_weights_fill_their_interval_evenly() -> None:
    weights, reach = glorot(np.random.default_rng(0), 400, 500, None), math.sqrt(6 / 900)
    assert np.abs(weights).max() <= reach
    assert weights.var() == pytest.approx(reach**2 / 3, rel=0.02)


def test_auto_takes_he_in_front_of_relu_and_glorot_elsewhere() -> None:
    def drawn(initializer: object, activation: Activation | None) -> np.ndarray:
        return initializer(np.random.default_rng(3), 6, 5, activation)  # type: ignore[operator,no-any-return]

    for activation in (*ACTIVATIONS.values(), None):
        expected = he if activation is ACTIVATIONS["relu"] else glorot
        np.testing.assert_array_equal(drawn(auto, activation), drawn(expected, activation))


def test_a_new_network_has_random_weights_and_zero_biases() -> None:
    config = RunConfig().with_settings({"network.hidden": [8, 4]})
    network = build_network(config, 20, 3)
    initialize(network, config, np.random.default_rng(0))
    assert network.sizes == (20, 8, 4, 3)
    assert all(np.ptp(weights) > 0 for weights in network.weights)
    assert not any(biases.any() for biases in network.biases)
    assert network.parameters.dtype == np.float32


def test_weights_and_biases_are_views_that_cover_the_parameters() -> None:
    network = Network((4, 3, 2), ACTIVATIONS["tanh"])
    for part in (*network.weights, *network.biases):
        assert np.shares_memory(part, network.parameters)
        part += 1.0
    np.testing.assert_array_equal(network.parameters, np.ones(4 * 3 + 3 + 3 * 2 + 2))
    assert parameter_count((4, 3, 2)) == 23


def test_exchanging_hidden_units_changes_no_logit() -> None:
    rng = np.random.default_rng(2)
    network = Network((6, 5, 3), ACTIVATIONS["relu"], np.float64)
    network.initialize(he, rng)
    inputs, order = rng.normal(size=(4, 6)), rng.permutation(5)
    before = network.forward(inputs, Workspace(network, 4)).copy()
    network.weights[0][...] = network.weights[0][:, order]
    network.biases[0][...] = network.biases[0][order]
    network.weights[1][...] = network.weights[1][order]
    np.testing.assert_allclose(network.forward(inputs, Workspace(network, 4)), before, rtol=1e-12)


def test_predictions_in_chunks_equal_those_in_one_go() -> None:
    rng = np.random.default_rng(1)
    network = Network((6, 5, 3), ACTIVATIONS["sigmoid"])
    network.initialize(glorot, rng)
    inputs, labels = rng.normal(size=(10, 6)).astype(np.float32), rng.integers(0, 3, 10)
    whole = predict(network, LOSSES["cross_entropy"], [(inputs, labels)])
    pieces = [(inputs[start : start + 4], labels[start : start + 4]) for start in (0, 4, 8)]
    parts = predict(network, LOSSES["cross_entropy"], pieces)
    np.testing.assert_array_equal(parts.predicted, whole.predicted)
    np.testing.assert_allclose(parts.confidence, whole.confidence, rtol=1e-6)
    assert parts.loss == pytest.approx(whole.loss, rel=1e-6)
    assert parts.accuracy == np.mean(whole.predicted == labels)
    assert (whole.confidence >= 1 / 3).all()


def test_no_digits_have_no_accuracy() -> None:
    nothing = predict(Network((2, 2), ACTIVATIONS["relu"]), LOSSES["cross_entropy"], [])
    assert len(nothing.labels) == 0
    assert math.isnan(nothing.loss)
    assert math.isnan(nothing.accuracy)


def test_a_network_too_large_for_memory_is_refused_with_its_size() -> None:
    config = RunConfig().with_settings({"network.hidden": [8192, 8192, 8192]})
    with pytest.raises(ConfigError, match=r"network\.hidden = .*100,000,000.*140,746,762"):
        check_size(config, 784, 10)
