"""Centring against MNIST itself, whose digits were centred by its authors, and against hand-worked drawings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mnist_gui.data.images.centering import averaged, centred
from tests.support import dataset

Picture = NDArray[np.uint8]


def box(picture: Picture) -> NDArray[np.intp]:
    """The first and last rows and columns with ink."""
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    return np.array([rows[0], rows[-1], columns[0], columns[-1]])


def mass_centre(picture: Picture) -> NDArray[np.float64]:
    rows, columns = np.indices(picture.shape)
    return np.array([np.average(rows, weights=picture), np.average(columns, weights=picture)])


def assert_same_place(found: Picture, expected: Picture) -> None:
    assert np.abs(box(found) - box(expected)).max() <= 0.5
    assert np.abs(mass_centre(found) - mass_centre(expected)).max() <= 0.5


def pasted(digit: Picture, scale: int, top: int, left: int, shape: tuple[int, int]) -> Picture:
    canvas = np.zeros(shape, np.uint8)
    large = digit.repeat(scale, axis=0).repeat(scale, axis=1)
    canvas[top : top + large.shape[0], left : left + large.shape[1]] = large
    return canvas


def test_mnist_s_own_digits_stay_where_mnist_has_them() -> None:
    for digit in dataset().test_images[:2000]:
        found = centred(digit, (28, 28))
        assert_same_place(found, digit)
        np.testing.assert_allclose(found, digit, atol=1)  # the brightest pixel is 254 or 255 in MNIST


@pytest.mark.parametrize(("scale", "top", "left"), [(1, 0, 0), (1, 260, 3), (3, 100, 170), (10, 20, 5), (7, 104, 104)])
def test_a_digit_that_was_shifted_and_enlarged_comes_back_to_its_place(scale: int, top: int, left: int) -> None:
    for digit in dataset().test_images[:200]:
        found = centred(pasted(digit, scale, top, left, (300, 300)), (28, 28))
        assert_same_place(found, digit)
        np.testing.assert_allclose(found, digit, atol=1)


@pytest.mark.parametrize(
    ("shape", "box_size"), [((28, 28), (20, 20)), ((8, 8), (6, 6)), ((14, 56), (10, 40)), ((1, 1), (1, 1))]
)
def test_the_box_is_20_of_28_of_any_picture(shape: tuple[int, int], box_size: tuple[int, int]) -> None:
    solid = np.full((300, 300 * box_size[1] // box_size[0]), 200, np.uint8)
    found = centred(solid, shape)
    top, bottom, left, right = box(found)
    assert (bottom - top + 1, right - left + 1) == box_size
    assert found.dtype == np.uint8
    assert found.max() == 255


def test_proportions_are_kept() -> None:
    top, bottom, left, right = box(centred(np.full((100, 40), 255, np.uint8), (28, 28)))
    assert (bottom - top + 1, right - left + 1) == (20, 8)


def test_ink_stays_in_the_picture_though_its_mass_lies_at_one_end() -> None:
    """A T on its side: by its mass alone it would stick out."""
    drawing = np.zeros((20, 20), np.uint8)
    drawing[10, :], drawing[:, :2] = 1, 255
    found = centred(drawing, (22, 22))
    assert box(found).tolist() == [3, 18, 6, 21]


def test_without_ink_there_is_nothing() -> None:
    assert not centred(np.zeros((50, 30), np.uint8), (28, 28)).any()
    assert not centred(np.zeros((0, 0), np.uint8), (28, 28)).any()


def test_a_very_long_line_is_one_pixel_thick() -> None:
    found = centred(np.full((1, 50_000), 255, np.uint8), (28, 28))
    assert box(found).tolist() == [14, 14, 4, 23]


def test_an_average_is_worked_out_by_hand() -> None:
    picture = np.array([[0, 30, 90], [60, 30, 0]], np.uint8)
    # columns 0..1.5 and 1.5..3 of the mean of both rows, (30, 30, 45)
    np.testing.assert_allclose(averaged(picture, 1, 2), [[30, 40]])
    np.testing.assert_allclose(averaged(picture, 4, 3), picture.repeat(2, axis=0))


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_any_drawing_fills_the_box_and_keeps_its_mass_as_near_the_middle_as_it_can(
    drawing: Picture, shape: tuple[int, int]
) -> None:
    found = centred(drawing, shape)
    assert found.shape == shape
    assert found.any() == drawing.any()
    if not drawing.any():
        return
    away = np.abs(mass_centre(found) - (shape[0] // 2, shape[1] // 2))
    top, bottom, left, right = box(found)
    at_edge = np.array([top == 0 or bottom == shape[0] - 1, left == 0 or right == shape[1] - 1])
    assert ((away <= 0.5 + 1e-2 * np.array(shape)) | at_edge).all()
