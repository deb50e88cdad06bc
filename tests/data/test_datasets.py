"""Finding and joining the four files of a dataset. They are written by struct and gzip, as the format says."""

import gzip
import hashlib
import os
import struct
from pathlib import Path

import mnist
import numpy as np
import pytest

from mnist_gui.data.datasets import VerifiedMNIST, load_dataset
from mnist_gui.data.idx import DatasetError
from mnist_gui.system.paths import bundled_mnist

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
NAMES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)

TEST_DIGITS_OF_EACH_CLASS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def pictures(count: int, rows: int = 4, cols: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, rows, cols), dtype=np.uint8)


def as_idx(array: np.ndarray) -> bytes:
    return struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape) + array.tobytes()


def sha256_as_idx(array: np.ndarray) -> str:
    return hashlib.sha256(as_idx(array)).hexdigest()


def write_idx(path: Path, array: np.ndarray) -> None:
    content = as_idx(array)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def write_dataset(folder: Path, names: tuple[str, ...] = NAMES, **arrays: np.ndarray) -> Path:
    """Six training and three test digits of classes 0 to 2, unless told otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "train_images": pictures(6),
        "train_labels": np.array([0, 1, 2, 0, 1, 2], np.uint8),
        "test_images": pictures(3, seed=1),
        "test_labels": np.array([2, 1, 0], np.uint8),
    } | arrays
    for name, array in zip(names, contents.values(), strict=True):
        write_idx(folder / name, array)
    return folder


def spelled(dots: str, packed: str) -> tuple[str, ...]:
    """The four names, each with a dot where `dots` has one and with .gz where `packed` has a z."""
    return tuple(
        name.replace("-idx", f"{mark}idx") + (".gz" if letter == "z" else "")
        for name, mark, letter in zip(NAMES, dots, packed, strict=True)
    )


@pytest.mark.parametrize("packed", ["----", "zzzz", "z-z-", "-zz-"])
@pytest.mark.parametrize("dots", ["----", "....", ".--.", "-.-."])
def test_files_are_found_in_either_spelling_gzipped_or_not_and_mixed(tmp_path: Path, dots: str, packed: str) -> None:
    dataset = load_dataset(write_dataset(tmp_path / "digits", spelled(dots, packed)))
    np.testing.assert_array_equal(dataset.train_images, pictures(6))
    np.testing.assert_array_equal(dataset.train_labels, [0, 1, 2, 0, 1, 2])
    np.testing.assert_array_equal(dataset.test_images, pictures(3, seed=1))
    np.testing.assert_array_equal(dataset.test_labels, [2, 1, 0])
    assert dataset.name == "digits"
    assert dataset.folder == tmp_path / "digits"


def test_all_arrays_of_a_dataset_are_read_only_bytes(tmp_path: Path) -> None:
    dataset = load_dataset(write_dataset(tmp_path))
    for array in (dataset.train_images, dataset.train_labels, dataset.test_images, dataset.test_labels):
        assert array.dtype == np.uint8
        assert not array.flags.writeable


def test_the_plain_file_is_preferred_to_the_gzipped_one(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    write_dataset(tmp_path, spelled("----", "zzzz"), train_images=pictures(6, seed=9))
    np.testing.assert_array_equal(load_dataset(tmp_path).train_images, pictures(6))


def test_a_folder_of_a_files_name_does_not_hide_the_gzipped_file(tmp_path: Path) -> None:
    write_dataset(tmp_path, spelled("----", "zzzz"))
    (tmp_path / TRAIN_IMAGES).mkdir()
    np.testing.assert_array_equal(load_dataset(tmp_path).train_images, pictures(6))


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    (tmp_path / TEST_LABELS).unlink()
    (tmp_path / TEST_LABELS).mkdir()
    with pytest.raises(DatasetError, match="t10k-labels-idx1-ubyte: is a folder, expected an IDX file"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("inner", ["raw", "MNIST/raw"])
def test_the_layout_of_torchvision_is_found_from_above(tmp_path: Path, inner: str) -> None:
    write_dataset(tmp_path / inner)
    assert load_dataset(tmp_path).folder == tmp_path / inner


def test_a_raw_folder_is_named_after_its_parent(tmp_path: Path) -> None:
    write_dataset(tmp_path / "FashionMNIST" / "raw")
    assert load_dataset(tmp_path / "FashionMNIST").name == "FashionMNIST"


@pytest.mark.parametrize(("rows", "cols"), [(8, 8), (64, 64), (5, 9), (1, 1)])
def test_the_size_of_the_pictures_comes_from_the_files(tmp_path: Path, rows: int, cols: int) -> None:
    sizes = {"train_images": pictures(6, rows, cols), "test_images": pictures(3, rows, cols)}
    dataset = load_dataset(write_dataset(tmp_path, **sizes))
    assert dataset.image_shape == (rows, cols)
    assert dataset.inputs == rows * cols


def test_labels_count_from_zero_and_classes_keep_the_names_of_the_files(tmp_path: Path) -> None:
    labels = {
        "train_labels": np.array([5, 7, 5, 8, 7, 5], np.uint8),
        "test_labels": np.array([8, 9, 7], np.uint8),
    }
    dataset = load_dataset(write_dataset(tmp_path, **labels))
    assert dataset.class_names == ("5", "6", "7", "8", "9")
    assert dataset.classes == 5
    np.testing.assert_array_equal(dataset.train_labels, [0, 2, 0, 3, 2, 0])
    np.testing.assert_array_equal(dataset.test_labels, [3, 4, 2])


def emnist_names(set_name: str) -> tuple[str, ...]:
    return tuple(f"emnist-{set_name}-{name.replace('t10k', 'test')}.gz" for name in NAMES)


def test_emnist_letters_come_upright_and_are_named_a_to_z(tmp_path: Path) -> None:
    upright = pictures(26, 4, 4)
    write_dataset(
        tmp_path,
        emnist_names("letters"),
        train_images=upright.transpose(0, 2, 1).copy(),
        train_labels=np.arange(1, 27, dtype=np.uint8),
        test_images=pictures(3, 4, 4),
        test_labels=np.array([26, 3, 1], np.uint8),
    )
    dataset = load_dataset(tmp_path)
    assert dataset.name == "EMNIST letters"
    assert dataset.class_names == tuple("abcdefghijklmnopqrstuvwxyz")
    np.testing.assert_array_equal(dataset.test_labels, [25, 2, 0])
    np.testing.assert_array_equal(dataset.train_images, upright)
    assert not dataset.train_images.flags.writeable
    assert dataset.train_images.flags.c_contiguous


@pytest.mark.parametrize(
    ("set_name", "classes", "last_name"), [("balanced", 47, "t"), ("byclass", 62, "z"), ("digits", 10, "9")]
)
def test_emnist_classes_are_named_by_their_characters(
    tmp_path: Path, set_name: str, classes: int, last_name: str
) -> None:
    labels = np.arange(classes, dtype=np.uint8)
    write_dataset(tmp_path, emnist_names(set_name), train_images=pictures(classes), train_labels=labels)
    names = load_dataset(tmp_path).class_names
    assert len(names) == classes
    assert names[:10] == tuple("0123456789")
    assert names[-1] == last_name


def test_several_datasets_in_one_folder_are_listed_and_refused(tmp_path: Path) -> None:
    write_dataset(tmp_path, emnist_names("letters"))
    write_dataset(tmp_path, emnist_names("digits"))
    with pytest.raises(DatasetError, match=r"2 datasets \(EMNIST digits, EMNIST letters\), expected one \(give each"):
        load_dataset(tmp_path)


def test_all_missing_files_are_named_at_once_with_the_spellings_looked_for(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    (tmp_path / TRAIN_LABELS).unlink()
    (tmp_path / TEST_IMAGES).unlink()
    with pytest.raises(DatasetError) as caught:
        load_dataset(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path}: 2 of 4 files missing ({TRAIN_LABELS}, {TEST_IMAGES}), expected all")
    for spelling in (
        TRAIN_LABELS,
        "train-labels.idx1-ubyte",
        f"{TRAIN_LABELS}.gz",
        "train-labels.idx1-ubyte.gz",
    ):
        assert spelling in message


def test_an_empty_folder_names_all_four_files(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        load_dataset(tmp_path)
    assert all(name in str(caught.value) for name in NAMES)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nowhere: does not exist, expected a folder"):
        load_dataset(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="file: is not a folder, expected a folder"):
        load_dataset(tmp_path / "file")


def test_a_folder_that_cannot_be_listed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # chmod would not stop root, who runs the tests in many containers.
    def refuse(path: object = ".") -> list[str]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "listdir", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DatasetError, match=r"cannot be read \(Permission denied\), expected a folder"):
        load_dataset(tmp_path)


def test_the_bundled_digits_are_the_originals_to_the_byte() -> None:
    dataset = load_dataset(bundled_mnist())
    assert dataset.image_shape == (28, 28)
    assert dataset.class_names == tuple("0123456789")
    np.testing.assert_array_equal(dataset.train_labels[:5], [5, 0, 4, 1, 9])
    np.testing.assert_array_equal(np.bincount(dataset.test_labels), TEST_DIGITS_OF_EACH_CLASS)
    assert sha256_as_idx(dataset.train_images).startswith("ba891046e6505d7a")
    assert sha256_as_idx(dataset.train_labels).startswith("65a50cbbf4e906d7")
    assert sha256_as_idx(dataset.test_images).startswith("0fa7898d509279e4")
    assert sha256_as_idx(dataset.test_labels).startswith("ff7bcfd416de3373")


MISMATCHES = {
    "fewer labels": (
        {"train_labels": np.array([0, 1, 2, 0, 1], np.uint8)},
        f"{TRAIN_LABELS}: 5 labels, expected 6, the number of images in {TRAIN_IMAGES}",
    ),
    "more test labels": (
        {"test_labels": np.array([0, 1, 2, 0], np.uint8)},
        f"{TEST_LABELS}: 4 labels, expected 3, the number of images in {TEST_IMAGES}",
    ),
    "test pictures of another size": (
        {"test_images": pictures(3, 8, 8)},
        f"{TEST_IMAGES}: pictures of 8x8 pixels, expected 4x3 as in {TRAIN_IMAGES}",
    ),
    "one class only": (
        {"train_labels": np.full(6, 7, np.uint8)},
        f"{TRAIN_LABELS}: every label is 7, expected at least two classes",
    ),
}


@pytest.mark.parametrize(("arrays", "message"), MISMATCHES.values(), ids=MISMATCHES)
def test_files_that_do_not_belong_together_are_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray], message: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        load_dataset(write_dataset(tmp_path, **arrays))
    assert str(caught.value).startswith(message)


def test_labels_are_judged_before_images_are_read(tmp_path: Path) -> None:
    """Which may be a thousand times as large: here they would be found to be damaged."""
    write_dataset(tmp_path, spelled("----", "zzzz"), train_labels=np.full(6, 7, np.uint8))
    images = tmp_path / f"{TRAIN_IMAGES}.gz"
    images.write_bytes(images.read_bytes()[:-5])
    with pytest.raises(DatasetError, match="every label is 7"):
        load_dataset(tmp_path)


def test_a_damaged_file_in_the_folder_is_named(tmp_path: Path) -> None:
    write_dataset(tmp_path, spelled("----", "zzzz"))
    damaged = tmp_path / f"{TEST_IMAGES}.gz"
    damaged.write_bytes(damaged.read_bytes()[:-5])
    with pytest.raises(DatasetError, match=f"^{TEST_IMAGES}.gz: its gzip data break off"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("gz", [False, True])
def test_ours_and_stock_python_mnist_agree(tmp_path: Path, gz: bool) -> None:
    write_dataset(tmp_path, spelled("----", "zzzz" if gz else "----"))
    stock = mnist.MNIST(str(tmp_path), return_type="numpy", gz=gz)
    ours = VerifiedMNIST(tmp_path)
    for expected, found in zip(
        (*stock.load_training(), *stock.load_testing()),
        (*ours.load_training(), *ours.load_testing()),
        strict=True,
    ):
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, expected)


def test_ours_and_stock_python_mnist_agree_on_emnist(tmp_path: Path) -> None:
    square = {"train_images": pictures(6, 5, 5), "test_images": pictures(3, 5, 5)}
    write_dataset(tmp_path, emnist_names("letters"), **square)
    stock, ours = mnist.MNIST(str(tmp_path), return_type="numpy"), VerifiedMNIST(tmp_path)
    stock.select_emnist("letters")
    ours.select_emnist("letters")
    np.testing.assert_array_equal(ours.load_training()[0], stock.load_training()[0])


def test_ours_and_stock_python_mnist_agree_on_a_part_of_a_file(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    paths = str(tmp_path / TRAIN_IMAGES), str(tmp_path / TRAIN_LABELS)
    expected_images, expected_labels = mnist.MNIST(str(tmp_path)).load(*paths, batch=[1, 3])
    images, labels = VerifiedMNIST(tmp_path).load(*paths, batch=[1, 3])
    np.testing.assert_array_equal(images.reshape(3, -1), expected_images)
    np.testing.assert_array_equal(labels, expected_labels)


def test_files_whose_headers_do_not_agree_are_refused_before_a_pixel_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_dataset(tmp_path, train_images=pictures(12), names=spelled("----", "zzzz"))
    monkeypatch.setattr("mnist_gui.data.datasets.read_images", None)
    monkeypatch.setattr("mnist_gui.data.datasets.read_labels", None)
    with pytest.raises(DatasetError, match="6 labels, expected 12, the number of images"):
        load_dataset(folder)


def test_pictures_that_no_network_here_could_be_trained_on_are_refused(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, train_images=pictures(6, 2000, 2000), test_images=pictures(3, 2000, 2000))
    with pytest.raises(DatasetError, match="2,000x2,000 pixels, expected at most 65,536 in each"):
        load_dataset(folder)


def test_more_digits_than_can_be_held_are_refused(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path)
    for name, magic, sizes in ((TRAIN_IMAGES, 0x803, (3 * 10**9, 1, 1)), (TRAIN_LABELS, 0x801, (3 * 10**9,))):
        (folder / name).write_bytes(struct.pack(f">{1 + len(sizes)}I", magic, *sizes))
    with pytest.raises(DatasetError, match="3,000,000,000 pictures, expected at most 10,000,000"):
        load_dataset(folder)
