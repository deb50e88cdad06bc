"""The gradient check: right gradients pass, wrong ones are named by layer, in the terms of a person."""

import json

import numpy as np
import pytest

from mnist_gui.cli import main
from mnist_gui.data.source import deal
from mnist_gui.engine import gradient_check as engine
from mnist_gui.engine.activations import ACTIVATIONS, Activation, sigmoid_backward, tanh
from mnist_gui.engine.gradient_check import Abandoned, LayerCheck, relative_error
from mnist_gui.engine.losses import LOSSES
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.training.gradient_check import check_gradient
from tests.support import dataset, make_trainer, small_config

SMALL = ["--set", "data.train=60", "--set", "data.validation=0", "--set", "network.hidden=[12]"]


def checks_of(settings: dict[str, object] | None = None) -> dict[str, LayerCheck]:
    config = small_config({"network.hidden": [12, 11], **(settings or {})})
    return {check.name: check for check in check_gradient(config, deal(dataset(), config.data))}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_of_every_part_is_right_with_penalty_and_dropout(activation: str, loss: str) -> None:
    settings = {"network.activation": activation, "network.loss": loss, "training.l2": 20.0, "training.dropout": 0.3}
    found = checks_of(settings)
    assert list(found) == ["weights 1", "biases 1", "weights 2", "biases 2", "weights 3", "biases 3"]
    for check in found.values():
        assert check.is_right
        assert check.error64 < 1e-7
        assert check.error32 < 1e-4
        assert check.tried > 5


def test_a_wrong_derivative_is_found_in_every_layer_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "tanh", Activation(tanh, sigmoid_backward))
    wrong = {name for name, check in checks_of({"network.activation": "tanh"}).items() if not check.is_right}
    assert wrong == {"weights 1", "biases 1", "weights 2", "biases 2"}


def test_missing_bias_gradients_are_found_where_they_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    backward = Network.backward

    def without_biases(network: Network, inputs: np.ndarray, workspace: Workspace, gradient: Gradient) -> None:
        backward(network, inputs, workspace, gradient)
        gradient.biases[1][...] = 0.0

    monkeypatch.setattr(Network, "backward", without_biases)
    found = checks_of()
    assert [name for name, check in found.items() if not check.is_right] == ["biases 2"]
    assert found["biases 2"].error64 == 1.0
    assert found["biases 2"].analytic == 0.0
    assert found["biases 2"].numerical != 0.0


def test_the_worst_parameter_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    backward = Network.backward

    def with_one_error(network: Network, inputs: np.ndarray, workspace: Workspace, gradient: Gradient) -> None:
        backward(network, inputs, workspace, gradient)
        gradient.biases[2][7] += 0.5

    monkeypatch.setattr(Network, "backward", with_one_error)
    worst = checks_of()["biases 3"]
    assert worst.worst == "biases 3[7]"
    assert worst.analytic - worst.numerical == pytest.approx(0.5, rel=1e-4)
    assert not worst.is_right


def test_a_trained_network_is_checked_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = make_trainer()
    for _ in range(5):
        trainer.train_minibatch()
    snapshot = trainer.snapshot()
    seen = []
    monkeypatch.setattr(engine, "check_gradient", lambda config, parameters, *rest, **more: seen.append(parameters))
    check_gradient(trainer.config, trainer.splits, snapshot)
    np.testing.assert_array_equal(seen[0], snapshot.parameters)


def test_a_check_is_given_up_when_asked_to() -> None:
    config = small_config()
    with pytest.raises(Abandoned):
        check_gradient(config, deal(dataset(), config.data), abandon=lambda: True)


def test_the_error_of_two_vectors_is_their_distance_by_their_lengths() -> None:
    assert relative_error(np.array([3.0, 0.0]), np.array([0.0, 4.0])) == pytest.approx(5 / 7)
    assert relative_error(np.zeros(3), np.zeros(3)) == 0.0


def test_the_command_prints_a_line_for_every_layer_and_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradient-check", *SMALL]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0:2] for line in lines[1:5]] == [
        ["weights", "1"],
        ["biases", "1"],
        ["weights", "2"],
        ["biases", "2"],
    ]
    assert lines[-1] == "the gradient is right"


def test_the_command_tells_json_and_fails_where_the_gradient_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACTIVATIONS, "tanh", Activation(tanh, sigmoid_backward))
    assert main(["gradient-check", "--json", *SMALL, "--set", "network.activation=tanh"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["record"] == "gradient_check"
    assert told["is_right"] is False
    assert [layer["is_right"] for layer in told["layers"]] == [False, False, True, True]
    assert set(told["layers"][0]) == {
        *("name", "tried", "error64", "error32", "worst", "worst_error", "analytic", "numerical", "is_right")
    }
    assert main(["gradient-check", *SMALL, "--set", "network.activation=tanh"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "the gradient is WRONG"
