"""What is told of one unit, against what a few lines of NumPy say."""

import numpy as np
import pytest

from mnist_gui.engine.components import Parts
from mnist_gui.inspection.cached_forward import cache_forward
from mnist_gui.inspection.unit_edits import Edit, edited_score
from mnist_gui.inspection.unit_report import ablation_report, class_means, extremes, histogram, strongest, weight_image
from tests.support import make_trainer, run

NAN, INF = np.nan, np.inf


def test_the_most_and_the_least_exciting_digits_are_the_extremes_in_their_order() -> None:
    most, least = extremes(np.array([3.0, -1.0, 7.0, 0.5, 2.0, -4.0], np.float32), 2)
    assert most.tolist() == [2, 0]
    assert least.tolist() == [5, 1]


def test_what_is_no_number_excites_neither_most_nor_least() -> None:
    most, least = extremes(np.array([NAN, 1.0, INF, 2.0, -INF, NAN], np.float32), 3)
    assert most.tolist() == [2, 3, 1]
    assert least.tolist() == [4, 1, 3]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_digits_are_shared_out(count: int) -> None:
    most, least = extremes(np.arange(count, dtype=np.float32))
    assert len(most) == len(least) == (count + 1) // 2


def test_the_mean_of_each_class_is_that_of_its_digits() -> None:
    means = class_means(np.array([1.0, 3.0, 10.0], np.float32), np.array([0, 0, 2], np.uint8), 4)
    np.testing.assert_array_equal(means, [2.0, NAN, 10.0, NAN])


def test_the_histogram_counts_what_is_said_without_silence() -> None:
    counts, edges = histogram(np.array([0.0, 0.0, 1.0, 2.0, 2.0, NAN, INF], np.float32), 2)
    assert counts.tolist() == [1, 2]
    assert edges.tolist() == [1.0, 1.5, 2.0]
    nothing, _ = histogram(np.zeros(5, np.float32), 3)
    assert nothing.tolist() == [0, 0, 0]


def test_the_strongest_weights_are_the_largest_in_size() -> None:
    places, weights = strongest(np.array([0.1, -5.0, NAN, 2.0], np.float32), 3)
    assert places.tolist() == [1, 3, 0]
    assert weights.tolist() == pytest.approx([-5.0, 2.0, 0.1])


def test_a_unit_is_portrayed_by_its_weights_and_their_change() -> None:
    trainer = make_trainer({"network.hidden": [6, 5]})
    start = trainer.snapshot()
    run(trainer)
    now = trainer.snapshot()
    drawn = weight_image(now.weights, now.biases, start.weights, 1, 3)
    picture = now.weights[0].astype(np.float64) @ now.weights[1][:, 3]
    before = start.weights[0].astype(np.float64) @ start.weights[1][:, 3]
    np.testing.assert_allclose(drawn.picture, picture, atol=1e-5)
    np.testing.assert_allclose(drawn.change, picture - before, atol=1e-5)
    np.testing.assert_allclose(drawn.class_weights, now.weights[2][3], atol=1e-6)
    assert drawn.norm == pytest.approx(np.linalg.norm(now.weights[1][:, 3]), rel=1e-5)
    assert drawn.change_norm == pytest.approx(np.linalg.norm((now.weights[1] - start.weights[1])[:, 3]), rel=1e-4)
    output = weight_image(now.weights, now.biases, None, 2, 3)
    assert output.class_weights is None
    assert output.change is None


def test_a_study_tells_what_the_unit_is_worth() -> None:
    trainer = make_trainer({"network.hidden": [6]})
    run(trainer)
    snapshot = trainer.snapshot()
    kept = cache_forward(snapshot.network(), Parts.of(snapshot.config).loss, trainer.splits.validation, "unit")
    assert kept
    found = ablation_report(kept, 0, 4)
    assert found.whole == edited_score(kept, [])
    assert found.off == edited_score(kept, [Edit(0, 4, 0.0, 0.0)])
    assert found.at_mean == edited_score(kept, [Edit(0, 4, 0.0, float(kept.activations[0][:, 4].mean(dtype=float)))])
    assert len(found.most) == len(found.least) == 32
    np.testing.assert_allclose(found.class_means[3], kept.activations[0][kept.labels == 3, 4].mean(), rtol=1e-5)
