"""A step that cannot be made names its layer and what most likely brought it about, and leaves the weights alone."""

import dataclasses

import numpy as np
import pytest

from mnist_gui.training.divergence import Diverged
from mnist_gui.training.records import RunEnded
from mnist_gui.training.trainer import Trainer
from tests.support import make_trainer, run


def train_until_it_diverges(trainer: Trainer) -> str:
    def train() -> None:
        nonlocal before
        for _ in range(2000):
            before = trainer.snapshot()
            trainer.train_minibatch()

    before = trainer.snapshot()
    with np.errstate(all="ignore"), pytest.raises(Diverged) as caught:
        train()
    after = trainer.snapshot()
    np.testing.assert_array_equal(after.parameters, before.parameters)
    assert np.isfinite(after.parameters).all()
    assert after.step == before.step
    return str(caught.value)


def test_too_large_a_rate_is_named_with_the_layer_that_grew() -> None:
    settings = {"training.learning_rate": 100.0, "network.hidden": [16, 16], "network.activation": "leaky_relu"}
    sentence = train_until_it_diverges(make_trainer(settings))
    assert "steps that are too large, from a learning rate of 100 with momentum 0.9: the weights of " in sentence
    assert sentence.endswith(" (root mean square) since the start. Lower the rate")


def test_a_summed_gradient_is_named_with_its_number_of_digits() -> None:
    settings = {
        "training.gradient": "sum",
        "training.learning_rate": 20.0,
        "network.hidden": [16, 16],
        "network.activation": "leaky_relu",
    }
    assert "a learning rate of 20 on the sum of 50 gradients" in train_until_it_diverges(make_trainer(settings))


def test_unscaled_pixels_are_named_before_the_rate() -> None:
    settings = {"data.scaling": "raw", "training.learning_rate": 100.0, "network.hidden": [16, 16]}
    sentence = train_until_it_diverges(make_trainer(settings))
    assert "inputs of up to 255, where about 1 is usual: scale the pixels (unit)" in sentence


def test_a_penalty_that_takes_more_than_the_weights_is_named() -> None:
    sentence = train_until_it_diverges(make_trainer({"training.l2": 1e6, "data.train": 200}))
    assert "an L2 penalty of 1e+06 at a learning rate of 0.1: each step takes away more than the whole" in sentence


def test_a_start_at_zero_is_told_in_sizes_and_not_in_factors() -> None:
    settings = {"network.init": "zeros", "training.learning_rate": 100.0, "network.loss": "mse", "network.hidden": []}
    assert "have grown from 0 to " in train_until_it_diverges(make_trainer(settings))


def test_a_network_that_only_validation_finds_ruined_is_explained_and_not_taken_for_the_best() -> None:
    settings = {
        "network.hidden": [50] * 10,
        "network.activation": "identity",
        "training.gradient": "sum",
        "training.learning_rate": 100.0,
        "training.batch_size": 0,
    }
    ended = run(make_trainer(settings))[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.state, ended.step, ended.best_epoch) == ("diverged", 1, None)
    assert "the validation digits cannot be measured: at step 1 the loss became" in str(ended.error)
    assert "steps that are too large, from a learning rate of 100 on the sum of 600 gradients" in str(ended.error)


def test_starting_weights_that_are_too_large_are_named_at_the_first_step() -> None:
    settings = {
        "network.init": "normal",
        "network.init_mean": 10.0,
        "network.init_sd": 100.0,
        "network.hidden": [64] * 19,
        "network.activation": "identity",
    }
    sentence = train_until_it_diverges(make_trainer(settings))
    assert sentence.startswith("at step 1 the ")
    assert "starting weights that are too large: " in sentence


@pytest.mark.parametrize(("layer", "name"), [(0, "hidden layer 1"), (1, "hidden layer 2"), (2, "the output layer")])
def test_the_first_layer_whose_numbers_are_not_finite_is_named(layer: int, name: str) -> None:
    trainer = make_trainer({"network.hidden": [8, 8], "network.activation": "identity"})
    trainer._network.weights[layer][...] = np.float32(3e38)
    assert f"the loss became nan, first in {name}" in train_until_it_diverges(trainer)


def test_a_gradient_that_overflows_while_the_loss_is_finite_is_named_where_it_began() -> None:
    trainer = make_trainer({"network.hidden": [8], "network.activation": "identity", "network.loss": "mse_tanh"})
    trainer._network.weights[1][...] = 0.0
    trainer._network.weights[0][...] = np.float32(1e30)
    sentence = train_until_it_diverges(trainer)
    assert "the gradient of the output layer became too large for any number" in sentence


def test_a_gradient_too_large_to_measure_stops_the_run_even_if_it_would_be_clipped() -> None:
    trainer = make_trainer({"network.hidden": [8], "network.activation": "identity", "training.clip": 1.0})
    trainer._network.weights[0][...] = np.float32(1e30)
    trainer._network.weights[1][...] = 0.0
    assert "too large for any number" in train_until_it_diverges(trainer)


def test_training_on_from_enormous_weights_warns_of_nothing() -> None:
    """As a network may have that diverged; the training thread builds it before NumPy's warnings are off."""
    trainer = make_trainer()
    start = trainer.snapshot()
    enormous = dataclasses.replace(start, parameters=start.parameters * np.float32(1e30))
    assert Trainer(trainer.config, trainer.splits, start=enormous).step == 0
