"""What a network makes of digits: against the textbook formulas, written out."""

import numpy as np
import pytest

from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.inference import answer, confidences, predict
from mnist_gui.engine.losses import LOSSES
from mnist_gui.engine.network import Network


@pytest.fixture
def network() -> Network:
    made = Network((6, 5, 4, 3), ACTIVATIONS["tanh"])
    made.parameters[...] = np.random.default_rng(1).normal(size=made.parameters.shape)
    return made


@pytest.fixture
def inputs() -> np.ndarray:
    return np.random.default_rng(2).normal(size=(20, 6)).astype(np.float32)


def by_hand(network: Network, inputs: np.ndarray) -> list[np.ndarray]:
    """The activations of both hidden layers and the logits."""
    first = np.tanh(inputs @ network.weights[0] + network.biases[0])
    second = np.tanh(first @ network.weights[1] + network.biases[1])
    return [first, second, second @ network.weights[2] + network.biases[2]]


@pytest.mark.parametrize("name", LOSSES)
def test_an_answer_holds_what_every_layer_says(network: Network, inputs: np.ndarray, name: str) -> None:
    said = answer(network, LOSSES[name], inputs)
    first, second, logits = by_hand(network, inputs)
    np.testing.assert_allclose(said.activations[0], first, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(said.activations[1], second, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(said.logits, logits, rtol=1e-4, atol=1e-5)
    outputs = {
        "cross_entropy": np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True),
        "binary_cross_entropy": 1 / (1 + np.exp(-logits)),
        "mse": logits,
        "mse_sigmoid": 1 / (1 + np.exp(-logits)),
        "mse_tanh": np.tanh(logits),
    }[name]
    np.testing.assert_allclose(said.outputs, outputs, rtol=1e-4, atol=1e-5)
    expected = (outputs + 1) / 2 if name == "mse_tanh" else np.clip(outputs, 0, 1)
    np.testing.assert_allclose(said.confidences, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_the_margin_is_how_far_the_runner_up_is_behind(network: Network, inputs: np.ndarray, name: str) -> None:
    labels = np.arange(20) % 3
    loss = LOSSES[name]
    predictions = predict(network, loss, [(inputs[:15], labels[:15]), (inputs[15:], labels[15:])])
    ordered = np.sort(answer(network, loss, inputs).confidences, axis=1)
    np.testing.assert_allclose(predictions.confidence, ordered[:, -1], atol=1e-6)
    np.testing.assert_allclose(predictions.margins, ordered[:, -1] - ordered[:, -2], atol=1e-6)


def test_confidences_come_in_the_order_of_the_digits_however_they_are_cut(network: Network, inputs: np.ndarray) -> None:
    labels, loss = np.zeros(20, np.uint8), LOSSES["cross_entropy"]
    whole = confidences(network, loss, [(inputs, labels)])
    cut = confidences(network, loss, [(inputs[:7], labels[:7]), (inputs[7:], labels[7:])])
    np.testing.assert_allclose(cut, whole, atol=1e-6)
    assert confidences(network, loss, []).shape == (0, 3)
