"""How the weights of a layer are spread, for a picture. Drawing it is ui.histograms_view's job."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.inspection.subsampling import even_sample

Floats = NDArray[np.float32]

# Odd, so that 0 is in the middle of a bin and not an edge between two.
BINS = 59
MOST_WEIGHTS = 50_000

# Of all weights, the percentage that a picture's range should hold: an outlier must not squash the others.
HELD = 99.8
SMALLEST_LIMIT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """An even sample of some weights, and what can be said of it in numbers.

    values (N,) float32: the finite ones. not_finite: how many others there were in the sample. mean, deviation, zeros:
    of the finite ones, zeros being the share of those that are exactly 0; nan if there are none.
    """

    values: Floats
    not_finite: int
    mean: float
    deviation: float
    zeros: float

    @property
    def limit(self) -> float:
        """What HELD percent of the weights are not larger than, at least SMALLEST_LIMIT."""
        held = float(np.percentile(np.abs(self.values), HELD)) if len(self.values) else 0.0
        return max(held, SMALLEST_LIMIT)


def spread(layers: Sequence[Floats], most: int = MOST_WEIGHTS) -> Spread:
    """The spread of the weights of these layers together, from about `most` of them, each layer by its size."""
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
    units_presenter = np.clip(values.astype(np.float64), -limit, limit)  # a float32 may not hold the limit
    counts, _ = np.histogram(units_presenter, BINS, (-limit, limit))
    return counts / len(values)
