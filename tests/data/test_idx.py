"""Reading IDX files. Files are written here by struct and gzip alone, as the format's description says."""

import errno
import gzip
import os
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnist_gui.data.idx import DatasetError, read_images, read_labels

IMAGES_NAME = "train-images-idx3-ubyte"
LABELS_NAME = "train-labels-idx1-ubyte"

PICTURES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
IMAGE_FILE = struct.pack(">IIII", 0x803, 5, 4, 3) + PICTURES.tobytes()
LABEL_FILE = struct.pack(">II", 0x801, 5) + bytes([3, 1, 4, 1, 5])
PACKED = gzip.compress(IMAGE_FILE, mtime=0)


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def flipped(content: bytes, byte: int) -> bytes:
    return content[:byte] + bytes([content[byte] ^ 0x10]) + content[byte + 1 :]


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_images_and_labels_are_read_as_they_were_written(tmp_path: Path, suffix: str) -> None:
    pack = gzip.compress if suffix else bytes
    images = read_images(write(tmp_path, IMAGES_NAME + suffix, pack(IMAGE_FILE)))
    labels = read_labels(write(tmp_path, LABELS_NAME + suffix, pack(LABEL_FILE)))
    np.testing.assert_array_equal(images, PICTURES)
    np.testing.assert_array_equal(labels, [3, 1, 4, 1, 5])
    for array in (images, labels):
        assert array.dtype == np.uint8
        assert array.flags.c_contiguous
        assert not array.flags.writeable


@given(
    pictures=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=3, max_dims=3, max_side=9)),
    packed=st.booleans(),
)
def test_any_images_survive_being_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, pictures: np.ndarray, packed: bool
) -> None:
    content = struct.pack(">IIII", 0x803, *pictures.shape) + pictures.tobytes()
    folder = tmp_path_factory.mktemp("idx")
    path = write(folder, "pictures.gz" if packed else "pictures", gzip.compress(content) if packed else content)
    np.testing.assert_array_equal(read_images(path), pictures)


def test_gzip_data_in_several_members_are_read_as_one_file(tmp_path: Path) -> None:
    content = gzip.compress(IMAGE_FILE[:21]) + gzip.compress(IMAGE_FILE[21:])
    np.testing.assert_array_equal(read_images(write(tmp_path, "pictures.gz", content)), PICTURES)


# Name of the damage: (file name, content, what the message must say).
DAMAGED_IMAGES = {
    "the label file": (
        "",
        LABEL_FILE,
        "magic 0x00000801 at byte 0, expected 0x00000803 (is this the label file?)",
    ),
    "the label file, gzipped": (
        ".gz",
        gzip.compress(LABEL_FILE),
        "magic 0x00000801 at byte 0, expected 0x00000803",
    ),
    "another type of IDX": (
        "",
        b"\0\0\x0d\3" + IMAGE_FILE[4:],
        "magic 0x00000d03 at byte 0, expected 0x00000803",
    ),
    "gzipped without .gz": ("", PACKED, "expected 0x00000803 (it is gzipped: add .gz to its name)"),
    "empty": ("", b"", "ends at byte 0, expected a header of 16 bytes"),
    "header cut in the magic": ("", IMAGE_FILE[:3], "ends at byte 3, expected a header of 16 bytes"),
    "header cut": ("", IMAGE_FILE[:15], "ends at byte 15, expected a header of 16 bytes"),
    "header cut, gzipped": (
        ".gz",
        gzip.compress(IMAGE_FILE[:15]),
        "ends at byte 15, expected a header of 16 bytes",
    ),
    "pixels missing": (
        "",
        IMAGE_FILE[:-7],
        "69 bytes, expected 76 for 5 images of 4x3 pixels (7 bytes are missing",
    ),
    "pixels missing, gzipped": (
        ".gz",
        gzip.compress(IMAGE_FILE[:-7]),
        "69 bytes, expected 76 for 5 images of 4x3",
    ),
    "all pixels missing": (
        "",
        IMAGE_FILE[:16],
        "16 bytes, expected 76 for 5 images of 4x3 pixels (60 bytes are",
    ),
    "trailing bytes": (
        "",
        IMAGE_FILE + b"abc",
        "79 bytes, expected 76 for 5 images of 4x3 pixels (3 bytes too many",
    ),
    "trailing bytes, gzipped": (
        ".gz",
        gzip.compress(IMAGE_FILE + b"abc"),
        "expected 76 for 5 images of 4x3 pixels",
    ),
    "no images": ("", struct.pack(">IIII", 0x803, 0, 28, 28), "0 images at byte 4, expected at least 1"),
    "no rows": (
        "",
        struct.pack(">IIII", 0x803, 5, 0, 28),
        "images of 0x28 pixels at byte 8, expected at least 1x1",
    ),
    "no columns": (
        "",
        struct.pack(">IIII", 0x803, 5, 28, 0),
        "images of 28x0 pixels at byte 8, expected at least",
    ),
    "gzip cut in the pixels": (".gz", PACKED[:-30], "break off after"),
    "gzip cut in its checksum": (
        ".gz",
        PACKED[:-6],
        "break off after 76 unpacked bytes, expected 76 and an end mark",
    ),
    "gzip cut in its header": (
        ".gz",
        PACKED[:5],
        "break off after 0 unpacked bytes, expected 16 and an end mark",
    ),
    "gzip checksum wrong": (
        ".gz",
        flipped(PACKED, len(PACKED) - 7),
        "damaged gzip data after 76 unpacked bytes",
    ),
    "gzip length wrong": (
        ".gz",
        flipped(PACKED, len(PACKED) - 3),
        "damaged gzip data after 76 unpacked bytes",
    ),
    "gzip method unknown": (".gz", flipped(PACKED, 2), "damaged gzip data after 0 unpacked bytes"),
    "gzip block type illegal": (
        ".gz",
        PACKED[:10] + b"\xff" + PACKED[11:],
        "damaged gzip data after 0 unpacked",
    ),
    "gzip with rubbish behind": (".gz", PACKED + b"rubbish", "damaged gzip data after 76 unpacked bytes"),
    "unpacked, yet named .gz": (".gz", IMAGE_FILE, "if it is already unpacked, take .gz off its name"),
    "empty and named .gz": (".gz", b"", "ends at byte 0, expected a header of 16 bytes"),
}

