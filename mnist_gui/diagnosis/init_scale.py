"""The size of starting weights for which signals and gradients keep their variance from layer to layer."""

import math

import numpy as np

from mnist_gui.engine.activations import Activation
from mnist_gui.engine.types import Floats

# A rectifier passes half of all sums (He et al. 2015, section 2.2).
OF_RECTIFIED = 2.0


def ideal_sizes(fan_in: int, fan_out: int, activation: Activation) -> tuple[float, float]:
    """The smallest and the largest root mean square of a hidden layer's weights that count as suitable.

    n Var(W) = g keeps the variance of signals for n = fan_in, and is the compromise for signals and gradients for n =
    (fan_in + fan_out) / 2      (Glorot & Bengio 2010, eq. 10-12, g = 1) g = 2 where half of the sums are silenced (He
    et al. 2015, eq. 10). Where the slope at 0 is not 1, as that of the sigmoid, which is 1 / 4, weights larger by 1 /
    slope satisfy eq. 10, and those for slope 1 are usual.
    """
    gain = OF_RECTIFIED if activation.rectifies else 1.0
    variances = gain / fan_in, 2.0 * gain / (fan_in + fan_out)
    return math.sqrt(min(variances)), math.sqrt(max(variances)) / _slope(activation)


def size(weights: Floats) -> float:
    """The root mean square of weights."""
    return float(np.sqrt(np.mean(np.square(weights), dtype=np.float64)))


def _slope(activation: Activation) -> float:
    """f'(0), clipped to 0.25..1; 1 for rectifiers."""
    if activation.rectifies:
        return 1.0
    answer, slope = np.zeros(1, np.float32), np.ones(1, np.float32)
    activation.apply(answer)
    activation.multiply_by_derivative(slope, answer)
    return float(np.clip(slope[0], 0.25, 1.0))
