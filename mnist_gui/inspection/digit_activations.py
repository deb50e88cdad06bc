"""The activations of all units of a network for one digit: a summary of each layer, and a picture with a cell a
unit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.types import Floats
from mnist_gui.inspection.weight_images import GAP_INDEX, ZERO_INDEX


@dataclass(frozen=True, slots=True, eq=False)
class LayerActivations:
    """values (H,): the activations of a layer. active: number of units above a size. largest: the unit with the largest
    finite |activation|, None if that is 0; scale >= 0: this size."""

    values: Floats
    active: int
    largest: int | None
    scale: float


def layer_activations(values: Floats, smallest: float = 0.0) -> LayerActivations:
    """A summary of the activations (H,) of a layer. A unit is active if its |activation| is above `smallest`."""
    sizes = np.where(np.isfinite(values), np.abs(values.astype(np.float64)), 0.0)
    scale = float(sizes.max(initial=0.0))
    largest = int(sizes.argmax()) if scale > 0.0 else None
    return LayerActivations(values, int(np.count_nonzero(sizes > smallest)), largest, scale)


def cells(answer: LayerActivations, columns: int) -> NDArray[np.uint8]:
    """The activations as entries of a colour table, (rows, columns) uint8, unit 0 first, row by row.

    128 + 127 value / scale; GAP_INDEX where there is no unit or no finite activation.
    """
    units = len(answer.values)
    rows = -(-units // columns)
    picture = np.full(rows * columns, GAP_INDEX, np.uint8)
    with np.errstate(all="ignore"):
        shares = answer.values.astype(np.float64) / (answer.scale or 1.0)
        is_finite = np.isfinite(answer.values)
        picture[:units][is_finite] = np.rint(ZERO_INDEX + 127.0 * shares[is_finite]).astype(np.uint8)
    return picture.reshape(rows, columns)
