"""Ideal starting weights, by the published formulas and by signals that are sent through a layer."""

import math

import numpy as np
import pytest

from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.init_scale import ideal_sizes, size
from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.initializers import INITIALIZERS, Layer


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("relu", math.sqrt(2 / 784), math.sqrt(4 / 912)),
        ("tanh", math.sqrt(1 / 784), math.sqrt(2 / 912)),
        ("sigmoid", math.sqrt(1 / 784), 4 * math.sqrt(2 / 912)),
    ],
)
def test_the_ideal_lies_between_the_published_formulas(name: str, low: float, high: float) -> None:
    assert ideal_sizes(784, 128, ACTIVATIONS[name]) == pytest.approx((low, high))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "tanh", "identity"])
def test_weights_of_the_ideal_size_keep_the_size_of_small_signals(name: str) -> None:
    rng = np.random.default_rng(0)
    low, high = ideal_sizes(512, 512, ACTIVATIONS[name])
    assert low == pytest.approx(high)
    signals = rng.normal(0.0, 0.05, (256, 512)).astype(np.float32)
    before = size(signals)
    for _ in range(5):
        sums = signals @ rng.normal(0.0, low, (512, 512)).astype(np.float32)
        signals = sums.copy()
        ACTIVATIONS[name].apply(signals)
    gain = math.sqrt(2.0) if ACTIVATIONS[name].rectifies else 1.0
    assert gain * size(signals) / before == pytest.approx(gain, rel=0.25)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(784, 128), (784, 1), (1, 1), (32, 1024), (1024, 2)])
def test_every_published_way_to_start_is_within_three_times_of_the_ideal(name: str, shape: tuple[int, int]) -> None:
    activation = ACTIVATIONS[name]
    low, high = ideal_sizes(*shape, activation)
    for way in ("auto", "glorot_normal", "glorot_uniform", "lecun_normal", "he_normal", "he_uniform"):
        layer = Layer(*shape, rectifies=activation.rectifies)
        drawn = INITIALIZERS[way](np.random.default_rng(0), (400, 400), layer, RunConfig().network)
        assert low / 3.0 < size(drawn) < 3.0 * high