DAMAGED_LABELS = {
    "the image file": (
        LABELS_NAME,
        IMAGE_FILE,
        "magic 0x00000803 at byte 0, expected 0x00000801 (is this the image",
    ),
    "labels missing": (
        LABELS_NAME,
        LABEL_FILE[:-2],
        "11 bytes, expected 13 for 5 labels (2 bytes are missing",
    ),
    "trailing labels": (
        LABELS_NAME,
        LABEL_FILE + b"\0",
        "14 bytes, expected 13 for 5 labels (1 bytes too many",
    ),
    "no labels": (LABELS_NAME, struct.pack(">II", 0x801, 0), "0 labels at byte 4, expected at least 1"),
    "header cut": (LABELS_NAME, LABEL_FILE[:6], "ends at byte 6, expected a header of 8 bytes"),
}


@pytest.mark.parametrize(("suffix", "content", "message"), DAMAGED_IMAGES.values(), ids=DAMAGED_IMAGES)
def test_a_damaged_image_file_is_refused_by_name_found_and_expected(
    tmp_path: Path, suffix: str, content: bytes, message: str
) -> None:
    path = write(tmp_path, IMAGES_NAME + suffix, content)
    with pytest.raises(DatasetError) as caught:
        read_images(path)
    assert str(caught.value).startswith(f"{path.name}: ")
    assert message in str(caught.value)
    assert "expected" in str(caught.value)


@pytest.mark.parametrize(("name", "content", "message"), DAMAGED_LABELS.values(), ids=DAMAGED_LABELS)
def test_a_damaged_label_file_is_refused_by_name_found_and_expected(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        read_labels(write(tmp_path, name, content))
    assert str(caught.value).startswith(f"{name}: ")
    assert message in str(caught.value)


@given(position=st.integers(0, len(PACKED) - 1), value=st.integers(0, 255), length=st.integers(0, len(PACKED)))
def test_however_a_gzipped_file_is_damaged_it_is_read_rightly_or_refused(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int, length: int
) -> None:
    content = (PACKED[:position] + bytes([value]) + PACKED[position + 1 :])[:length]
    path = write(tmp_path_factory.mktemp("idx"), "pictures.gz", content)
    try:
        pictures = read_images(path)
    except DatasetError:
        return
    np.testing.assert_array_equal(pictures, PICTURES)


@given(content=st.binary(max_size=64), header=st.sampled_from([b"", b"\0\0\x08\x03", b"\0\0\x08\x01"]))
def test_random_bytes_are_images_only_if_their_header_is_true(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, header: bytes
) -> None:
    path = write(tmp_path_factory.mktemp("idx"), "pictures", header + content)
    try:
        pictures = read_images(path)
    except DatasetError:
        return
    assert (header + content)[16:] == pictures.tobytes()


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_header_that_claims_terabytes_costs_no_memory(tmp_path: Path, suffix: str) -> None:
    lie = struct.pack(">IIII", 0x803, 100_000, 4096, 4096) + bytes(100)
    path = write(tmp_path, IMAGES_NAME + suffix, gzip.compress(lie) if suffix else lie)
    peak = _peak_memory(lambda: _refused(read_images, path, "116 bytes, expected 1,677,721,600,016"))
    assert peak < 2_000_000


def test_a_small_header_before_endless_gzip_data_costs_no_memory(tmp_path: Path) -> None:
    path = write(tmp_path, "pictures.gz", gzip.compress(IMAGE_FILE + bytes(50_000_000)))
    peak = _peak_memory(lambda: _refused(read_images, path, "at least 1 bytes too many"))
    assert peak < 2_000_000


@pytest.mark.parametrize("name", [IMAGES_NAME, IMAGES_NAME + ".gz"])
def test_a_missing_file_is_named_with_its_folder(tmp_path: Path, name: str) -> None:
    _refused(
        read_images,
        tmp_path / name,
        f"{tmp_path / name}: cannot be read ({os.strerror(errno.ENOENT)}), expected",
    )


def test_a_folder_of_the_files_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / IMAGES_NAME).mkdir()
    _refused(read_images, tmp_path / IMAGES_NAME, f"{tmp_path / IMAGES_NAME}: is a folder, expected an IDX file")


def test_a_device_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / IMAGES_NAME).symlink_to("/dev/zero")
    _refused(read_images, tmp_path / IMAGES_NAME, "is not a regular file, expected an IDX file")


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / IMAGES_NAME).symlink_to(tmp_path / IMAGES_NAME)
    said = f"cannot be read ({os.strerror(errno.ELOOP)}), expected"  # in the language of the system
    _refused(read_images, tmp_path / IMAGES_NAME, said)


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, IMAGES_NAME, IMAGE_FILE)

    # chmod would not stop root, who runs the tests in many containers.
    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    _refused(
        read_images,
        path,
        "cannot be read (Permission denied), expected an IDX file of images (check the folder",
    )


def _refused(read: Callable[[Path], object], path: Path, message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        read(path)
    assert message in str(caught.value)


def _peak_memory(work: Callable[[], None]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
