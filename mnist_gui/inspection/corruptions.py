"""Corruptions: digits made harder to read in one way, by a strength in its own unit. A strength of 0 changes nothing.

Unlike distortions of training digits they are drawn once: a generator with the same state gives the same noise,
directions and places at every strength, so that a picture changes smoothly with the strength.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.augmentation import AROUND, BEFORE, corners_of, source_places
from mnist_gui.inspection.label_errors import moved

Pictures = NDArray[np.uint8]
Apply = Callable[[Pictures, float, np.random.Generator], Pictures]

# In pixels of MNIST's 28; smaller and larger pictures have limits in proportion.
MNIST_SIDE = 28
# A disc of this radius covers 113 pixels; larger ones are slow and leave nothing legible.
MOST_THICKNESS = 12
# Of a scale in pixels, about this many strengths are measured at most.
MOST_POINTS = 15


@dataclass(frozen=True, slots=True)
class Scale:
    """The strengths of a corruption: from low to high, in steps of a slider. points: those to measure, ascending, with
    0 and both ends."""

    low: float
    high: float
    step: float
    points: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Corruption:
    """One way to corrupt pictures. unit: of its strength, such as "pixels".

    scale(shape): its strengths for pictures (rows, cols). apply(pictures, strength, rng): new pictures (n, rows, cols)
    uint8; the strength is not 0.
    """

    title: str
    unit: str
    about: str
    scale: Callable[[tuple[int, int]], Scale]
    apply: Apply


def corrupt(pictures: Pictures, strengths: Mapping[str, float], rng: np.random.Generator) -> Pictures:
    """Pictures (n, rows, cols) uint8 with these corruptions, key -> strength, in the order of CORRUPTIONS; a new array.

    Each has its own stream from the generator: what it draws does not depend on the others, nor on any strength.
    ValueError for a strength that is outside the scale or nan.
    """
    shape = (pictures.shape[1], pictures.shape[2])
    corrupted = pictures.copy()
    for (key, each), stream in zip(CORRUPTIONS.items(), rng.spawn(len(CORRUPTIONS)), strict=True):
        strength, scale = strengths.get(key, 0.0), each.scale(shape)
        if not scale.low <= strength <= scale.high:
            raise ValueError(f"{key}: {strength} is not from {scale.low:g} to {scale.high:g} {each.unit}")
        if strength:
            corrupted = each.apply(corrupted, strength, stream)
    return corrupted


# The five


def thickened(pictures: Pictures, pixels: float, rng: np.random.Generator) -> Pictures:
    """Strokes wider by this many pixels, or narrower below 0: grey dilation or erosion by a flat disc.

    The disc's radius is half of it. Between two whole radii the pictures are interpolated, as for a stroke that ends
    within a pixel. Beyond the edges is blank.
    """
    radius = abs(pixels) / 2
    whole = int(radius)
    share = np.float32(radius - whole)
    widest = _dilated if pixels > 0 else _eroded
    smaller = widest(pictures, whole)
    if not share:
        return smaller
    low, high = smaller.astype(np.float32), widest(pictures, whole + 1).astype(np.float32)
    return _grey_levels(low + share * (high - low))


def rotated(pictures: Pictures, degrees: float, rng: np.random.Generator) -> Pictures:
    """Rotated around the middle, counter-clockwise above 0, with bilinear interpolation."""
    count, rows, columns = pictures.shape
    no_scale, no_shift = np.ones(1), np.zeros((1, 2))
    places = source_places((rows, columns), np.deg2rad(np.array([degrees])), no_scale, no_shift)
    corner, right, down = corners_of(places)  # (1, D) each
    padded = np.zeros((count, rows + AROUND, columns + AROUND), np.float32)
    padded[:, BEFORE : BEFORE + rows, BEFORE : BEFORE + columns] = pictures
    flat = padded.reshape(count, (rows + AROUND) * (columns + AROUND))
    above, above_right, below, below_right = (
        flat[:, corner[0] + offset] for offset in (0, 1, columns + AROUND, columns + AROUND + 1)
    )
    above += right * (above_right - above)
    below += right * (below_right - below)
    above += down * (below - above)
    return _grey_levels(above).reshape(pictures.shape)


def shifted(pictures: Pictures, pixels: float, rng: np.random.Generator) -> Pictures:
    """Moved by this many whole pixels, each picture up, down, left or right at random."""
    far = round(pixels)
    ways = rng.integers(4, size=len(pictures))
    result = np.empty_like(pictures)
    for way, (down, right) in enumerate(((-far, 0), (far, 0), (0, -far), (0, far))):
        result[ways == way] = moved(pictures[ways == way], down, right)
    return result


def occluded(pictures: Pictures, side: float, rng: np.random.Generator) -> Pictures:
    """A blank square over each picture, this many pixels wide, at a random place; clipped where the picture is
    narrower.

    The place is drawn as a share of the free range, so a larger square covers the same part and more, and in the end
    all.
    """
    count, rows, columns = pictures.shape
    high, wide = min(round(side), rows), min(round(side), columns)
    shares = rng.random((2, count))
    top = np.floor(shares[0] * (rows - high + 1))[:, np.newaxis]  # (n, 1)
    left = np.floor(shares[1] * (columns - wide + 1))[:, np.newaxis]
    row, column = np.arange(rows), np.arange(columns)
    is_in_rows = (row >= top) & (row < top + high)  # (n, rows)
    is_in_columns = (column >= left) & (column < left + wide)
    covered = is_in_rows[:, :, np.newaxis] & is_in_columns[:, np.newaxis, :]
    return np.where(covered, np.uint8(0), pictures)


def noisy(pictures: Pictures, deviation: float, rng: np.random.Generator) -> Pictures:
    """Normal noise of this standard deviation, in grey levels, on every pixel; clipped to 0..255."""
    noise = rng.standard_normal(pictures.shape, np.float32)
    noise *= np.float32(deviation)
    noise += pictures
    return _grey_levels(noise)


def _grey_levels(values: NDArray[np.float32]) -> Pictures:
    levels: Pictures = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return levels


def _dilated(pictures: Pictures, radius: int) -> Pictures:
    """The largest value within a disc around each pixel, (n, rows, cols)."""
    return _over_disc(pictures, radius, np.maximum)


def _eroded(pictures: Pictures, radius: int) -> Pictures:
    """The smallest value within a disc around each pixel, (n, rows, cols)."""
    return _over_disc(pictures, radius, np.minimum)


def _over_disc(pictures: Pictures, radius: int, better: np.ufunc) -> Pictures:
    """The largest (or smallest) value within a disc: first along each row, as wide as the disc is there, then over
    rows."""
    _, rows, columns = pictures.shape
    padded = np.pad(pictures, ((0, 0), (radius, radius), (radius, radius)))
    along = padded[:, :, radius : radius + columns].copy()
    best = along[:, radius : radius + rows].copy()
    half_widths = [(down, math.isqrt(radius**2 - down**2)) for down in range(-radius, radius + 1)]
    for half in range(radius + 1):
        if half:
            for start in (radius - half, radius + half):
                better(along, padded[:, :, start : start + columns], out=along)
        for down in (down for down, width in half_widths if width == half):
            better(best, along[:, radius + down : radius + down + rows], out=best)
    return best


# Their scales


def _thickness_scale(shape: tuple[int, int]) -> Scale:
    high = min(max(2, round(6 * min(shape) / MNIST_SIDE)), MOST_THICKNESS)
    low = -max(1, high // 2)
    return Scale(low, high, 0.5, _spread(low, high, 0.5))


def _rotation_scale(shape: tuple[int, int]) -> Scale:
    return Scale(-90.0, 90.0, 1.0, _spread(-90.0, 90.0, 10.0))


def _shift_scale(shape: tuple[int, int]) -> Scale:
    high = max(1, round(10 * min(shape) / MNIST_SIDE))
    return Scale(0.0, high, 1.0, _spread(0.0, high, math.ceil(high / MOST_POINTS)))


def _occlusion_scale(shape: tuple[int, int]) -> Scale:
    high = max(shape)
    return Scale(0.0, high, 1.0, _spread(0.0, high, math.ceil(high / MOST_POINTS)))


def _noise_scale(shape: tuple[int, int]) -> Scale:
    return Scale(0.0, 200.0, 5.0, _spread(0.0, 200.0, 20.0))


def _spread(low: float, high: float, spacing: float) -> tuple[float, ...]:
    """Multiples of the spacing from low to high, with both ends."""
    first, last = math.ceil(low / spacing), math.floor(high / spacing)
    inside = (float(number * spacing) for number in range(first, last + 1))
    return tuple(sorted({float(low), *inside, float(high)}))


# In the order in which they are applied: noise comes last, as in a camera.
CORRUPTIONS: Mapping[str, Corruption] = {
    "thickness": Corruption(
        "Thickness",
        "pixels",
        "Strokes wider by this many pixels, or narrower to the left of 0, as with another pen",
        _thickness_scale,
        thickened,
    ),
    "rotation": Corruption(
        "Rotation",
        "degrees",
        "The digit rotated around its middle: counter-clockwise to the right of 0, clockwise to the left",
        _rotation_scale,
        rotated,
    ),
    "shift": Corruption(
        "Shift",
        "pixels",
        "The digit moved by this many whole pixels: up, down, left or right, at random for each digit",
        _shift_scale,
        shifted,
    ),
    "occlusion": Corruption(
        "Occlusion",
        "pixels",
        "A blank square, this many pixels wide, over the digit, at a random place for each",
        _occlusion_scale,
        occluded,
    ),
    "noise": Corruption(
        "Noise",
        "grey levels",
        "Normal noise on every pixel. The strength is its standard deviation; paper is 0 and full ink 255",
        _noise_scale,
        noisy,
    ),
}
