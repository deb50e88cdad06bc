"""Clear digits on paper in uneven light are read as they are in even light; without a digit nothing is drawn."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mnist_gui.data.images.centering import centred
from mnist_gui.data.images.files import PictureError
from mnist_gui.data.images.illumination import (
    SIDE,
    averaged_down,
    correction,
    is_even,
    is_light_in_uneven_light,
    paper_of,
)
from mnist_gui.data.images.ink import ink_of
from tests.support import dataset

Light = NDArray[np.float64]

ROWS, COLS = 240, 320
DOWN, RIGHT = np.mgrid[:ROWS, :COLS] / [[[ROWS]], [[COLS]]]
LIGHTS: dict[str, Light] = {
    "ramp": 250 - 150 * RIGHT,
    "slanting ramp": 90 + 75 * (RIGHT + DOWN),
    "hard shadow in a corner": np.where((RIGHT > 0.7) & (DOWN > 0.7), 120.0, 210.0),
    "slanting shadow": np.where(RIGHT + DOWN > 1.5, 120.0, 210.0),
    "shadow on a side": np.where(RIGHT > 0.75, 120.0, 210.0),
    "soft shadow of a hand": 210 * (1 - 0.6 / (1 + np.exp(-((RIGHT - 0.2) * 1.2 + (DOWN - 0.75)) * 25))),
    "shadow of a quarter": np.where((RIGHT > 0.6) & (DOWN > 0.6), 105.0, 210.0),
    "shadow of a band": np.where(DOWN > 0.75, 110.0, 210.0),
    "lens": 220 - 120 * ((RIGHT - 0.5) ** 2 + (DOWN - 0.5) ** 2),
    "lamp": 90 + 150 * np.exp(-((RIGHT - 0.3) ** 2 + (DOWN - 0.4) ** 2) / 0.15),
}
EVEN = np.full((ROWS, COLS), 200.0)
DIGITS = range(8)


def photograph(light: Light, digit: int | None, noise: float = 3.0) -> NDArray[np.uint8]:
    """Paper in some light, with a digit in the middle that swallows 70 % of it."""
    seen = light.copy()
    if digit is not None:
        ink = dataset().test_images[digit].repeat(5, axis=0).repeat(5, axis=1) / 255
        seen[50:190, 70:210] *= 1 - 0.7 * ink
    return np.clip(seen + np.random.default_rng(0).normal(0, noise, seen.shape), 0, 255).astype(np.uint8)


def likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The largest correlation of two pictures, one moved by up to a pixel: centres of mass are rounded to pixels."""
    moved = [np.roll(one, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(float(np.corrcoef(each.ravel(), other.ravel())[0, 1]) for each in moved)


@cache
def in_even_light(digit: int) -> NDArray[np.uint8]:
    """What is made of a digit in even light."""
    return centred(ink_of(photograph(EVEN, digit, noise=0), "it"), (28, 28))


@pytest.mark.parametrize("light", LIGHTS)
def test_a_digit_in_uneven_light_is_the_digit_in_even_light(light: str) -> None:
    for digit in DIGITS:
        found = centred(ink_of(photograph(LIGHTS[light], digit), "it"), (28, 28))
        assert likeness(found, in_even_light(digit)) > 0.9


def test_light_ink_on_dark_paper_in_uneven_light_is_found_too() -> None:
    ink = dataset().test_images[0].repeat(5, axis=0).repeat(5, axis=1) / 255
    seen = 90 * RIGHT
    seen[50:190, 70:210] += 120 * ink
    found = centred(ink_of(seen.astype(np.uint8), "it"), (28, 28))
    assert likeness(found, dataset().test_images[0]) > 0.9


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("digit", DIGITS)
def test_paper_is_light_if_what_is_narrow_on_it_is_dark_wherever_the_light_comes_from(light: str, digit: int) -> None:
    seen = photograph(LIGHTS[light], digit).astype(np.float32)
    assert is_light_in_uneven_light(seen)
    assert not is_light_in_uneven_light(255 - seen)


@pytest.mark.parametrize("light", ["ramp", "slanting ramp"])
@pytest.mark.parametrize("noise", [0.0, 3.0, 12.0])
def test_paper_in_uneven_light_with_nothing_but_noise_on_it_is_refused(light: str, noise: float) -> None:
    with pytest.raises(PictureError, match="nothing is drawn"):
        ink_of(photograph(LIGHTS[light], None, noise), "it")


@pytest.mark.parametrize("light", ["ramp", "slanting ramp", "lens", "shadow on a side"])
def test_the_paper_is_what_there_is_without_a_digit(light: str) -> None:
    for digit in DIGITS:
        paper = paper_of(photograph(LIGHTS[light], digit, noise=0).astype(np.float32), is_light=True)
        assert np.percentile(np.abs(paper - LIGHTS[light]), 98) < 0.08 * np.ptp(LIGHTS[light])


def test_ink_that_swallows_a_share_of_the_light_is_as_black_in_any() -> None:
    paper = (200 - 100 * RIGHT).astype(np.float32)
    np.testing.assert_allclose(0.7 * paper * correction(paper), 0.7 * np.median(paper), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3), (8, 8), (28, 28), (5, 3000)])
@pytest.mark.parametrize("is_light", [False, True])
def test_pictures_of_any_size_have_paper(shape: tuple[int, int], is_light: bool) -> None:
    grey = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    found = paper_of(grey, is_light=is_light)
    assert found.shape == shape
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    is_light_in_uneven_light(grey)
    assert np.isfinite(correction(found)).all()
    np.testing.assert_array_equal(paper_of(np.zeros(shape, np.float32), is_light=is_light), 0.0)


def cut_out(digit: int, scale: int) -> NDArray[np.float32]:
    """A digit in even light, without any paper around it."""
    image = dataset().test_images[digit]
    rows, columns = (np.flatnonzero(image.max(axis=axis) > 60) for axis in (1, 0))
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    size = (ink.shape[1] * scale, ink.shape[0] * scale)
    return 230 - 200 / 255 * np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC), np.float32)


@pytest.mark.parametrize("scale", [1, 4, 12])
def test_digits_that_were_cut_out_tightly_are_nearly_all_in_even_light(scale: int) -> None:
    pictures = [averaged_down(cut_out(digit, scale), SIDE) for digit in range(100)]
    assert sum(is_even(picture, 230.0) for picture in pictures) >= 94


@pytest.mark.parametrize("light", LIGHTS)
def test_light_of_any_kind_that_is_not_even_is_told(light: str) -> None:
    for digit in DIGITS:
        small = averaged_down(photograph(LIGHTS[light], digit).astype(np.float32), SIDE)
        border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
        assert not is_even(small, float(np.median(border)))
        assert is_even(averaged_down(photograph(EVEN, digit).astype(np.float32), SIDE), 200.0)
