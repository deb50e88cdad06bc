"""What is said of digits without a network: neighbours as scikit-learn finds them, and copies as they were made."""

import dataclasses
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from mnist_gui.config.run_config import AugmentationConfig, DataConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Split, make_splits
from mnist_gui.diagnosis.data_checks import (
    copied_digits,
    distorted_agreement,
    neighbour_agreement,
    validation_agreement,
)
from tests.support import dataset, make_trainer


def pixels(split: Split, count: int) -> NDArray[np.float64]:
    return split.images(np.arange(count)).reshape(count, -1).astype(np.float64)


def test_neighbours_agree_as_often_as_scikit_learn_says() -> None:
    split = make_trainer().splits.train
    some = np.arange(400)
    pixels = split.images(some).reshape(400, -1).astype(float)
    nearest = NearestNeighbors(n_neighbors=2).fit(pixels).kneighbors(pixels)[1][:, 1]
    expected = np.mean(split.labels[nearest] == split.labels[some])
    assert neighbour_agreement(split, some) == pytest.approx(expected, abs=0.005)
    assert math.isnan(neighbour_agreement(split, np.arange(50)))


def test_validation_digits_agree_with_their_nearest_training_digits_as_often_as_scikit_learn_says() -> None:
    splits = make_splits(dataset(), DataConfig(train=2000, validation=800))
    nearest = NearestNeighbors(n_neighbors=1).fit(pixels(splits.train, 2000)).kneighbors(pixels(splits.validation, 800))
    expected = np.mean(splits.train.labels[nearest[1][:, 0]] == splits.validation.labels)
    assert validation_agreement(splits.train, splits.validation) == pytest.approx(expected, abs=0.02)
    few = make_splits(dataset(), DataConfig(train=150, validation=800))
    assert math.isnan(validation_agreement(few.train, few.validation))


def test_distorted_digits_look_like_their_own_class_unless_they_are_distorted_beyond_reading() -> None:
    train = make_splits(dataset(), DataConfig(train=3000)).train
    mild, strong = AugmentationConfig(rotation=10.0), AugmentationConfig(shift=14.0, rotation=180.0)
    assert distorted_agreement(train, mild) > 0.7
    assert distorted_agreement(train, strong) < 0.2
    assert math.isnan(distorted_agreement(train, AugmentationConfig()))
    assert math.isnan(distorted_agreement(make_splits(dataset(), DataConfig(train=500)).train, mild))


def test_digits_that_come_class_by_class_agree_all_the_same() -> None:
    splits = make_splits(dataset(), DataConfig(train=3000, validation=800))
    order = np.argsort(splits.train.labels, kind="stable")
    by_class = Split("train", splits.train.source, splits.train.rows[order], splits.train.labels[order])
    assert validation_agreement(by_class, splits.validation) > 0.8
    assert distorted_agreement(by_class, AugmentationConfig(rotation=5.0)) > 0.8


def test_mnist_has_no_picture_in_two_splits() -> None:
    assert copied_digits(make_splits(dataset(), DataConfig())) == 0


@pytest.mark.parametrize("source", ["train", "test"])
def test_pictures_that_are_in_two_files_or_twice_in_one_are_counted(source: str) -> None:
    whole = dataset()
    data = DataConfig(train=2000, validation=900, validation_from=source)
    images = whole.train_images[:3000].copy()
    images[2500:] = images[:500]  # each of these twice
    small: Dataset = dataclasses.replace(
        whole,
        train_images=images,
        train_labels=whole.train_labels[:3000],
        test_images=np.concatenate([images[:300], whole.test_images[:700]]),
        test_labels=whole.test_labels[:1000],
    )
    splits = make_splits(small, data)
    known = {picture.tobytes() for picture in pixels(splits.train, 2000)}
    expected = sum(picture.tobytes() in known for picture in pixels(splits.validation, 900))
    assert copied_digits(splits) == expected
    assert expected > 50
