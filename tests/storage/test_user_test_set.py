"""Drawings on the disk: kept whole, told apart by kind, and never lost to a damaged file."""

import json
import os
from functools import partial
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_gui.storage.atomic_file import set_aside
from mnist_gui.storage.user_test_set import (
    Kind,
    UserTestSet,
    UserTestSetError,
    change_user_test_set,
    load_user_test_set,
)

KIND = Kind((3, 2), ("no", "yes"))


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, KIND.image_shape, dtype=np.uint8)


def keep(path: Path, *labels: int) -> UserTestSet:
    """Keep the pictures 0, 1, 2 ... with these labels, one after the other."""
    for seed, label in enumerate(labels):
        found = change_user_test_set(path, KIND, lambda digits, s=seed, n=label: digits.with_digit(picture(s), n))
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return KIND.file(tmp_path / "not there yet")


def test_what_was_kept_is_read_again_in_its_order(path: Path) -> None:
    told = keep(path, 1, 0, 1)
    for digits in (told, load_user_test_set(path, KIND)):
        assert digits.labels.tolist() == [1, 0, 1]
        np.testing.assert_array_equal(digits.images, [picture(0), picture(1), picture(2)])
        assert digits.images.dtype == digits.labels.dtype == np.uint8


def test_without_a_file_there_are_none(path: Path) -> None:
    digits = load_user_test_set(path, KIND)
    assert len(digits) == 0
    assert digits.images.shape == (0, 3, 2)
    assert not path.parent.exists()


def test_the_last_one_can_be_deleted_too(path: Path) -> None:
    keep(path, 1)
    change_user_test_set(path, KIND, lambda digits: digits.without_digit(picture(0), 1))
    assert len(load_user_test_set(path, KIND)) == 0


def test_one_of_two_like_drawings_is_deleted_and_only_with_its_own_label() -> None:
    digits = UserTestSet.none(KIND).with_digit(picture(0), 1).with_digit(picture(1), 0).with_digit(picture(0), 1)
    assert digits.without_digit(picture(0), 0) is digits
    assert digits.without_digit(picture(0), 1).labels.tolist() == [0, 1]


def test_a_change_is_made_to_what_another_window_kept_meanwhile(path: Path) -> None:
    keep(path, 0)
    found = change_user_test_set(path, KIND, lambda digits: digits.with_digit(picture(9), 1))
    assert found.labels.tolist() == [0, 1]


def test_every_kind_of_network_has_a_file_of_its_own(tmp_path: Path) -> None:
    kinds = [
        KIND,
        Kind((2, 3), ("no", "yes")),
        Kind((3, 2), ("yes", "no")),
        Kind((3, 2), ("n", "o")),
        Kind((3, 2), ("no",)),
    ]
    assert len({kind.file(tmp_path) for kind in kinds}) == len(kinds)
    odd = Kind((28, 28), ("/", "..", "a\0", "\N{SNOWMAN}"))
    assert odd.file(tmp_path).parent == tmp_path
    assert load_user_test_set(odd.file(tmp_path), odd).kind == odd


def test_as_a_split_they_are_digits_as_any_other() -> None:
    split = UserTestSet.none(KIND).with_digit(picture(0), 1).with_digit(picture(1), 0).as_split()
    assert len(split) == 2
    np.testing.assert_array_equal(split.image(1), picture(1))


# Damage


def damaged(path: Path) -> str:
    with pytest.raises(UserTestSetError) as refused:
        load_user_test_set(path, KIND)
    assert str(refused.value).startswith(f"{path}: ")
    return str(refused.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, 10_000), piece=st.binary(min_size=1, max_size=8), end=st.integers(1, 10_000))
def test_a_damaged_file_is_refused_or_holds_drawings_of_its_kind(
    tmp_path: Path, at: int, piece: bytes, end: int
) -> None:
    path = KIND.file(tmp_path / "set")
    path.unlink(missing_ok=True)
    keep(path, 1, 0)
    content = bytearray(path.read_bytes())
    at %= len(content)
    content[at : at + len(piece)] = piece
    path.write_bytes(content[:end])
    try:
        digits = load_user_test_set(path, KIND)
    except UserTestSetError:
        return
    assert digits.images.shape == (len(digits), 3, 2)
    assert (digits.labels < 2).all()


def write(path: Path, header: object, pixels: np.ndarray, labels: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    np.savez(path, header=np.frombuffer(json.dumps(header).encode(), np.uint8), pixels=pixels, labels=labels)


HEADER = {"format_version": 1, "image_shape": [3, 2], "class_names": ["no", "yes"]}
PIXELS, LABELS = np.zeros(12, np.uint8), np.zeros(2, np.uint8)


def test_counts_and_labels_that_cannot_be_are_refused(path: Path) -> None:
    write(path, HEADER, PIXELS, LABELS)
    assert len(load_user_test_set(path, KIND)) == 2
    write(path, HEADER, PIXELS[:-1], LABELS)
    assert "(12,)" in damaged(path)
    write(path, HEADER, PIXELS, LABELS + 2)
    assert "label 2" in damaged(path)
    write(path, {**HEADER, "image_shape": [2, 3]}, PIXELS, LABELS)
    assert "other pictures or classes" in damaged(path)
    write(path, [], PIXELS, LABELS)
    assert "format_version" in damaged(path)
    path.write_bytes(b"")
    damaged(path)


def test_a_file_of_a_newer_version_is_neither_read_nor_called_damaged(path: Path) -> None:
    write(path, {**HEADER, "format_version": 2}, PIXELS, LABELS)
    before = path.read_bytes()
    with pytest.raises(OSError, match="newer"):
        change_user_test_set(path, KIND, lambda digits: digits)
    assert path.read_bytes() == before


def test_a_damaged_file_is_set_aside_under_a_name_of_its_own(path: Path) -> None:
    path.parent.mkdir()
    for number, content in enumerate((b"first", b"second"), start=1):
        path.write_bytes(content)
        aside = set_aside(path)
        assert not path.exists()
        assert aside.read_bytes() == content
        assert aside.name == f"{path.stem}.damaged-{number}.npz"


def test_a_damaged_file_is_never_written_over(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"damaged")
    with pytest.raises(UserTestSetError):
        change_user_test_set(path, KIND, lambda digits: digits.with_digit(picture(0), 0))
    assert path.read_bytes() == b"damaged"


def test_two_windows_that_keep_drawings_at_the_same_time_lose_none(path: Path) -> None:
    def keep(labels: range) -> None:
        for label in labels:
            change_user_test_set(path, KIND, partial(UserTestSet.with_digit, image=picture(label), label=0))

    threads = [Thread(target=keep, args=(range(start, 24, 3),)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_user_test_set(path, KIND)) == 24


def test_a_pipe_in_the_place_of_drawings_is_refused_at_once(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(OSError, match="a device or a pipe"):
        load_user_test_set(path, KIND)
