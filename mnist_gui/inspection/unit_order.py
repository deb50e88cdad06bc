"""Orders in which to look at the units of a layer: each a permutation of their numbers.

Units that tie stay in the order of their numbers; nan comes last.
"""

import numpy as np
from numpy.typing import NDArray

from mnist_gui.inspection.unit_activity import Activity

Floats = NDArray[np.float32]
Order = NDArray[np.intp]


def norms(weights: Floats) -> NDArray[np.float64]:
    """The Euclidean norm of the incoming weights (D, H) of each unit, (H,). In double precision: cannot overflow."""
    with np.errstate(invalid="ignore"):
        sums: NDArray[np.float64] = np.einsum("dh,dh->h", weights, weights, dtype=np.float64)
        return np.sqrt(sums)


def change_norms(weights: Floats, start: Floats) -> NDArray[np.float64]:
    """The Euclidean distance of each unit's weights (D, H) from those at the start, same shape: (H,)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return norms(weights - start)


def by_size(sizes: NDArray[np.float64]) -> Order:
    """The largest of sizes (H,) first."""
    return np.argsort(-sizes, kind="stable")


def by_activity(activity: Activity) -> Order:
    """Units active for the fewest digits first; ties by the smallest mean activation."""
    return np.lexsort((activity.mean, activity.answered))


def by_class(weights: Floats) -> Order:
    """Units whose largest class weight is the first class, the strongest first; then those of the second class...

    weights (H, C): see `projection.class_weights`. Units with values that are not finite come last.
    """
    is_finite: NDArray[np.bool_] = np.all(np.isfinite(weights), axis=1)
    kept = np.where(is_finite[:, np.newaxis], weights, 0.0)
    classes = np.where(is_finite, kept.argmax(axis=1), weights.shape[1])
    return np.lexsort((-kept.max(axis=1), classes))
