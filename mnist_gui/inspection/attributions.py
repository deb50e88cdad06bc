"""Contributions: which pixels of one picture speak for a class, and which for another instead.

Both methods share out the difference of two logits over the pixels that are not blank, and say how far the shares are
from adding up to it.

Where activations are straight lines that meet at 0 (relu, leaky_relu, identity), and where there is no hidden layer,
the network is linear around the picture: difference = gradient . inputs + sum of gradient . biases, exactly (Srinivas
& Fleuret 2019, proposition 1). Gradient times input (Shrikumar, Greenside, Shcherbina & Kundaje 2016) is then the
share of a pixel. It is taken from blank paper, since paper need not be 0 for the network.

Other networks are asked on the straight way from blank paper to the picture: integrated gradients (Sundararajan, Taly
& Yan 2017, eq. 1). These add up to the change along the way (their proposition 1), to the error of the integration.

The derivative is that of the activation that the network answers with, even where a mistake trains it with another one.
What shares and rest miss of the difference is told, and nothing is called exact that misses more than rounding.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.activations import ACTIVATIONS, Activation
from mnist_gui.engine.network import Network, Workspace
from mnist_gui.engine.types import Floats

# Points on the way from blank paper to the picture, by the rule of Gauss and Legendre. More are taken where the shares
# miss the sum by more than GOOD of it: where units switch abruptly.
POINTS = (32, 128, 512)
GOOD = 0.01

# Sums of some hundred float32 numbers agree to about a millionth of their size; what misses more is not rounding.
ROUNDING = 1e-5

# So many points go through the network at a time.
CHUNK = 128


@dataclass(frozen=True, slots=True, eq=False)
class Attributions:
    """What a picture's D pixels have to do with the difference of two logits.

    pixels (D,) float64: > 0 speaks for the chosen class, < 0 for the other; 0 where the picture is blank. rest: what
    belongs to no pixel: the biases and the paper. difference: the logit of the chosen class less the other's, which
    pixels and rest promise to add up to. points: on the way from blank paper; 0 where the network is linear in pieces.
    """

    pixels: NDArray[np.float64]
    rest: float
    difference: float
    points: int

    @property
    def is_exact(self) -> bool:
        """Whether pixels and rest add up to the difference but for rounding, and not only nearly."""
        size = float(np.abs(self.pixels).sum()) + abs(self.rest) + abs(self.difference)
        return self.points == 0 and abs(self.residual) <= ROUNDING * size

    @property
    def residual(self) -> float:
        """What pixels and rest miss of the difference."""
        return self.difference - self.rest - float(self.pixels.sum())

    @property
    def speaking_for(self) -> float:
        """The shares of all pixels that speak for the chosen class, >= 0."""
        return float(self.pixels[self.pixels > 0.0].sum())

    @property
    def speaking_against(self) -> float:
        """The shares of all pixels that speak for the other class, <= 0."""
        return float(self.pixels[self.pixels < 0.0].sum())


def strongest_other(logits: Floats, chosen: int) -> int:
    """The class of the largest logit (C,) besides the chosen class, of C > 1."""
    others = np.where(np.isnan(logits), -np.inf, logits)
    order = np.argsort(-others, kind="stable")
    return int(order[order != chosen][0])


def comparison_of(logits: Floats, chosen: int, label: int) -> int:
    """What a class is to be compared with, of logits (C,), C > 1: any other than the true one (`label`) with that,
    since that it was taken for the wrong one is the mistake; the true one with the strongest of the others."""
    return label if chosen != label else strongest_other(logits, chosen)


def is_linear_in_pieces(network: Network) -> bool:
    """Whether its contributions are exact, and cheap."""
    return network.activation.is_piecewise_linear or len(network.weights) == 1


def attributions(network: Network, inputs: Floats, blank: Floats, chosen: int, other: int) -> Attributions | None:
    """The contributions to logit[chosen] - logit[other], of inputs (D,) as the network sees them; blank (D,): paper.

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
    """The activation of the same forward function as it is without mistakes; itself if its function is of no table."""
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
        """What the biases add to the difference of the first picture, as if the network were linear."""
        pairs = zip(self._deltas, self._network.biases, strict=True)
        return float(sum(delta[0].astype(np.float64) @ biases for delta, biases in pairs))
