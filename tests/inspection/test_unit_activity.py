"""How much hidden units answer: the same as the network itself says."""

import numpy as np
import pytest

from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.network import Network, Workspace
from mnist_gui.inspection.unit_activity import FEWEST_DIGITS, MOST_WORK, measure_activity
from mnist_gui.training.layer_statistics import SMALLEST_ANSWER, dead_share


def network(activation: str) -> Network:
    made = Network((12, 7, 5, 3), ACTIVATIONS[activation])
    made.parameters[...] = np.random.default_rng(0).normal(0, 0.7, made.parameters.size)
    return made


INPUTS = np.random.default_rng(1).random((40, 12)).astype(np.float32)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("layer", [0, 1])
def test_activity_is_that_of_the_forward_pass_of_the_network(activation: str, layer: int) -> None:
    made = network(activation)
    workspace = Workspace(made, len(INPUTS))
    made.forward(INPUTS, workspace)
    outputs = workspace.outputs[layer]
    found = measure_activity(
        made.weights[: layer + 1], made.biases[: layer + 1], made.activation, INPUTS, SMALLEST_ANSWER
    )
    np.testing.assert_allclose(found.mean, np.abs(outputs).mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found.answered, (np.abs(outputs) >= SMALLEST_ANSWER).mean(axis=0), rtol=1e-6)
    assert found.digits == 40
    assert np.mean(found.answered < 0.05) == pytest.approx(dead_share(outputs))


def test_a_unit_whose_bias_silences_it_answers_nothing() -> None:
    made = network("relu")
    made.biases[0][2] = -1000.0
    found = measure_activity(made.weights[:1], made.biases[:1], made.activation, INPUTS, SMALLEST_ANSWER)
    assert (found.mean[2], found.answered[2]) == (0.0, 0.0)


def test_large_layers_are_measured_with_fewer_digits() -> None:
    wide = np.zeros((10, MOST_WORK // 200), np.float32)
    digits = np.zeros((256, 10), np.float32)
    found = measure_activity([wide], [np.zeros(wide.shape[1], np.float32)], ACTIVATIONS["relu"], digits, 1e-5)
    assert found.digits == max(FEWEST_DIGITS, MOST_WORK // wide.size)


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_ruined_weights_are_measured_without_a_warning(value: float) -> None:
    made = network("tanh")
    made.parameters[...] = value
    found = measure_activity(made.weights[:2], made.biases[:2], made.activation, INPUTS, SMALLEST_ANSWER)
    assert found.mean.shape == (5,)
