"""Losses, update rules, schedules, initialisers and evaluation against hand-worked values and properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config.field_types import Choice
from mnist_gui.config.run_config import ConfigError, NetworkConfig, RunConfig, TrainingConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.data.batches import SCALINGS
from mnist_gui.engine.activations import ACTIVATIONS, Activation
from mnist_gui.engine.components import build_network, check_size, initialize
from mnist_gui.engine.inference import predict
from mnist_gui.engine.initializers import INITIALIZERS, Initializer, Layer, auto, glorot_uniform, he_normal
from mnist_gui.engine.losses import LOSSES, outputs_minus_one_hot, softmax_cross_entropy
from mnist_gui.engine.network import Network, Workspace, parameter_count
from mnist_gui.engine.optimizers import OPTIMIZERS, Momentum
from mnist_gui.engine.schedules import SCHEDULES, constant, cosine, step, warm_up


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
        ("leaky_relu", [-0.01, 0.0, 2.0]),
        ("elu", [1 / math.e - 1, 0.0, 2.0]),
        ("identity", [-1.0, 0.0, 2.0]),
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
    outputs_minus_one_hot(logits, np.array([1]))
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


LABEL = np.array([1])


@pytest.mark.parametrize(
    ("name", "logits", "outputs", "loss", "gradient"),
    [
        # sigmoid(log 3) = 3/4: -log(1 - 1/2) - log(3/4) - log(1 - 1/4)
        (
            "binary_cross_entropy",
            [0.0, math.log(3.0), -math.log(3.0)],
            [0.5, 0.75, 0.25],
            math.log(2) + 2 * math.log(4 / 3),
            [0.5, -0.25, 0.25],
        ),
        ("mse", [0.5, 0.0, -1.0], [0.5, 0.0, -1.0], (0.25 + 1.0 + 1.0) / 3, [1 / 3, -2 / 3, -2 / 3]),
        # sigmoid' = 1/4, 3/16, 3/16
        (
            "mse_sigmoid",
            [0.0, math.log(3.0), -math.log(3.0)],
            [0.5, 0.75, 0.25],
            (1 / 4 + 1 / 16 + 1 / 16) / 3,
            [2 / 3 * 0.5 / 4, -2 / 3 * 0.25 * 3 / 16, 2 / 3 * 0.25 * 3 / 16],
        ),
        # targets -1 and 1; tanh(log 3 / 2) = 1/2, tanh' = 1 - a^2
        (
            "mse_tanh",
            [0.0, math.log(3.0) / 2, -math.log(3.0) / 2],
            [0.0, 0.5, -0.5],
            (1 + 1 / 4 + 1 / 4) / 3,
            [2 / 3, -2 / 3 * 0.5 * 0.75, 2 / 3 * 0.5 * 0.75],
        ),
    ],
)
def test_a_losss_outputs_value_and_gradient_equal_a_hand_worked_example(
    name: str, logits: list[float], outputs: list[float], loss: float, gradient: list[float]
) -> None:
    values = np.array([logits])
    losses = LOSSES[name].forward(values, LABEL)
    np.testing.assert_allclose(values[0], outputs, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(losses, [loss], rtol=1e-12)
    LOSSES[name].backward(values, LABEL)
    np.testing.assert_allclose(values[0], gradient, rtol=1e-12)


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
    settings = TrainingConfig(epochs=8)
    np.testing.assert_allclose(
        [cosine(done, settings) for done in (0, 2, 4, 8)], [1.0, (2 + 2**0.5) / 4, 0.5, 0.0], atol=1e-12
    )
    assert constant(5, settings) == 1.0


def test_the_step_schedule_is_multiplied_by_the_factor_at_every_step() -> None:
    settings = TrainingConfig(step_epochs=2.0, step_factor=0.1)
    done = [0, 1.999, 2.0, 3.9, 4.0, 6.0]
    np.testing.assert_allclose([step(epochs, settings) for epochs in done], [1, 1, 0.1, 0.1, 0.01, 0.001])
    third = 1 / 3  # 2 * 3 thirds are not quite 2 in binary
    assert step(sum(third for _ in range(6)), settings) == pytest.approx(0.1)


def test_warming_up_rises_in_a_straight_line_and_reaches_one_with_the_last_step_of_it() -> None:
    settings = TrainingConfig(warm_up=2.0)
    factors = [warm_up(done / 4, 1 / 4, settings) for done in range(10)]
    np.testing.assert_allclose(factors, [1 / 8, 2 / 8, 3 / 8, 4 / 8, 5 / 8, 6 / 8, 7 / 8, 1, 1, 1])
    assert warm_up(0.0, 0.25, TrainingConfig()) == 1.0


LAYER = Layer(400, 500, rectifies=False)


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("he_normal", 2 / 400),
        ("he_uniform", 2 / 400),
        ("glorot_normal", 2 / 900),
        ("glorot_uniform", 2 / 900),
        ("lecun_normal", 1 / 400),
        ("normal", 0.02**2),
        ("uniform", 0.01**2 / 12),
        ("zeros", 0.0),
    ],
)
def test_starting_weights_have_the_variance_of_their_formula(name: str, variance: float) -> None:
    settings = NetworkConfig(init_mean=-0.1, init_sd=0.02, init_low=0.0, init_high=0.01)
    weights = INITIALIZERS[name](np.random.default_rng(0), (400, 500), LAYER, settings)
    assert weights.var() == pytest.approx(variance, rel=0.02)
    mean = {"normal": -0.1, "uniform": 0.005}.get(name, 0.0)
    assert weights.mean() == pytest.approx(mean, abs=5e-4)


@pytest.mark.parametrize(
    ("name", "reach"), [("he_uniform", math.sqrt(6 / 400)), ("glorot_uniform", math.sqrt(6 / 900))]
)
def test_uniform_weights_fill_their_interval_to_its_ends(name: str, reach: float) -> None:
    weights = INITIALIZERS[name](np.random.default_rng(0), (400, 500), LAYER, NetworkConfig())
    assert 0.999 * reach < np.abs(weights).max() <= reach


def test_a_uniform_start_takes_its_ends_in_either_order() -> None:
    settings = NetworkConfig(init_low=0.3, init_high=0.1)
    weights = INITIALIZERS["uniform"](np.random.default_rng(0), (40, 50), LAYER, settings)
    assert weights.min() >= 0.1
    assert weights.max() <= 0.3


@pytest.mark.parametrize(("rectifies", "expected"), [(True, he_normal), (False, glorot_uniform)])
def test_auto_takes_he_in_front_of_a_rectifying_activation_and_glorot_elsewhere(
    rectifies: bool, expected: Initializer
) -> None:
    layer = Layer(6, 5, rectifies)
    one, other = (draw(np.random.default_rng(3), (6, 5), layer, NetworkConfig()) for draw in (auto, expected))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("activation", "first"), [("relu", he_normal), ("tanh", glorot_uniform)])
def test_the_output_layer_counts_as_one_that_does_not_rectify(activation: str, first: Initializer) -> None:
    config = RunConfig().with_settings({"network.hidden": [8], "network.activation": activation})
    network = build_network(config, 20, 3)
    initialize(network, config, np.random.default_rng(0))
    rng = np.random.default_rng(0)
    expected = first(rng, (20, 8), Layer(20, 8, rectifies=True), config.network)
    np.testing.assert_allclose(network.weights[0], expected, rtol=1e-6)
    expected = glorot_uniform(rng, (8, 3), Layer(8, 3, rectifies=False), config.network)
    np.testing.assert_allclose(network.weights[1], expected, rtol=1e-6)


def test_biases_start_like_the_weights_of_their_layer_if_asked_to() -> None:
    numbers = {"network.init": "uniform", "network.init_low": 0.2, "network.init_high": 0.3}
    config = RunConfig().with_settings({**numbers, "network.bias_init": "as_weights"})
    network = build_network(config, 20, 3)
    initialize(network, config, np.random.default_rng(0))
    assert network.parameters.min() >= 0.2
    assert network.parameters.max() <= 0.3
    assert all(np.ptp(biases) > 0 for biases in network.biases)


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


@given(st.sampled_from(sorted(ACTIVATIONS)), st.permutations(range(5)), st.integers(0, 1000))
def test_exchanging_hidden_units_changes_no_logit(activation: str, order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = Network((6, 5, 3), ACTIVATIONS[activation], np.float64)
    network.parameters[...] = rng.normal(size=network.parameters.size)
    inputs = rng.normal(size=(4, 6))
    before = network.forward(inputs, Workspace(network, 4)).copy()
    network.weights[0][...] = network.weights[0][:, order]
    network.biases[0][...] = network.biases[0][order]
    network.weights[1][...] = network.weights[1][order]
    np.testing.assert_allclose(network.forward(inputs, Workspace(network, 4)), before, rtol=1e-9, atol=1e-12)


def test_predictions_in_chunks_equal_those_in_one_go() -> None:
    rng = np.random.default_rng(1)
    network = Network((6, 5, 3), ACTIVATIONS["sigmoid"])
    network.parameters[...] = rng.normal(size=network.parameters.size)
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
