"""The loss of one digit over a run."""

import math

import numpy as np
import pytest

from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.losses import LOSSES
from mnist_gui.engine.network import Network
from mnist_gui.inspection.digit_losses import DigitLosses, Reading, digit_losses, reading


def path(*readings: tuple[int, float, int], label: int = 7) -> DigitLosses:
    steps = [step for step, _, _ in readings]
    return digit_losses(steps, [Reading(loss, predicted) for _, loss, predicted in readings], label)


def test_a_reading_has_the_loss_of_the_formula() -> None:
    made = Network((2, 3), ACTIVATIONS["relu"])
    made.weights[0][...] = [[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]
    found = reading(made, LOSSES["cross_entropy"], np.array([1.0, 0.5], np.float32), 1)
    assert found.loss == pytest.approx(math.log(math.e + math.exp(0.5) + math.exp(2.0)) - 0.5, rel=1e-5)
    assert found.predicted == 2


def test_when_a_digit_was_learned_and_forgotten_is_told_by_the_steps() -> None:
    told = path((0, 2.3, 1), (5, 1.0, 7), (9, 2.0, 3), (20, 0.4, 7), (40, 0.1, 7))
    assert told.first_right == 5
    assert told.right_since == 20
    assert told.times_forgotten == 1
    assert told.nearest_to(29) == 3
    assert told.nearest_to(1e9) == 4


def test_a_digit_that_is_wrong_in_the_end_is_right_since_never() -> None:
    told = path((0, 0.1, 7), (5, 3.0, 1))
    assert (told.first_right, told.right_since, told.times_forgotten) == (0, None, 1)
    never = path((0, 2.0, 1), (5, 3.0, 1))
    assert (never.first_right, never.right_since, never.times_forgotten) == (None, None, 0)


def test_a_digit_that_was_always_right_was_so_from_the_first_moment() -> None:
    assert path((3, 0.1, 7), (5, 0.1, 7)).right_since == 3


def test_a_loss_that_is_no_number_is_no_right_reading() -> None:
    told = path((0, math.nan, 7), (1, math.inf, 7), label=7)
    assert told.is_right.tolist() == [False, False]


def test_without_moments_nothing_is_known() -> None:
    told = path()
    assert (len(told), told.first_right, told.right_since, told.times_forgotten) == (0, None, None, 0)
    assert told.nearest_to(3) is None
