"""Pictures of deeper units: the products they are, in whatever pieces they are made."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.inspection.projection import Projection, class_weights


def layers(sizes: list[int], seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(fan_in, fan_out)).astype(np.float32) for fan_in, fan_out in pairwise(sizes)]


def project(weights: list[np.ndarray], units: np.ndarray) -> np.ndarray:
    """The pictures (D, U) of some units of the topmost of these layers, at once."""
    projection = Projection(weights, units)
    projection.advance(np.inf)
    assert projection.pictures is not None
    return projection.pictures


def test_a_unit_of_the_second_layer_looks_like_the_weighted_sum_of_the_pictures_below() -> None:
    first, second = layers([6, 3, 2])
    expected = second[0, 1] * first[:, 0] + second[1, 1] * first[:, 1] + second[2, 1] * first[:, 2]
    np.testing.assert_allclose(project([first, second], np.array([1]))[:, 0], expected, rtol=1e-5)


def test_units_of_the_first_layer_are_their_weights() -> None:
    (first,) = layers([6, 5])
    np.testing.assert_array_equal(project([first], np.array([4, 0])), first[:, [4, 0]])


@given(
    st.lists(st.integers(1, 12), min_size=2, max_size=5),
    st.integers(1, 2000),
    st.integers(0, 2**32 - 1),
)
def test_pieces_of_any_size_make_the_product_of_all_layers(sizes: list[int], most: int, seed: int) -> None:
    weights = layers(sizes, seed)
    units = np.random.default_rng(seed).permutation(sizes[-1])
    projection = Projection(weights, units)
    while projection.pictures is None:
        assert projection.advance(most) > 0
    expected = np.linalg.multi_dot(weights) if len(weights) > 1 else weights[0]
    np.testing.assert_allclose(projection.pictures, expected[:, units], rtol=1e-3, atol=1e-3)
    assert projection.advance(most) == 0


def test_a_piece_costs_about_what_it_may_and_the_pictures_are_only_given_when_whole() -> None:
    projection = Projection(layers([100, 50, 20]), np.arange(20))
    assert projection.advance(30_000) == 30_000
    assert projection.pictures is None
    assert projection.advance(1e9) == 100 * 50 * 20 - 30_000
    assert projection.pictures is not None


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_ruined_weights_are_projected_without_a_warning(value: float) -> None:
    weights = [np.full_like(each, value) for each in layers([5, 4, 3, 2])]
    assert project(weights, np.arange(2)).shape == (5, 2)
    assert class_weights(weights).shape == (5, 2)
    assert class_weights(weights, np.array([1])).shape == (1, 2)


def test_a_unit_speaks_for_classes_by_its_paths_to_them() -> None:
    above = [np.array([[1.0, 2.0], [0.0, -1.0]], np.float32), np.array([[3.0, 0.0], [0.5, 1.0]], np.float32)]
    np.testing.assert_allclose(class_weights(above), [[1 * 3 + 2 * 0.5, 2 * 1], [-0.5, -1.0]])
    np.testing.assert_allclose(class_weights(above, np.array([1])), [[-0.5, -1.0]])


def test_the_weights_stay_as_they_were() -> None:
    weights = layers([4, 3, 2])
    for each in weights:
        each.flags.writeable = False
    before = [each.copy() for each in weights]
    project(weights, np.array([1, 0]))
    class_weights(weights)
    for each, was in zip(weights, before, strict=True):
        np.testing.assert_array_equal(each, was)
