"""Even samples: bounded, and fair to every unit and every pixel."""

import numpy as np
import pytest

from mnist_gui.inspection.subsampling import even_sample


@pytest.mark.parametrize("shape", [(784, 1024), (784, 512), (1024, 10), (784, 60), (7, 1), (1, 1)])
@pytest.mark.parametrize("most", [1, 100, 16_384])
def test_a_sample_holds_no_more_than_asked_for_and_no_weight_twice(shape: tuple[int, int], most: int) -> None:
    weights = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
    sample = even_sample(weights, most)
    assert 1 <= len(sample) <= max(most, 1)
    assert len(np.unique(sample)) == len(sample)


def test_few_weights_are_all_taken() -> None:
    weights = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(even_sample(weights, 12), np.arange(12))


@pytest.mark.parametrize("units", [64, 128, 512, 1000, 1024])
def test_every_unit_and_every_pixel_is_in_the_sample_of_a_large_layer(units: int) -> None:
    weights = np.arange(784 * units, dtype=np.float32).reshape(784, units)  # exact below 2^24
    sample = even_sample(weights, 16_384).astype(int)
    assert len(np.unique(sample % units)) == units
    assert len(np.unique(sample // units)) == 784
