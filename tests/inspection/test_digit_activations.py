"""What the units of a layer say to one digit, as cells of a picture."""

import numpy as np
import pytest

from mnist_gui.inspection.digit_activations import cells, layer_activations
from mnist_gui.inspection.weight_images import GAP_INDEX, ZERO_INDEX


def test_cells_stand_row_by_row_on_a_scale_with_its_middle_at_zero() -> None:
    answer = layer_activations(np.array([0.0, 4.0, -4.0, 2.0, -1.0], np.float32))
    assert (answer.active, answer.largest, answer.scale) == (4, 1, 4.0)
    expected = [[ZERO_INDEX, 255, 1], [192, 96, GAP_INDEX]]
    np.testing.assert_array_equal(cells(answer, 3), expected)


def test_answers_too_small_to_count_are_not_active() -> None:
    assert layer_activations(np.array([0.001, 0.5, -0.5], np.float32), 0.01).active == 2


def test_a_dead_layer_is_all_zero() -> None:
    answer = layer_activations(np.zeros(4, np.float32))
    assert (answer.active, answer.largest, answer.scale) == (0, None, 0.0)
    assert (cells(answer, 2) == ZERO_INDEX).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_has_no_colour(bad: float) -> None:
    answer = layer_activations(np.array([bad, 2.0], np.float32))
    assert (answer.active, answer.largest) == (1, 1)
    assert cells(answer, 2).tolist() == [[GAP_INDEX, 255]]
    assert layer_activations(np.array([bad], np.float32)).largest is None


@pytest.mark.parametrize("size", [1e-45, 3e38])
def test_the_smallest_and_the_largest_numbers_have_full_colour(size: float) -> None:
    assert cells(layer_activations(np.array([size, -size], np.float32)), 2).tolist() == [[255, 1]]
