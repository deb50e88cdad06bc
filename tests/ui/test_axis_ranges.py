"""How much of an axis is shown: other runs get room beside a run's own values unless they would flatten them."""

import numpy as np
import pytest

from mnist_gui.ui.axis_ranges import ValueAxis

BASE_RATE_LOSS = 2.3


@pytest.mark.parametrize("is_log", [False, True])
def test_a_run_that_diverged_gets_no_room_beside_one_that_learns(is_log: bool) -> None:
    axis = ValueAxis(percent=False, is_log=is_log)
    others, own = (axis.scaled(np.array(values)) for values in ([0.5, 2.3, 6.8, 7.0, 3e34], [0.2, 0.4]))
    np.testing.assert_allclose(axis.near(others, own, BASE_RATE_LOSS), others[:3])


def test_runs_get_as_much_room_as_losses_of_that_size_need() -> None:
    axis = ValueAxis(percent=False)
    others = np.array([20.0, 40.0])
    np.testing.assert_array_equal(axis.near(others, np.array([10.0]), BASE_RATE_LOSS), [20.0])
    np.testing.assert_array_equal(axis.near(others, np.empty(0), BASE_RATE_LOSS), [])


def test_all_accuracies_have_room() -> None:
    accuracies = np.array([0.1, 0.9])
    np.testing.assert_array_equal(ValueAxis(percent=True).near(accuracies, accuracies, BASE_RATE_LOSS), accuracies)
