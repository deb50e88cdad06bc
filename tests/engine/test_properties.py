"""What holds for every entry of the engine's tables, so that a new one is checked without further wiring."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config.run_config import ConfigError, NetworkConfig, RunConfig, TrainingConfig
from mnist_gui.engine.activations import ACTIVATIONS, Activation
from mnist_gui.engine.components import MOST_PARAMETERS, check_size, initialize
from mnist_gui.engine.inference import predict
from mnist_gui.engine.initializers import INITIALIZERS, Layer
from mnist_gui.engine.losses import LOSSES, Loss
from mnist_gui.engine.network import Gradient, Network, Workspace, layer_views, parameter_count
from mnist_gui.engine.optimizers import OPTIMIZERS, Momentum, Optimizer
from mnist_gui.engine.schedules import SCHEDULES, Schedule
from mnist_gui.engine.types import Floats

SIZES = st.lists(st.integers(1, 9), min_size=2, max_size=6)


def network_of(*sizes: int, activation: str = "tanh", seed: int = 0) -> Network:
    network = Network(sizes, ACTIVATIONS[activation])
    network.parameters[...] = np.random.default_rng(seed).normal(0.0, 0.5, network.parameters.size)
    return network


def scores(rows: int, classes: int, scale: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(rows)
    return rng.normal(0.0, scale, (rows, classes)), rng.integers(0, classes, rows)


# Activations


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_an_activations_derivative_equals_central_differences(activation: Activation) -> None:
    z = np.linspace(-6.0, 6.0, 40).reshape(4, 10)  # an even number of points: none is relu's kink at 0
    above, below, a = z + 1e-6, z - 1e-6, z.copy()
    for values in (above, below, a):
        activation.apply(values)
    gradient = np.full_like(z, 2.0)
    activation.multiply_by_derivative(gradient, a)
    np.testing.assert_allclose(gradient, (above - below) / 1e-6, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_an_activation_in_float32_equals_the_one_in_float64_to_rounding(activation: Activation) -> None:
    exact = np.linspace(-20.0, 20.0, 101)[np.newaxis]
    rounded = exact.astype(np.float32)
    activation.apply(exact)
    activation.apply(rounded)
    assert rounded.dtype == np.float32
    np.testing.assert_allclose(rounded, exact, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_an_activation_that_silences_negative_inputs_says_so(activation: Activation) -> None:
    z = -np.geomspace(1e-3, 1e3, 50)[np.newaxis]
    activation.apply(z)
    assert activation.rectifies or z.any()


# Losses


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_losss_gradient_equals_central_differences(loss: Loss) -> None:
    logits, labels = scores(5, 4)
    outputs = logits.copy()
    loss.forward(outputs, labels)
    loss.backward(outputs, labels)
    for row, column in np.ndindex(*logits.shape):
        above, below = logits.copy(), logits.copy()
        above[row, column] += 1e-6
        below[row, column] -= 1e-6
        numerical = (loss.forward(above, labels).sum() - loss.forward(below, labels).sum()) / 2e-6
        assert outputs[row, column] == pytest.approx(numerical, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_outputs_losses_and_gradients_are_finite_at_extreme_logits(loss: Loss, dtype: type) -> None:
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4], [-1e4, -1e4, -1e4]], dtype)
    labels = np.array([1, 0, 2])
    losses = loss.forward(logits, labels)
    assert losses.dtype == logits.dtype == dtype
    assert np.isfinite(losses).all()
    assert (losses >= 0).all()
    assert np.isfinite(logits).all()
    if loss is not LOSSES["mse"]:  # whose outputs are the logits themselves
        assert (logits >= loss.no).all()
        assert (logits <= loss.yes).all()
    loss.backward(logits, labels)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_loss_takes_the_bytes_that_labels_are_stored_as(loss: Loss) -> None:
    logits, labels = scores(20, 200)
    as_bytes = loss.forward(logits.copy(), labels.astype(np.uint8))
    np.testing.assert_array_equal(as_bytes, loss.forward(logits, labels))


def test_cross_entropy_of_even_odds_is_the_logarithm_of_the_number_of_classes() -> None:
    losses = LOSSES["cross_entropy"].forward(np.zeros((3, 10)), np.array([0, 5, 9]))
    np.testing.assert_allclose(losses, math.log(10.0), rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_no_answer_that_is_the_same_for_all_digits_scores_below_the_base_rate(loss: Loss) -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice(4, 400, p=[0.4, 0.3, 0.2, 0.1])
    base = loss.base_rate(np.bincount(labels) / 400)

    def score(logits: np.ndarray) -> float:
        return float(loss.forward(np.tile(logits, (400, 1)), labels).mean())

    logits = np.zeros(4)
    for _ in range(4000):  # downhill by the loss's own gradient
        outputs = np.tile(logits, (400, 1))
        loss.forward(outputs, labels)
        loss.backward(outputs, labels)
        logits -= 0.5 * outputs.mean(axis=0)
    assert score(logits) == pytest.approx(base, rel=1e-4)
    for _ in range(50):
        assert score(logits + rng.normal(size=4)) >= base * (1 - 1e-9)


def test_base_rates_of_even_classes_are_those_worked_by_hand() -> None:
    even = np.full(10, 0.1)
    assert LOSSES["cross_entropy"].base_rate(even) == pytest.approx(math.log(10))
    test_evaluation = -10 * (0.1 * math.log(0.1) + 0.9 * math.log(0.9))
    assert LOSSES["binary_cross_entropy"].base_rate(even) == pytest.approx(test_evaluation)
    assert LOSSES["mse"].base_rate(even) == pytest.approx(0.09)
    assert LOSSES["mse_tanh"].base_rate(even) == pytest.approx(0.36)
    assert LOSSES["cross_entropy"].base_rate(np.array([1.0, 0.0])) == 0.0


# Initialisers


@pytest.mark.parametrize("name", INITIALIZERS)
def test_starting_weights_depend_on_the_generator_alone_and_are_centred(name: str) -> None:
    draw, layer = INITIALIZERS[name], Layer(300, 200, rectifies=True)
    one, same, other = (draw(np.random.default_rng(seed), (300, 200), layer, NetworkConfig()) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert name == "zeros" or not np.array_equal(one, other)
    assert one.shape == (300, 200)
    assert abs(one.mean()) <= 5 * one.std() / math.sqrt(one.size)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu", "tanh", "identity"])
def test_signals_neither_vanish_nor_explode_through_ten_layers(activation: str) -> None:
    network = Network((256,) * 11, ACTIVATIONS[activation])
    initialize(network, RunConfig(), np.random.default_rng(0))
    workspace = Workspace(network, 64)
    network.forward(np.random.default_rng(1).normal(size=(64, 256)).astype(np.float32), workspace)
    first, last = (float(np.sqrt(np.mean(outputs**2))) for outputs in (workspace.outputs[0], workspace.outputs[8]))
    assert 0.2 < last / first < 5.0


# Networks


@given(SIZES)
def test_layers_are_views_that_cover_the_flat_array_once_and_in_order(sizes: list[int]) -> None:
    flat = np.arange(parameter_count(sizes), dtype=np.float32)
    weights, biases = layer_views(flat, sizes)
    parts = [part for pair in zip(weights, biases, strict=True) for part in pair]
    assert all(np.shares_memory(part, flat) for part in parts)
    np.testing.assert_array_equal(np.concatenate([part.ravel() for part in parts]), flat)
    assert [part.shape for part in weights] == list(pairwise(sizes))
    assert [part.shape for part in biases] == [(size,) for size in sizes[1:]]


def test_logits_equal_those_worked_by_hand() -> None:
    network = Network((2, 2, 2), ACTIVATIONS["relu"])
    network.weights[0][...] = [[1.0, -1.0], [2.0, 1.0]]
    network.biases[0][...] = [0.5, -0.5]
    network.weights[1][...] = [[1.0, 0.0], [3.0, -2.0]]
    network.biases[1][...] = [0.0, 1.0]
    inputs = np.array([[1.0, 1.0], [-1.0, 2.0]], np.float32)  # hidden: (3.5, 0) and (3.5, 2.5)
    logits = network.forward(inputs, Workspace(network, 2))
    np.testing.assert_allclose(logits, [[3.5, 1.0], [11.0, -4.0]])


def test_a_network_without_hidden_layers_has_the_gradient_of_a_linear_classifier() -> None:
    network, rng = network_of(5, 3), np.random.default_rng(1)
    inputs, labels = rng.normal(size=(8, 5)).astype(np.float32), rng.integers(0, 3, 8)
    workspace, gradient = Workspace(network, 8), Gradient(network)
    outputs = network.forward(inputs, workspace)
    LOSSES["cross_entropy"].forward(outputs, labels)
    errors = outputs - np.eye(3)[labels]
    LOSSES["cross_entropy"].backward(outputs, labels)
    network.backward(inputs, workspace, gradient)
    np.testing.assert_allclose(gradient.weights[0], inputs.T @ errors, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(gradient.biases[0], errors.sum(axis=0), rtol=1e-5, atol=1e-6)


def test_a_workspace_is_used_again_without_a_trace_of_what_it_held() -> None:
    network, rng = network_of(6, 5, 4, 3), np.random.default_rng(2)
    used, gradient = Workspace(network, 4), Gradient(network)
    batches = [rng.normal(size=(4, 6)).astype(np.float32) for _ in range(2)]
    for inputs in batches:
        outputs = network.forward(inputs, used)
        LOSSES["cross_entropy"].forward(outputs, np.array([0, 1, 2, 0]))
        LOSSES["cross_entropy"].backward(outputs, np.array([0, 1, 2, 0]))
        network.backward(inputs, used, gradient)
    fresh, expected = Workspace(network, 4), Gradient(network)
    outputs = network.forward(batches[1], fresh)
    LOSSES["cross_entropy"].forward(outputs, np.array([0, 1, 2, 0]))
    LOSSES["cross_entropy"].backward(outputs, np.array([0, 1, 2, 0]))
    network.backward(batches[1], fresh, expected)
    np.testing.assert_array_equal(gradient.flat, expected.flat)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32_stays_float32_everywhere(activation: str) -> None:
    network = network_of(6, 5, 3, activation=activation)
    workspace = Workspace(network, 2)
    arrays = [network.parameters, Gradient(network).flat, *workspace.outputs, *workspace.deltas]
    network.forward(np.ones((2, 6), np.float32), workspace)
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


# Update rules


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_an_update_rule_rolls_down_a_bowl(optimizer: Callable[[Floats], Optimizer]) -> None:
    parameters = np.array([3.0, -2.0], np.float32)
    rule = optimizer(parameters)
    for _ in range(400):
        rule.update(parameters, 2.0 * parameters, 0.05, 0.8)  # the gradient of x^2 + y^2
    assert parameters.dtype == np.float32
    assert parameters @ parameters < 13.0 / 2


@given(st.floats(1e-3, 1.0), st.floats(0.0, 0.99), st.integers(1, 30))
def test_momentum_under_a_constant_gradient_follows_the_geometric_series(
    rate: float, momentum: float, steps: int
) -> None:
    parameters = np.zeros(1)
    rule = Momentum(parameters)
    for _ in range(steps):
        rule.update(parameters, np.ones(1), rate, momentum)
    expected = -rate * sum(sum(momentum**power for power in range(step + 1)) for step in range(steps))
    assert parameters[0] == pytest.approx(expected, rel=1e-9)


# Schedules


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("epochs", [1, 7, 43])
def test_a_schedule_starts_at_one_never_rises_and_never_falls_below_zero(schedule: Schedule, epochs: int) -> None:
    factors = [schedule(step / 100, TrainingConfig(epochs=epochs)) for step in range(100 * epochs + 1)]
    assert factors[0] == 1.0
    assert all(later <= earlier for earlier, later in pairwise(factors))
    assert min(factors) >= 0.0
    assert {type(factor) for factor in factors} == {float}


def test_the_cosine_schedule_is_symmetric_about_its_middle() -> None:
    cosine, settings = SCHEDULES["cosine"], TrainingConfig(epochs=10)
    for step in range(51):
        assert cosine(step / 10, settings) + cosine(10 - step / 10, settings) == pytest.approx(1.0)


# Evaluation and size


@given(st.lists(st.integers(1, 7), min_size=1, max_size=6))
def test_predictions_do_not_depend_on_the_size_of_the_chunks(lengths: list[int]) -> None:
    network, rng = network_of(4, 3, 2), np.random.default_rng(sum(lengths))
    inputs = rng.normal(size=(sum(lengths), 4)).astype(np.float32)
    labels = rng.integers(0, 2, len(inputs))
    ends = np.cumsum(lengths)
    pieces = [
        (inputs[end - length : end], labels[end - length : end]) for end, length in zip(ends, lengths, strict=True)
    ]
    whole = predict(network, LOSSES["cross_entropy"], [(inputs, labels)])
    parts = predict(network, LOSSES["cross_entropy"], pieces)
    np.testing.assert_array_equal(parts.labels, labels)
    np.testing.assert_array_equal(parts.predicted, whole.predicted)
    np.testing.assert_allclose(parts.losses, whole.losses, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(parts.confidence, whole.confidence, rtol=1e-5)
    assert {array.dtype.name for array in (parts.labels, parts.predicted)} == {"uint8"}
    assert {array.dtype.name for array in (parts.losses, parts.confidence)} == {"float32"}


def test_the_loss_and_the_accuracy_are_means_over_the_digits() -> None:
    network = Network((2, 2), ACTIVATIONS["relu"])
    network.weights[0][...] = np.log([[3.0, 1.0], [1.0, 4.0]])  # odds of 3 to 1 and of 1 to 4
    answers = predict(network, LOSSES["cross_entropy"], [(np.eye(2, dtype=np.float32), np.array([0, 0]))])
    assert answers.predicted.tolist() == [0, 1]
    assert answers.confidence.tolist() == pytest.approx([0.75, 0.8])
    assert answers.accuracy == 0.5
    assert answers.loss == pytest.approx((math.log(4 / 3) + math.log(5)) / 2)


def test_a_ruined_network_answers_without_a_warning() -> None:
    network = network_of(3, 4, 2, activation="relu")
    network.parameters[...] = np.float32(3e38)
    answers = predict(network, LOSSES["cross_entropy"], [(np.ones((2, 3), np.float32), np.array([0, 1]))])
    assert math.isnan(answers.loss)


def test_as_many_weights_as_allowed_are_allowed_and_one_more_is_not() -> None:
    config = RunConfig().with_settings({"network.hidden": [1]})
    inputs = MOST_PARAMETERS - 5  # one weight each, one bias, and two weights and two biases behind
    assert parameter_count((inputs, 1, 2)) == MOST_PARAMETERS
    check_size(config, inputs, 2)
    with pytest.raises(ConfigError, match=r"network\.hidden = \[1\]: .* at most 100,000,000 .* make 100,000,001"):
        check_size(config, inputs + 1, 2)
