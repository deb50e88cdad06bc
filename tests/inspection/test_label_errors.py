"""Suspect labels: hand-worked orders, known flipped labels, and the labels of MNIST that people have refuted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.data.batches import inputs_of
from mnist_gui.data.splits import Split
from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.components import Parts
from mnist_gui.engine.inference import answer
from mnist_gui.engine.losses import LOSSES
from mnist_gui.engine.network import Network
from mnist_gui.inspection.label_errors import Suspects, moved, rank, steady_confidences
from mnist_gui.training.snapshot import never
from tests.support import StopsAfter, make_trainer, run

# The test digits of MNIST whose label at most two of five people chose when asked whether it or the network's guess is
# right (Northcutt, Athalye and Mueller 2021; mturk/mnist_mturk.json of the repository cleanlab/label-errors).
REFUTED = [947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729]


def ranked(confidences: list[list[float]], labels: list[int], losses: list[float] | None = None) -> Suspects:
    return rank(
        np.array(confidences, np.float64).reshape(len(labels), -1),
        np.array(labels, np.uint8),
        np.array(losses or [0.0] * len(labels), np.float32),
    )


def test_contradicted_labels_come_first_by_the_distance_from_the_threshold_of_the_other_class() -> None:
    # The threshold of class 0 is (0.9 + 0.7 + 0.3) / 3 = 0.633, that of class 1 (0.5 + 0.4) / 2 = 0.45.
    suspects = ranked([[0.9, 0.1], [0.7, 0.3], [0.3, 0.7], [0.5, 0.5], [0.6, 0.4]], [0, 0, 0, 1, 1])
    assert suspects.contradicted == 2
    # Above them: 0.7 - 0.45 for digit 2, 0.6 - 0.633 for digit 4; then of those not contradicted 3, 1 and 0.
    assert suspects.digits.tolist() == [2, 4, 3, 1, 0]
    assert suspects.suggested.tolist() == [1, 0, 0, 1, 1]


def test_a_class_the_network_is_seldom_sure_of_needs_less_confidence_to_be_suspected() -> None:
    sure, unsure = [0.95, 0.03, 0.02], [0.2, 0.5, 0.3]
    # Digits 2 and 3 are taken for class 0, as sure as ever, and for class 1, surer than ever.
    suspects = ranked([sure, unsure, [0.95, 0.0, 0.05], [0.0, 0.9, 0.1]], [0, 1, 2, 2])
    assert suspects.digits[:2].tolist() == [3, 2]


def test_among_networks_too_sure_of_themselves_the_loss_decides() -> None:
    suspects = ranked([[1.0, 0.0]] * 3 + [[1.0, 0.0]], [1, 1, 1, 0], [110.0, 150.0, 120.0, 0.0])
    assert suspects.digits.tolist() == [1, 2, 0, 3]


def test_answers_that_are_no_numbers_are_ranked_and_warn_of_nothing() -> None:
    suspects = ranked([[np.nan, np.nan], [0.2, 0.8], [np.nan, np.nan]], [0, 0, 1], [np.nan, 1.0, np.inf])
    assert sorted(suspects.digits.tolist()) == [0, 1, 2]
    assert suspects.digits[0] == 1
    assert suspects.contradicted == 1


def test_no_digits_have_no_suspects() -> None:
    suspects = rank(np.empty((0, 3)), np.empty(0, np.uint8), np.empty(0, np.float32))
    assert (suspects.digits.tolist(), suspects.contradicted) == ([], 0)


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 47]))
def test_every_digit_is_ranked_once_and_suggested_another_class(seed: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, 40).astype(np.uint8)
    confidences = rng.dirichlet(np.ones(classes), 40)
    suspects = rank(confidences, labels, np.zeros(40, np.float32))
    assert sorted(suspects.digits.tolist()) == list(range(40))
    assert (suspects.suggested != labels[suspects.digits]).all()
    wrong = confidences.argmax(axis=1) != labels
    assert set(suspects.digits[: suspects.contradicted].tolist()) == set(np.flatnonzero(wrong).tolist())


def test_flipped_labels_of_a_noisy_reader_are_found_among_the_first() -> None:
    rng = np.random.default_rng(3)
    true = rng.integers(0, 5, 2_000)
    logits = rng.normal(0.0, 1.0, (2_000, 5))
    logits[np.arange(2_000), true] += 5.0
    confidences = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = true.copy()
    flipped = rng.choice(2_000, 60, replace=False)
    labels[flipped] = (true[flipped] + rng.integers(1, 5, 60)) % 5
    losses = -np.log(confidences[np.arange(2_000), labels])
    suspects = rank(confidences, labels.astype(np.uint8), losses.astype(np.float32))
    found = np.isin(suspects.digits[:60], flipped)
    assert found.sum() >= 55
    place_of = {digit: true[digit] for digit in flipped}
    suggested = zip(suspects.digits[:60][found], suspects.suggested[:60][found], strict=True)
    assert np.mean([place_of[digit] == guess for digit, guess in suggested]) > 0.9


# Looking at digits in several places


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 2**32 - 1))
def test_moved_pictures_are_those_of_a_plain_loop(down: int, right: int, seed: int) -> None:
    pictures = np.random.default_rng(seed).integers(1, 256, (2, 4, 6), dtype=np.uint8)
    expected = np.zeros_like(pictures)
    for row in range(4):
        for column in range(6):
            if 0 <= row - down < 4 and 0 <= column - right < 6:
                expected[:, row, column] = pictures[:, row - down, column - right]
    np.testing.assert_array_equal(moved(pictures, down, right), expected)


def a_network(*sizes: int) -> Network:
    """One with random weights of a size at which it is neither sure nor clueless."""
    network = Network(sizes, ACTIVATIONS["relu"])
    network.parameters[...] = np.random.default_rng(1).normal(0.0, 0.05, network.parameters.shape)
    return network


def some_digits(shape: tuple[int, int]) -> Split:
    pictures = np.random.default_rng(0).integers(0, 256, (5, *shape), dtype=np.uint8)
    return Split("test", pictures, np.array([4, 2, 0, 1, 3]), np.zeros(5, np.uint8))


@pytest.mark.parametrize("name", LOSSES)
def test_steady_confidences_are_the_mean_over_nine_places(name: str) -> None:
    network, loss, split = a_network(784, 16, 10), LOSSES[name], some_digits((28, 28))
    pictures = split.images(np.arange(5))
    places = [moved(pictures, down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    singles = [answer(network, loss, inputs_of(each, "standard")).confidences for each in places]
    steady = steady_confidences(network, loss, split, "standard", 3, never)
    assert steady is not None
    np.testing.assert_allclose(steady, np.mean(singles, axis=0), atol=1e-6)


def test_small_pictures_are_looked_at_only_where_they_are() -> None:
    network, loss, split = a_network(64, 2), LOSSES["cross_entropy"], some_digits((8, 8))
    steady = steady_confidences(network, loss, split, "unit", 2, never)
    expected = answer(network, loss, inputs_of(split.images(np.arange(5)), "unit")).confidences
    assert steady is not None
    np.testing.assert_allclose(steady, expected, atol=1e-6)


@pytest.mark.parametrize("times", [0, 1, 2])
def test_looking_ends_at_once_when_it_is_abandoned_between_chunks(times: int) -> None:
    should_cancel = StopsAfter(times)
    steady = steady_confidences(a_network(64, 2), LOSSES["mse"], some_digits((8, 8)), "unit", 2, should_cancel)
    assert steady is None
    assert should_cancel.asked == times + 1


def test_most_labels_that_people_refuted_are_among_the_first_hundred() -> None:
    trainer = make_trainer({"data.train": 55_000, "data.validation": 0, "network.hidden": [128], "training.epochs": 4})
    run(trainer)
    best, split = trainer.best, trainer.splits.test
    assert best is not None
    loss, scaling = Parts.of(best.config).loss, best.config.data.scaling
    confidences = steady_confidences(best.network(), loss, split, scaling, 4096, never)
    predictions = best.predict(split)
    assert confidences is not None
    assert predictions is not None
    suspects = rank(confidences, split.labels, predictions.losses)
    assert np.isin(REFUTED, suspects.digits[:100]).sum() >= 8
