"""The accuracy on disturbed digits: against a network that can be worked out by hand."""

import math

import numpy as np
import pytest

from mnist_gui.data.batches import inputs_of
from mnist_gui.data.splits import Split
from mnist_gui.engine.components import Parts
from mnist_gui.engine.inference import answer
from mnist_gui.inspection.corruptions import CORRUPTIONS, corrupt
from mnist_gui.inspection.robustness import MOST_DIGITS, accuracy_under, sampled_digits
from mnist_gui.training.snapshot import Snapshot, never
from mnist_gui.training.trainer import Trainer
from tests.support import StopsAfter, make_trainer, run, small_config


def split_of(pictures: np.ndarray, labels: list[int]) -> Split:
    return Split("validation", pictures, np.arange(len(labels)), np.array(labels, np.uint8))


def top_or_bottom() -> Snapshot:
    """A network that takes 4x3 pictures for class 0 if there is ink in the first row, for class 1 otherwise."""
    weights = np.zeros((4, 3, 2), np.float32)
    weights[0, :, 0] = 1.0
    parameters = np.concatenate([weights.ravel(), np.float32([0.0, 0.5])])
    config = small_config({"network.hidden": [], "data.scaling": "raw"})
    return Snapshot.of(parameters, config=config, image_shape=(4, 3), class_names=("a", "b"), step=0, epoch=0)


def accuracy(
    snapshot: Snapshot, split: Split, key: str, strength: float, seed: int = 0, should_cancel=never
) -> float | None:
    network, loss = snapshot.network(), Parts.of(snapshot.config).loss
    scaling = snapshot.config.data.scaling
    return accuracy_under(network, loss, split, scaling, key, strength, np.random.default_rng(seed), should_cancel)


@pytest.fixture
def trained() -> Trainer:
    trainer = make_trainer()
    run(trainer)
    return trainer


def test_digits_in_the_first_row_are_lost_as_far_as_they_are_moved_or_covered() -> None:
    pictures = np.zeros((300, 4, 3), np.uint8)
    pictures[:, 0, 1] = 255
    split, network = split_of(pictures, [0] * 300), top_or_bottom()
    assert accuracy(network, split, "shift", 0) == 1.0
    # Moved to the left or right it stays in the first row, moved up or down it leaves it: each is drawn for a quarter.
    assert accuracy(network, split, "shift", 1) == pytest.approx(0.5, abs=0.1)
    assert accuracy(network, split, "occlusion", 4) == 0.0
    # A single pixel of paper hits the one of ink in one of twelve places.
    assert accuracy(network, split, "occlusion", 1) == pytest.approx(11 / 12, abs=0.05)


def test_without_disturbance_it_is_the_accuracy_on_the_sampled_digits(trained: Trainer) -> None:
    snapshot, split = trained.snapshot(), trained.splits.validation
    predictions = snapshot.predict(split)
    assert predictions
    for key in CORRUPTIONS:
        assert accuracy(snapshot, split, key, 0.0) == predictions.accuracy


def test_with_all_scales_it_is_that_of_digits_disturbed_one_at_a_time(trained: Trainer) -> None:
    snapshot, split = trained.snapshot(), trained.splits.validation
    (stream,) = np.random.default_rng(3).spawn(1)
    for key, strength in {"rotation": 30.0, "thickness": 2.5}.items():
        pictures = corrupt(split.images(np.arange(len(split))), {key: strength}, stream)
        network, loss = snapshot.network(), Parts.of(snapshot.config).loss
        told = [
            int(answer(network, loss, inputs_of(one[None], snapshot.config.data.scaling)).outputs.argmax())
            for one in pictures
        ]
        assert accuracy(snapshot, split, key, strength, seed=3) == np.mean(told == split.labels)


def test_an_even_sample_of_a_large_split_stands_for_it() -> None:
    pictures = np.zeros((7001, 2, 2), np.uint8)
    sample = sampled_digits(split_of(pictures, [0] * 7001))
    assert len(sample) == MOST_DIGITS
    assert set(np.diff(sample).tolist()) == {3, 4}
    assert sampled_digits(split_of(pictures[:5], [0] * 5)).tolist() == [0, 1, 2, 3, 4]


def test_no_digits_have_no_accuracy() -> None:
    value = accuracy(top_or_bottom(), split_of(np.zeros((0, 4, 3), np.uint8), []), "noise", 20)
    assert value is not None
    assert math.isnan(value)


@pytest.mark.parametrize("times", [0, 1])
def test_an_abandoned_measurement_ends_at_once_without_a_result(times: int) -> None:
    should_cancel = StopsAfter(times)
    split = split_of(np.zeros((2000, 28, 28), np.uint8), [0] * 2000)
    trainer = make_trainer()
    assert accuracy(trainer.snapshot(), split, "noise", 20, should_cancel=should_cancel) is None
    assert should_cancel.asked == times + 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
def test_weights_that_are_no_numbers_or_huge_warn_of_nothing(bad: float) -> None:
    parameters = np.full_like(top_or_bottom().parameters, bad)
    facts = {"config": top_or_bottom().config, "image_shape": (4, 3), "class_names": ("a", "b"), "step": 0, "epoch": 0}
    value = accuracy(Snapshot.of(parameters, **facts), split_of(np.ones((9, 4, 3), np.uint8), [0] * 9), "noise", 60)
    assert value is not None
    assert 0.0 <= value <= 1.0
