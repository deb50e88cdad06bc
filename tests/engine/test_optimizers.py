"""Update rules step by step against sequences worked by hand from their papers' equations."""

import math

import numpy as np
import pytest

from mnist_gui.engine.optimizers import BLOCK, OPTIMIZERS, Adam, Momentum, Nesterov


def walk(name: str, gradients: list[float], rate: float, momentum: float) -> list[float]:
    """Where a parameter that starts at 1 is after each step."""
    parameters = np.array([1.0])
    rule = OPTIMIZERS[name](parameters)
    places = []
    for gradient in gradients:
        rule.update(parameters, np.array([gradient]), rate, momentum)
        places.append(float(parameters[0]))
    return places


def test_three_steps_of_momentum_equal_those_worked_by_hand() -> None:
    # v = -0.2, -0.1 - 0.1 = -0.2, -0.1 + 0.4 = 0.3
    assert walk("momentum", [2.0, 1.0, -4.0], 0.1, 0.5) == pytest.approx([0.8, 0.6, 0.9])


def test_three_steps_of_nesterov_equal_those_worked_by_hand() -> None:
    # the same velocities; each step is half the velocity minus a tenth of the gradient
    assert walk("nesterov", [2.0, 1.0, -4.0], 0.1, 0.5) == pytest.approx([0.7, 0.5, 1.05])


def test_nesterov_steps_are_gradient_steps_from_the_point_looked_ahead_to() -> None:
    """Sutskever et al.'s own form, v <- mu v - rate * g(p + mu v), p <- p + v, on the bowl 3 p^2."""
    rate, mu, p, v = 0.05, 0.9, 1.0, 0.0
    ahead = np.array([1.0])  # p + mu v, which is what the program's parameters are
    rule = Nesterov(ahead)
    for _ in range(20):
        rule.update(ahead, 6.0 * ahead, rate, mu)
        v = mu * v - rate * 6.0 * (p + mu * v)
        p += v
        assert ahead[0] == pytest.approx(p + mu * v, rel=1e-9)


def test_three_steps_of_adam_equal_its_algorithm_worked_out_plainly() -> None:
    gradients, rate, b1, b2 = [2.0, -1.0, 0.5], 0.01, 0.9, 0.999
    m = v = 0.0
    place, expected = 1.0, []
    for t, g in enumerate(gradients, start=1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        place -= rate * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + 1e-8)
        expected.append(place)
    assert walk("adam", gradients, rate, b1) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("gradient", [1e-3, 1.0, 1e3])
def test_adams_first_step_is_as_long_as_the_rate_whatever_the_gradient(gradient: float) -> None:
    assert walk("adam", [gradient], 0.01, 0.9)[0] == pytest.approx(0.99, abs=1e-6)


def test_adam_takes_another_momentum_in_the_middle_of_a_run_without_a_jump() -> None:
    parameters = np.array([0.0])
    rule = Adam(parameters)
    for momentum in (0.9, 0.9, 0.0, 0.5, 0.9):
        before = parameters.copy()
        rule.update(parameters, np.array([1.0]), 0.01, momentum)
        # under a constant gradient the mean, rid of its start, is that gradient
        np.testing.assert_allclose(parameters - before, -0.01, rtol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parameters_of_several_blocks_move_as_each_of_them_would_alone(name: str) -> None:
    rng = np.random.default_rng(0)
    together = rng.normal(size=2 * BLOCK + 7)
    some = [0, BLOCK - 1, BLOCK, 2 * BLOCK, 2 * BLOCK + 6]
    apart = together[some]
    rules = OPTIMIZERS[name](together), OPTIMIZERS[name](apart)
    for _ in range(3):
        gradient = rng.normal(size=len(together))
        rules[1].update(apart, gradient[some], 0.1, 0.9)
        rules[0].update(together, gradient, 0.1, 0.9)
    np.testing.assert_allclose(together[some], apart, rtol=1e-12)


def test_momentum_and_nesterov_without_momentum_are_plain_gradient_descent() -> None:
    for rule in (Momentum, Nesterov):
        parameters = np.array([3.0])
        made = rule(parameters)
        for gradient in (1.0, -4.0):
            made.update(parameters, np.array([gradient]), 0.25, 0.0)
        np.testing.assert_allclose(parameters, [3.0 - 0.25 + 1.0])
