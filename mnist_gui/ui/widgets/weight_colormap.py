"""The colours of weights: one diverging table for the pictures on the screen, in the legend and in a film."""

import math
from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from mnist_gui.inspection.weight_images import ZERO_INDEX, Mosaic

# Blue negative, white zero, red positive: the two ends differ to those who see few colours too.
COLOUR_MAP = "CET-D1A"

# Where in the table colours are strong and not yet dark.
SIGN_PLACES = (0.2, 0.8)


@cache
def rgb_table(gap: str) -> NDArray[np.uint8]:
    """The colours of a mosaic's indices, (256, 3), read-only. gap: that of the gaps, as #rrggbb."""
    colours = pg.colormap.get(COLOUR_MAP).getLookupTable(nPts=2 * ZERO_INDEX - 1, alpha=False)
    edge = QColor(gap)
    table = np.vstack([[edge.red(), edge.green(), edge.blue()], colours]).astype(np.uint8)
    table.flags.writeable = False
    return table


@cache
def colour_table(gap: str) -> list[int]:
    """The same for an indexed QImage."""
    return [QColor(*map(int, colour)).rgb() for colour in rgb_table(gap)]


def signs() -> tuple[QColor, QColor]:
    """A blue for what is below zero and a red for what is above, to be seen on light and dark ground alike."""
    table = rgb_table("#000000")
    below, above = (table[round(place * (len(table) - 1))] for place in SIGN_PLACES)
    return QColor(*map(int, below)), QColor(*map(int, above))


def rgb_picture(mosaic: Mosaic, gap: str, least_width: int) -> NDArray[np.uint8]:
    """The mosaic in colours, (rows, cols, 3), each pixel enlarged to a square so that it is least_width wide or more.

    gap: the colour between the units, as #rrggbb.
    """
    factor = max(1, math.ceil(least_width / mosaic.indices.shape[1]))
    large = np.repeat(np.repeat(mosaic.indices, factor, axis=0), factor, axis=1)
    picture: NDArray[np.uint8] = rgb_table(gap)[large]
    return picture
