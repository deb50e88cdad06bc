"""Histograms of the weights of a layer. They are drawn by ui/panels/weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.inspection.subsampling import even_sample

Floats = NDArray[np.float32]

# Odd, so that 0 is in the middle of a bin and not an edge between two.
BINS = 59
MOST_WEIGHTS = 50_000

# Percentage of the weights within a picture's range, so that an outlier does not compress all others.
HELD = 99.8
SMALLEST_LIMIT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """An even sample of some weights, and its statistics.

    values (N,) float32: the finite ones. not_finite: the number of others in the sample. mean, deviation (standard),
    zeros (share of exact zeros): of the finite ones; nan if there are none.
    """

    values: Floats
    not_finite: int
    mean: float
    deviation: float
    zeros: float

    @property
    def limit(self) -> float:
        """The HELD percentile of |weight|, at least SMALLEST_LIMIT."""
        held = float(np.percentile(np.abs(self.values), HELD)) if len(self.values) else 0.0
        return max(held, SMALLEST_LIMIT)


def spread(layers: Sequence[Floats], most: int = MOST_WEIGHTS) -> Spread:
    """The spread of the weights of these layers together, from a sample of about `most`, each layer in proportion."""
    total = sum(weights.size for weights in layers)
    samples = [even_sample(weights, max(1, most * weights.size // max(total, 1))) for weights in layers]
    sample = samples[0] if len(samples) == 1 else np.concatenate(samples)
    finite = sample[np.isfinite(sample)]
    if not len(finite):
        return Spread(finite, len(sample), np.nan, np.nan, np.nan)
    return Spread(
        values=finite,
        not_finite=len(sample) - len(finite),
        mean=float(finite.mean(dtype=np.float64)),
        deviation=float(finite.std(dtype=np.float64)),
        zeros=float(np.mean(finite == 0.0)),
    )


def edges(limit: float) -> NDArray[np.float64]:
    """The edges (BINS + 1,) of bins from -limit to limit."""
    return np.linspace(-limit, limit, BINS + 1)


def shares(values: Floats, limit: float) -> NDArray[np.float64]:
    """The share of values (N,) in each of the bins from -limit to limit, (BINS,); all 0 without values.

    Values beyond the limit count in the bins at the ends, so that the shares add up to 1.
    """
    if not len(values):
        return np.zeros(BINS)
    inside = np.clip(values.astype(np.float64), -limit, limit)  # in float32 the limit may be rounded
    counts, _ = np.histogram(inside, BINS, (-limit, limit))
    return counts / len(values)
