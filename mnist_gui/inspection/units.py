"""Weight images: how the first layer sees. Turns weights into one picture; drawing it is ui.weights_view's job."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Entry 0 of the colour table is the gap between units; 1..255 run from the most negative to the most positive weight.
GAP_INDEX = 0
ZERO_INDEX = 128

# Weights closer together than this are shown as equal: without a floor, rounding noise would look like structure.
SMALLEST_SCALE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Mosaic:
    """The weight images of n units, side by side with a gap of one pixel around each.

    indices (rows, cols) uint8: entries of a colour table (see GAP_INDEX). scale > 0: the weight at both ends of the
    table, -scale and +scale. columns, units: how the cells lie; unit u is in row u // columns, column u % columns.
    """

    indices: NDArray[np.uint8]
    scale: float
    columns: int
    units: int
    cell: tuple[int, int]

    def unit_at(self, row: int, column: int) -> int | None:
        """The unit whose cell holds this pixel of the mosaic; None outside."""
        height, width = self.cell
        cell_row, cell_column = row // (height + 1), column // (width + 1)
        unit = cell_row * self.columns + cell_column
        return unit if 0 <= cell_column < self.columns and cell_row >= 0 and 0 <= unit < self.units else None


def shared_scale(weights: NDArray[np.float32]) -> float:
    """A symmetric range for all units together: the 99.8th percentile of |weight|, at least SMALLEST_SCALE.

    weights (D, H). A percentile and not the maximum: one extreme weight would turn all other pictures grey. Taken over
    a sample of at most 2 * 16,384 weights, evenly spaced.
    """
    flat = weights.reshape(-1)
    sample = np.abs(flat[:: max(1, len(flat) // 16_384)])
    finite = sample[np.isfinite(sample)]
    return max(float(np.percentile(finite, 99.8)), SMALLEST_SCALE) if len(finite) else SMALLEST_SCALE


def mosaic(weights: NDArray[np.float32], image_shape: tuple[int, int], columns: int, scale: float) -> Mosaic:
    """The incoming weights (D, H) of H units as pictures of image_shape, D = rows * cols, in rows of `columns`.

    A weight w becomes index 128 + 127 w / scale, clipped to 1..255; what is not a number counts as 0.
    """
    height, width = image_shape
    units = weights.shape[1]
    columns = max(1, min(columns, units))
    cell_rows = -(-units // columns)
    scaled = weights.T * np.float32(127.0 / scale)  # (H, D)
    np.nan_to_num(scaled, copy=False, nan=0.0)
    np.clip(scaled, -127.0, 127.0, out=scaled)
    scaled += np.float32(ZERO_INDEX + 0.5)

    cells = np.full((cell_rows * columns, height + 1, width + 1), GAP_INDEX, np.uint8)
    cells[:units, 1:, 1:] = scaled.reshape(units, height, width)
    grid = cells.reshape(cell_rows, columns, height + 1, width + 1).swapaxes(1, 2)
    indices = np.full((cell_rows * (height + 1) + 1, columns * (width + 1) + 1), GAP_INDEX, np.uint8)
    indices[:-1, :-1] = grid.reshape(cell_rows * (height + 1), columns * (width + 1))
    return Mosaic(indices, scale, columns, units, image_shape)
