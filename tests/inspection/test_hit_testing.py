"""What a person points at on a map, against naive references."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.inspection.hit_testing import enclosed, nearest, next_along

CROSS = np.array([[0, 0], [10, 0], [-10, 0], [0, 10], [0, -10], [np.nan, np.nan]], np.float64)


def test_the_nearest_place_within_reach_is_found() -> None:
    assert nearest(CROSS, (9.0, 1.0), 3.0) == 1
    assert nearest(CROSS, (5.5, 0.0), 4.0) is None
    assert nearest(CROSS, (5.5, 0.0), 4.5) == 1
    assert nearest(np.empty((0, 2)), (0.0, 0.0), 5.0) is None
    assert nearest(np.full((3, 2), np.nan), (0.0, 0.0), 5.0) is None


def test_a_line_encloses_what_it_goes_around_an_odd_number_of_times() -> None:
    horseshoe = np.array([[0, 0], [6, 0], [6, 6], [4, 6], [4, 2], [2, 2], [2, 6], [0, 6]], np.float64)
    places = np.array([[1, 5], [3, 5], [5, 5], [3, 1], [7, 1], [-1, 3], [np.nan, 1]])
    assert enclosed(places, horseshoe).tolist() == [True, False, True, True, False, False, False]
    around_twice = np.array([[0, 0], [4, 0], [4, 4], [0, 4]] * 2, np.float64)
    assert enclosed(np.array([[1.0, 2.0]]), around_twice).tolist() == [False]


@pytest.mark.parametrize("line", [np.empty((0, 2)), np.zeros((1, 2)), np.array([[0.0, 0.0], [5.0, 5.0]])])
def test_a_line_of_no_area_encloses_nothing(line: np.ndarray) -> None:
    assert not enclosed(CROSS, line).any()


@given(st.integers(0, 10_000), st.integers(3, 9))
def test_of_a_convex_line_that_is_inside_which_is_on_the_same_side_of_all_edges(seed: int, corners: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    line = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    places = rng.uniform(-1.2, 1.2, (50, 2))
    edges = np.roll(line, -1, axis=0) - line
    away = places[:, None] - line  # (50, corners, 2)
    sides = edges[:, 0] * away[..., 1] - edges[:, 1] * away[..., 0]
    np.testing.assert_array_equal(enclosed(places, line), (sides > 0).all(axis=1))


@pytest.mark.parametrize(("direction", "there"), [((1, 0), 1), ((-1, 0), 2), ((0, 1), 3), ((0, -1), 4)])
def test_an_arrow_goes_to_the_nearest_place_in_its_direction_and_stays_where_there_is_none(
    direction: tuple[int, int], there: int
) -> None:
    assert next_along(CROSS, 0, direction) == there
    assert next_along(CROSS, there, direction) == there
