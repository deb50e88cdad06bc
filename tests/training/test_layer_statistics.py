"""Vitals: what is measured in the layers equals plain sums, costs little, and changes nothing."""

import math

import numpy as np
import pytest

from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.network import Workspace
from mnist_gui.faults.run_factory import split_dataset, trainer_for
from mnist_gui.training.history import MOST_LAYERS, History
from mnist_gui.training.layer_statistics import dead_share, saturated_share, silent_classes, smallest_correlation
from mnist_gui.training.records import LayersMeasured, as_json
from tests.support import dataset, make_trainer, run, small_config


def layers(records: list[object]) -> list[LayersMeasured]:
    return [record for record in records if isinstance(record, LayersMeasured)]


def test_what_is_measured_equals_plain_sums_over_weights_gradient_and_probe() -> None:
    trainer = make_trainer({"network.hidden": [12, 9], "network.activation": "tanh", "training.l2": 5.0})
    trainer.train_minibatch()
    before = trainer.snapshot()
    trainer.train_minibatch()
    after, found = trainer.snapshot(), trainer.measured
    assert found is not None
    assert found.step == 2
    gradient = trainer._backprop.gradient
    for layer in range(3):
        moved = np.abs(after.weights[layer] - before.weights[layer]).mean()
        ratio = np.log10(moved / np.abs(before.weights[layer]).mean())
        assert found.update_ratios[layer] == pytest.approx(ratio, rel=1e-5)
    inputs, labels = trainer._batches.gather(np.arange(256))
    varies = np.ptp(inputs, axis=0) > 0.0
    for of_layer, rms in zip([gradient.weights[0][varies], *gradient.weights[1:]], found.gradient_rms, strict=True):
        assert rms == pytest.approx(np.sqrt(np.mean(of_layer**2)), rel=1e-5)
    network = after.network()
    workspace = Workspace(network, 256)
    network.forward(inputs, workspace)
    for layer in range(2):
        assert found.activation_means[layer] == pytest.approx(workspace.outputs[layer].mean(), abs=1e-6)
        assert found.activation_sds[layer] == pytest.approx(workspace.outputs[layer].std(), rel=1e-5)
        correlations = np.corrcoef(workspace.outputs[layer].T)
        assert found.alike[layer] == pytest.approx(correlations.min(), abs=1e-5)
    logits = workspace.outputs[-1]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert found.probe_loss == pytest.approx(-np.log(probabilities[np.arange(256), labels]).mean(), rel=1e-5)
    assert found.probe_accuracy == np.mean(logits.argmax(axis=1) == labels)
    assert (found.lowest_logit, found.highest_logit) == (logits.min(), logits.max())
    assert found.logit_spread == pytest.approx(logits.std(axis=0).mean(), rel=1e-5)
    assert (found.silent_below, found.silent_above, found.non_finite) == (0.0, 0.0, 0)


def test_a_unit_is_dead_that_answers_fewer_than_one_digit_in_twenty() -> None:
    outputs = np.zeros((100, 4))
    outputs[:4, 1] = 1.0
    outputs[:5, 2] = -1.0
    outputs[:, 3] = 1e-6
    assert dead_share(outputs) == 0.75


@pytest.mark.parametrize(("name", "low", "high"), [("tanh", -1.0, 1.0), ("sigmoid", 0.0, 1.0)])
def test_a_unit_is_saturated_whose_answers_are_near_the_ends_on_average(name: str, low: float, high: float) -> None:
    middle, reach = (low + high) / 2, (high - low) / 2
    shares = np.array([0.0, 0.8, 0.9, 1.0])  # of the way from the middle to an end
    signs = np.where(np.arange(50) % 2, 1.0, -1.0)[:, np.newaxis]
    assert saturated_share(middle + reach * shares * signs, ACTIVATIONS[name]) == 0.5


def test_dead_and_saturated_units_are_told_by_number_and_no_more_than_anybody_looks_at() -> None:
    trainer = make_trainer({"network.hidden": [300], "network.activation": "sigmoid"})
    network = trainer._network
    network.biases[0][:] = 50.0
    network.biases[0][[3, 7]] = 0.0
    trainer.train_minibatch()
    found = trainer.measured
    assert found is not None
    assert found.saturated == (pytest.approx(298 / 300),)
    assert found.saturated_units == (tuple(unit for unit in range(258) if unit not in (3, 7)),)
    assert (found.dead, found.dead_units) == ((0.0,), ((),))


def test_a_class_is_silent_that_most_of_its_own_digits_cannot_raise() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2, 2], np.uint8)
    is_silent = np.zeros((7, 4), bool)
    is_silent[[0, 1], 0] = True  # two of three own digits
    is_silent[3, 1] = True  # one of two
    is_silent[:5, 2] = is_silent[:, 3] = True  # digits of others, or no digit of its own
    assert silent_classes(is_silent, labels) == (0,)
    assert silent_classes(np.zeros((0, 3), bool), np.zeros(0, np.uint8)) == ()


def test_an_activation_without_two_ends_saturates_nowhere() -> None:
    assert saturated_share(np.full((5, 3), 1e6), ACTIVATIONS["relu"]) == 0.0


