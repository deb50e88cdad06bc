"""What is ink in a picture: pixels of any kind to light ink on dark, as in MNIST. `centering` then places it.

First the paper is subtracted (`illumination`), together with its noise, then specks and frames are removed
(`despeckle`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.images.despeckle import without_dirt
from mnist_gui.data.images.files import PictureError, read_image
from mnist_gui.data.images.illumination import (
    SIDE,
    averaged_down,
    correction,
    is_even,
    is_light_in_uneven_light,
    paper_of,
)
from mnist_gui.system.printable import named

# Grey levels between paper and ink, of 255; with fewer nothing is drawn.
LEAST_CONTRAST = 8

# The paper's noise is measured at its border. In a normal distribution fewer than one of a million pixels is this many
# standard deviations from the mean.
NOISE = 5.0

# Strokes may reach the border: deviations from the median are limited to this many median absolute deviations (times
# 1.4826, as for a normal distribution), but to no fewer than LEAST_FARTHEST levels.
FARTHEST = 3 * 1.4826
LEAST_FARTHEST = 4.0

# What is left of uneven light looks like strong noise; no more than this share of the strongest ink is subtracted for
# it.
MOST_LOST = 1 / 3

# A scan may have a frame as wide as this share of its height and width. It has one if this share of the pixels just
# inside is dark where most at the edge are light, or the reverse.
FRAME = 1 / 8
BEHIND_FRAME = 0.85
LEAST_FRAMED = 48

# Weights of red, green and blue in brightness: ITU-R BT.601, as in Pillow.
LUMA = np.array([0.299, 0.587, 0.114], np.float32)

Grey = NDArray[np.float32]


def load_picture(path: Path) -> NDArray[np.uint8]:
    """The ink of an image file, as `ink_of` finds it. PictureError if there is no image or nothing drawn in it."""
    return ink_of(read_image(path), named(path))


def as_it_is(pixels: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """Pixels of any kind `ink_of` takes, in grey, (rows, cols) uint8; inverted if their border is light."""
    grey = _grey(pixels, name)
    _check_contrast(grey, name)
    return np.rint(255 - grey if _is_light(grey, _border) else grey).astype(np.uint8)


def ink_of(pixels: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """The ink in pixels of any kind, (rows, cols) uint8: 0 where there is paper, 255 where there is most ink.

    pixels (rows, cols) or (rows, cols, n): grey; grey and opacity (n = 2); red, green, blue (n = 3) and opacity
    (n = 4). uint8 and bool have the usual range; others reach from their smallest value to their largest. Paper is
    what the border is of, be it light or dark, evenly lit or not, or what a frame along the border surrounds; what
    differs from it no more than its noise is paper too. Specks and frames are no ink. PictureError, which begins with
    `name`, for values that are no numbers, and where nothing is drawn.
    """
    grey = _grey(pixels, name)
    _check_contrast(grey, name)
    border = _inner_border if _is_framed(grey) else _border
    small = averaged_down(grey, SIDE)
    is_lit_evenly = is_even(small, float(np.median(border(small))))
    is_light = _is_light(grey, border) if is_lit_evenly else is_light_in_uneven_light(grey)
    paper = np.full_like(grey, np.median(border(grey))) if is_lit_evenly else paper_of(grey, is_light=is_light)
    ink = paper - grey if is_light else grey - paper
    ink -= np.median(border(ink))
    noise = min(_noise(border(ink)), _noise(_inner_border(ink)))  # a frame may run along some sides only
    strongest = float(ink.max())
    if strongest - noise < LEAST_CONTRAST:
        raise PictureError(f"{name}: nothing is drawn in it that differs enough from the paper; expected ink on paper")
    ink -= min(noise, MOST_LOST * strongest)
    np.maximum(ink, 0, out=ink)
    if is_light:
        ink *= correction(paper)
    return without_dirt(np.rint(ink * (255 / ink.max())).astype(np.uint8))


def _grey(pixels: NDArray[Any], name: str) -> Grey:
    """Brightness (rows, cols) float32, 0..255, transparent pixels laid on paper."""
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    if pixels.ndim != 3 or not 1 <= pixels.shape[2] <= 4 or not pixels.size:
        raise PictureError(f"{name}: pixels of shape {pixels.shape}, expected rows x columns")
    levels = _levels(pixels, name)
    channels = levels.shape[2]
    grey: Grey = levels[:, :, :3] @ LUMA if channels >= 3 else levels[:, :, 0]
    return _on_paper(grey, levels[:, :, -1] / np.float32(255)) if channels in (2, 4) else grey


def _levels(pixels: NDArray[Any], name: str) -> Grey:
    """The values as float32 in 0..255."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.float32)
    if pixels.dtype == np.bool_:
        return pixels * np.float32(255)
    values = pixels.astype(np.float64)
    if not np.isfinite(values).all():
        raise PictureError(f"{name}: has pixels that are no finite numbers, expected grey levels")
    values /= np.abs(values).max() or 1.0  # else the range of very large values would not be finite
    values -= values.min()
    return (values * (255 / (values.max() or 1.0))).astype(np.float32)


def _on_paper(grey: Grey, opacity: Grey) -> Grey:
    """Lay a picture with transparent pixels on paper.

    Where the border is opaque, it is the paper. Else the picture is ink alone, and paper is what it stands out from.
    """
    border = _border(opacity)
    if np.median(border) >= 0.5:
        paper = np.median(_border(grey)[border >= 0.5])
    else:
        brightness = float((grey * opacity).sum(dtype=np.float64)) / max(float(opacity.sum(dtype=np.float64)), 1e-9)
        paper = np.float32(255 if brightness < 127.5 else 0)
    return paper + opacity * (grey - paper)


def _border(grey: Grey) -> Grey:
    """The pixels along the four sides, (n,)."""
    return np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])


def _inner_border(grey: Grey) -> Grey:
    """The pixels around what is inside a frame, (n,); the border of a picture too small to have one."""
    if min(grey.shape) < LEAST_FRAMED:
        return _border(grey)
    rows, cols = (int(np.ceil(FRAME * size)) for size in grey.shape)
    return _border(grey[rows : grey.shape[0] - rows, cols : grey.shape[1] - cols])


def _is_framed(grey: Grey) -> bool:
    """Whether a frame surrounds the paper: nearly all pixels just inside are dark where most at the edge are light, or
    the reverse."""
    middle = _middle(grey)
    is_light = bool(np.median(_border(grey)) > middle)
    inner = _inner_border(grey)
    return float(np.mean((inner <= middle) if is_light else (inner > middle))) >= BEHIND_FRAME


def _is_light(grey: Grey, border: Callable[[Grey], Grey]) -> bool:
    """Whether the border is nearer to the brightest pixel than to the darkest."""
    return float(np.median(border(grey))) > _middle(grey)


def _middle(grey: Grey) -> float:
    return (float(grey.min()) + float(grey.max())) / 2


def _noise(border: Grey) -> float:
    """The largest deviation of paper from its median, estimated from border pixels (n,) as ink over paper."""
    deviations = np.abs(border)
    deviations = np.minimum(deviations, max(FARTHEST * float(np.median(deviations)), LEAST_FARTHEST))
    return NOISE * float(np.sqrt(np.mean(deviations**2)))


def _check_contrast(grey: Grey, name: str) -> None:
    if float(grey.max()) - float(grey.min()) < LEAST_CONTRAST:
        raise _nothing_drawn(name)


def _nothing_drawn(name: str) -> PictureError:
    return PictureError(f"{name}: nothing is drawn in it, all its pixels are alike; expected ink on paper")
