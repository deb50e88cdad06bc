"""A narrow copy of a wide network: its own first units, sums of the same spread, and the same faults."""

import numpy as np
import pytest

from mnist_gui.diagnosis.narrow_copy import MOST_PARAMETERS, narrowed, suitable_width
from mnist_gui.diagnosis.preflight import preflight
from mnist_gui.engine.network import parameter_count
from mnist_gui.faults.run_factory import split_dataset, trainer_for
from mnist_gui.training.trainer import Trainer
from tests.support import dataset, make_trainer, small_config

WIDE = {"network.hidden": [600, 400], "network.bias_init": "as_weights", "data.train": 300}


# So wide that it is tried in a copy.
TOO_WIDE = 4000


def faulty(fault: str) -> Trainer:
    config = small_config({"network.hidden": [TOO_WIDE], "lab.faults": [fault]})
    return trainer_for(config, split_dataset(dataset(), config))


@pytest.mark.parametrize("hidden", [(TOO_WIDE,), (4096,) * 3, (8192, 8192), (1024,) * 8, (600, 8192)])
def test_layers_are_narrowed_until_there_are_not_too_many_parameters(hidden: tuple[int, ...]) -> None:
    most = suitable_width((784, *hidden, 10))
    narrow = (784, *(min(size, most) for size in hidden), 10)
    assert most < max(hidden)
    assert MOST_PARAMETERS / 5 < parameter_count(narrow) <= MOST_PARAMETERS


def test_a_network_that_is_not_too_wide_is_tried_as_it_is() -> None:
    snapshot = make_trainer(WIDE).snapshot()
    assert narrowed(snapshot) is snapshot
    assert narrowed(snapshot, 600) is snapshot


def test_the_copy_has_the_first_units_with_their_weights_and_biases() -> None:
    wide = make_trainer(WIDE).snapshot()
    narrow = narrowed(wide, 100)
    assert narrow.sizes == (784, 100, 100, 10)
    np.testing.assert_array_equal(narrow.weights[0], wide.weights[0][:, :100])
    np.testing.assert_allclose(narrow.weights[1], np.sqrt(6.0) * wide.weights[1][:100, :100], rtol=1e-6)
    np.testing.assert_allclose(narrow.weights[2], 2.0 * wide.weights[2][:100], rtol=1e-6)
    for ours, theirs in zip(narrow.biases, wide.biases, strict=True):
        np.testing.assert_array_equal(ours, theirs[: len(ours)])


def test_the_units_of_the_copy_answer_as_loudly_as_those_of_the_wide_network() -> None:
    trainer = make_trainer(WIDE)
    pictures = trainer.splits.train.images(np.arange(200))
    wide = trainer.snapshot()
    ours, theirs = (
        np.sqrt(np.square(each.answer(pictures).activations[1]).mean()) for each in (narrowed(wide, 150), wide)
    )
    assert ours == pytest.approx(theirs, rel=0.2)


@pytest.mark.parametrize(("fault", "wrong"), [("missing_bias_gradient", "biases 1"), ("flipped_gradient", "weights 2")])
def test_a_wrong_gradient_of_a_wide_network_is_wrong_in_its_copy(fault: str, wrong: str) -> None:
    right = {part.name: part.is_right for part in preflight(faulty(fault)).gradient}
    assert len(right) == 4
    assert not right[wrong]


def test_a_wide_network_learns_sixteen_digits_by_heart_in_its_copy_but_not_from_weights_of_zero() -> None:
    assert preflight(make_trainer({"network.hidden": [TOO_WIDE]})).learned_by_heart == 1.0
    zeros = {"network.hidden": [TOO_WIDE], "network.init": "zeros"}
    assert preflight(make_trainer(zeros)).learned_by_heart < 0.9
