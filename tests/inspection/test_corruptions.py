"""The five disturbances: against SciPy's morphology, hand-worked pictures, and what holds of all of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from mnist_gui.inspection.corruptions import CORRUPTIONS, corrupt
from tests.support import dataset

KEYS = list(CORRUPTIONS)
SHAPES = [(28, 28), (8, 8), (1, 1), (5, 12), (64, 40), (1, 9), (3, 2)]


def digits(count: int = 30) -> np.ndarray:
    return dataset().train_images[:count]


def alone(key: str, pictures: np.ndarray, strength: float, seed: int = 0) -> np.ndarray:
    return corrupt(pictures, {key: strength}, np.random.default_rng(seed))


def disc(radius: int) -> np.ndarray:
    reach = np.arange(-radius, radius + 1)
    return np.add.outer(reach**2, reach**2) <= radius**2


# Thickness


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_thicker_strokes_are_the_grey_dilation_by_a_disc(radius: int) -> None:
    expected = [ndimage.grey_dilation(one, footprint=disc(radius), mode="constant", cval=0) for one in digits()]
    np.testing.assert_array_equal(alone("thickness", digits(), 2 * radius), expected)


def test_thinner_strokes_are_the_grey_erosion_with_paper_around_the_picture() -> None:
    expected = [ndimage.grey_erosion(one, footprint=disc(1), mode="constant", cval=0) for one in digits()]
    np.testing.assert_array_equal(alone("thickness", digits(), -2), expected)


@pytest.mark.parametrize(("pixels", "ink"), [(1, 127.5), (0.5, 63.75), (1.5, 191.25)])
def test_between_whole_radii_a_stroke_ends_within_a_pixel(pixels: float, ink: float) -> None:
    stroke = np.zeros((1, 7, 7), np.uint8)
    stroke[:, :, 3] = 255
    row = alone("thickness", stroke, pixels)[0, 3]
    assert row.tolist() == [0, 0, round(ink), 255, round(ink), 0, 0]


def test_a_stroke_gets_as_much_wider_as_the_strength_says() -> None:
    stroke = np.zeros((1, 28, 28), np.uint8)
    stroke[:, :, 11:16] = 255
    for pixels in CORRUPTIONS["thickness"].scale((28, 28)).points:
        wider = alone("thickness", stroke, pixels)[0, 10].sum() / 255 - 5
        assert wider == pytest.approx(pixels, abs=0.01)  # half levels are rounded to whole ones


# Rotation


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (-90, -1)])
def test_a_quarter_turn_above_0_is_against_the_clock(degrees: float, turns: int) -> None:
    expected = np.rot90(digits(), turns, axes=(1, 2))
    assert np.abs(alone("rotation", digits(), degrees).astype(int) - expected).max() <= 1


def test_a_small_turn_is_that_of_scipy() -> None:
    expected = np.stack([ndimage.rotate(one.astype(float), 20, order=1, reshape=False) for one in digits()])
    inside = (slice(None), slice(4, 24), slice(4, 24))  # at the rim SciPy leaves out what lies half outside
    assert np.abs(alone("rotation", digits(), 20)[inside] - expected[inside]).max() <= 0.51


# Shift


def test_a_shift_moves_each_picture_as_far_in_one_of_four_directions() -> None:
    points = np.zeros((200, 9, 11), np.uint8)
    points[:, 4, 5] = 200
    _, rows, columns = np.nonzero(alone("shift", points, 3))
    found = {(int(row) - 4, int(column) - 5) for row, column in zip(rows, columns, strict=True)}
    assert len(rows) == 200
    assert found == {(-3, 0), (3, 0), (0, -3), (0, 3)}


# Occlusion


@pytest.mark.parametrize("side", [1, 5, 12, 28])
def test_occlusion_blanks_a_square_within_the_picture(side: int) -> None:
    ink = np.full((50, 28, 28), 9, np.uint8)
    for blank in alone("occlusion", ink, side) == 0:
        rows, columns = np.flatnonzero(blank.any(axis=1)), np.flatnonzero(blank.any(axis=0))
        assert (len(rows), len(columns)) == (side, side)
        assert blank[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert blank.sum() == side**2


def test_a_growing_square_reaches_every_place_and_covers_all_in_the_end() -> None:
    ink = np.full((400, 6, 9), 9, np.uint8)
    covered = (alone("occlusion", ink, 1) == 0).any(axis=0)
    assert covered.all()
    assert not alone("occlusion", ink, 9).any()


# Noise


def test_noise_has_the_standard_deviation_that_was_asked_for_and_stays_between_paper_and_ink() -> None:
    grey = np.full((40, 28, 28), 128, np.uint8)
    changed = alone("noise", grey, 20).astype(float) - 128
    assert changed.mean() == pytest.approx(0, abs=0.5)
    assert changed.std() == pytest.approx(20, rel=0.02)
    strong = alone("noise", grey, 200)
    assert (strong.min(), strong.max()) == (0, 255)


# All of them


@pytest.mark.parametrize("shape", SHAPES)
def test_a_strength_of_0_changes_nothing(shape: tuple[int, int]) -> None:
    pictures = np.random.default_rng(1).integers(0, 256, (4, *shape), np.uint8)
    same = corrupt(pictures, dict.fromkeys(KEYS, 0.0), np.random.default_rng(0))
    np.testing.assert_array_equal(same, pictures)
    assert same is not pictures


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_strength_of_a_scale_gives_new_pictures_of_the_same_shape(key: str, shape: tuple[int, int]) -> None:
    pictures = np.random.default_rng(1).integers(0, 256, (5, *shape), np.uint8)
    before = pictures.copy()
    for strength in CORRUPTIONS[key].scale(shape).points:
        found = alone(key, pictures, strength)
        assert (found.shape, found.dtype) == (pictures.shape, np.uint8)
    np.testing.assert_array_equal(pictures, before)
    assert alone(key, pictures[:0], CORRUPTIONS[key].scale(shape).high).shape == (0, *shape)


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(KEYS))
def test_a_scale_has_0_its_ends_and_few_points_all_on_the_steps_of_its_slider(rows: int, cols: int, key: str) -> None:
    scale = CORRUPTIONS[key].scale((rows, cols))
    assert list(scale.points) == sorted(set(scale.points))
    assert (scale.points[0], scale.points[-1]) == (scale.low, scale.high)
    assert 0.0 in scale.points
    assert scale.low <= 0 < scale.high
    assert 2 <= len(scale.points) <= 40
    assert all(math.isclose(point / scale.step, round(point / scale.step)) for point in scale.points)


@given(st.dictionaries(st.sampled_from(KEYS), st.sampled_from([0.0, 0.5, 1.0]), max_size=5), st.integers(0, 2**32))
def test_the_same_generator_gives_the_same_pictures(shares: dict[str, float], seed: int) -> None:
    strengths = {key: share * CORRUPTIONS[key].scale((28, 28)).high for key, share in shares.items()}
    one, other = (corrupt(digits(3), strengths, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_what_is_drawn_for_one_way_depends_neither_on_the_others_nor_on_a_strength() -> None:
    grey = np.full((20, 28, 28), 128, np.uint8)
    weak, strong = (alone("noise", grey, deviation).astype(float) - 128 for deviation in (5, 20))
    np.testing.assert_allclose(strong, 4 * weak, atol=2.6)  # each is rounded to whole grey levels
    both = corrupt(grey, {"occlusion": 7, "noise": 5}, np.random.default_rng(0))
    covered = alone("occlusion", grey, 7) == 0
    np.testing.assert_array_equal(both[~covered], alone("noise", grey, 5)[~covered])


@pytest.mark.parametrize("strength", [math.nan, math.inf, -math.inf, 1e308, -1.0, 201.0])
def test_a_strength_beyond_the_scale_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match="is not from 0 to 200 grey levels"):
        alone("noise", digits(2), strength)
