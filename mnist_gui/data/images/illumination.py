"""The brightness of paper in uneven light. What differs from it is ink, which `ink` finds.

Paper and ink are separated by size: strokes are narrow, changes of light are wide. A closing (Serra 1982,
"Image Analysis and Mathematical Morphology", chapter XII) is the lowest surface over a picture on which a body rests
that is too wide for the strokes. A flat disc follows the slanting edge of a shadow, a flat square its corner, and a
parabola (van den Boomgaard, Dorst, Makram-Ebeid & Schavemaker 1996, "Quadratic structuring functions in mathematical
morphology") a slope. Each stays above the paper where another follows it, so the lowest of the three is taken.
"""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float32]

# Light changes slowly: the paper is looked for in a picture of about this many pixels along its longer side, and in one
# of fewer whether it is light.
SIDE = 96
FEW = 32

# Of the range of brightness, what changes by more than this share from pixel to pixel is a flank of ink; what differs
# from the paper by more than this share may be paper in other light, if it is nearer to it than this share of the way
# to the farthest, or if a square of this share of the shorter side has room in it.
STEEP, OTHER, BETWEEN, WIDE = 0.06, 0.12, 0.72, 0.36
# Of the picture. Tightly cut digits have up to 5 % of such pixels (97 of 100 digits of MNIST), a shadow over a sixth of
# the paper 15 %.
MOST_BETWEEN = 0.06

# How wide disc and square are, as a share of the shorter side: wider than strokes.
WIDTH = 0.35

# How deep the parabola hangs half the shorter side from its middle, in shares of the range of brightness; and how far
# outside the picture its middle may be, by which it stands as steep as light may fall there, in shares of that side.
HANG = 0.55
OUTSIDE = 0.25

# Ink is a share of the light on the paper, but where there is nearly none it would be noise that is made stronger.
DARKEST = 0.25


def is_even(small: Grey, paper: float) -> bool:
    """Whether the light is even in a picture (rows, cols) whose noise was averaged out. paper: brightness at its
    border.

    Light changes slowly or covers much: what is neither as bright as the paper nor as dark as the ink, and yet alike
    for some pixels around, is paper in other light. Strokes have such levels at their flanks only, which are steep,
    also where a digit was cut out so tightly that they lie along the border.
    """
    spread = float(np.ptp(small))
    if min(small.shape) < 2 or not spread:
        return True
    down, right = np.gradient(small)
    is_flat = np.abs(down) + np.abs(right) < STEEP * spread
    distance = np.abs(small - paper) / spread
    is_other = is_flat & (distance > OTHER)
    is_between = is_other & (distance < BETWEEN * distance.max())
    return bool(is_between.mean() <= MOST_BETWEEN) and not _holds_square(is_other, round(WIDE * min(small.shape)))


def _holds_square(where: NDArray[np.bool_], side: int) -> bool:
    """Whether there is a square of `side` x `side` pixels that are all true."""
    sums = np.pad(where.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    inside = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return bool((inside == side * side).any())


def is_light_in_uneven_light(grey: Grey) -> bool:
    """Whether the pixel that differs most from the median around it (half the picture's size) is darker than it."""
    small = averaged_down(grey, FEW)
    reach = max(1, min(small.shape) // 4)
    windows = sliding_window_view(np.pad(small, reach, "symmetric"), (2 * reach + 1, 2 * reach + 1))
    differences = small - np.median(windows, axis=(2, 3))
    return bool(-differences.min() > differences.max())


def paper_of(grey: Grey, *, is_light: bool) -> Grey:
    """The paper's brightness (rows, cols), 0..255, in a picture (rows, cols), also under the ink.

    is_light: whether the paper is lighter than the ink.
    """
    small = averaged_down(grey, SIDE)
    return _enlarged(_light_paper(small) if is_light else -_light_paper(-small), grey.shape)


def correction(paper: Grey) -> Grey:
    """The factor (rows, cols) that the difference between light paper and dark ink has to be multiplied by.

    Ink absorbs a share of the light, so it differs less from its paper where there is less light.
    """
    level = max(float(np.median(paper)), 1.0)
    return (level / np.maximum(paper, DARKEST * level)).astype(np.float32)


def averaged_down(grey: Grey, side: int) -> Grey:
    """The picture averaged down to about `side` pixels along its longer side; a smaller one as it is."""
    factor = max(grey.shape) // side
    return np.asarray(Image.fromarray(grey).reduce(factor)) if factor > 1 else grey


def _enlarged(paper: Grey, shape: tuple[int, ...]) -> Grey:
    rows, cols = shape
    return np.asarray(Image.fromarray(paper).resize((cols, rows), Image.Resampling.BILINEAR))


def _light_paper(picture: Grey) -> Grey:
    """The picture without dark, narrow strokes."""
    short = min(picture.shape)
    bend = HANG * float(np.ptp(picture)) / (short / 2) ** 2
    paper = _under_parabola(picture, bend, round(OUTSIDE * short))
    reach = round(WIDTH * short / 2)
    distances = np.abs(np.indices((2 * reach + 1, 2 * reach + 1)) - reach)
    for body in (np.hypot(*distances) <= WIDTH * short / 2, distances.max(axis=0) <= reach):
        np.minimum(paper, -_highest_under(-_highest_under(picture, body), body), out=paper)
    # A pixel on the edge of a shadow has a mixture of both: it counts as shadow.
    return -_highest_under(-paper, np.ones((3, 3), bool))


def _highest_under(picture: Grey, body: NDArray[np.bool_]) -> Grey:
    """The highest value under a flat body (n, n), n odd, its middle on each pixel; at the edge, of what there is."""
    rows, cols = picture.shape
    wide = np.pad(picture, len(body) // 2, constant_values=-np.inf)
    highest = picture.copy()
    for down, right in np.argwhere(body):
        np.maximum(highest, wide[down : down + rows, right : right + cols], out=highest)
    return highest


def _under_parabola(picture: Grey, bend: float, outside: int) -> Grey:
    """Its closing by bend * (distance from the middle)^2, the middle at most `outside` pixels outside the picture.

    The squared distance is a sum over both axes, so it is done one axis at a time.
    """
    rises = [_rises(size, bend, outside) for size in picture.shape]
    raised = _along(0, _along(1, picture, rises[1], np.subtract, np.max), rises[0], np.subtract, np.max)
    return _along(0, _along(1, raised, rises[1].T, np.add, np.min), rises[0].T, np.add, np.min)


def _rises(size: int, bend: float, outside: int) -> Grey:
    """(size + 2 outside, size): how far the parabola rises over each pixel of a row for each place of its middle."""
    middles = np.arange(-outside, size + outside)[:, np.newaxis]
    return (bend * (middles - np.arange(size)) ** 2).astype(np.float32)


def _along(
    side: int, picture: Grey, rises: Grey, move: Callable[[Grey, Grey], Grey], most: Callable[..., Grey]
) -> Grey:
    """For each new place along a side, the highest or lowest pixel after all were moved by the rises there."""
    rows = np.moveaxis(picture, side, 1)
    out: Grey = np.moveaxis(np.stack([most(move(rows, rise), axis=1) for rise in rises], axis=1), 1, side)
    return out
