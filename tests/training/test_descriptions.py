"""A run in sentences: how large it is, its newest epoch, where it is heading, which epoch was best, how it ended."""

import math
from dataclasses import replace

import pytest

from mnist_gui.training.descriptions import counted, describe_end, describe_epoch, describe_start, summarize
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, RunEnded, RunStarted
from tests.support import small_config

NOTHING = (math.nan, math.nan)
MEASURES = ("loss", "accuracy")
STARTED = RunStarted(
    config=small_config(),
    step=0,
    epoch=0,
    last_step=24,
    steps_per_epoch=12,
    train_digits=600,
    validation_digits=200,
    parameters=12_730,
    blas_threads=1,
)
ENDED = RunEnded("finished", 4300, 10, 8, 0.0712, 0.9802, 6.04, test_loss=0.06, test_accuracy=0.98134)


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
    assert summarize(history_of(NOTHING, NOTHING)) == "epoch 2: training accuracy 90.00 %, level; loss 0.2500, falling"


def test_an_epoch_in_full_has_the_training_values_and_the_validation_with_its_trends() -> None:
    history = history_of((0.2, 0.95), (0.1, 0.97))
    assert describe_epoch(history) == (
        "epoch 2: training loss 0.2500, accuracy 90.00 %; validation loss 0.1000, falling, accuracy 97.00 %, rising; "
        "best epoch 2; 100,000 digits/s"
    )


def test_the_first_epoch_in_full_has_neither_trends_nor_a_best_one() -> None:
    assert describe_epoch(history_of((0.2, 0.95))) == (
        "epoch 1: training loss 0.5000, accuracy 90.00 %; validation loss 0.2000, accuracy 95.00 %; 100,000 digits/s"
    )


def test_an_epoch_in_full_without_validation_digits_has_the_trends_of_training() -> None:
    assert describe_epoch(history_of(NOTHING, NOTHING)) == (
        "epoch 2: training loss 0.2500, falling, accuracy 90.00 %, level; 100,000 digits/s"
    )


def test_a_penalty_is_told_where_there_is_one() -> None:
    history = history_of((0.2, 0.95))
    history.epochs[0] = replace(history.epochs[0], penalty=0.0123)
    assert "; penalty 0.0123; " in describe_epoch(history)


@pytest.mark.parametrize("value", [math.inf, 1e308, -math.inf])
def test_numbers_beyond_all_measure_are_told_as_they_are(value: float) -> None:
    assert f"validation loss {value:.4f}" in describe_epoch(history_of((value, 0.1), (value, 0.1)))


@pytest.mark.parametrize("newest", [(0.1, 0.97), (0.3, 0.9), (0.201, 0.9502), (0.3, 0.97)])
def test_both_sentences_of_an_epoch_agree_on_where_it_is_heading(newest: tuple[float, float]) -> None:
    history = history_of((0.2, 0.95), newest)
    trends = [
        {measure: sentence.partition(f"{measure} ")[2].split(", ")[1].partition(";")[0] for measure in MEASURES}
        for sentence in (summarize(history), describe_epoch(history).partition("validation")[2])
    ]
    assert trends[0] == trends[1]
    assert set(trends[0].values()) <= {"rising", "falling", "level"}


def test_the_start_tells_all_sizes() -> None:
    assert describe_start(STARTED) == (
        "600 training and 200 validation digits; hidden layers [16] of relu units, 12,730 parameters; "
        "2 epochs of 12 minibatches"
    )


def test_the_start_tells_what_is_wrong_on_purpose() -> None:
    faulty = STARTED.config.with_settings({"lab.faults": ["frozen_layer", "sorted_data"]})
    told = describe_start(replace(STARTED, config=faulty))
    assert told.endswith("12 minibatches; with faults put in on purpose: sorted_data, frozen_layer")


def test_a_single_one_of_anything_is_in_the_singular() -> None:
    single = replace(STARTED, last_step=1, steps_per_epoch=1, validation_digits=1)
    assert describe_start(single).startswith("600 training and 1 validation digit; ")
    assert describe_start(single).endswith("; 1 epoch of 1 minibatch")
    assert describe_end(replace(ENDED, epoch=1, step=1)).startswith("finished after 1 epoch, 1 minibatch, 6.0 s")
    assert [counted(number, "epoch") for number in (0, 1, 2, 1000)] == [
        "0 epochs",
        "1 epoch",
        "2 epochs",
        "1,000 epochs",
    ]


def test_the_end_tells_how_far_the_run_came_and_what_its_best_weights_are_worth() -> None:
    assert describe_end(ENDED) == (
        "finished after 10 epochs, 4,300 minibatches, 6.0 s of training; "
        "best weights, of epoch 8: validation loss 0.0712, accuracy 98.02 %, test accuracy 98.13 %"
    )


def test_the_end_leaves_out_what_was_not_measured() -> None:
    unmeasured = replace(ENDED, best_validation_loss=math.nan, best_validation_accuracy=math.nan)
    assert describe_end(unmeasured).endswith("of training; best weights, of epoch 8: test accuracy 98.13 %")
    diverged = replace(unmeasured, state="diverged", best_epoch=None, test_accuracy=None)
    assert describe_end(diverged) == "diverged after 10 epochs, 4,300 minibatches, 6.0 s of training"
    assert describe_end(replace(diverged, state="stopped_early")).startswith("stopped early after")


def test_the_best_epoch_is_that_of_the_smallest_finite_loss() -> None:
    best = history_of((0.3, 0.9), (math.nan, 0.99), (0.2, 0.95), (math.inf, 0.1)).best_epoch
    assert best is not None
    assert best.epoch == 3
    assert history_of((math.nan, math.nan)).best_epoch is None
