"""The pre-flight: what it measures equals plain sums, and it leaves the trainer as it was."""

import math

import numpy as np
import pytest

from mnist_gui.diagnosis.overfit_check import learned_by_heart
from mnist_gui.diagnosis.preflight import preflight
from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.faults.run_factory import split_dataset, trainer_for
from mnist_gui.training.trainer import Trainer
from tests.support import dataset, make_trainer, small_config


def faulty(**settings: object) -> Trainer:
    config = small_config({key.replace("__", "."): value for key, value in settings.items()})
    return trainer_for(config, split_dataset(dataset(), config))


def test_a_trainer_that_was_measured_goes_on_as_if_it_had_not_been() -> None:
    settings = {"training.dropout": 0.3, "augmentation.shift": 2.0, "training.clip": 1.0}
    measured, plain = make_trainer(settings), make_trainer(settings)
    preflight(measured)
    for _ in range(5):
        assert measured.train_minibatch() == plain.train_minibatch()
    np.testing.assert_array_equal(measured.snapshot().parameters, plain.snapshot().parameters)


def test_the_losses_of_zeros_and_of_the_start_are_those_of_the_formulas() -> None:
    found = preflight(make_trainer())
    assert found.zero_loss == pytest.approx(math.log(10), rel=1e-6)
    assert found.start_loss == pytest.approx(2.3, abs=0.5)
    assert found.usual_loss == pytest.approx(2.7, abs=0.2)
    assert (found.lowest_input, found.highest_input) == (0.0, 1.0)
    assert found.order_entropy == pytest.approx(found.set_entropy, abs=0.05)
    assert (found.units, found.held_out_digits, found.batch_size) == ((16,), 0, 50)


@pytest.mark.parametrize(
    ("settings", "spare"),
    [
        ({"data__train": 200, "data__validation": 1000}, 58_800),
        ({"data__train": 200, "data__validation": 1000, "data__validation_from": "test"}, 59_800),
        ({"data__train": 55_000, "data__validation": 5000}, 0),
        ({"data__train": 200, "data__validation": 1000, "data__digits": 5000}, 0),
    ],
)
def test_spare_digits_are_those_of_the_training_files_that_no_split_has(
    settings: dict[str, object], spare: int
) -> None:
    assert preflight(faulty(**settings)).spare_digits == spare


@pytest.mark.parametrize(("gradient", "growth"), [("mean", 1.0), ("sum", 2.0)])
@pytest.mark.parametrize("clip", [0.0, 0.1])
def test_the_same_digits_twice_over_double_only_a_sum_also_where_it_is_clipped(
    gradient: str, growth: float, clip: float
) -> None:
    found = preflight(make_trainer({"training.gradient": gradient, "training.clip": clip}))
    assert found.gradient_growth == pytest.approx(growth, rel=1e-4)


def test_digits_are_counted_by_class_and_weights_held_against_what_suits_them() -> None:
    trainer = make_trainer({"network.hidden": [9, 7]})
    found = preflight(trainer)
    train, validation = trainer.splits.train, trainer.splits.validation
    for label in range(10):
        assert found.class_counts[label] == np.sum(train.labels == label)
        assert found.validation_counts[label] == np.sum(validation.labels == label)
    assert found.class_names == trainer.splits.class_names
    weights = trainer.snapshot().weights
    assert found.weight_sizes == pytest.approx([float(np.sqrt(np.mean(layer**2))) for layer in weights[:2]])
    assert found.ideal_sizes == (
        pytest.approx((math.sqrt(2 / 784), math.sqrt(4 / 793))),
        pytest.approx((math.sqrt(2 / 9), math.sqrt(4 / 16))),
    )
    assert preflight(make_trainer({"network.hidden": []})).weight_sizes == ()


def test_a_set_without_one_class_and_with_little_of_another_is_seen_before_the_first_step() -> None:
    labels = dataset().train_labels
    left_out = np.flatnonzero((labels == 4) | ((labels == 7) & (np.arange(len(labels)) % 20 > 0)))
    config = small_config({"data.train": 5000, "data.left_out": left_out.tolist()})
    trainer = trainer_for(config, split_dataset(dataset(), config))
    evidence = examine(trainer, 0)
    unbalanced = diagnose(evidence).finding("labels_unbalanced")
    assert unbalanced is not None
    assert unbalanced.severity == "warning"
    assert "digits (4) never occurs among" in unbalanced.text


def test_every_part_of_the_gradient_is_checked_by_its_layer() -> None:
    found = preflight(make_trainer({"network.hidden": [9, 7]}))
    assert [(part.name, part.layer) for part in found.gradient] == [
        (f"{kind} {layer + 1}", layer) for layer in range(3) for kind in ("weights", "biases")
    ]
    assert all(part.is_right for part in found.gradient)
    biases = {part.name: part for part in preflight(faulty(lab__faults=["missing_bias_gradient"])).gradient}
    assert not biases["biases 1"].is_right
    assert biases["weights 1"].is_right


def test_class_by_class_digits_are_seen_before_the_first_step() -> None:
    found = preflight(faulty(data__train=5000, lab__faults=["sorted_data"]))
    assert found.order_entropy < 0.5 * found.set_entropy


def test_logits_that_overflow_are_seen_in_an_unshifted_softmax_only() -> None:
    assert math.isfinite(preflight(make_trainer()).extreme_loss)
    assert not math.isfinite(preflight(faulty(lab__faults=["unshifted_softmax"])).extreme_loss)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_a_sound_network_learns_sixteen_digits_by_heart_and_one_with_a_flipped_gradient_does_not(
    activation: str,
) -> None:
    assert preflight(make_trainer({"network.activation": activation})).learned_by_heart == 1.0
    flipped = faulty(network__activation=activation, lab__faults=["flipped_gradient"])
    assert preflight(flipped).learned_by_heart < 0.5


@pytest.mark.parametrize("scaling", ["signed", "standard"])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "mse"])
def test_a_sound_network_that_one_rate_throws_about_is_given_another(loss: str, scaling: str) -> None:
    settings = {"network.activation": "tanh", "network.hidden": [16], "network.loss": loss, "data.scaling": scaling}
    assert preflight(make_trainer(settings)).learned_by_heart == 1.0


def test_weights_of_no_use_learn_nothing_by_heart_without_a_warning() -> None:
    trainer = make_trainer({"network.init": "normal", "network.init_sd": 100.0, "data.scaling": "raw"})
    snapshot = trainer.snapshot()
    inputs = np.full((4, 784), 1e38, np.float32)
    with np.errstate(all="ignore"):
        assert learned_by_heart(snapshot, inputs, np.arange(4)) == 0.0
    assert preflight(trainer).learned_by_heart >= 0.0
