"""How large starting weights should be for signals and gradients to keep their size from layer to layer."""

import math

import numpy as np

from mnist_gui.engine.activations import Activation
from mnist_gui.engine.types import Floats

# Of relu and its like half of all sums pass (He et al. 2015, section 2.2).
OF_RECTIFIED = 2.0


def ideal_sizes(fan_in: int, fan_out: int, activation: Activation) -> tuple[float, float]:
    """The smallest and the largest root mean square of a hidden layer's weights that are taken for ideal.

    n Var(W) = g keeps the variance of signals for n = fan_in, and that of signals and gradients, as far as one number
    can, for n = (fan_in + fan_out) / 2      (Glorot & Bengio 2010, eq. 10-12, g = 1)
    g = 2 where half of the sums are silenced (He et al. 2015, eq. 10). Where the slope at 0 is not 1, as that of the
    sigmoid, which is 1 / 4, weights larger by 1 / slope do what eq. 10 asks for, and those of slope 1 are usual.
    """
    gain = OF_RECTIFIED if activation.rectifies else 1.0
    variances = gain / fan_in, 2.0 * gain / (fan_in + fan_out)
    return math.sqrt(min(variances)), math.sqrt(max(variances)) / _slope(activation)


def size(weights: Floats) -> float:
    """Their root mean square."""
    return float(np.sqrt(np.mean(np.square(weights), dtype=np.float64)))


def _slope(activation: Activation) -> float:
    """f'(0), where f is smooth and no steeper; 1 for those that rectify."""
    if activation.rectifies:
        return 1.0
    answer, slope = np.zeros(1, np.float32), np.ones(1, np.float32)
    activation.apply(answer)
    activation.multiply_by_derivative(slope, answer)
    return float(np.clip(slope[0], 0.25, 1.0))
