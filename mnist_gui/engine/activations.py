"""Activation functions of hidden units, applied in place, with derivatives written in terms of their output.

To add one: write its two functions and enter it in ACTIVATIONS; the shared gradient test finds it there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_gui.engine.types import Floats

LEAK = 0.01


@dataclass(frozen=True, slots=True)
class Activation:
    """An elementwise function a = f(z) and its backward pass.

    apply(z): overwrite the pre-activations z (B, H) by a.
    multiply_by_derivative(gradient, a): overwrite dL/da (B, H) by dL/dz = dL/da * f'(z), f' given by the output a.
    rectifies: whether f maps negative inputs to 0 or near it, which initialisers compensate (He et al. 2015).
    ends: the two limits of a saturating f, for z to -inf and +inf; None if it has no two.
    is_piecewise_linear: whether f(z) = f'(z) z everywhere: f is made of straight lines that meet at 0.
    """

    apply: Callable[[Floats], None]
    multiply_by_derivative: Callable[[Floats, Floats], None]
    rectifies: bool = False
    ends: tuple[float, float] | None = None
    is_piecewise_linear: bool = False


def identity(z: Floats) -> None:
    """a = z."""


def identity_backward(gradient: Floats, a: Floats) -> None:
    """f' = 1."""


def sigmoid(z: Floats) -> None:
    """a = 1 / (1 + exp(-z)), exact to rounding on both sides. Below z = -80, where exp would overflow, a is 2e-35."""
    np.maximum(z, -80.0, out=z)
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1.0
    np.reciprocal(z, out=z)


def sigmoid_backward(gradient: Floats, a: Floats) -> None:
    """f' = a (1 - a)."""
    gradient *= a
    gradient *= 1.0 - a


def tanh(z: Floats) -> None:
    """a = tanh(z)."""
    np.tanh(z, out=z)


def tanh_backward(gradient: Floats, a: Floats) -> None:
    """f' = 1 - a^2."""
    gradient *= 1.0 - a * a


def relu(z: Floats) -> None:
    """a = max(0, z)."""
    np.maximum(z, 0.0, out=z)


def relu_backward(gradient: Floats, a: Floats) -> None:
    """f' = 1 where a > 0, else 0: a > 0 exactly where z > 0."""
    gradient *= a > 0.0


def leaky_relu(z: Floats) -> None:
    """a = max(z, LEAK z)  (Maas, Hannun & Ng 2013)."""
    np.maximum(z, LEAK * z, out=z)


def leaky_relu_backward(gradient: Floats, a: Floats) -> None:
    """f' = 1 where a > 0, else LEAK."""
    np.multiply(gradient, LEAK, out=gradient, where=a <= 0.0)


def elu(z: Floats) -> None:
    """a = z where z > 0, else exp(z) - 1  (Clevert, Unterthiner & Hochreiter 2016, eq. 15, with alpha = 1)."""
    below = np.minimum(z, 0.0)
    np.expm1(below, out=below)
    np.maximum(z, 0.0, out=z)
    z += below


def elu_backward(gradient: Floats, a: Floats) -> None:
    """f' = 1 where a > 0, else exp(z) = a + 1."""
    gradient *= np.minimum(a, 0.0) + 1.0


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(relu, relu_backward, rectifies=True, is_piecewise_linear=True),
    "tanh": Activation(tanh, tanh_backward, ends=(-1.0, 1.0)),
    "sigmoid": Activation(sigmoid, sigmoid_backward, ends=(0.0, 1.0)),
    "leaky_relu": Activation(leaky_relu, leaky_relu_backward, rectifies=True, is_piecewise_linear=True),
    "elu": Activation(elu, elu_backward, rectifies=True),
    "identity": Activation(identity, identity_backward, is_piecewise_linear=True),
}
