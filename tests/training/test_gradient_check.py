"""The gradient check: right gradients pass, wrong ones are named by layer, in the terms of a person."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mnist_gui.cli.main import main
from mnist_gui.data.loading import split_dataset
from mnist_gui.engine import gradient_check as engine
from mnist_gui.engine.activations import ACTIVATIONS, Activation, sigmoid_backward, tanh
from mnist_gui.engine.gradient_check import Cancelled, LayerCheck, relative_errors
from mnist_gui.engine.losses import LOSSES
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.training.gradient_check import check_gradient
from tests.support import dataset, make_trainer, small_config

RIGHT = LOSSES["cross_entropy"].backward
SMALL = ["--set", "data.train=60", "--set", "data.validation=0", "--set", "network.hidden=[12]"]


def checks_of(settings: dict[str, object] | None = None) -> dict[str, LayerCheck]:
    config = small_config({"network.hidden": [12, 11], **(settings or {})})
    return {check.name: check for check in check_gradient(config, split_dataset(dataset(), config.data))}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_of_every_part_is_right_with_penalty_and_dropout(activation: str, loss: str) -> None:
    settings = {"network.activation": activation, "network.loss": loss, "training.l2": 20.0, "training.dropout": 0.3}
    found = checks_of(settings)
    assert list(found) == ["weights 1", "biases 1", "weights 2", "biases 2", "weights 3", "biases 3"]
    for check in found.values():
        assert check.is_right
        assert check.error64 < 1e-5
        assert check.error32 < 1e-2
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
    assert found["biases 2"].error64 == pytest.approx(1.0, abs=0.1)
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
    with pytest.raises(Cancelled):
        check_gradient(config, split_dataset(dataset(), config.data), should_cancel=lambda: True)


@pytest.mark.parametrize(
    "settings",
    [
        {"network.hidden": [1, 10]},
        {"network.hidden": [2, 8, 8]},
        {"network.hidden": [16, 16], "training.dropout": 0.8},
        {"network.hidden": [4, 4], "network.activation": "leaky_relu", "training.dropout": 0.5},
    ],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sums_that_are_exactly_on_a_kink_make_no_right_gradient_wrong(settings: dict[str, object], seed: int) -> None:
    assert all(check.is_right for check in checks_of({**settings, "training.seed": seed}).values())


@pytest.mark.parametrize(("layers", "sd"), [(4, 0.01), (6, 0.01), (8, 0.03)])
def test_gradients_that_drown_in_rounding_are_not_wrong_and_others_beside_them_still_are(
    layers: int, sd: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = {"network.hidden": [64] * layers, "network.init": "normal", "network.init_sd": sd}
    assert all(check.is_right for check in checks_of(tiny).values())
    monkeypatch.setitem(LOSSES, "cross_entropy", replace(LOSSES["cross_entropy"], backward=_twice))
    wrong = {name for name, check in checks_of(tiny).items() if not check.is_right}
    assert {f"weights {layers + 1}", f"biases {layers + 1}"} <= wrong


def _twice(outputs: np.ndarray, labels: np.ndarray) -> None:
    RIGHT(outputs, labels)
    outputs *= 2.0


def test_a_blank_digit_makes_no_right_gradient_wrong() -> None:
    trainer = make_trainer()
    images = np.zeros((16, 784), np.float32)
    images[1:] = np.random.default_rng(0).random((15, 784))
    found = engine.check_gradient(
        trainer.config,
        trainer.snapshot().parameters,
        images,
        np.arange(16) % 10,
        train_digits=600,
        classes=10,
        should_cancel=lambda: False,
    )
    assert all(check.is_right for check in found)


def test_a_gradient_that_is_wrong_in_float32_only_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    backward = Network.backward

    def thrice_in_float32(network: Network, inputs: np.ndarray, workspace: Workspace, gradient: Gradient) -> None:
        backward(network, inputs, workspace, gradient)
        if gradient.flat.dtype == np.float32:
            gradient.flat *= 3

    monkeypatch.setattr(Network, "backward", thrice_in_float32)
    for check in checks_of().values():
        assert not check.is_right
        assert check.error64 < 1e-5
        assert check.error32 == pytest.approx(0.5, abs=0.05)
        assert check.analytic == pytest.approx(3 * check.numerical, rel=1e-3)


@pytest.mark.parametrize("is_json", [False, True])
def test_a_network_whose_loss_is_not_finite_is_said_to_be_uncheckable(
    capsys: pytest.CaptureFixture[str], is_json: bool
) -> None:
    huge = ["network.init=normal", "network.init_sd=100", "network.activation=identity"]
    huge += [f"network.hidden={[64] * 20}", "data.train=60", "data.validation=0"]
    words = [word for each in huge for word in ("--set", each)]
    assert main(["gradient-check", *words, *(["--json"] if is_json else [])]) == 1
    told = capsys.readouterr()
    if is_json:
        record = json.loads(told.out)
        assert (record["is_right"], record["layers"]) == (None, [])
        assert "cannot be checked" in record["error"]
    else:
        assert "the gradient cannot be checked: the loss of this network is nan" in told.err


def test_the_error_of_a_parameter_is_its_distance_by_its_size_and_a_floor() -> None:
    errors = relative_errors(np.array([3.0, 0.0, 1e-9]), np.array([1.0, 0.0, -1e-9]), 0.0)
    assert errors[:2] == pytest.approx([2 / 4, 0.0], abs=1e-3)
    assert errors[2] < 1e-5, "what is tiny beside its layer is not told from rounding"
    np.testing.assert_array_equal(relative_errors(np.zeros(3), np.zeros(3), 0.0), np.zeros(3))


def test_the_command_prints_a_line_for_every_layer_and_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradient-check", *SMALL]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0:2] for line in lines[2:6]] == [
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
        *("name", "tried", "error64", "error32", "worst", "analytic", "numerical", "is_right")
    }
    assert main(["gradient-check", *SMALL, "--set", "network.activation=tanh"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "the gradient is WRONG"
