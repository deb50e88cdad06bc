"""Drawings centred and scaled as the digits of MNIST were, so that they look like the digits a network was trained on.

"The original black and white (bilevel) images from NIST were size normalized to fit in a 20x20 pixel box while
preserving their aspect ratio. The resulting images contain grey levels as a result of the anti-aliasing technique used
by the normalization algorithm. The images were centered in a 28x28 image by computing the center of mass of the
pixels, and translating the image so as to position this point at the center of the 28x28 field."
(LeCun, Cortes & Burges, "The MNIST database of handwritten digits"; LeCun et al. 1998, section III A)
"""

import numpy as np
from numpy.typing import NDArray

# Of a picture's height and width, the share that the box for the ink takes: 20 of 28 pixels.
BOX = 20 / 28


def centred(picture: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """A drawing of any size as a digit of `shape` (rows, cols), uint8: light ink on 0, the brightest pixel 255.

    picture (R, C) uint8: every pixel over 0 is ink. The ink's bounding box, its proportions kept, fills the box that
    MNIST has 20x20; whole pixels are shifted until its centre of mass is at (rows // 2, cols // 2), to within half a
    pixel, as it is in all of MNIST; or less far, where ink would leave the picture. All 0 without ink.
    """
    rows, cols = shape
    out = np.zeros(shape, np.uint8)
    ink = _cut_out(picture)
    if not ink.size:
        return out
    height, width = ink.shape
    scale = min(_box(rows) / height, _box(cols) / width)
    small = averaged(ink, max(1, round(height * scale)), max(1, round(width * scale)))
    top, left = _start(small.sum(axis=1), rows), _start(small.sum(axis=0), cols)
    # Averaging makes thin strokes faint; MNIST's are thick enough to be white in the middle.
    small *= 255 / small.max()
    out[top : top + small.shape[0], left : left + small.shape[1]] = np.rint(small)
    return out


def averaged(picture: NDArray[np.uint8], rows: int, cols: int) -> NDArray[np.float64]:
    """A picture (R, C) in another size, (rows, cols): each pixel is the mean of the area that it covers."""
    height, width = picture.shape
    return _shares(height, rows) @ picture @ _shares(width, cols).T


def _cut_out(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The bounding box of the ink; an empty array without any."""
    rows, cols = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    if not len(rows):
        return picture[:0]
    return picture[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def _box(size: int) -> int:
    return max(1, round(size * BOX))


def _shares(before: int, after: int) -> NDArray[np.float64]:
    """(after, before): which share of each new pixel each old one covers, along one side. Every row adds up to 1."""
    edges = np.linspace(0, before, after + 1)[:, np.newaxis]
    pixels = np.arange(before)
    overlaps = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    return np.maximum(overlaps, 0.0) * (after / before)  # type: ignore[no-any-return]


def _start(mass: NDArray[np.float64], size: int) -> int:
    """Where in `size` pixels the first of these should lie to have their centre of mass in the middle."""
    centre = float(mass @ np.arange(len(mass))) / float(mass.sum())
    # Half a pixel is rounded down: in MNIST some centres are half a pixel left of 14, none right of it.
    return max(0, min(int(np.ceil(size // 2 - centre - 0.5 - 1e-9)), size - len(mass)))