def test_measuring_changes_no_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, measured = make_trainer({"training.dropout": 0.2}), make_trainer({"training.dropout": 0.2})
    monkeypatch.setattr(plain._layer_statistics, "is_due", lambda step: False)
    monkeypatch.setattr(measured._layer_statistics, "is_due", lambda step: True)
    for _ in range(10):
        plain.train_minibatch()
        measured.train_minibatch()
    assert plain.measured is None
    assert measured.measured is not None
    np.testing.assert_array_equal(plain.snapshot().parameters, measured.snapshot().parameters)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_what_is_new_in_a_sound_step_points_straight_down_the_slope(momentum: float) -> None:
    found = layers(run(make_trainer({"training.momentum": momentum, "training.l2": 50.0, "training.clip": 0.5})))
    assert len(found) > 5
    for each in found:
        assert each.downhill == pytest.approx(1.0, abs=1e-3)
        assert each.shrinkages == pytest.approx((0.0, 0.0), abs=1e-4)


def test_the_penalty_is_measured_by_its_gradient_beside_that_of_the_digits() -> None:
    plain, penalised = make_trainer(), make_trainer({"training.l2": 300.0})
    plain.train_minibatch()
    start = make_trainer().snapshot()
    of_digits = float(np.linalg.norm(plain._backprop.gradient.flat))
    of_penalty = 300.0 / 600 * float(np.sqrt(sum(np.square(weights).sum() for weights in start.weights)))
    penalised.train_minibatch()
    assert penalised.measured is not None
    assert penalised.measured.penalty_ratio == pytest.approx(of_penalty / of_digits, rel=1e-4)


def test_units_that_start_with_the_same_weights_are_copies_and_units_that_died_are_not() -> None:
    answers = np.random.default_rng(0).random((50, 1)).astype(np.float32)
    weights = np.random.default_rng(1).random((9, 3)).astype(np.float32)
    assert smallest_correlation(answers * [1.0, 2.0, 3.0], weights) == pytest.approx(1.0)
    assert smallest_correlation(answers * [1.0, 2.0, -3.0], weights) == pytest.approx(-1.0)
    assert smallest_correlation(np.zeros((50, 3)), np.zeros((9, 3))) == 1.0
    assert np.isnan(smallest_correlation(np.zeros((50, 3)), weights))
    assert np.isnan(smallest_correlation(answers, weights[:, :1]))


def test_two_runs_of_the_same_settings_are_measured_at_the_same_steps_with_the_same_values() -> None:
    one, other = (layers(run(make_trainer({"training.dropout": 0.1}))) for _ in range(2))
    assert one == other
    assert [each.step for each in one][:6] == [1, 2, 3, 4, 5, 10]


def test_a_run_tells_of_its_layers_from_the_first_step_on() -> None:
    found = layers(run(make_trainer({"network.hidden": [8, 8]})))
    assert found[0].step == 1
    assert len(found[0].update_ratios) == 3
    assert len(found[0].dead) == 2


def test_a_network_without_hidden_layers_has_no_units_to_tell_of() -> None:
    found = layers(run(make_trainer({"network.hidden": []})))[0]
    assert found.activation_means == ()
    assert len(found.update_ratios) == 1


def test_raw_pixels_into_sigmoids_saturate_them_and_zeros_leave_relus_dead() -> None:
    saturated = layers(run(make_trainer({"network.activation": "sigmoid", "data.scaling": "raw"})))[0]
    assert saturated.saturated[0] > 0.5
    assert layers(run(make_trainer({"network.init": "zeros"})))[0].dead[0] == 1.0


def measured(step: int) -> LayersMeasured:
    return LayersMeasured(step, (0.1,), (-3.0,), (), (), (), ())


def test_a_history_of_any_length_keeps_a_bounded_number_of_measurements_with_both_ends() -> None:
    history = History()
    for step in range(1, 3 * MOST_LAYERS):
        history.add(measured(step))
    kept = [each.step for each in history.layers]
    assert len(kept) <= MOST_LAYERS
    assert (kept[0], kept[-1]) == (1, 3 * MOST_LAYERS - 1)
    assert kept == sorted(set(kept))


def test_a_measurement_is_told_as_lists_with_null_for_what_is_not_finite() -> None:
    told = as_json(LayersMeasured(3, (0.5,), (-np.inf,), (), (), (), ()))
    assert told["record"] == "layers_measured"
    assert (told["gradient_rms"], told["update_ratios"], told["dead"]) == ([0.5], [None], [])


def test_a_layer_that_stands_still_does_not_hide_the_direction_of_the_others() -> None:
    config = small_config({"lab.faults": ["frozen_layer", "climbs_uphill"]})
    trainer = trainer_for(config, split_dataset(dataset(), config))
    trainer.train_minibatch()
    assert trainer.measured is not None
    assert -math.inf in trainer.measured.update_ratios
    assert trainer.measured.downhill == pytest.approx(-1.0, abs=1e-4)


def test_the_size_of_weights_is_told_beside_what_suits_their_layer() -> None:
    trainer = make_trainer({"network.hidden": [30], "network.init": "he_normal"})
    before = trainer.snapshot()
    trainer.train_minibatch()
    assert trainer.measured is not None
    expected = [np.abs(weights).mean() * np.sqrt(len(weights)) for weights in before.weights]
    np.testing.assert_allclose(trainer.measured.weight_scales, expected, rtol=1e-5)
