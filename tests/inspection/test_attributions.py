"""Contributions of pixels: they add up to what they promise, and are what can be worked out by hand."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.batches import SCALINGS, inputs_of
from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.network import Network, Workspace
from mnist_gui.faults.run_factory import parts_of
from mnist_gui.inspection.attributions import Attributions, attributions, strongest_other

LINEAR = sorted(name for name, activation in ACTIVATIONS.items() if activation.is_piecewise_linear)
CURVED = sorted(set(ACTIVATIONS) - set(LINEAR))
CLASSES = 4


def network(activation: str, hidden: list[int], inputs: int = 30, size: float = 0.4, seed: int = 0) -> Network:
    made = Network((inputs, *hidden, CLASSES), ACTIVATIONS[activation])
    made.parameters[...] = np.random.default_rng(seed).normal(0, size, made.parameters.size)
    return made


def logits(of: Network, inputs: np.ndarray) -> np.ndarray:
    return of.forward(inputs[np.newaxis], Workspace(of, 1))[0].astype(np.float64)


def picture(inputs: int = 30, seed: int = 1, scaling: str = "unit") -> tuple[np.ndarray, np.ndarray]:
    """A picture of which a third is blank, and blank paper, as a network sees them."""
    pixels = np.random.default_rng(seed).integers(0, 256, (2, inputs, 1)).astype(np.uint8)
    pixels[0, ::3] = 0
    pixels[1] = 0
    seen = inputs_of(pixels, scaling)
    return seen[0], seen[1]


def found(of: Network, inputs: np.ndarray, blank: np.ndarray, chosen: int = 2, other: int = 0) -> Attributions:
    told = attributions(of, inputs, blank, chosen, other)
    assert told
    return told


@pytest.mark.parametrize("activation", LINEAR)
@pytest.mark.parametrize("hidden", [[], [1], [9], [8, 7, 6]])
@pytest.mark.parametrize("scaling", sorted(SCALINGS))
def test_where_activations_are_straight_lines_pixels_and_rest_add_up_to_the_difference_of_the_logits(
    activation: str, hidden: list[int], scaling: str
) -> None:
    made = network(activation, hidden)
    inputs, blank = picture(scaling=scaling)
    told = found(made, inputs, blank)
    expected = logits(made, inputs)
    assert told.is_exact
    assert told.difference == pytest.approx(expected[2] - expected[0], rel=1e-6, abs=1e-6)
    size = np.abs(told.pixels).sum() + abs(told.rest) + 1.0
    assert abs(told.pixels.sum() + told.rest - (expected[2] - expected[0])) < 1e-5 * size
    assert abs(told.residual) < 1e-5 * size


@settings(deadline=None)
@given(st.sampled_from(LINEAR), st.lists(st.integers(1, 12), max_size=3), st.integers(0, 2**32 - 1))
def test_exact_contributions_add_up_for_any_network_and_picture(activation: str, hidden: list[int], seed: int) -> None:
    made = network(activation, hidden, size=1.0, seed=seed)
    told = found(made, *picture(seed=seed))
    assert abs(told.residual) < 1e-4 * (np.abs(told.pixels).sum() + abs(told.rest) + 1.0)


@pytest.mark.parametrize("activation", CURVED)
@pytest.mark.parametrize("hidden", [[9], [8, 7]])
@pytest.mark.parametrize("size", [0.05, 0.4, 2.0])
def test_integrated_gradients_add_up_to_what_the_picture_changes_about_blank_paper(
    activation: str, hidden: list[int], size: float
) -> None:
    made = network(activation, hidden, size=size)
    inputs, blank = picture(scaling="signed")
    told = found(made, inputs, blank)
    assert not told.is_exact
    at_end, at_start = logits(made, inputs), logits(made, blank)
    assert told.rest == pytest.approx(at_start[2] - at_start[0], rel=1e-5, abs=1e-5)
    change = (at_end[2] - at_end[0]) - (at_start[2] - at_start[0])
    assert told.pixels.sum() == pytest.approx(change, rel=0.011, abs=1e-5)
    rounding = 1e-6 * max(np.abs(at_end).max(), np.abs(at_start).max())  # of logits in float32
    assert told.residual == pytest.approx(change - told.pixels.sum(), abs=1e-5 + rounding)


@pytest.mark.parametrize("activation", CURVED)
def test_a_network_without_hidden_layers_is_exact_whatever_its_activation(activation: str) -> None:
    made = network(activation, [])
    inputs, blank = picture()
    told = found(made, inputs, blank)
    assert told.is_exact
    weights = made.weights[0].astype(np.float64)
    np.testing.assert_allclose(told.pixels, inputs * (weights[:, 2] - weights[:, 0]), rtol=1e-5, atol=1e-7)
    assert told.rest == pytest.approx(float(made.biases[0][2] - made.biases[0][0]), rel=1e-5)


def test_a_network_of_one_relu_has_the_contributions_of_a_hand_calculation() -> None:
    made = Network((2, 1, 2), ACTIVATIONS["relu"])
    made.weights[0][...] = [[2.0], [-1.0]]
    made.biases[0][...] = 0.5
    made.weights[1][...] = [[3.0, 1.0]]
    made.biases[1][...] = [0.25, 0.0]
    told = found(made, np.array([1.0, 0.5], np.float32), np.zeros(2, np.float32), chosen=0, other=1)
    # z = 2 - 0.5 + 0.5 = 2, logits 6.25 and 2; of the difference 2 (2 x0 - x1 + 0.5) + 0.25
    np.testing.assert_allclose(told.pixels, [4.0, -1.0])
    assert told.rest == pytest.approx(1.25)
    assert told.difference == pytest.approx(4.25)
    assert (told.positive, told.negative) == (4.0, -1.0)


def test_integrated_gradients_of_one_sigmoid_are_its_rise_shared_out_by_the_slopes() -> None:
    made = Network((2, 1, 2), ACTIVATIONS["sigmoid"])
    made.weights[0][...] = [[3.0], [-1.0]]
    made.weights[1][...] = [[1.0, -1.0]]
    told = found(made, np.array([1.0, 1.0], np.float32), np.zeros(2, np.float32), chosen=0, other=1)
    # Along the way the sigmoid goes from 1/2 to s(2), 3 : -1 parts of which are the two pixels'.
    rise = 2.0 * (1.0 / (1.0 + np.exp(-2.0)) - 0.5)
    np.testing.assert_allclose(told.pixels, [1.5 * rise, -0.5 * rise], rtol=1e-5)


def test_a_unit_that_switches_abruptly_is_asked_at_more_points() -> None:
    made = Network((1, 1, 2), ACTIVATIONS["sigmoid"])
    made.weights[0][...], made.biases[0][...], made.weights[1][...] = 600.0, -300.0, [[1.0, 0.0]]
    told = found(made, np.ones(1, np.float32), np.zeros(1, np.float32), chosen=0, other=1)
    assert told.points > 32
    assert told.pixels.sum() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_blank_pixels_contribute_nothing_however_the_paper_is_scaled(activation: str) -> None:
    inputs, blank = picture(scaling="standard")
    told = found(network(activation, [6]), inputs, blank)
    np.testing.assert_array_equal(told.pixels[::3], 0.0)
    assert np.abs(told.pixels).max() > 0.0


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_exchanging_the_classes_changes_all_signs(activation: str) -> None:
    made = network(activation, [6])
    inputs, blank = picture()
    one, two = found(made, inputs, blank, 1, 3), found(made, inputs, blank, 3, 1)
    np.testing.assert_allclose(one.pixels, -two.pixels, rtol=1e-5, atol=1e-7)
    assert one.rest == pytest.approx(-two.rest, rel=1e-4, abs=1e-6)


def test_a_dead_network_has_only_biases() -> None:
    made = network("relu", [6])
    made.biases[0][...] = -1e6
    told = found(made, *picture())
    np.testing.assert_array_equal(told.pixels, 0.0)
    assert told.rest == pytest.approx(told.difference)
    assert told.positive == told.negative == 0.0


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_weights_that_make_no_finite_numbers_have_no_contributions(activation: str, value: float) -> None:
    made = network(activation, [6])
    made.parameters[...] = value
    assert attributions(made, *picture(), 0, 1) is None


def test_the_strongest_other_class_is_the_first_of_the_largest_logits_besides_the_chosen_one() -> None:
    assert strongest_other(np.array([1.0, 5.0, 3.0, 3.0]), 1) == 2
    assert strongest_other(np.array([1.0, 5.0, 3.0, 3.0]), 0) == 1
    assert strongest_other(np.array([np.nan, -np.inf, np.nan]), 0) == 1
    assert strongest_other(np.array([-np.inf, -np.inf]), 0) == 1


@pytest.mark.parametrize(
    ("fault", "activation"),
    [("wrong_relu_derivative", "relu"), ("overwritten_preactivations", "sigmoid"), ("flipped_gradient", "relu")],
)
def test_a_network_trained_with_a_wrong_derivative_has_the_contributions_of_what_it_answers(
    fault: str, activation: str
) -> None:
    settings = {"network.activation": activation, "lab.faults": [fault]}
    parts = parts_of(RunConfig().with_settings(settings))
    right = network(activation, [9, 8])
    wrong = parts.network(right.sizes, parts.activation)
    wrong.parameters[...] = right.parameters
    told, expected = found(wrong, *picture()), found(right, *picture())
    np.testing.assert_array_equal(told.pixels, expected.pixels)
    assert np.abs(told.pixels).max() > 0.0
    assert told.residual == expected.residual


def test_contributions_that_miss_more_than_rounding_are_not_exact() -> None:
    pixels = np.array([2.0, -1.0])
    assert Attributions(pixels, 0.5, 1.5 + 1e-6, 0).is_exact
    missing = Attributions(pixels, 0.5, 1.8, 0)
    assert not missing.is_exact
    assert missing.residual == pytest.approx(0.3)
    assert Attributions(np.zeros(2), 0.0, 0.0, 0).is_exact


def test_a_derivative_that_nobody_knows_the_right_form_of_is_not_called_exact() -> None:
    of = ACTIVATIONS["relu"]
    unknown = dataclasses.replace(of, apply=lambda z: of.apply(z), multiply_by_derivative=lambda gradient, a: None)
    made = network("relu", [9])
    made.activation = unknown
    told = found(made, *picture())
    assert abs(told.residual) > 0.01
    assert not told.is_exact
