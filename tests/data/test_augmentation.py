"""Distortions: exact where they can be worked out, as SciPy's elsewhere, centred on the original, and repeatable."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from mnist_gui.config.run_config import AugmentationConfig
from mnist_gui.data.augmentation import GROUP, POOL, Distorter, gaussian_smoother, source_places
from tests.support import dataset

ALL = AugmentationConfig(shift=2.0, rotation=15.0, scale=0.15, elastic=34.0)


def pictures(count: int, shape: tuple[int, int] = (28, 28), seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def distorted(config: AugmentationConfig, images: np.ndarray, *, seed: int = 0, batch: int | None = None) -> np.ndarray:
    """The images (B, rows, cols), distorted `batch` at a time."""
    pixels = images.reshape(len(images), -1)
    distorter = Distorter(config, images.shape[1:], np.random.default_rng(seed))
    out = np.full(pixels.shape, np.nan, np.float32)
    step = batch or len(pixels)
    for start in range(0, len(pixels), step):
        distorter.distort(pixels[start : start + step], out[start : start + step])
    return out.reshape(images.shape)


class Fixed(Distorter):
    """Uses the same places, (2, rows, cols), for every digit."""

    places: np.ndarray

    def _draw_places(self) -> np.ndarray:
        return np.repeat(self.places[np.newaxis], POOL, axis=0).astype(np.float32)


def through(places: np.ndarray, images: np.ndarray) -> np.ndarray:
    distorter = Fixed(AugmentationConfig(shift=1.0), images.shape[1:], np.random.default_rng(0))
    distorter.places = places
    out = np.empty((len(images), images[0].size), np.float32)
    distorter.distort(images.reshape(len(images), -1), out)
    return out.reshape(images.shape)


def places_of(
    shape: tuple[int, int], *, angle: float = 0.0, scale: float = 1.0, down: float = 0.0, right: float = 0.0
) -> np.ndarray:
    return source_places(shape, np.array([angle]), np.array([scale]), np.array([[down, right]]))[0]


@pytest.mark.parametrize("count", [1, 5, GROUP, 40])
def test_without_any_distortion_digits_pass_exactly(count: int) -> None:
    images = pictures(count, (5, 7))
    np.testing.assert_array_equal(distorted(AugmentationConfig(), images), images)


def test_a_shift_by_whole_pixels_moves_the_digit_and_leaves_paper_behind() -> None:
    images = pictures(3, (8, 9))
    moved = through(places_of((8, 9), down=2.0, right=-3.0), images)
    np.testing.assert_allclose(moved[:, 2:, :-3], images[:, :-2, 3:], atol=1e-3)
    assert not moved[:, :2].any()
    assert not moved[:, :, -3:].any()


def test_half_a_pixel_is_half_of_each_neighbour() -> None:
    images = pictures(2, (6, 6))
    moved = through(places_of((6, 6), right=0.5), images)
    np.testing.assert_allclose(moved[:, :, 1:], (images[:, :, 1:].astype(float) + images[:, :, :-1]) / 2, atol=1e-3)
    np.testing.assert_allclose(moved[:, :, 0], images[:, :, 0] / 2, atol=1e-3)


@pytest.mark.parametrize(("quarters", "angle"), [(1, np.pi / 2), (2, np.pi), (3, -np.pi / 2)])
def test_quarter_turns_against_the_clock_are_exact(quarters: int, angle: float) -> None:
    images = pictures(3, (9, 9))
    turned = through(places_of((9, 9), angle=angle), images)
    np.testing.assert_allclose(turned, np.rot90(images, quarters, axes=(1, 2)), atol=1e-2)


def test_a_scale_above_one_makes_the_digit_larger_about_its_centre() -> None:
    image = np.zeros((1, 21, 21), np.uint8)
    image[0, 7:14, 7:14] = 255
    assert through(places_of((21, 21), scale=2.0), image).sum() == pytest.approx(4 * image.sum(), rel=0.1)
    assert ndimage.center_of_mass(through(places_of((21, 21), scale=2.0), image)[0]) == pytest.approx((10, 10))


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (28, 28), (20, 33)])
def test_pictures_are_sampled_as_scipys_bilinear_map_coordinates(shape: tuple[int, int]) -> None:
    images = pictures(2 * GROUP + 3, shape)
    rng = np.random.default_rng(1)
    places = rng.uniform(-4.0, np.array(shape)[:, np.newaxis, np.newaxis] + 4.0, (2, *shape))
    found = through(places, images)
    for image, ours in zip(images, found, strict=True):
        padded = np.pad(image.astype(float), 6)  # beyond its edge SciPy extrapolates from the border
        theirs = ndimage.map_coordinates(padded, places.astype(np.float32) + 6, order=1, mode="constant")
        np.testing.assert_allclose(ours, theirs, atol=1e-2)


@pytest.mark.parametrize("sigma", [1.0, 4.0, 9.5])
def test_smoothing_equals_scipys_gaussian_filter_with_nothing_beyond_the_edges(sigma: float) -> None:
    field = np.random.default_rng(0).uniform(-1, 1, (28, 20))
    ours = gaussian_smoother(28, sigma) @ field @ gaussian_smoother(20, sigma)
    theirs = ndimage.gaussian_filter(field, sigma, mode="constant", truncate=4.0)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_elastic_fields_have_the_spread_of_smoothed_uniform_noise_and_mean_zero() -> None:
    """Var = alpha^2 / 3 * (sum of the kernel's squares)^2, which for a Gaussian is 1 / (2 sqrt(pi) sigma), squared."""
    distorter = Distorter(AugmentationConfig(elastic=34.0), (41, 41), np.random.default_rng(0))
    fields = np.concatenate([distorter._draw_places() for _ in range(80)])
    fields -= places_of((41, 41))
    middle = fields[:, :, 16:25, 16:25]  # away from the edges, which the kernel reaches beyond
    expected = 34.0 / np.sqrt(3.0) / (2.0 * np.sqrt(np.pi) * 4.0)
    assert middle.std() == pytest.approx(expected, rel=0.05)
    assert abs(middle.mean()) < 0.05 * expected * 3


def test_what_is_drawn_fills_its_ranges_and_is_centred() -> None:
    config = AugmentationConfig(shift=3.0, rotation=20.0, scale=0.2)
    distorter = Distorter(config, (28, 28), np.random.default_rng(0))
    places = np.concatenate([distorter._draw_places() for _ in range(160)]).astype(np.float64)
    down = places[:, :, 27, :].mean(axis=2) - places[:, :, 0, :].mean(axis=2)  # from the first row to the last
    scales, angles = 27.0 / np.hypot(down[:, 0], down[:, 1]), np.rad2deg(np.arctan2(-down[:, 1], down[:, 0]))
    for values, middle, reach in ((scales, 1.0, 0.2), (angles, 0.0, 20.0)):
        assert values.min() >= middle - reach - 1e-3
        assert values.max() <= middle + reach + 1e-3
        assert values.mean() == pytest.approx(middle, abs=4 * reach / np.sqrt(3 * len(values)))
        assert np.ptp(values) > 1.9 * reach
    centres = places.mean(axis=(2, 3)) - 13.5
    assert np.abs(centres.mean(axis=0)).max() < 4 * 3.8 / np.sqrt(3 * len(centres))


@pytest.mark.parametrize("count", [1, 2, GROUP - 1, GROUP, GROUP + 1, 40, 8 * GROUP + 5])
def test_every_digit_of_a_minibatch_is_distorted_and_none_is_changed_itself(count: int) -> None:
    images = dataset().train_images[:count]
    before = images.copy()
    found = distorted(ALL, images)
    assert np.isfinite(found).all()
    assert (np.abs(found - images).mean(axis=(1, 2)) > 1).all()
    np.testing.assert_array_equal(images, before)


def test_a_digit_is_another_each_time_it_is_seen() -> None:
    images = np.repeat(dataset().train_images[:1], 5 * GROUP, axis=0)
    found = distorted(ALL, images, batch=GROUP)
    assert len(np.unique(found.reshape(len(found), -1), axis=0)) == 5


def test_a_short_minibatch_gets_its_own_digits() -> None:
    images = np.zeros((GROUP + 3, 10, 10), np.uint8)
    images[:, 3:7, 3:7] = (10 * np.arange(1, len(images) + 1))[:, np.newaxis, np.newaxis]
    found = distorted(AugmentationConfig(rotation=5.0), images)
    np.testing.assert_allclose(found.max(axis=(1, 2)), images.max(axis=(1, 2)), rtol=0.02)


def test_the_same_seed_gives_the_same_distortions_and_another_seed_others() -> None:
    images = dataset().train_images[:50]
    config = AugmentationConfig(shift=2.0, rotation=15.0, scale=0.15, elastic=34.0, noise=0.1)
    one, same, other = (distorted(config, images, seed=seed, batch=20) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_noise_keeps_the_mean_and_has_the_deviation_asked_for() -> None:
    images = np.full((2000, 28, 28), 100, np.uint8)
    found = distorted(AugmentationConfig(noise=0.2), images, batch=100)
    assert found.mean(dtype=np.float64) == pytest.approx(100.0, abs=0.5)
    assert found.std(dtype=np.float64) == pytest.approx(0.2 * 255, rel=0.01)
    assert len(np.unique(found[:2], axis=0)) == 2


def test_noise_suffices_for_a_minibatch_larger_than_its_pool() -> None:
    images = np.zeros((700, 28, 28), np.uint8)
    found = distorted(AugmentationConfig(noise=0.1), images)
    assert found.std(dtype=np.float64) == pytest.approx(25.5, rel=0.02)


def test_distortions_keep_about_the_ink_of_real_digits() -> None:
    images = dataset().train_images[:2000]
    found = distorted(ALL, images, batch=128)
    assert found.mean(dtype=np.float64) == pytest.approx(images.mean(), rel=0.05)


@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    count=st.integers(1, 40),
    config=st.builds(
        AugmentationConfig,
        shift=st.floats(0, 14),
        rotation=st.floats(0, 180),
        scale=st.floats(0, 0.5),
        elastic=st.floats(0, 200),
        elastic_sigma=st.floats(1, 20),
    ),
)
def test_no_pixel_is_darker_or_lighter_than_those_it_lies_between(
    shape: tuple[int, int], count: int, config: AugmentationConfig
) -> None:
    images = pictures(count, shape)
    found = distorted(config, images)
    assert np.isfinite(found).all()
    assert found.min() >= -1e-3
    assert (found.max(axis=(1, 2)) <= images.max(axis=(1, 2)) + 1e-3).all()
