"""Neighbours in hidden space, against scikit-learn and a forward pass."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.network import Network
from mnist_gui.inspection.neighbours import MOST_DIGITS, MOST_VALUES, MOST_WORK, hidden_values, most_digits, nearest

METRICS = {"euclid": "euclidean", "cosine": "cosine"}


def test_the_values_are_those_of_the_last_hidden_layer_chunk_by_chunk() -> None:
    rng = np.random.default_rng(0)
    made = Network((5, 4, 3, 2), ACTIVATIONS["relu"])
    made.parameters[...] = rng.normal(size=made.parameters.size)
    inputs = rng.random((7, 5)).astype(np.float32)
    labels = np.zeros(4, np.uint8)
    (w1, w2, _), (b1, b2, _) = made.weights, made.biases
    expected = np.maximum(np.maximum(inputs @ w1 + b1, 0) @ w2 + b2, 0)
    found = hidden_values(made, [(inputs[:4], labels), (inputs[4:], labels[:3])])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_without_a_hidden_layer_the_pixels_are_compared_and_the_buffer_of_the_chunks_may_be_used_again() -> None:
    made = Network((3, 2), ACTIVATIONS["relu"])
    buffer = np.ones((2, 3), np.float32)

    def chunks():
        yield buffer, np.zeros(2, np.uint8)
        buffer[...] = 2.0
        yield buffer, np.zeros(2, np.uint8)

    np.testing.assert_array_equal(hidden_values(made, chunks()), np.repeat([[1.0] * 3, [2.0] * 3], 2, axis=0))


@pytest.mark.parametrize("measure", sorted(METRICS))
@settings(deadline=None)
@given(st.integers(1, 3000), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_the_nearest_are_those_that_scikit_learn_finds(measure: str, digits: int, units: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(digits, units)).astype(np.float32)
    one = rng.normal(size=units).astype(np.float32)
    most = min(5, digits)
    search = NearestNeighbors(n_neighbors=most, metric=METRICS[measure], algorithm="brute")
    (distances,), _ = search.fit(values.astype(np.float64)).kneighbors(one[np.newaxis].astype(np.float64))
    found = nearest(values, one, measure, 5)
    assert found
    np.testing.assert_allclose(found.distances, distances, rtol=1e-5, atol=1e-5)
    assert found.compared == digits


def test_a_digit_is_not_its_own_neighbour_and_of_equals_the_first_comes_first() -> None:
    values = np.array([[3.0], [1.0], [1.0], [2.0], [1.0]], np.float32)
    found = nearest(values, values[2], "euclid", 3, without=2)
    assert found
    assert found.digits.tolist() == [1, 4, 3]
    assert found.distances.tolist() == [0.0, 0.0, 1.0]
    assert (found.compared, found.farthest) == (4, 2.0)


@pytest.mark.parametrize("measure", sorted(METRICS))
def test_a_dead_layer_tells_no_digits_apart(measure: str) -> None:
    dead = nearest(np.zeros((20, 4), np.float32), np.zeros(4, np.float32), measure, 5)
    assert dead
    assert not dead.are_distinct
    alive = nearest(np.eye(4, dtype=np.float32), np.array([1, 0.5, 0, 0], np.float32), measure, 2)
    assert alive
    assert alive.are_distinct
    assert alive.digits.tolist() == [0, 1]


@pytest.mark.parametrize("measure", sorted(METRICS))
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_never_near(measure: str, bad: float) -> None:
    values = np.ones((4, 2), np.float32)
    values[1, 0] = bad
    found = nearest(values, np.ones(2, np.float32), measure, 9)
    assert found
    assert found.digits.tolist() == [0, 2, 3]
    assert nearest(values, values[1], measure, 9) is None
    huge = nearest(np.full((2, 2), 3e38, np.float32), np.full(2, -3e38, np.float32), measure, 9)
    assert huge


def test_without_digits_there_are_no_neighbours() -> None:
    found = nearest(np.empty((0, 3), np.float32), np.ones(3, np.float32), "euclid", 4)
    assert found
    assert (found.digits.tolist(), found.compared, found.are_distinct) == ([], 0, False)
    alone = nearest(np.ones((1, 3), np.float32), np.ones(3, np.float32), "euclid", 4, without=0)
    assert alone
    assert alone.compared == 0


@pytest.mark.parametrize("hidden", [[], [1], [128], [1024, 1024], [4096, 4096]])
def test_fewer_digits_are_compared_by_a_large_network(hidden: list[int]) -> None:
    made = Network((784, *hidden, 10), ACTIVATIONS["relu"])
    digits = most_digits(made)
    assert 1 <= digits <= MOST_DIGITS
    assert digits * made.sizes[-2] <= MOST_VALUES
    assert digits * made.parameters.size <= MOST_WORK
