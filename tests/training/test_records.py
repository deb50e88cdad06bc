"""Records as JSON: names and numbers that other programs rely on."""

import json
import math

import numpy as np

from mnist_gui.training.records import EpochDone, MinibatchesDone, RunEnded, RunStarted, as_json
from tests.support import make_trainer, run, small_config


def test_an_epoch_has_the_promised_keys_in_their_order() -> None:
    assert as_json(EpochDone(1, 430, 0.2, 0.9, 0.1, 0.97, 0.7, 8e4)) == {
        "record": "epoch_done",
        "epoch": 1,
        "step": 430,
        "train_loss": 0.2,
        "train_accuracy": 0.9,
        "validation_loss": 0.1,
        "validation_accuracy": 0.97,
        "seconds": 0.7,
        "images_per_second": 8e4,
        "penalty": 0.0,
        "label_entropy": None,
        "held_out_digits": 0,
        "best_has_changed": False,
    }


def test_what_is_absent_or_not_finite_is_null() -> None:
    ended = as_json(RunEnded("diverged", 5, 0, None, math.nan, math.inf, 1.0, error="the loss became nan"))
    assert ended["record"] == "run_ended"
    assert [ended[key] for key in ("best_epoch", "best_validation_loss", "best_validation_accuracy")] == [None] * 3
    assert [ended["test_loss"], ended["test_accuracy"]] == [None, None]


def test_a_started_run_tells_its_whole_config() -> None:
    started = run(make_trainer())[0]
    assert isinstance(started, RunStarted)
    told = as_json(started)
    assert told["config"]["network.hidden"] == small_config().network.hidden
    assert told["parameters"] == 785 * 16 + 17 * 10


def test_every_record_of_a_run_is_strict_json() -> None:
    for record in run(make_trainer()):
        json.dumps(as_json(record), allow_nan=False)


def test_minibatch_values_become_lists() -> None:
    values = np.array([0.5, np.nan], np.float32)
    assert as_json(MinibatchesDone(1, values, values, values, values))["losses"] == [0.5, None]
