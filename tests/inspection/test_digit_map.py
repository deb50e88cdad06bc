"""What layers are called, and what digits are in them."""

import numpy as np

from mnist_gui.data.batches import inputs_of
from mnist_gui.inspection.digit_map import DigitMap, layer_names, vectors_of
from tests.support import make_trainer


def test_layers_are_counted_from_the_pixels_up() -> None:
    assert layer_names(2) == ("pixels", "hidden layer 1", "hidden layer 2", "logits")
    assert layer_names(0) == ("pixels", "logits")


def test_the_vectors_of_a_layer_are_those_of_the_forward_pass() -> None:
    trainer = make_trainer({"network.hidden": [7, 5], "network.activation": "relu"})
    snapshot, pictures = trainer.snapshot(), trainer.splits.validation.images(np.arange(9))
    inputs = inputs_of(pictures, snapshot.config.data.scaling)
    expected = [inputs]
    for number, (weights, biases) in enumerate(zip(snapshot.weights, snapshot.biases, strict=True)):
        sums = expected[-1] @ weights + biases
        expected.append(np.maximum(sums, 0) if number < 2 else sums)
    for layer, vectors in enumerate(expected):
        np.testing.assert_allclose(vectors_of(inputs, snapshot.answer(pictures), layer), vectors, atol=1e-5)


def test_a_map_knows_what_has_no_place_and_what_is_wrong() -> None:
    places = np.array([[0, 1], [np.nan, 0], [0, np.inf]], np.float64)
    digits = DigitMap(places, np.array([1, 2, 3], np.uint8), np.array([1, 3, 3], np.uint8))
    assert digits.is_placed.tolist() == [True, False, False]
    assert digits.is_wrong.tolist() == [False, True, False]
