"""Surgery: a unit switched off is a network without it, and the saved copy does by itself what the edits do."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_gui.engine.components import Parts
from mnist_gui.inspection.cached_forward import CachedForward, cache_forward, digits_for
from mnist_gui.inspection.unit_edits import Edit, edited_logits, edited_score, folded
from mnist_gui.training.snapshot import Snapshot
from tests.support import make_trainer

NETWORKS = [[7], [7, 5], [6, 5, 4], []]


def kept_of(hidden: list[int], activation: str = "tanh") -> tuple[Snapshot, CachedForward]:
    trainer = make_trainer({"network.hidden": hidden, "network.activation": activation, "network.init": "normal"})
    snapshot = trainer.snapshot()
    kept = cache_forward(snapshot.network(), Parts.of(snapshot.config).loss, trainer.splits.validation, "unit")
    assert kept
    return snapshot, kept


def by_hand(snapshot: Snapshot, inputs: NDArray[np.float64], edits: list[Edit]) -> NDArray[np.float64]:
    """The logits in float64, unit by unit."""
    signal, last = inputs, len(snapshot.weights) - 1
    for layer, (weights, biases) in enumerate(zip(snapshot.weights, snapshot.biases, strict=True)):
        signal = signal @ weights.astype(np.float64) + biases
        if layer < last:
            signal = np.tanh(signal)
        for edit in edits:
            if edit.layer == layer:
                signal[:, edit.unit] = edit.scale * signal[:, edit.unit] + edit.shift
    return signal


@pytest.mark.parametrize("hidden", NETWORKS)
def test_a_pass_keeps_what_every_unit_said(hidden: list[int]) -> None:
    snapshot, kept = kept_of(hidden)
    split = make_trainer().splits.validation
    inputs = split.images(np.arange(len(split))).reshape(len(split), -1) / 255.0
    np.testing.assert_allclose(kept.logits, by_hand(snapshot, inputs, []), atol=1e-5)
    assert [layer.shape for layer in kept.activations] == [(len(split), size) for size in hidden]
    for layer in range(len(hidden)):
        said, came_in = kept.unit_outputs(layer, 2), kept.net_inputs(layer, 2)
        np.testing.assert_allclose(np.tanh(came_in), said, atol=1e-6)
    np.testing.assert_array_equal(kept.unit_outputs(len(hidden), 3), kept.logits[:, 3])
    np.testing.assert_array_equal(kept.net_inputs(len(hidden), 3), kept.logits[:, 3])


@pytest.mark.parametrize("hidden", NETWORKS)
def test_edits_do_what_the_formula_says_in_any_layers(hidden: list[int]) -> None:
    snapshot, kept = kept_of(hidden)
    split = make_trainer().splits.validation
    inputs = split.images(np.arange(len(split))).reshape(len(split), -1) / 255.0
    for edits in ([Edit(layer, 1, 0.5, -0.3)] for layer in range(len(hidden) + 1)):
        np.testing.assert_allclose(edited_logits(kept, edits), by_hand(snapshot, inputs, edits), atol=1e-5)
    many = [Edit(layer, unit, -1.5, 0.2) for layer in range(len(hidden) + 1) for unit in (0, 3)]
    np.testing.assert_allclose(edited_logits(kept, many), by_hand(snapshot, inputs, many), atol=1e-4)


def test_a_unit_that_is_switched_off_leaves_a_network_without_it() -> None:
    """Ablation against a network that was built without the unit: a column and a row of weights are gone."""
    snapshot, kept = kept_of([7, 5], "relu")
    without = make_trainer({"network.hidden": [7, 4], "network.activation": "relu"}).snapshot().network()
    gone = 2
    for ours, theirs in zip(without.weights, snapshot.weights, strict=True):
        rows = np.delete(theirs, gone, axis=0) if ours.shape[0] == 4 else theirs
        ours[...] = np.delete(rows, gone, axis=1) if ours.shape[1] == 4 else rows
    for ours, theirs in zip(without.biases, snapshot.biases, strict=True):
        ours[...] = np.delete(theirs, gone) if len(ours) == 4 else theirs
    smaller = cache_forward(without, kept.loss, kept.split, "unit")
    assert smaller
    np.testing.assert_allclose(edited_logits(kept, [Edit(1, gone, 0.0, 0.0)]), smaller.logits, atol=1e-5)


@pytest.mark.parametrize("hidden", NETWORKS)
def test_the_copy_that_is_saved_does_by_itself_what_the_edits_do(hidden: list[int]) -> None:
    snapshot, kept = kept_of(hidden)
    edits = [Edit(layer, unit, 0.4, 0.7) for layer in range(len(hidden) + 1) for unit in (1, 3)]
    network = snapshot.network()
    network.parameters[...] = folded(snapshot.parameters, snapshot.sizes, edits)
    copy = cache_forward(network, kept.loss, kept.split, "unit")
    assert copy
    np.testing.assert_allclose(copy.logits, edited_logits(kept, edits), atol=1e-4)


def test_the_score_is_that_of_an_evaluation() -> None:
    snapshot, kept = kept_of([7])
    expected = snapshot.predict(kept.split)
    assert expected
    found = edited_score(kept, [])
    assert found.accuracy == expected.accuracy
    assert found.loss == pytest.approx(expected.loss, rel=1e-5)


def test_of_a_huge_network_fewer_digits_are_asked() -> None:
    trainer = make_trainer({"network.hidden": [2048, 2048]})
    assert digits_for(trainer.snapshot().network(), trainer.splits.train) == 600
    split = make_trainer({"data.train": 20_000}).splits.train
    small = make_trainer().snapshot().network()
    assert digits_for(small, split) == 10_000
    assert 100 <= digits_for(trainer.snapshot().network(), split) < 3000


def test_a_pass_can_be_abandoned() -> None:
    _, kept = kept_of([7])
    assert cache_forward(kept.network, kept.loss, kept.split, "unit", lambda: True) is None


def test_a_network_that_is_not_finite_is_studied_without_a_warning() -> None:
    snapshot, kept = kept_of([7])
    network = snapshot.network()
    network.parameters[...] = np.nan
    broken = cache_forward(network, kept.loss, kept.split, "unit")
    assert broken
    assert np.isnan(edited_logits(broken, [Edit(0, 1, 2.0, 0.0)])).all()
    assert np.isfinite(edited_score(broken, [Edit(0, 1, 0.0, 0.0)]).accuracy)
