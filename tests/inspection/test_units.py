"""Weight pictures: where each weight lands in the mosaic, and what its colour means."""

import numpy as np
import pytest

from mnist_gui.inspection.units import GAP_INDEX, SMALLEST_SCALE, ZERO_INDEX, mosaic, shared_scale


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
