"""What every unit of a network says to one digit, in short and as small pictures: a cell for each unit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.types import Floats
from mnist_gui.inspection.weight_images import GAP_INDEX, ZERO_INDEX


@dataclass(frozen=True, slots=True, eq=False)
class LayerAnswer:
    """values (H,): what the units of a layer say. active: how many say anything but 0. largest: the unit whose answer
    is the farthest from 0, None if no answer is a finite number other than 0; scale >= 0: how far that is."""

    values: Floats
    active: int
    largest: int | None
    scale: float


def layer_answer(values: Floats, smallest: float = 0.0) -> LayerAnswer:
    """The answer of a layer, values (H,). An answer counts as one from a size above `smallest` on."""
    sizes = np.where(np.isfinite(values), np.abs(values.astype(np.float64)), 0.0)
    scale = float(sizes.max(initial=0.0))
    largest = int(sizes.argmax()) if scale > 0.0 else None
    return LayerAnswer(values, int(np.count_nonzero(sizes > smallest)), largest, scale)


def cells(answer: LayerAnswer, columns: int) -> NDArray[np.uint8]:
    """The answers as entries of a colour table, (rows, columns) uint8, unit 0 first, row by row.

    128 + 127 value / scale; where there is no unit, or no finite answer, the entry of gaps.
    """
    units = len(answer.values)
    rows = -(-units // columns)
    picture = np.full(rows * columns, GAP_INDEX, np.uint8)
    with np.errstate(all="ignore"):
        shares = answer.values.astype(np.float64) / (answer.scale or 1.0)
        is_finite = np.isfinite(answer.values)
        picture[:units][is_finite] = np.rint(ZERO_INDEX + 127.0 * shares[is_finite]).astype(np.uint8)
    return picture.reshape(rows, columns)
