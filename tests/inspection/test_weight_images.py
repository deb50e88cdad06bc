"""Weight pictures: where each weight lands in the mosaic, and what its colour means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_gui.inspection.weight_images import GAP_INDEX, SMALLEST_SCALE, ZERO_INDEX, mosaic, own_scales, shared_scale

WEIGHTS = st.floats(-20.0, 20.0, width=32)


def test_each_weight_lands_at_its_pixel_of_its_units_cell() -> None:
    weights = np.zeros((6, 3), np.float32)  # pictures of 2 x 3
    weights[4, 1] = 1.0  # unit 1, row 1, column 1
    weights[0, 2] = -1.0  # unit 2, row 0, column 0
    picture = mosaic(weights, (2, 3), columns=2, scale=1.0)
    assert picture.indices.shape == (2 * 3 + 1, 2 * 4 + 1)
    assert picture.indices[2, 4 + 1 + 1] == 255
    assert picture.indices[3 + 1, 1] == 1
    assert picture.indices[1, 1] == ZERO_INDEX


def test_gaps_and_empty_cells_have_an_index_that_no_weight_has() -> None:
    picture = mosaic(np.full((4, 3), -99.0, np.float32), (2, 2), columns=2, scale=1.0)
    gaps = picture.indices == GAP_INDEX
    assert gaps[0].all()
    assert gaps[:, 0].all()
    assert gaps[3:, 3:].all()  # the fourth cell holds no unit
    assert (~gaps).sum() == 3 * 4


@pytest.mark.parametrize(("units", "columns"), [(1, 5), (7, 3), (12, 4)])
def test_the_unit_at_a_pixel_is_the_one_drawn_there(units: int, columns: int) -> None:
    for unit in range(units):
        weights = np.zeros((6, units), np.float32)
        weights[:, unit] = 1.0
        picture = mosaic(weights, (3, 2), columns, scale=1.0)
        for row, column in np.argwhere(picture.indices == 255):
            assert picture.unit_at(int(row), int(column)) == unit
    assert picture.unit_at(10_000, 0) is None
    assert picture.unit_at(0, 10_000) is None


def test_weights_beyond_the_scale_are_clipped_and_no_numbers_count_as_zero() -> None:
    weights = np.array([[np.nan, 5.0, -np.inf, np.inf]], np.float32)
    picture = mosaic(weights, (1, 1), columns=4, scale=1.0)
    assert picture.indices[1, 1::2].tolist() == [ZERO_INDEX, 255, 1, 255]


def test_the_scale_is_near_the_largest_weight_but_not_of_a_single_extreme_one() -> None:
    weights = np.random.default_rng(0).uniform(-0.5, 0.5, (100, 100)).astype(np.float32)
    weights[3, 3] = 1000.0
    assert shared_scale(weights) == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("value", [0.0, 1e-9, np.nan])
def test_the_scale_has_a_floor(value: float) -> None:
    assert shared_scale(np.full((4, 4), value, np.float32)) == SMALLEST_SCALE


@given(
    arrays(np.float32, st.tuples(st.integers(1, 4).map(lambda rows: rows * 3), st.integers(1, 9)), elements=WEIGHTS),
    st.integers(1, 12),
    st.floats(0.01, 10.0),
)
def test_a_mosaic_equals_one_made_pixel_by_pixel(weights: np.ndarray, columns: int, scale: float) -> None:
    height, width, units = len(weights) // 3, 3, weights.shape[1]
    picture = mosaic(weights, (height, width), columns, scale)
    expected = np.full(picture.indices.shape, GAP_INDEX, int)
    for unit in range(units):
        top, left = unit // picture.columns * (height + 1) + 1, unit % picture.columns * (width + 1) + 1
        for row, column in np.ndindex(height, width):
            share = weights[row * width + column, unit] / scale
            expected[top + row, left + column] = round(128 + 127 * min(max(share, -1.0), 1.0))
    # A weight half-way between two colours may take either.
    np.testing.assert_allclose(picture.indices, expected, atol=1)
    np.testing.assert_array_equal(picture.indices == GAP_INDEX, expected == GAP_INDEX)
    assert picture.columns == min(columns, units)


def test_equal_weights_make_a_picture_of_one_colour() -> None:
    for value, index in ((0.0, ZERO_INDEX), (0.5, 255), (-0.5, 1)):
        weights = np.full((9, 2), value, np.float32)
        picture = mosaic(weights, (3, 3), 2, shared_scale(weights))
        assert set(np.unique(picture.indices)) == {GAP_INDEX, index}


def test_opposite_weights_are_equally_far_from_the_colour_of_zero() -> None:
    values = np.linspace(0.0, 1.0, 100, dtype=np.float32)
    up, down = (mosaic(sign * values[np.newaxis], (1, 1), 100, 1.0).indices[1, 1::2].astype(int) for sign in (1, -1))
    assert (np.abs((up - ZERO_INDEX) - (ZERO_INDEX - down)) <= 1).all()
    assert (np.diff(up) >= 0).all()


def test_no_unit_is_found_outside_of_the_picture_or_in_an_empty_cell() -> None:
    picture = mosaic(np.ones((4, 3), np.float32), (2, 2), columns=2, scale=1.0)
    rows, columns = picture.indices.shape
    for row, column in ((-1, 1), (1, -1), (rows, 1), (1, columns), (rows - 2, columns - 2)):
        assert picture.unit_at(row, column) is None


@pytest.mark.parametrize("shape", [(1, 1), (7, 1), (40, 30)])
def test_the_scale_of_few_weights_is_the_percentile_of_all_their_sizes(shape: tuple[int, int]) -> None:
    weights = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    assert shared_scale(weights) == pytest.approx(np.percentile(np.abs(weights), 99.8))


def test_weights_that_are_no_numbers_do_not_count_for_the_scale() -> None:
    weights = np.array([[0.5, np.nan], [np.inf, -np.inf]], np.float32)
    assert shared_scale(weights) == 0.5


def test_the_scale_of_a_large_layer_is_near_that_of_all_its_weights() -> None:
    weights = np.random.default_rng(2).normal(size=(784, 512)).astype(np.float32)
    assert shared_scale(weights) == pytest.approx(np.percentile(np.abs(weights), 99.8), rel=0.05)


def test_a_mosaic_leaves_the_weights_as_they_were() -> None:
    weights = np.random.default_rng(3).normal(size=(4, 5)).astype(np.float32)
    before = weights.copy()
    weights.flags.writeable = False
    mosaic(weights, (2, 2), 3, 1.0)
    np.testing.assert_array_equal(weights, before)


def test_with_their_own_scales_the_largest_weight_of_every_unit_has_the_strongest_colour() -> None:
    weights = np.array([[0.01, -3.0, 0.0], [-0.005, 1.5, 0.0]], np.float32)
    scales = own_scales(weights)
    np.testing.assert_allclose(scales, [0.01, 3.0, SMALLEST_SCALE])
    picture = mosaic(weights, (1, 2), 3, scales)
    assert picture.scale is None
    cells = picture.indices[1, :-1].reshape(3, 3)[:, 1:].astype(int)
    np.testing.assert_allclose(cells, [[255, 65], [1, 192], [ZERO_INDEX, ZERO_INDEX]], atol=1)


def test_units_with_weights_that_are_not_finite_get_the_scale_of_the_others() -> None:
    weights = np.array([[np.nan, np.inf, 2.0], [0.5, -0.25, np.nan], [0.0, 0.1, -np.inf]], np.float32)
    np.testing.assert_allclose(own_scales(weights), [0.5, 0.25, 2.0])
    assert own_scales(np.full((2, 1), np.nan, np.float32)).tolist() == [np.float32(SMALLEST_SCALE)]


def test_cells_are_named_by_the_units_they_show() -> None:
    numbers = np.array([7, 2, 5])
    picture = mosaic(np.zeros((6, 3), np.float32), (3, 2), 2, 1.0, numbers)
    for position, unit in enumerate(numbers):
        row, column = picture.corner(position)
        assert picture.unit_at(row, column) == picture.unit_at(row + 2, column + 1) == unit
        assert picture.position_of(int(unit)) == position
    assert picture.position_of(0) is None


@pytest.mark.parametrize(("value", "colour"), [(3e38, 255), (-3e38, 1), (1e-45, ZERO_INDEX)])
def test_weights_at_the_ends_of_single_precision_are_drawn_without_a_warning(value: float, colour: int) -> None:
    weights = np.full((4, 2), 0.01, np.float32)
    weights[0, 0] = value
    for scale in (shared_scale(weights), own_scales(weights), 0.01):
        assert mosaic(weights, (2, 2), 2, scale).indices[1, 1] == colour
