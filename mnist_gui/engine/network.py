"""The multilayer perceptron: weights, forward pass and backward pass. The weights are updated by `optimizers`.

z[l] = a[l-1] W[l] + b[l]        a[l] = f(z[l])        a[0] = inputs, the last z = logits
dL/dW[l] = a[l-1]^T d[l]         dL/db[l] = sum of d[l] over the minibatch
d[l-1] = (d[l] W[l]^T) * f'      with d[l] = dL/dz[l]          (Rumelhart, Hinton & Williams 1986)
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from mnist_gui.engine.activations import Activation
from mnist_gui.engine.sparse_input import SparseInputLayer
from mnist_gui.engine.types import Floats


class Network:
    """Fully connected layers of sizes (inputs, hidden..., classes); all parameters start at 0.

    parameters : (P,) all weights and biases in one array, so that an update or a copy handles one array. weights[l]
    (fan_in, fan_out) and biases[l] (fan_out,) are views into it.
    """

    def __init__(self, sizes: Sequence[int], activation: Activation, dtype: DTypeLike = np.float32) -> None:
        self.sizes = tuple(sizes)
        self.activation = activation
        self.parameters: Floats = np.zeros(parameter_count(self.sizes), dtype)
        self.weights, self.biases = layer_views(self.parameters, self.sizes)

    def forward(self, inputs: Floats, workspace: "Workspace") -> Floats:
        """The logits (B, C) of inputs (B, D), written with all activations into `workspace`, whose arrays they are."""
        last = len(self.weights) - 1
        for layer, (weights, biases, outputs) in enumerate(
            zip(self.weights, self.biases, workspace.outputs, strict=True)
        ):
            if layer == 0:
                workspace.first_layer.forward(inputs, weights, outputs)
            else:
                np.dot(workspace.signal(layer - 1), weights, out=outputs)  # (B, fan_out)
            outputs += biases
            if layer < last:
                self.activation.apply(outputs)
        return workspace.outputs[-1]

    def backward(self, inputs: Floats, workspace: "Workspace", gradient: "Gradient") -> None:
        """Fill `gradient`, given dL/dlogits in the last of `workspace.deltas` after `forward(inputs, workspace)`."""
        for layer in reversed(range(len(self.weights))):
            delta = workspace.deltas[layer]  # (B, fan_out)
            np.add.reduce(delta, axis=0, out=gradient.biases[layer])
            if layer == 0:
                workspace.first_layer.backward(inputs, delta, gradient.weights[0])
                return
            np.dot(workspace.signal(layer - 1).T, delta, out=gradient.weights[layer])
            below = workspace.deltas[layer - 1]
            np.dot(delta, self.weights[layer].T, out=below)
            if workspace.masks:
                below *= workspace.masks[layer - 1]
            self.activation.multiply_by_derivative(below, workspace.outputs[layer - 1])


class Workspace:
    """The arrays of one forward and backward pass for a minibatch of fixed size B, allocated once and reused.

    outputs[l] (B, size of layer l + 1): activations, and last the logits. deltas[l], same shape: dL/dz. The loss turns
    the logits into their derivative in place, so the last output and the last delta are one array. masks[l], same
    shape: the dropout factors of the activations of hidden layer l; None: no dropout.
    """

    masks: list[Floats] | None = None

    def __init__(self, network: Network, batch_size: int) -> None:
        dtype = network.parameters.dtype
        self.first_layer = SparseInputLayer(batch_size, network.sizes[0], network.sizes[1], dtype)
        self.outputs = [np.empty((batch_size, size), dtype) for size in network.sizes[1:]]
        self.deltas = [np.empty((batch_size, size), dtype) for size in network.sizes[1:-1]] + self.outputs[-1:]

    def signal(self, layer: int) -> Floats:
        """The activations of hidden layer `layer` after dropout, (B, H): the input of the next layer."""
        return self.outputs[layer] * self.masks[layer] if self.masks else self.outputs[layer]


class Gradient:
    """dL/dparameters, laid out as the network's parameters: flat (P,), with views per layer."""

    def __init__(self, network: Network) -> None:
        self.flat: Floats = np.zeros_like(network.parameters)
        self.weights, self.biases = layer_views(self.flat, network.sizes)


def parameter_count(sizes: Sequence[int]) -> int:
    """The number of weights and biases of layers of these sizes."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))


def layer_views(flat: Floats, sizes: Sequence[int]) -> tuple[list[Floats], list[Floats]]:
    """The weights (fan_in, fan_out) and biases (fan_out,) of every layer as views into flat (P,)."""
    weights, biases, start = [], [], 0
    for fan_in, fan_out in pairwise(sizes):
        middle, end = start + fan_in * fan_out, start + (fan_in + 1) * fan_out
        weights.append(flat[start:middle].reshape(fan_in, fan_out))
        biases.append(flat[middle:end])
        start = end
    return weights, biases
