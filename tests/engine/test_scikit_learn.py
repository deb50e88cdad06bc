"""The gradient and the training of scikit-learn's MLP as an oracle: same weights in, same numbers out."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.batches import chunks
from mnist_gui.data.loading import split_dataset
from mnist_gui.training.trainer import Trainer
from tests.support import dataset

THEIR_NAMES = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic", "identity": "identity"}


def their_classifier(trainer: Trainer, inputs: np.ndarray, labels: np.ndarray, **settings: object) -> MLPClassifier:
    """scikit-learn's network, made ready by an epoch of its own, then given our weights."""
    hidden, activation = trainer.config.network.hidden, THEIR_NAMES[trainer.config.network.activation]
    classifier = MLPClassifier(hidden, activation=activation, max_iter=1, shuffle=False, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit(inputs, labels)
    snapshot = trainer.snapshot()
    classifier.coefs_ = [weights.copy() for weights in snapshot.weights]
    classifier.intercepts_ = [biases.copy() for biases in snapshot.biases]
    return classifier


def make(activation: str, hidden: tuple[int, ...], **settings: object) -> tuple[Trainer, np.ndarray, np.ndarray]:
    config = RunConfig().with_settings(
        {
            "data.train": 200,
            "data.validation": 0,
            "network.hidden": hidden,
            "network.activation": activation,
            "training.batch_size": 0,
            "training.schedule": "constant",
            "training.momentum": 0.0,
            **settings,
        }
    )
    splits = split_dataset(dataset(), config.data)
    [(inputs, labels)] = [(inputs.copy(), labels) for inputs, labels in chunks(splits.train, "unit", 200)]
    return Trainer(config, splits), inputs, labels


@pytest.mark.parametrize("l2", [0.0, 5.0])
@pytest.mark.parametrize("hidden", [(), (20,), (70, 10), (12, 11, 10)])
@pytest.mark.parametrize("activation", THEIR_NAMES)
def test_the_gradient_of_a_batch_equals_scikit_learns(activation: str, hidden: tuple[int, ...], l2: float) -> None:
    # A step of plain gradient descent with rate 1 is minus the gradient. scikit-learn's alpha is our lambda.
    trainer, inputs, labels = make(activation, hidden, **{"training.learning_rate": 1.0, "training.l2": l2})
    classifier = their_classifier(trainer, inputs, labels, solver="sgd", alpha=l2, batch_size=200)
    start = trainer.snapshot()
    minibatch = trainer.train_minibatch()
    assert minibatch is not None
    ours = start.parameters - trainer.snapshot().parameters

    activations = [inputs] + [np.empty((200, size), np.float32) for size in start.sizes[1:]]
    deltas = [np.empty_like(layer) for layer in activations[1:]]
    theirs = [np.empty_like(weights) for weights in start.weights], [np.empty_like(biases) for biases in start.biases]
    one_hot = np.eye(10, dtype=np.float32)[labels]
    loss, *_ = classifier._backprop(inputs, one_hot, np.ones(200, np.float32), activations, deltas, *theirs)

    flat = np.concatenate([part.ravel() for pair in zip(*theirs, strict=True) for part in pair])
    assert np.linalg.norm(ours - flat) / np.linalg.norm(flat) < 1e-5
    penalty = l2 / 400 * sum(float(np.square(weights).sum()) for weights in start.weights)
    assert minibatch.loss + penalty == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(
    ("optimizer", "theirs"),
    [
        ("momentum", {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": False}),
        ("nesterov", {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": True}),
        ("adam", {"solver": "adam", "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}),
    ],
)
def test_twenty_full_batch_steps_end_at_the_weights_of_scikit_learn(optimizer: str, theirs: dict[str, object]) -> None:
    rate = 0.01 if optimizer == "adam" else 0.1
    trainer, inputs, labels = make(
        "tanh",
        (16,),
        **{
            "training.optimizer": optimizer,
            "training.learning_rate": rate,
            "training.momentum": 0.9,
            "training.epochs": 20,
        },
    )
    classifier = their_classifier(
        trainer, inputs, labels, alpha=0.0, batch_size=200, learning_rate_init=rate, n_iter_no_change=100, **theirs
    )
    classifier._optimizer = None
    classifier.set_params(warm_start=True, max_iter=20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit(inputs, labels)
    for _ in range(20):
        trainer.train_minibatch()
    ours = trainer.snapshot()
    # Adam divides by the gradient's own size: where a pixel hardly ever has ink, that is rounding by rounding, and
    # scikit-learn adds epsilon before it corrects for the start.
    lit = inputs.mean(axis=0) > 0.02
    pairs = [(ours.weights[0][lit], classifier.coefs_[0][lit]), (ours.weights[1], classifier.coefs_[1])]
    for weights, expected in pairs:
        assert np.linalg.norm(weights - expected) / np.linalg.norm(expected) < (1e-3 if optimizer == "adam" else 1e-5)
