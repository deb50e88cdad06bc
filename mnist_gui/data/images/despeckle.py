"""Removes ink that is not part of the drawing: specks of dust, dark frames along the edges of a scan, and the remains
of shadows there.

All are connected components of the ink (8 neighbours) that lie apart from the drawing.
"""

import numpy as np
from numpy.typing import NDArray

# Components are found in a picture of about this many pixels along its longer side.
SIDE = 160

# Fainter ink forms no component of its own, so that uneven paper does not join separate ones. It is kept within RIM
# pixels of a component.
FAINT = 16
RIM = 6

# A component of less than this share of all ink is a speck.
SPECK = 0.01

# A component at the edge is the remains of a shadow if its strongest ink is below this share of the picture's.
WEAK = 2 / 3

# A frame lies within this share of the picture's height and width from its edges, and runs along this share of one.
NEAR_EDGE = 1 / 8
ALONG_EDGE = 0.5

Picture = NDArray[np.uint8]
Labels = NDArray[np.intp]


def without_dirt(ink: Picture) -> Picture:
    """The ink (rows, cols) uint8 without specks, frames and shadows, its strongest 255; unchanged where there are none.

    A component at the edge is no frame if it reaches into the picture, and no shadow if it is as black as the rest. A
    picture cropped so tightly that its ink touches several edges has no frame either.
    """
    factor = max(1, max(ink.shape) // SIDE)
    strongest, mass = _cells(ink, factor)
    labels = parts(strongest >= FAINT)
    masses = np.bincount(labels.ravel(), mass.ravel()).astype(np.float64)
    masses[0] = 0.0
    is_dirt = _frames(labels, masses)
    masses[is_dirt] = 0.0
    is_dirt[1:] |= masses[1:] < SPECK * masses.sum()
    is_dirt |= _shadows(labels, strongest, ~is_dirt)
    if is_dirt[1:].all():
        return ink
    kept, may_be_kept = (labels > 0) & ~is_dirt[labels], (strongest > 0) & ~is_dirt[labels]
    for _ in range(RIM):
        kept = _grown(kept) & may_be_kept
    rows, cols = ink.shape
    wanted = kept.repeat(factor, axis=0)[:rows].repeat(factor, axis=1)[:, :cols]
    clean = ink * wanted
    even: Picture = np.rint(clean * (255 / clean.max())).astype(np.uint8)
    return even


def parts(mask: NDArray[np.bool_]) -> Labels:
    """The connected components of a mask (8 neighbours), (rows, cols): 0 where it is False, components from 1 on.

    Each pixel takes the smallest number among its neighbours', and then the number that the pixel of this number has,
    until nothing changes (Shiloach & Vishkin 1982, "An O(log n) parallel connectivity algorithm": hooking and jumping).
    """
    nothing = mask.size
    numbers = np.where(mask, np.arange(mask.size).reshape(mask.shape), nothing)
    while True:
        least = numbers
        for side in (0, 1):
            padded = np.pad(least, [(1, 1) if each == side else (0, 0) for each in (0, 1)], constant_values=nothing)
            size = mask.shape[side]
            least = np.minimum.reduce([padded.take(range(start, start + size), side) for start in range(3)])
        least = np.where(mask, least, nothing)
        roots = np.append(np.arange(mask.size), nothing)
        np.minimum.at(roots, numbers.ravel(), least.ravel())  # hooking: also the pixel whose number it was
        least = roots[roots[least]]
        if np.array_equal(least, numbers):
            break
        numbers = least
    found: Labels = np.searchsorted(np.unique(numbers[mask]), numbers) + 1
    found[~mask] = 0
    return found


def _cells(ink: Picture, factor: int) -> tuple[Picture, NDArray[np.float64]]:
    """Maximum and sum of the ink in squares of `factor` pixels a side."""
    rows, cols = ink.shape
    padded = np.pad(ink, [(0, -rows % factor), (0, -cols % factor)])
    squares = padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor)
    return squares.max(axis=(1, 3)), squares.sum(axis=(1, 3), dtype=np.float64)


def _frames(labels: Labels, masses: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which components are frames, (components + 1,)."""
    is_frame = np.zeros(len(masses), bool)
    rows, cols = labels.shape
    deep_rows, deep_cols = int(np.ceil(NEAR_EDGE * rows)), int(np.ceil(NEAR_EDGE * cols))
    inner = labels[deep_rows : rows - deep_rows, deep_cols : cols - deep_cols]
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    for edge in edges:
        counts = np.bincount(edge, minlength=len(masses))
        is_frame |= counts >= ALONG_EDGE * len(edge)
    is_frame[np.unique(inner)] = False
    is_frame[0] = False
    rest = ~is_frame & (masses >= SPECK * masses[~is_frame].sum()) & (masses > 0.0)
    touched = sum(bool(rest[edge].any()) for edge in edges)
    return is_frame if touched <= 1 else np.zeros_like(is_frame)


def _shadows(labels: Labels, strongest: Picture, is_ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the components in is_ink are remains of shadows, (components + 1,)."""
    most = np.zeros(len(is_ink), np.uint8)
    np.maximum.at(most, labels.ravel(), strongest.ravel())
    at_edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    is_shadow = np.zeros(len(is_ink), bool)
    is_shadow[at_edge] = most[at_edge] < WEAK * most[1:][is_ink[1:]].max(initial=0)
    is_shadow[0] = False
    return is_shadow & is_ink


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask dilated by one pixel to all 8 sides."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    grown: NDArray[np.bool_] = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    return grown
