"""Faults of a network's functions: wrong losses, derivatives, backward passes, starting weights."""

import dataclasses
from threading import local

import numpy as np

from mnist_gui.config.run_config import NetworkConfig
from mnist_gui.engine.activations import Activation
from mnist_gui.engine.components import Parts
from mnist_gui.engine.initializers import Layer
from mnist_gui.engine.losses import Loss, outputs_minus_one_hot
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.types import Floats, Labels
from mnist_gui.faults import preconditions as needs
from mnist_gui.faults.fault import Fault

TIMES = 20.0


def unshifted_softmax(parts: Parts) -> Parts:
    """p = exp(z) / sum exp(z) without a shift: in float32, exp is infinite from z = 89 on, and p is nan."""

    def forward(logits: Floats, labels: Labels) -> Floats:
        with np.errstate(all="ignore"):
            np.exp(logits, out=logits)
            logits /= logits.sum(axis=1, keepdims=True)
            losses: Floats = -np.log(logits[np.arange(len(labels)), labels])
        return losses

    return dataclasses.replace(parts, loss=dataclasses.replace(parts.loss, forward=forward))


def derivative_without_softmax(parts: Parts) -> Parts:
    """A backward pass that starts from z - t, z being the logits, in place of softmax(z) - t.

    That is the gradient of the squared error 1/2 |z - t|^2, while another loss is reported. Backward follows forward in
    the same thread, while another thread may use the same loss: each has its own memory.
    """
    loss, memory = parts.loss, local()

    def forward(logits: Floats, labels: Labels) -> Floats:
        memory.logits = logits.copy()
        return loss.forward(logits, labels)

    def backward(outputs: Floats, labels: Labels) -> None:
        outputs[...] = memory.logits
        outputs_minus_one_hot(outputs, labels)

    return dataclasses.replace(parts, loss=dataclasses.replace(loss, forward=forward, backward=backward))


