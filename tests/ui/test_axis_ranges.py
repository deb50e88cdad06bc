"""How much of an axis is shown where only other runs can set it: those that diverged would flatten the others."""

import numpy as np
import pytest

from mnist_gui.ui.axis_ranges import ValueAxis

BASE_RATE_LOSS = 2.3


@pytest.mark.parametrize("is_log", [False, True])
def test_a_run_that_diverged_gets_no_room_beside_one_that_learns(is_log: bool) -> None:
    axis = ValueAxis(percent=False, is_log=is_log)
    others = axis.scaled(np.array([0.5, 2.3, 6.8, 7.0, 3e34]))
    np.testing.assert_allclose(axis.near(others, BASE_RATE_LOSS), others[:3])
    np.testing.assert_array_equal(axis.near(others, float("nan")), others)


def test_all_accuracies_have_room() -> None:
    accuracies = np.array([0.1, 0.9])
    np.testing.assert_array_equal(ValueAxis(percent=True).near(accuracies, BASE_RATE_LOSS), accuracies)
