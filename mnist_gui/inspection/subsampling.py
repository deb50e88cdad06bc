"""Even samples: enough weights of a large layer to estimate their distribution at a bounded cost."""

from math import gcd

import numpy as np
from numpy.typing import NDArray


def even_sample(weights: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """At most `most` of the weights (D, H), evenly spaced in memory, (N,); all of them if there are no more.

    The spacing has no factor in common with H. With one, the sample would visit only some of the units: every 16th
    weight of 1,024 units belongs to one of 64 units.
    """
    flat = weights.reshape(-1)
    spacing = max(1, -(-len(flat) // most))
    while gcd(spacing, weights.shape[-1]) != 1:
        spacing += 1
    sample: NDArray[np.float32] = flat[::spacing] if len(flat) > most else flat
    return sample
