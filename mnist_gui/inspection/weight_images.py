"""Weight images: the weights of units as one picture. It is drawn by ui/panels/units."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.inspection.subsampling import even_sample

# Entry 0 of the colour table is the gap between units; 1..255 run from the most negative to the most positive weight.
GAP_INDEX = 0
ZERO_INDEX = 128

# Weights closer together than this are shown as equal: without a floor, rounding noise would look like structure.
SMALLEST_SCALE = 1e-3

SCALE_SAMPLE = 32_768


@dataclass(frozen=True, slots=True, eq=False)
class Mosaic:
    """The weight images of n units, side by side with a gap of one pixel around each.

    indices (rows, cols) uint8: entries of a colour table (see GAP_INDEX). scale > 0: the table runs from -scale to
    +scale; None if every unit has its own. columns: of cells. numbers (n,): the units in the order of their cells: the
    p-th is in cell row p // columns, cell column p % columns. cell: rows and columns of one image.
    """

    indices: NDArray[np.uint8]
    scale: float | None
    columns: int
    numbers: NDArray[np.intp]
    cell: tuple[int, int]

    @property
    def units(self) -> int:
        """The number of units shown."""
        return len(self.numbers)

    def unit_at(self, row: int, column: int) -> int | None:
        """The unit whose cell holds this pixel of the mosaic; None outside."""
        height, width = self.cell
        cell_row, cell_column = row // (height + 1), column // (width + 1)
        position = cell_row * self.columns + cell_column
        is_inside = 0 <= cell_column < self.columns and cell_row >= 0 and 0 <= position < self.units
        return int(self.numbers[position]) if is_inside else None

    def position_of(self, unit: int) -> int | None:
        """The cell of this unit, counted along the rows; None if it is not shown."""
        found = np.flatnonzero(self.numbers == unit)
        return int(found[0]) if len(found) else None

    def corner(self, position: int) -> tuple[int, int]:
        """Row and column of the first pixel of a cell's image."""
        height, width = self.cell
        return position // self.columns * (height + 1) + 1, position % self.columns * (width + 1) + 1


def shared_scale(weights: NDArray[np.float32]) -> float:
    """A symmetric range for all units together: the 99.8th percentile of |weight|, at least SMALLEST_SCALE.

    weights (D, H). A percentile, not the maximum: one extreme weight would turn all other images grey. Taken over
    an even sample of at most SCALE_SAMPLE weights.
    """
    sample = np.abs(even_sample(weights, SCALE_SAMPLE))
    finite = sample[np.isfinite(sample)]
    return max(float(np.percentile(finite, 99.8)), SMALLEST_SCALE) if len(finite) else SMALLEST_SCALE


def own_scales(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """A symmetric range for each unit of weights (D, H), (H,): its largest finite |weight|, at least SMALLEST_SCALE."""
    sizes = np.abs(weights)
    largest = sizes.max(axis=0, initial=0.0)
    if not np.isfinite(largest).all():
        largest = np.where(np.isfinite(sizes), sizes, 0.0).max(axis=0, initial=0.0)
    scales: NDArray[np.float32] = np.maximum(largest, np.float32(SMALLEST_SCALE))
    return scales


def mosaic(
    weights: NDArray[np.float32],
    image_shape: tuple[int, int],
    columns: int,
    scale: float | NDArray[np.float32],
    numbers: NDArray[np.intp] | None = None,
) -> Mosaic:
    """The weights (D, H) of H units as pictures of image_shape, D = rows * cols, in rows of `columns`.

    A weight w becomes index 128 + 127 w / scale, clipped to 1..255; what is not a number counts as 0. scale: one for
    all, or (H,) one for each unit. numbers (H,): which units the columns of `weights` are; None: 0, 1, 2...
    """
    height, width = image_shape
    units = weights.shape[1]
    columns = max(1, min(columns, units))
    cell_rows = -(-units // columns)
    with np.errstate(over="ignore"):  # values far beyond the scale may become inf: they are clipped
        scaled = weights.T * np.reshape(np.float32(127.0) / np.float32(scale), (-1, 1))  # (H, D)
    np.nan_to_num(scaled, copy=False, nan=0.0)
    np.clip(scaled, -127.0, 127.0, out=scaled)
    scaled += np.float32(ZERO_INDEX + 0.5)

    cells = np.full((cell_rows * columns, height + 1, width + 1), GAP_INDEX, np.uint8)
    cells[:units, 1:, 1:] = scaled.reshape(units, height, width)
    grid = cells.reshape(cell_rows, columns, height + 1, width + 1).swapaxes(1, 2)
    indices = np.full((cell_rows * (height + 1) + 1, columns * (width + 1) + 1), GAP_INDEX, np.uint8)
    indices[:-1, :-1] = grid.reshape(cell_rows * (height + 1), columns * (width + 1))
    return Mosaic(
        indices,
        float(scale) if np.ndim(scale) == 0 else None,
        columns,
        np.arange(units) if numbers is None else numbers,
        image_shape,
    )
