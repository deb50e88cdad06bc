"""Dealing digits out to training, validation and test."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config.run_config import ConfigError, DataConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.split_sizes import split_sizes
from mnist_gui.data.splits import Split, make_splits


def dataset_of(train: int, test: int = 20) -> Dataset:
    """Digits of 2x2 pixels whose pixels spell their place in the file; label = place modulo 10."""

    def pictures(count: int) -> np.ndarray:
        return np.arange(count, dtype=">u4").view(np.uint8).reshape(count, 2, 2)

    def labels(count: int) -> np.ndarray:
        return (np.arange(count) % 10).astype(np.uint8)

    return Dataset(
        name="numbered",
        folder=Path(),
        train_images=pictures(train),
        train_labels=labels(train),
        test_images=pictures(test),
        test_labels=labels(test),
        class_names=tuple("0123456789"),
    )


def places(split: Split) -> np.ndarray:
    """Where each digit of the split is in its file, as its pixels tell."""
    return split.images(np.arange(len(split))).reshape(len(split), 4).view(">u4")[:, 0]


def sizes(train_held: int, test_held: int = 20, **asked: Any) -> tuple[int, int, int]:
    splits = make_splits(dataset_of(train_held, test_held), DataConfig(**asked))
    return len(splits.train), len(splits.validation), len(splits.test)


@given(data=st.data(), held=st.integers(2, 200), seed=st.integers(0, 2**31 - 1))
def test_training_and_validation_have_no_digit_in_common_and_the_test_keeps_all_of_its_own(
    data: st.DataObject, held: int, seed: int
) -> None:
    train = data.draw(st.integers(1, held - 1))
    validation = data.draw(st.integers(0, held - train))
    splits = make_splits(dataset_of(held), DataConfig(train=train, validation=validation, seed=seed))
    assert (len(splits.train), len(splits.validation)) == (train, validation)
    dealt = np.concatenate([places(splits.train), places(splits.validation)])
    assert len(np.unique(dealt)) == train + validation
    np.testing.assert_array_equal(places(splits.test), np.arange(20))


@given(validation=st.integers(0, 19), seed=st.integers(0, 2**31 - 1))
def test_validation_and_test_share_the_test_files_without_a_digit_in_common(validation: int, seed: int) -> None:
    splits = make_splits(dataset_of(30), DataConfig(train=30, validation=validation, validation_from="test", seed=seed))
    assert len(splits.validation) == validation
    dealt = np.concatenate([places(splits.validation), places(splits.test)])
    np.testing.assert_array_equal(np.sort(dealt), np.arange(20))
    np.testing.assert_array_equal(np.sort(places(splits.train)), np.arange(30))
    assert splits.train.source is not splits.validation.source


@pytest.mark.parametrize("validation_from", ["train", "test"])
def test_an_index_names_the_same_digit_for_picture_and_label(validation_from: str) -> None:
    splits = make_splits(dataset_of(60), DataConfig(train=40, validation=10, validation_from=validation_from, seed=3))
    for split in (splits.train, splits.validation, splits.test):
        np.testing.assert_array_equal(split.labels, places(split) % 10)
        np.testing.assert_array_equal(split.image(7), split.images(np.array([7]))[0])


def test_the_same_seed_deals_the_same_digits_and_another_seed_others() -> None:
    dataset = dataset_of(100)
    asked = {"train": 60, "validation": 20, "validation_from": "train"}
    first, again, other = (make_splits(dataset, DataConfig(**asked, seed=seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.train.rows, again.train.rows)
    np.testing.assert_array_equal(first.validation.rows, again.validation.rows)
    assert set(first.train.rows) != set(other.train.rows)


def test_a_larger_training_split_begins_with_the_digits_of_a_smaller_one() -> None:
    dataset = dataset_of(100)
    small, large = (make_splits(dataset, DataConfig(train=train, validation=5, seed=1)) for train in (20, 70))
    np.testing.assert_array_equal(large.train.rows[:20], small.train.rows)


def test_splits_point_at_the_pictures_of_the_dataset_and_copy_none() -> None:
    dataset = dataset_of(50)
    splits = make_splits(dataset, DataConfig(train=30, validation=20, validation_from="train", seed=0))
    assert splits.train.source is splits.validation.source is dataset.train_images
    assert splits.test.source is dataset.test_images
    assert np.shares_memory(splits.train.image(0), dataset.train_images)
    assert not np.shares_memory(splits.train.images(np.arange(3)), dataset.train_images)


def test_rows_and_labels_are_read_only() -> None:
    splits = make_splits(dataset_of(50), DataConfig(train=30, validation=20, validation_from="train", seed=0))
    for split in (splits.train, splits.validation, splits.test):
        assert not split.rows.flags.writeable
        assert not split.labels.flags.writeable


def test_splits_know_the_shape_and_the_classes_of_their_digits() -> None:
    splits = make_splits(dataset_of(50), DataConfig(train=30, validation=20, validation_from="train", seed=0))
    assert splits.image_shape == (2, 2)
    assert splits.inputs == 4
    assert splits.classes == 10
    assert (splits.train.name, splits.validation.name, splits.test.name) == ("train", "validation", "test")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (60_000, (55_000, 5_000)),
        (70_000, (55_000, 5_000)),
        (59_999, (55_000, 4_999)),
        (12_000, (11_000, 1_000)),
        (12, (11, 1)),
        (5, (4, 1)),
        (2, (1, 1)),
    ],
)
def test_both_defaults_give_way_to_smaller_files_in_their_proportion(held: int, expected: tuple[int, int]) -> None:
    assert sizes(held)[:2] == expected


@pytest.mark.parametrize(
    ("held", "asked", "expected"),
    [
        (60_000, {"train": 1_000}, (1_000, 5_000)),
        (60_000, {"train": 58_000}, (58_000, 2_000)),
        (60_000, {"train": 59_999}, (59_999, 1)),
        (60_000, {"train": 60_000, "validation": 0}, (60_000, 0)),
        (60_000, {"validation": 0}, (55_000, 0)),
        (60_000, {"validation": 10_000}, (50_000, 10_000)),
        (100, {"validation": 99}, (1, 99)),
        (100, {"train": 1, "validation": 1}, (1, 1)),
    ],
)
def test_a_default_takes_what_a_chosen_size_leaves(held: int, asked: dict[str, int], expected: tuple[int, int]) -> None:
    assert sizes(held, **asked)[:2] == expected


@pytest.mark.parametrize(
    ("train_held", "test_held", "asked", "expected"),
    [
        (60_000, 10_000, {"train": 60_000}, (60_000, 5_000, 5_000)),
        (60_000, 10_000, {}, (55_000, 5_000, 5_000)),
        (60_000, 10_000, {"validation": 9_999}, (55_000, 9_999, 1)),
        (300, 100, {}, (300, 50, 50)),
        (300, 1, {"validation": 0}, (300, 0, 1)),
    ],
)
def test_validation_from_the_test_files_leaves_the_test_the_rest(
    train_held: int, test_held: int, asked: dict[str, int], expected: tuple[int, int, int]
) -> None:
    assert sizes(train_held, test_held, validation_from="test", **asked) == expected


@pytest.mark.parametrize(
    ("held", "asked", "key", "legal"),
    [
        (60_000, {"train": 60_000}, "data.train", "from 1 to 59,999 (the training files hold 60,000 digits"),
        (
            60_000,
            {"train": 70_000, "validation": 0},
            "data.train",
            "from 1 to 60,000 (the training files hold 60,000",
        ),
        (60_000, {"train": 56_000, "validation": 4_001}, "data.train", "from 1 to 55,999"),
        (60_000, {"train": 0}, "data.train", "from 1 to 59,999"),
        (
            60_000,
            {"validation": 60_000},
            "data.validation",
            "from 0 to 59,999 (the training files hold 60,000",
        ),
        (60_000, {"train": 5, "validation": 60_000}, "data.validation", "from 0 to 59,999"),
        (1, {}, "data.validation", "expected 0 (the training files hold 1 digits)"),
        (
            50,
            {"train": 51, "validation_from": "test"},
            "data.train",
            "from 1 to 50 (the training files hold 50",
        ),
        (
            50,
            {"validation": 20, "validation_from": "test"},
            "data.validation",
            "from 0 to 19 (the test files hold 20",
        ),
    ],
)
def test_sizes_that_do_not_fit_are_refused_with_the_legal_range(
    held: int, asked: dict[str, int], key: str, legal: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        sizes(held, **asked)
    assert caught.value.key == key
    assert legal in str(caught.value)


def test_a_single_test_digit_cannot_be_shared_by_default() -> None:
    with pytest.raises(ConfigError, match=r"from 0 to 0 \(the test files hold 1"):
        sizes(50, 1, validation_from="test")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"train": 0.7, "validation": 0.15}, (70, 15, 20)),
        ({"train": 0.5, "validation": 10, "test": 0.25}, (50, 10, 5)),
        ({"digits": 60, "train": 0.7, "validation": 0.15, "test": 0.15}, (42, 9, 9)),
        ({"digits": 70}, (55, 5, 10)),
        ({"digits": 70, "train": 20}, (20, 5, 10)),
        ({"digits": 110}, (86, 7, 15)),
        ({"digits": 100, "train": 90}, (90, 3, 6)),
        ({"digits": 119, "validation": 4, "test": 20}, (93, 4, 20)),
        ({"train": 30, "validation": 0.25, "validation_from": "test"}, (30, 5, 15)),
        ({"train": 30, "validation": 5, "test": 4}, (30, 5, 4)),
        ({"train": 0.001, "validation": 0.001}, (1, 1, 20)),
    ],
)
def test_shares_and_a_number_of_digits_in_all_become_sizes(
    asked: dict[str, Any], expected: tuple[int, int, int]
) -> None:
    assert sizes(100, 20, **asked) == expected


def test_case_b_takes_5000_digits_of_mnist_in_all() -> None:
    config = DataConfig(digits=5000, train=0.7, validation=0.15, test=0.15)
    assert split_sizes(config, 60_000, 10_000) == (3500, 750, 750)


@given(
    st.integers(20, 120),
    st.floats(0.05, 0.9),
    st.floats(0.05, 0.9),
)
def test_shares_that_add_up_to_one_never_ask_for_more_than_there_is(digits: int, one: float, other: float) -> None:
    whole = one + other + 0.1
    data = DataConfig(digits=digits, train=one / whole, validation=other / whole, test=0.1 / whole)
    got = split_sizes(data, 120, 120)
    assert digits - 3 < sum(got) <= digits
    assert min(got) >= 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"digits": 121}, r"data\.digits = 121: expected a whole number from 0 to 120 \(the files hold no more\)"),
        (
            {"digits": 50, "train": 40, "validation": 10, "test": 5},
            r"data\.digits = 50: expected at least 55: 40 for training, 10 for validation, 5 to test",
        ),
        ({"digits": 50, "train": 49}, r"data\.digits = 50: expected at least 51 beside the 49 digits asked for"),
        ({"test": 21}, r"data\.test = 21: expected a whole number from 0 to 20"),
        ({"validation": 15, "validation_from": "test", "test": 6}, r"data\.test = 6: expected .* from 0 to 5"),
    ],
)
def test_sizes_that_do_not_fit_are_refused_with_what_would(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        sizes(100, 20, **asked)


def test_a_part_of_the_test_files_is_a_random_sample_without_repetition() -> None:
    splits = make_splits(dataset_of(50), DataConfig(train=30, validation=5, test=8))
    found = places(splits.test)
    assert len(np.unique(found)) == 8
    assert found.max() < 20
    assert found.tolist() != list(range(8))


@given(data=st.data(), held=st.integers(2, 80), seed=st.integers(0, 2**31 - 1))
def test_leaving_digits_out_shortens_the_training_split_and_changes_nothing_else(
    data: st.DataObject, held: int, seed: int
) -> None:
    asked = DataConfig(train=data.draw(st.integers(1, held - 1)), validation=1, seed=seed)
    whole = make_splits(dataset_of(held), asked)
    left_out = data.draw(st.sets(st.integers(0, held - 1)).filter(lambda out: not {*places(whole.train)} <= out))
    less = make_splits(dataset_of(held), dataclasses.replace(asked, left_out=tuple(sorted(left_out))))
    assert places(less.train).tolist() == [place for place in places(whole.train) if place not in left_out]
    np.testing.assert_array_equal(less.train.labels, places(less.train) % 10)
    for name in ("validation", "test"):
        np.testing.assert_array_equal(places(less.named(name)), places(whole.named(name)))


def test_digits_to_leave_out_that_are_not_in_the_files_are_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"data\.left_out = \[3, 60\]: expected places from 0 to 59, .* hold 60 digits"
    ):
        make_splits(dataset_of(60), DataConfig(left_out=(3, 60)))


def test_all_training_digits_cannot_be_left_out() -> None:
    with pytest.raises(ConfigError, match=r"fewer places: these are all 30 training digits"):
        make_splits(dataset_of(60), DataConfig(train=30, validation=5, left_out=tuple(range(60))))
