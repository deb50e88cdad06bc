"""Attributions: how much each pixel of one picture contributes to the logit of one class against another's.

Both methods distribute the difference of two logits over the pixels that are not blank, and report what is missing from
its sum.

Where activations are piecewise linear with the kink at 0 (relu, leaky_relu, identity), and without a hidden layer,
the network is linear around the picture: difference = gradient . inputs + sum of gradient . biases, exactly (Srinivas
& Fleuret 2019, proposition 1). Gradient times input (Shrikumar, Greenside, Shcherbina & Kundaje 2016) is then the
attribution of a pixel. The baseline is a blank picture, whose inputs need not be 0.

For other networks the gradient is averaged along the line from the blank picture to the picture: integrated gradients
(Sundararajan, Taly & Yan 2017, eq. 1). These add up to the difference between both ends (their proposition 1), to the
error of the integration.

The derivative is that of the activation in the forward pass, even where a fault trains with another one. The residual
is reported, and attributions are called exact only if it is no more than rounding.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.activations import ACTIVATIONS, Activation
from mnist_gui.engine.network import Network, Workspace
from mnist_gui.engine.types import Floats

# Points of Gauss-Legendre quadrature on the line from the blank picture. More are taken while the residual is above
# GOOD of the sum, as where units switch abruptly.
POINTS = (32, 128, 512)
GOOD = 0.01

# Sums of some hundred float32 numbers agree to about a millionth of their size; a larger residual is not rounding.
ROUNDING = 1e-5

# Points that go through the network at a time.
CHUNK = 128


@dataclass(frozen=True, slots=True, eq=False)
class Attributions:
    """Attributions of a picture's D pixels to the difference of two logits.

    pixels (D,) float64: > 0 for the chosen class, < 0 for the other; 0 where the picture is blank. rest: what belongs
    to no pixel, the difference for the blank picture or its linear equivalent. difference: the logit of the chosen
    class less the other's; pixels and rest add up to it, but for `residual`. points: of the quadrature; 0 if the
    network is piecewise linear.
    """

    pixels: NDArray[np.float64]
    rest: float
    difference: float
    points: int

    @property
    def is_exact(self) -> bool:
        """Whether pixels and rest add up to the difference up to rounding."""
        size = float(np.abs(self.pixels).sum()) + abs(self.rest) + abs(self.difference)
        return self.points == 0 and abs(self.residual) <= ROUNDING * size

    @property
    def residual(self) -> float:
        """The difference less the sum of pixels and rest."""
        return self.difference - self.rest - float(self.pixels.sum())

    @property
    def positive(self) -> float:
        """The sum of the attributions to the chosen class, >= 0."""
        return float(self.pixels[self.pixels > 0.0].sum())

    @property
    def negative(self) -> float:
        """The sum of the attributions to the other class, <= 0."""
        return float(self.pixels[self.pixels < 0.0].sum())


def strongest_other(logits: Floats, chosen: int) -> int:
    """The class of the largest logit (C,) besides the chosen class, of C > 1."""
    others = np.where(np.isnan(logits), -np.inf, logits)
    order = np.argsort(-others, kind="stable")
    return int(order[order != chosen][0])


def comparison_of(logits: Floats, chosen: int, label: int) -> int:
    """The class that `chosen` is compared with, given logits (C,), C > 1: the true class (`label`), or, if that is the
    chosen one, the strongest of the others."""
    return label if chosen != label else strongest_other(logits, chosen)


def is_linear_in_pieces(network: Network) -> bool:
    """Whether the network is piecewise linear, so that attributions are exact and take one gradient."""
    return network.activation.is_piecewise_linear or len(network.weights) == 1


def attributions(network: Network, inputs: Floats, blank: Floats, chosen: int, other: int) -> Attributions | None:
    """The attributions of inputs (D,) to logit[chosen] - logit[other]. blank (D,): the inputs of a blank picture.

    None where the network's numbers are not finite.
    """
    with np.errstate(all="ignore"):
        if is_linear_in_pieces(network):
            found = _by_one_gradient(network, inputs, blank, chosen, other)
        else:
            found = _along_the_way(network, inputs, blank, chosen, other)
        return found if np.isfinite([*found.pixels, found.rest, found.difference]).all() else None


def _by_one_gradient(network: Network, inputs: Floats, blank: Floats, chosen: int, other: int) -> Attributions:
    pass_ = _Pass(network, inputs[np.newaxis], chosen, other)
    gradient = pass_.gradients()[0].astype(np.float64)
    rest = float(gradient @ blank) + pass_.biases()
    return Attributions(gradient * (inputs - blank), rest, float(pass_.differences[0]), 0)


def _along_the_way(network: Network, inputs: Floats, blank: Floats, chosen: int, other: int) -> Attributions:
    ends = _Pass(network, np.stack([blank, inputs]), chosen, other).differences
    rest, difference = float(ends[0]), float(ends[1])
    for points in POINTS:
        pixels = (inputs - blank) * _mean_gradient(network, inputs, blank, chosen, other, points)
        found = Attributions(pixels, rest, difference, points)
        if not abs(found.residual) > GOOD * abs(difference - rest):
            break
    return found


def _mean_gradient(
    network: Network, inputs: Floats, blank: Floats, chosen: int, other: int, points: int
) -> NDArray[np.float64]:
    places, weights = np.polynomial.legendre.leggauss(points)  # over -1..1, where weights add up to 2
    mean = np.zeros(len(inputs))
    for start in range(0, points, CHUNK):
        share = ((places[start : start + CHUNK] + 1.0) / 2.0).astype(inputs.dtype)
        pictures = blank + share[:, np.newaxis] * (inputs - blank)
        mean += weights[start : start + CHUNK] / 2.0 @ _Pass(network, pictures, chosen, other).gradients()
    return mean


def _with_true_derivative(activation: Activation) -> Activation:
    """The correct activation with the same forward function; the given one if that is in no table."""
    return next((true for true in ACTIVATIONS.values() if true.apply is activation.apply), activation)


class _Pass:
    """A forward and a backward pass of inputs (B, D), for the difference of two logits."""

    def __init__(self, network: Network, inputs: Floats, chosen: int, other: int) -> None:
        self._network = network
        self._workspace = Workspace(network, len(inputs))
        logits = network.forward(inputs, self._workspace)
        self.differences = logits[:, chosen].astype(np.float64) - logits[:, other]  # (B,)
        start = np.zeros_like(logits)
        start[:, chosen] += 1.0
        start[:, other] -= 1.0
        self._deltas = [start]  # d difference / dz, from the first layer up
        true = _with_true_derivative(network.activation)
        for layer in reversed(range(1, len(network.weights))):
            delta = self._deltas[0] @ network.weights[layer].T
            true.multiply_by_derivative(delta, self._workspace.outputs[layer - 1])
            self._deltas.insert(0, delta)

    def gradients(self) -> Floats:
        """d difference / d inputs, (B, D)."""
        gradients: Floats = self._deltas[0] @ self._network.weights[0].T
        return gradients

    def biases(self) -> float:
        """The contribution of the biases to the difference of the first picture, with the network linear around it."""
        pairs = zip(self._deltas, self._network.biases, strict=True)
        return float(sum(delta[0].astype(np.float64) @ biases for delta, biases in pairs))
