"""Faults of the functions that a network is made of: wrong losses, derivatives, backward passes, initial weights."""

import dataclasses
from threading import local

import numpy as np

from mnist_gui.config import NetworkConfig
from mnist_gui.engine.activations import Activation
from mnist_gui.engine.arrays import Floats, Labels
from mnist_gui.engine.initializers import Layer
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.parts import Parts

TIMES = 20.0


def unshifted_softmax(parts: Parts) -> Parts:
    """p = exp(z) / sum exp(z) as it stands: in float32, exp is infinite from z = 89 on, and p is not a number."""

    def forward(logits: Floats, labels: Labels) -> Floats:
        with np.errstate(all="ignore"):
            np.exp(logits, out=logits)
            logits /= logits.sum(axis=1, keepdims=True)
            losses: Floats = -np.log(logits[np.arange(len(labels)), labels])
        return losses

    return dataclasses.replace(parts, loss=dataclasses.replace(parts.loss, forward=forward))


def relu_on_output(parts: Parts) -> Parts:
    """The loss of max(0, z) instead of z, with the exact gradient of that: none for a class whose z is not above 0.

    Backward follows forward in one thread, while another may ask the same network for answers: each has its own memory.
    """
    loss, memory = parts.loss, local()

    def forward(logits: Floats, labels: Labels) -> Floats:
        np.maximum(logits, 0.0, out=logits)
        memory.silent = logits == 0.0
        return loss.forward(logits, labels)

    def backward(outputs: Floats, labels: Labels) -> None:
        loss.backward(outputs, labels)
        outputs[memory.silent] = 0.0

    rectified: Loss = dataclasses.replace(loss, forward=forward, backward=backward)
    return dataclasses.replace(parts, loss=rectified)


def wrong_relu_derivative(parts: Parts) -> Parts:
    """z (z <= 0) in place of z > 0: with the z that is left, max(0, z), it is 0 everywhere."""

    def multiply_by_derivative(gradient: Floats, a: Floats) -> None:
        gradient *= a * (a <= 0.0)

    return _with_activation(parts, dataclasses.replace(parts.activation, multiply_by_derivative=multiply_by_derivative))


def overwritten_preactivations(parts: Parts) -> Parts:
    """f'(a) in place of f'(z): where a formula in z finds the activations that were written over them."""
    activation = parts.activation

    def multiply_by_derivative(gradient: Floats, a: Floats) -> None:
        activations_again = a.copy()
        activation.apply(activations_again)
        activation.multiply_by_derivative(gradient, activations_again)

    return _with_activation(parts, dataclasses.replace(activation, multiply_by_derivative=multiply_by_derivative))


def missing_bias_gradient(parts: Parts) -> Parts:
    """A backward pass that leaves the gradient of the biases at 0."""

    class WithoutBiasGradient(parts.network):  # type: ignore[name-defined]
        def backward(self, inputs: Floats, workspace: Workspace, gradient: Gradient) -> None:
            super().backward(inputs, workspace, gradient)
            for biases in gradient.biases:
                biases[...] = 0.0

    return _with_network(parts, WithoutBiasGradient)


def flipped_gradient(parts: Parts) -> Parts:
    """A backward pass that gives the gradient with the wrong sign."""

    class Flipped(parts.network):  # type: ignore[name-defined]
        def backward(self, inputs: Floats, workspace: Workspace, gradient: Gradient) -> None:
            super().backward(inputs, workspace, gradient)
            np.negative(gradient.flat, out=gradient.flat)

    return _with_network(parts, Flipped)


def init_times_20(parts: Parts) -> Parts:
    """Starting weights of TIMES the size."""
    draw = parts.initializer

    def larger(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
        return TIMES * draw(rng, shape, layer, settings)

    return dataclasses.replace(parts, initializer=larger)


def _with_activation(parts: Parts, activation: Activation) -> Parts:
    return dataclasses.replace(parts, activation=activation)


def _with_network(parts: Parts, network: type[Network]) -> Parts:
    return dataclasses.replace(parts, network=network)
