"""Principal components against scikit-learn's, and what becomes of vectors that have none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.decomposition import PCA

from mnist_gui.inspection.pca import Plane


def some_vectors(count: int, width: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scales = rng.uniform(0.1, 3.0, width)
    return (rng.normal(size=(count, width)) * scales + rng.normal(size=width)).astype(np.float32)


@pytest.mark.parametrize(("count", "width"), [(300, 40), (30, 200), (50, 50), (3, 2), (2, 5)])
def test_places_and_shares_are_those_of_scikit_learn_but_for_the_signs(count: int, width: int) -> None:
    vectors = some_vectors(count, width)
    theirs = PCA(2, svd_solver="full")
    expected = theirs.fit_transform(vectors.astype(np.float64))
    plane = Plane.of(vectors)
    np.testing.assert_allclose(np.abs(plane.places), np.abs(expected), atol=1e-5)
    np.testing.assert_allclose(plane.shares, theirs.explained_variance_ratio_, atol=1e-6)


def test_hand_worked_points_of_a_line_lie_on_the_first_axis() -> None:
    plane = Plane.of(np.array([[0, 0], [3, 4], [6, 8]], np.float32))
    np.testing.assert_allclose(plane.places, [[-5, 0], [0, 0], [5, 0]], atol=1e-6)
    np.testing.assert_allclose(plane.shares, [1, 0], atol=1e-9)


def test_the_largest_loading_of_an_axis_is_positive() -> None:
    vectors = some_vectors(100, 6)
    plane = Plane.of(vectors)
    centred = vectors - vectors.mean(axis=0)
    loadings = np.linalg.lstsq(plane.places, centred, rcond=None)[0]  # (2, D)
    assert (loadings[np.arange(2), np.abs(loadings).argmax(axis=1)] > 0).all()


def test_vectors_that_are_not_finite_have_no_place_and_move_no_other() -> None:
    vectors = some_vectors(50, 8)
    holed = np.insert(vectors, [0, 20], np.float32(np.nan), axis=0)
    holed[0] = np.inf
    plane = Plane.of(holed)
    is_lost = ~np.isfinite(plane.places).all(axis=1)
    assert np.flatnonzero(is_lost).tolist() == [0, 21]
    np.testing.assert_array_equal(plane.places[~is_lost], Plane.of(vectors).places)


@pytest.mark.parametrize(
    "vectors",
    [np.ones((5, 3)), np.zeros((4, 1)), np.ones((1, 7)), np.zeros((6, 2000))],
    ids=["equal", "one unit", "one digit", "dead"],
)
def test_where_nothing_varies_all_lie_at_one_place(vectors: np.ndarray) -> None:
    plane = Plane.of(vectors.astype(np.float32))
    np.testing.assert_array_equal(plane.places, 0.0)
    np.testing.assert_array_equal(plane.shares, 0.0)


def test_no_digits_and_no_finite_digits_have_no_places() -> None:
    assert Plane.of(np.empty((0, 3), np.float32)).places.shape == (0, 2)
    plane = Plane.of(np.full((4, 3), np.nan, np.float32))
    assert np.isnan(plane.places).all()
    assert Plane.of(np.full((4, 3), np.nan, np.float32)).turned_like(plane.places).shares.tolist() == [0, 0]


@given(arrays(np.float32, (6, 4), elements=st.floats(allow_nan=True, allow_infinity=True, width=32)))
def test_any_vectors_get_places_without_a_warning(vectors: np.ndarray) -> None:
    plane = Plane.of(vectors)
    assert (np.isfinite(plane.places).all(axis=1) == np.isfinite(vectors).all(axis=1)).all()
    assert ((plane.shares >= 0) & (plane.shares <= 1 + 1e-9)).all()
    assert plane.turned_like(plane.places).places.shape == (6, 2)


@given(st.sampled_from([(1, 1), (1, -1), (-1, 1), (-1, -1)]), st.integers(0, 5))
def test_a_plane_is_turned_as_the_picture_before(signs: tuple[int, int], seed: int) -> None:
    plane = Plane.of(some_vectors(40, 9, seed))
    before = plane.places * signs + np.random.default_rng(seed).normal(0, 0.01, (40, 2))
    before[3] = np.nan
    np.testing.assert_array_equal(plane.turned_like(before).places, plane.places * signs)
