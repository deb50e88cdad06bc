"""Minibatches: which digits, in which order, scaled how, in whose memory."""

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.data.batches import SCALINGS, Batches, chunks, until_cancelled
from mnist_gui.data.splits import Split
from tests.support import dataset


def split_of(count: int, rows: int = 3, cols: int = 2, seed: int = 0) -> Split:
    """`count` of twice as many random pictures; no two labels alike while there are at most 256."""
    rng = np.random.default_rng(seed)
    source = rng.integers(0, 256, (2 * count + 1, rows, cols), dtype=np.uint8)
    places = rng.permutation(len(source))[:count].astype(np.intp)
    return Split("train", source, places, np.arange(count).astype(np.uint8))


def by_hand(split: Split, indexes: np.ndarray) -> np.ndarray:
    return np.array([split.image(index).ravel() / 255 for index in indexes], np.float32)


GREYS = np.arange(256, dtype=np.float32).reshape(2, 128)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("unit", GREYS / 255),
        ("signed", 2 * GREYS / 255 - 1),
        ("binary", (GREYS > 0).astype(np.float32)),
        ("standard", (GREYS / 255 - 0.1307) / 0.3081),
        ("raw", GREYS),
    ],
)
def test_a_scaling_makes_of_the_grey_levels_what_it_says(name: str, expected: np.ndarray) -> None:
    inputs = GREYS.copy()
    SCALINGS[name](inputs)
    assert inputs.dtype == np.float32
    np.testing.assert_allclose(inputs, expected, atol=2e-4, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "ends"), [("unit", [0, 1]), ("signed", [-1, 1]), ("binary", [0, 1]), ("raw", [0, 255])]
)
def test_blank_and_full_ink_become_exactly_the_ends_of_the_scale(name: str, ends: list[float]) -> None:
    inputs = np.array([[0, 255]], np.float32)
    SCALINGS[name](inputs)
    np.testing.assert_allclose(inputs[0], ends, atol=1e-7)


def test_standard_scaling_gives_the_training_digits_mean_zero_and_deviation_one() -> None:
    sums = np.zeros(2)
    for images in np.array_split(dataset().train_images.reshape(-1), 60):
        inputs = images.astype(np.float32)
        SCALINGS["standard"](inputs)
        sums += inputs.sum(dtype=np.float64), np.square(inputs, dtype=np.float64).sum()
    mean, mean_square = sums / dataset().train_images.size
    assert mean == pytest.approx(0.0, abs=1e-4)
    assert mean_square == pytest.approx(1.0, abs=1e-4)


class Inverter:
    """A distorter that anybody can check."""

    def distort(self, pixels: np.ndarray, out: np.ndarray) -> None:
        out[...] = 255.0 - pixels


def test_digits_are_distorted_before_they_are_scaled() -> None:
    split = split_of(20)
    inputs, _ = Batches(split, "unit", 4, Inverter()).gather(np.arange(4))
    np.testing.assert_allclose(inputs, 1.0 - by_hand(split, np.arange(4)), atol=1e-6)


@given(
    count=st.integers(1, 200),
    batch_size=st.integers(0, 300),
    seed=st.integers(0, 2**31 - 1),
)
def test_the_batches_of_an_epoch_visit_every_digit_exactly_once(count: int, batch_size: int, seed: int) -> None:
    batches = Batches(split_of(count), "unit", batch_size)
    order = np.random.default_rng(seed).permutation(count)
    seen = []
    for step in range(batches.steps_per_epoch):
        _, labels = batches.gather(order[step * batches.batch_size : (step + 1) * batches.batch_size])
        assert len(labels) == batches.batch_size or step == batches.steps_per_epoch - 1
        seen.extend(labels)
    assert sorted(seen) == list(range(count))


def test_inputs_and_labels_are_those_of_the_digits_asked_for() -> None:
    split = split_of(50, 4, 5)
    batches = Batches(split, "unit", 8)
    for indexes in (np.arange(8), np.array([49, 0, 7]), np.array([3, 3]), np.arange(50)):
        inputs, labels = batches.gather(indexes)
        assert inputs.shape == (len(indexes), 20)
        assert inputs.dtype == np.float32
        assert inputs.flags.c_contiguous
        assert labels.dtype == np.uint8
        np.testing.assert_allclose(inputs, by_hand(split, indexes), rtol=2e-7)
        np.testing.assert_array_equal(labels, split.labels[indexes])


def test_inputs_are_overwritten_by_the_next_call_and_labels_are_kept() -> None:
    batches = Batches(split_of(20), "unit", 5)
    first_inputs, first_labels = batches.gather(np.arange(5))
    second_inputs, _ = batches.gather(np.arange(5, 10))
    assert np.shares_memory(first_inputs, second_inputs)
    np.testing.assert_array_equal(first_labels, np.arange(5))


def test_the_pictures_stay_as_they_were() -> None:
    split = split_of(20)
    before = split.source.copy()
    split.source.flags.writeable = False
    Batches(split, "unit", 0).gather(np.arange(20))
    np.testing.assert_array_equal(split.source, before)


@pytest.mark.parametrize(
    ("batch_size", "size_in_force", "steps"),
    [(1, 1, 10), (3, 3, 4), (5, 5, 2), (10, 10, 1), (11, 10, 1), (0, 10, 1)],
)
def test_zero_or_too_large_a_size_is_the_full_batch_and_the_short_last_batch_is_kept(
    batch_size: int, size_in_force: int, steps: int
) -> None:
    batches = Batches(split_of(10), "unit", batch_size)
    assert batches.batch_size == size_in_force
    assert batches.steps_per_epoch == steps


@given(count=st.integers(1, 100), size=st.integers(1, 120))
def test_chunks_pass_all_digits_in_the_order_of_the_split(count: int, size: int) -> None:
    split = split_of(count)
    pieces = [(inputs.copy(), labels) for inputs, labels in chunks(split, "unit", size)]
    assert max(len(labels) for _, labels in pieces) <= size
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in pieces]), split.labels)
    inputs = np.concatenate([inputs for inputs, _ in pieces])
    np.testing.assert_allclose(inputs, by_hand(split, np.arange(count)), rtol=2e-7)


def test_an_empty_split_has_no_batches_and_no_chunks() -> None:
    split = split_of(0)
    assert Batches(split, "unit", 32).steps_per_epoch == 0
    assert list(chunks(split, "unit", 32)) == []


@pytest.mark.parametrize("wanted", [0, 1, 3, 5, 9])
def test_after_a_stop_no_further_piece_is_made(wanted: int) -> None:
    made = []

    def make() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    assert list(until_cancelled(lambda: len(made) == wanted, make())) == made == list(range(min(wanted, 5)))


def test_chunks_and_a_full_batch_gathered_in_parts_need_the_memory_of_one_part() -> None:
    split = split_of(20_000, 28, 28)
    batches = Batches(split, "unit", 0)
    one_part = 100 * 28 * 28 * (1 + 4)
    tracemalloc.start()
    try:
        for _ in chunks(split, "unit", 100):
            pass
        for start in range(0, batches.batch_size, 100):
            batches.gather(np.arange(start, start + 100))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * one_part
