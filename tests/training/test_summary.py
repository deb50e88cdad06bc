"""A run in a sentence: its newest epoch, where it is heading, and which epoch was best."""

import math

import pytest

from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone
from mnist_gui.training.summary import best_epoch, summarize


def history_of(*validations: tuple[float, float]) -> History:
    """Epochs of these validation losses and accuracies."""
    history = History()
    for index, (loss, accuracy) in enumerate(validations, start=1):
        history.add(EpochDone(index, 10 * index, 0.5 / index, 0.9, loss, accuracy, 1.0, 1e5))
    return history


def test_before_the_first_epoch_there_is_nothing_to_say() -> None:
    assert summarize(History()) == ""


def test_the_first_epoch_has_no_direction() -> None:
    assert summarize(history_of((0.2, 0.95))) == "epoch 1: validation accuracy 95.00 %; loss 0.2000"


@pytest.mark.parametrize(
    ("loss", "accuracy", "expected"),
    [
        (0.1, 0.97, "97.00 %, rising; loss 0.1000, falling; best epoch 2"),
        (0.3, 0.90, "90.00 %, falling; loss 0.3000, rising; best epoch 1"),
        (0.201, 0.9502, "95.02 %, level; loss 0.2010, level; best epoch 1"),
        (math.inf, 0.1, "10.00 %, falling; loss inf; best epoch 1"),
    ],
)
def test_later_epochs_say_where_the_run_is_heading(loss: float, accuracy: float, expected: str) -> None:
    assert summarize(history_of((0.2, 0.95), (loss, accuracy))) == f"epoch 2: validation accuracy {expected}"


def test_without_validation_digits_the_training_values_are_told() -> None:
    nothing = (math.nan, math.nan)
    assert summarize(history_of(nothing, nothing)) == "epoch 2: training accuracy 90.00 %, level; loss 0.2500, falling"


def test_the_best_epoch_is_that_of_the_smallest_finite_loss() -> None:
    best = best_epoch(history_of((0.3, 0.9), (math.nan, 0.99), (0.2, 0.95), (math.inf, 0.1)))
    assert best is not None
    assert best.epoch == 3
    assert best_epoch(history_of((math.nan, math.nan))) is None
