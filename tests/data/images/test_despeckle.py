"""Specks and frames leave a digit as it is without them; what belongs to a digit stays."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from mnist_gui.data.images.centering import centred
from mnist_gui.data.images.despeckle import parts, without_dirt
from mnist_gui.data.images.ink import ink_of, load_picture
from tests.support import dataset

Picture = NDArray[np.uint8]


def on_paper(
    digit: Picture, scale: int = 8, shape: tuple[int, int] = (500, 400), at: tuple[int, int] = (120, 90)
) -> Picture:
    """Ink on large paper."""
    ink = np.zeros(shape, np.uint8)
    large = digit.repeat(scale, axis=0).repeat(scale, axis=1)
    ink[at[0] : at[0] + large.shape[0], at[1] : at[1] + large.shape[1]] = large
    return ink


def with_specks(ink: Picture) -> Picture:
    """Some wherever there is paper around."""
    dirty = ink.copy()
    for row, column in [(3, 4), (20, 370), (480, 200), (470, 8), (60, 60), (0, 399)]:
        if not ink[max(0, row - 15) : row + 20, max(0, column - 15) : column + 19].any():
            dirty[row : row + 5, column : column + 4] = 255
    return dirty


def with_frame(ink: Picture, sides: str) -> Picture:
    dirty = ink.copy()
    for side, place in {"t": np.s_[:12], "b": np.s_[-25:], "l": np.s_[:, :9], "r": np.s_[:, -30:]}.items():
        if side in sides:
            dirty[place] = 255
    return dirty


@lru_cache(64)
def clean(index: int) -> tuple[Picture, Picture]:
    """A digit on paper without dirt, and what is made of it."""
    ink = on_paper(dataset().test_images[index])
    return ink, without_dirt(ink)


FRAMES = ("t", "b", "l", "r", "tl", "lr", "tblr")


def test_specks_do_not_move_a_digit() -> None:
    for index in range(20):
        ink, kept = clean(index)
        np.testing.assert_array_equal(without_dirt(with_specks(ink)), kept)


@pytest.mark.parametrize("sides", FRAMES)
def test_a_frame_along_the_edges_does_not_move_a_digit(sides: str) -> None:
    for index in range(10):
        ink, kept = clean(index)
        np.testing.assert_array_equal(without_dirt(with_specks(with_frame(ink, sides))), kept)


@pytest.mark.parametrize("sides", ["", *FRAMES])
def test_scans_with_specks_and_frames_are_read_as_the_digit_alone(tmp_path: Path, sides: str) -> None:
    for index in range(6):
        ink, _ = clean(index)
        dirty = with_frame(with_specks(ink), sides)
        Image.fromarray(255 - dirty).save(tmp_path / "scan.png")
        found = centred(load_picture(tmp_path / "scan.png"), (28, 28))
        np.testing.assert_allclose(found.astype(int), centred(ink, (28, 28)), atol=16)


def test_a_frame_blacker_than_the_digit_does_not_make_it_fainter() -> None:
    ink, _ = clean(0)
    dirty = with_frame(ink // 3, "tblr")
    found = centred(ink_of(255 - dirty, "it"), (28, 28))
    np.testing.assert_allclose(found.astype(int), centred(ink, (28, 28)), atol=4)


def test_mnist_s_own_digits_keep_all_their_ink() -> None:
    for index, digit in enumerate(dataset().test_images[:300]):
        kept = without_dirt(digit)
        assert kept.sum(dtype=int) >= 0.985 * digit.sum(dtype=int)
        if index % 4 == 0:  # which takes ten times as long
            ink, kept = clean(index)
            assert kept.sum(dtype=int) >= 0.985 * ink.sum(dtype=int)


@pytest.mark.parametrize("down", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("right", [0.0, 1.0])
def test_a_digit_that_touches_the_edge_survives(down: float, right: float) -> None:
    for digit in dataset().test_images[:10]:
        tight = cut_out(digit)
        free = np.array([500, 400]) - 8 * np.array(tight.shape)
        ink = on_paper(tight, at=(int(down * free[0]), int(right * free[1])))
        kept = without_dirt(ink)
        np.testing.assert_array_equal(without_dirt(with_specks(ink)), kept)
        assert kept.sum(dtype=int) >= 0.985 * ink.sum(dtype=int)


def cut_out(digit: Picture) -> Picture:
    """Without any paper around it."""
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_a_digit_that_was_cut_out_tightly_survives() -> None:
    for digit in dataset().test_images[:100]:
        tight = cut_out(digit)
        kept = without_dirt(tight)
        assert kept.sum(dtype=int) >= 0.98 * tight.sum(dtype=int)


def test_both_parts_of_a_digit_survive_even_if_one_lies_at_the_edge() -> None:
    five = np.zeros((200, 160), np.uint8)
    five[60:75, 70:110], five[85:140, 60:70], five[130:140, 60:110] = 255, 255, 255
    np.testing.assert_array_equal(without_dirt(five), five)
    at_edge = five[60:]
    np.testing.assert_array_equal(without_dirt(at_edge), at_edge)
    tight = five[60:140, 60:110]  # its flag runs along the edge
    np.testing.assert_array_equal(without_dirt(tight), tight)
    dotted = np.zeros((120, 60), np.uint8)
    dotted[20:28, 26:34], dotted[40:100, 26:34] = 255, 255
    np.testing.assert_array_equal(without_dirt(dotted), dotted)


def test_a_drawing_of_nothing_but_small_dots_is_kept() -> None:
    dots = np.zeros((300, 300), np.uint8)
    dots[::15, ::15] = 255
    np.testing.assert_array_equal(without_dirt(dots), dots)


def test_what_hangs_together_is_one_part() -> None:
    mask = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 0, 1]], bool)
    np.testing.assert_array_equal(parts(mask), [[1, 0, 0, 2], [0, 1, 0, 2], [0, 0, 0, 0], [3, 3, 0, 4]])
    assert not parts(np.zeros((3, 0), bool)).any()


def test_a_spiral_is_one_part() -> None:
    size = 65
    spiral = np.zeros((size, size), bool)
    row, column, down, right = 0, 0, 0, 1
    spiral[0, 0] = True
    for length in [size - 1, *np.repeat(range(size - 1, 1, -2), 2)]:
        for _ in range(length):
            row, column = row + down, column + right
            spiral[row, column] = True
        down, right = right, -down
    assert parts(spiral).max() == 1


def filled(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The parts of a mask, by filling one after the other."""
    found = np.zeros(mask.shape, np.intp)
    count = 0
    for place in map(tuple, np.argwhere(mask)):
        if found[place]:
            continue
        count += 1
        waiting = [place]
        while waiting:
            row, column = waiting.pop()
            if not (0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]):
                continue
            if mask[row, column] and not found[row, column]:
                found[row, column] = count
                waiting += [(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return found


@given(arrays(np.bool_, st.tuples(st.integers(0, 14), st.integers(0, 14))))
def test_parts_are_those_that_filling_finds(mask: NDArray[np.bool_]) -> None:
    np.testing.assert_array_equal(parts(mask), filled(mask))


@given(arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30))))
def test_of_any_ink_some_is_kept_and_none_is_added(ink: Picture) -> None:
    kept = without_dirt(ink)
    assert kept.any() == ink.any()
    assert not kept[ink == 0].any()