def relu_on_output(parts: Parts) -> Parts:
    """The loss of max(0, z) instead of z, with the exact gradient of that: none for a class whose z is not above 0.

    Backward follows forward in the same thread, while another thread may use the same loss: each has its own memory.
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
    """z (z <= 0) in place of z > 0: for the overwritten z, max(0, z), it is 0 everywhere."""

    def multiply_by_derivative(gradient: Floats, a: Floats) -> None:
        gradient *= a * (a <= 0.0)

    return _with_activation(parts, dataclasses.replace(parts.activation, multiply_by_derivative=multiply_by_derivative))


def overwritten_preactivations(parts: Parts) -> Parts:
    """f'(a) in place of f'(z): the formula in z gets activations, which were written over z."""
    activation = parts.activation

    def multiply_by_derivative(gradient: Floats, a: Floats) -> None:
        activations_again = a.copy()
        activation.apply(activations_again)
        activation.multiply_by_derivative(gradient, activations_again)

    return _with_activation(parts, dataclasses.replace(activation, multiply_by_derivative=multiply_by_derivative))


def missing_bias_gradient(parts: Parts) -> Parts:
    """A backward pass with bias gradients of 0."""

    class WithoutBiasGradient(parts.network):  # type: ignore[name-defined]
        def backward(self, inputs: Floats, workspace: Workspace, gradient: Gradient) -> None:
            super().backward(inputs, workspace, gradient)
            for biases in gradient.biases:
                biases[...] = 0.0

    return _with_network(parts, WithoutBiasGradient)


def flipped_gradient(parts: Parts) -> Parts:
    """A backward pass with the wrong sign."""

    class Flipped(parts.network):  # type: ignore[name-defined]
        def backward(self, inputs: Floats, workspace: Workspace, gradient: Gradient) -> None:
            super().backward(inputs, workspace, gradient)
            np.negative(gradient.flat, out=gradient.flat)

    return _with_network(parts, Flipped)


def init_times_20(parts: Parts) -> Parts:
    """Starting weights multiplied by TIMES."""
    draw = parts.initializer

    def larger(rng: np.random.Generator, shape: tuple[int, ...], layer: Layer, settings: NetworkConfig) -> Floats:
        return TIMES * draw(rng, shape, layer, settings)

    return dataclasses.replace(parts, initializer=larger)


def _with_activation(parts: Parts, activation: Activation) -> Parts:
    return dataclasses.replace(parts, activation=activation)


def _with_network(parts: Parts, network: type[Network]) -> Parts:
    return dataclasses.replace(parts, network=network)


FAULTS_OF_PARTS = (
    Fault(
        name="init_times_20",
        title="Weights start 20 times too large",
        text="The starting weights are 20 times too large, so that the network starts confident and mostly wrong.",
        rule="bad_start",
        seen="pre-flight",
        wrong="sd = 20 * np.sqrt(2 / 784)\nW1 = rng.normal(0, sd, (784, h))",
        right="sd = np.sqrt(2 / 784)\nW1 = rng.normal(0, sd, (784, h))",
        parts=init_times_20,
    ),
    Fault(
        name="unshifted_softmax",
        title="Softmax without shift",
        text="The softmax takes exp of the logits as they are, which is infinite in float32 from a logit of 89 on.",
        rule="loss_overflows",
        seen="pre-flight",
        wrong="e = np.exp(z)\np = e / e.sum(axis=1, keepdims=True)",
        right="e = np.exp(z - z.max(axis=1, keepdims=True))\np = e / e.sum(axis=1, keepdims=True)",
        need=needs.SOFTMAX,
        parts=unshifted_softmax,
    ),
    Fault(
        name="derivative_without_softmax",
        title="Derivative without softmax",
        text="The backward pass starts from the logits minus the label, without their softmax: it follows the gradient "
        "of their squared error, while the cross-entropy is reported.",
        rule="gradient_is_wrong",
        seen="pre-flight",
        wrong="z2 = a1 @ W2 + b2\nloss = cross_entropy(softmax(z2), y)\nd2 = (z2 - y) / n",
        right="z2 = a1 @ W2 + b2\nloss = cross_entropy(softmax(z2), y)\nd2 = (softmax(z2) - y) / n",
        need=needs.SOFTMAX,
        parts=derivative_without_softmax,
    ),
    Fault(
        name="relu_on_output",
        title="relu on the outputs",
        text="relu is applied to the outputs too: a class whose sum is below 0 gets no gradient and cannot recover.",
        rule="rectified_output",
        seen="run",
        wrong="z2 = np.maximum(0, a1 @ W2 + b2)\np = softmax(z2)\nd2 = (p - y) * (z2 > 0)",
        right="z2 = a1 @ W2 + b2\np = softmax(z2)\nd2 = p - y",
        parts=relu_on_output,
    ),
    Fault(
        name="wrong_relu_derivative",
        title="Wrong derivative of relu",
        text="The derivative is taken as z (z <= 0); as max(0, z) was written over z, no hidden layer learns.",
        rule="gradient_is_wrong",
        seen="pre-flight",
        wrong="np.maximum(0, z1, out=z1)\ndef derivative(z): return z * (z <= 0)\nd1 = (d2 @ W2.T) * derivative(z1)",
        right="np.maximum(0, z1, out=z1)\ndef derivative(z): return z > 0\nd1 = (d2 @ W2.T) * derivative(z1)",
        need=needs.RELU,
        parts=wrong_relu_derivative,
    ),
    Fault(
        name="overwritten_preactivations",
        title="Overwritten pre-activations",
        text="The activation was written over z, from which the backward pass then takes the derivative. "
        "Harmless for relu, wrong for curved activations.",
        rule="gradient_is_wrong",
        seen="pre-flight",
        wrong="sigmoid(z1, out=z1)\ns = sigmoid(z1)\nd1 = (d2 @ W2.T) * s * (1 - s)",
        right="a1 = sigmoid(z1)\ns = sigmoid(z1)\nd1 = (d2 @ W2.T) * s * (1 - s)",
        need=needs.CURVED,
        parts=overwritten_preactivations,
    ),
    Fault(
        name="missing_bias_gradient",
        title="No gradient for biases",
        text="The backward pass leaves out the biases, which keep their starting values.",
        rule="gradient_is_wrong",
        seen="pre-flight",
        wrong="dW1 = x.T @ d1\ndb1 = np.zeros_like(b1)",
        right="dW1 = x.T @ d1\ndb1 = d1.sum(axis=0)",
        parts=missing_bias_gradient,
    ),
    Fault(
        name="flipped_gradient",
        title="Flipped gradient",
        text="The backward pass starts from label minus output, and so gives the gradient with the wrong sign.",
        rule="gradient_is_wrong",
        seen="pre-flight",
        wrong="d2 = (y - p) / n\ndW2 = a1.T @ d2\nW2 -= rate * dW2",
        right="d2 = (p - y) / n\ndW2 = a1.T @ d2\nW2 -= rate * dW2",
        parts=flipped_gradient,
    ),
)
