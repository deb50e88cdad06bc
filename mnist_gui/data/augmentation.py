"""Random distortions of training digits: shift, rotation, scale, elastic and noise, new each time they are used.

A distorted picture takes each of its pixels from a place in the original, interpolated between four pixels. A map holds
these places. Computing a map is expensive, so a small group of digits shares one: minibatches are random samples, so
groups and maps change from epoch to epoch.
"""

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import AugmentationConfig

Reals = NDArray[np.float32]

# Digits that share a map. Their pixels lie side by side in memory, so that a place is looked up once for all of them. A
# smaller group is slower; a larger one gives less variety in a minibatch and no more speed.
GROUP = 16
# Groups that are distorted at a time: their arrays stay in the processor's cache.
GROUPS_AT_ONCE = 8
# Maps drawn at a time, also for minibatches that need only two; more would not fit the cache.
POOL = 16
# Zeros around a picture: one before it, two behind, so that both neighbours of a place outside are blank.
BEFORE, AROUND = 1, 3
NOISE_POOL = 2**18
NOISE_USES = 16


class Distorter:
    """Distorts minibatches of pictures of one shape; the result depends on the generator and on earlier calls."""

    def __init__(self, config: AugmentationConfig, image_shape: tuple[int, int], rng: np.random.Generator) -> None:
        self._config, self._shape, self._rng = config, image_shape, rng
        self._bends = any((config.shift, config.rotation, config.scale, config.elastic))
        if self._bends:
            self._make_buffers()
        self._noise = np.empty(0, np.float32)
        self._noise_left = 0

    def distort(self, pixels: NDArray[np.uint8], out: Reals) -> None:
        """Fill out (B, D) with the grey levels, 0..255, of distorted pixels (B, D); with noise they may leave this
        range."""
        if not self._bends:
            out[...] = pixels
        else:
            at_once = GROUP * GROUPS_AT_ONCE
            for start in range(0, len(pixels), at_once):
                self._bend(pixels[start : start + at_once], out[start : start + at_once])
        if self._config.noise:
            self._add_noise(out)

    def _make_buffers(self) -> None:
        rows, columns = self._shape
        size = rows * columns
        self._ink = np.zeros((GROUPS_AT_ONCE, rows + AROUND, columns + AROUND, GROUP), np.float32)
        self._staged = np.zeros((GROUPS_AT_ONCE * GROUP, size), np.uint8)
        self._corners = np.empty((4, GROUPS_AT_ONCE * size, GROUP), np.float32)
        self._share = np.empty((GROUPS_AT_ONCE * size, GROUP), np.float32)
        self._smoothers = tuple(gaussian_smoother(length, self._config.elastic_sigma) for length in self._shape)
        self._next = POOL

    def _bend(self, pixels: NDArray[np.uint8], out: Reals) -> None:
        rows, columns = self._shape
        count, groups = len(pixels), -(-len(pixels) // GROUP)
        if count % GROUP:
            self._staged[:count] = pixels  # digits of an earlier call fill the last group up
            pixels = self._staged[: groups * GROUP]
        by_group = pixels.reshape(groups, GROUP, rows, columns)
        ink = self._ink[:groups]
        # Pixel by pixel, and the group's digits side by side: (groups, rows, columns, GROUP).
        ink[:, BEFORE : BEFORE + rows, BEFORE : BEFORE + columns] = by_group.transpose(0, 2, 3, 1)
        mixed = self._sample(ink, *self._take_maps(groups)).reshape(groups, rows * columns, GROUP)
        if count % GROUP:
            out[...] = mixed.transpose(0, 2, 1).reshape(groups * GROUP, -1)[:count]
        else:
            out.reshape(groups, GROUP, -1)[...] = mixed.transpose(0, 2, 1)

    def _sample(self, ink: Reals, places: NDArray[np.intp], right: Reals, down: Reals) -> Reals:
        """The picture at each place, bilinear between its four pixels: (groups * D, GROUP)."""
        groups, high, wide, _ = ink.shape
        flat = ink.reshape(-1, GROUP)
        wanted = (places + high * wide * np.arange(groups)[:, np.newaxis]).ravel()
        above, above_right, below, below_right = self._corners[:, : len(wanted)]
        for corner, offset in ((above, 0), (above_right, 1), (below, wide), (below_right, wide + 1)):
            # "clip" is what lets take write into out directly; no place is out of range.
            flat[offset:].take(wanted, axis=0, out=corner, mode="clip")
        share = self._share[: len(wanted)]
        _repeat(right, share)
        _mix(above, above_right, share)
        _mix(below, below_right, share)
        _repeat(down, share)
        _mix(above, below, share)
        sampled: Reals = above
        return sampled

    def _take_maps(self, count: int) -> tuple[NDArray[np.intp], Reals, Reals]:
        """The next maps: first corner in the padded picture (n, D), and shares of the way right and down (n * D, 1)."""
        if self._next + count > POOL:
            self._pool = corners_of(self._draw_places())
            self._next = 0
        taken = slice(self._next, self._next + count)
        self._next += count
        places, right, down = self._pool
        return places[taken], right[taken].reshape(-1, 1), down[taken].reshape(-1, 1)

    def _draw_places(self) -> Reals:
        """POOL maps as places in the original, (POOL, 2, rows, columns)."""
        config, rng = self._config, self._rng
        rows, columns = self._shape
        angles = np.deg2rad(rng.uniform(-config.rotation, config.rotation, POOL))
        scales = rng.uniform(1.0 - config.scale, 1.0 + config.scale, POOL)
        shifts = rng.uniform(-config.shift, config.shift, (POOL, 2))
        places = source_places(self._shape, angles, scales, shifts)
        if config.elastic:
            field = rng.random((POOL, 2, rows, columns), np.float32) * np.float32(2) - np.float32(1)
            places += np.float32(config.elastic) * (self._smoothers[0] @ field @ self._smoothers[1])
        return places

    def _add_noise(self, out: Reals) -> None:
        """Add Normal(0, noise * 255) to every pixel, from a random offset in a pool of drawn values: drawing new ones
        each time would take longer than the training step. Each pool is used about NOISE_USES times."""
        size = out.size
        if size > self._noise_left or size >= len(self._noise):
            drawn = self._rng.standard_normal(max(NOISE_POOL, 2 * size), np.float32)
            self._noise = drawn * np.float32(255.0 * self._config.noise)
            self._noise_left = NOISE_USES * len(self._noise)
        start = int(self._rng.integers(len(self._noise) - size))
        self._noise_left -= size
        out += self._noise[start : start + size].reshape(out.shape)


def source_places(
    shape: tuple[int, int],
    angles: NDArray[np.float64],
    scales: NDArray[np.float64],
    shifts: NDArray[np.float64],
) -> Reals:
    """Where each pixel of a rotated, scaled and shifted picture comes from: (n, 2, rows, columns), row and column.

    angles (n,) in radians, counter-clockwise; scales (n,); shifts (n, 2) in pixels, down and right. A point p of the
    result, counted from the centre, comes from R(angle)^T (p - shift) / scale.
    """
    middle_row, middle_column = ((length - 1.0) / 2.0 for length in shape)

    def each(values: NDArray[np.float64]) -> Reals:
        return values.astype(np.float32)[:, np.newaxis, np.newaxis]

    down = np.arange(shape[0], dtype=np.float32)[:, np.newaxis] - each(shifts[:, 0] + middle_row)  # (n, rows, 1)
    right = np.arange(shape[1], dtype=np.float32) - each(shifts[:, 1] + middle_column)  # (n, 1, columns)
    cosine, sine = each(np.cos(angles) / scales), each(np.sin(angles) / scales)
    places = np.empty((len(angles), 2, *shape), np.float32)
    np.add(cosine * down + np.float32(middle_row), sine * right, out=places[:, 0])
    np.subtract(cosine * right + np.float32(middle_column), sine * down, out=places[:, 1])
    return places


def gaussian_smoother(length: int, sigma: float) -> Reals:
    """The symmetric matrix (n, n) that convolves n values, 0 beyond both ends, with a Gaussian of this deviation.

    Smoothing a field on both sides with it is the convolution of Simard, Steinkraus & Platt (2003, section 2).
    """
    reach = int(4 * sigma + 0.5)
    total = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).sum()
    distance = np.subtract.outer(np.arange(length), np.arange(length))
    kernel = np.exp(-0.5 * (distance / sigma) ** 2) / total
    return np.where(np.abs(distance) <= reach, kernel, 0.0).astype(np.float32)


def corners_of(places: Reals) -> tuple[NDArray[np.intp], Reals, Reals]:
    """Places (n, 2, rows, columns) as the corner above and left of each in the padded picture, and how far right and
    down of it they are, as shares of a pixel: (n, D) each. Padded: BEFORE rows and columns of zeros come first, AROUND
    are added in all.
    """
    _, _, rows, columns = places.shape
    # Everything outside is blank, so places far outside may be moved to just outside.
    row = np.clip(places[:, 0], -1.0, rows + 0.0) + BEFORE
    column = np.clip(places[:, 1], -1.0, columns + 0.0) + BEFORE
    above, left = np.floor(row), np.floor(column)
    corner = above.astype(np.intp) * (columns + AROUND) + left.astype(np.intp)
    flat = (len(places), rows * columns)
    return corner.reshape(flat), (column - left).reshape(flat), (row - above).reshape(flat)


def _repeat(column: Reals, out: Reals) -> None:
    """out (n, GROUP) <- column (n, 1), beside each other. As a product it takes a third of the time of a broadcast."""
    np.dot(column, np.ones((1, GROUP), np.float32), out=out)


def _mix(one: Reals, other: Reals, share: Reals) -> None:
    """one <- one + share * (other - one). Overwrites `other`."""
    other -= one
    other *= share
    one += other
