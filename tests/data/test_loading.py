"""Datasets are read once as long as somebody has them and their files stay as they are."""

import gc
import os
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mnist_gui.config.run_config import DataConfig
from mnist_gui.data.idx import DatasetError
from mnist_gui.data.loading import open_dataset
from mnist_gui.system.paths import bundled_mnist
from tests.data.test_datasets import NAMES, pictures, write_dataset, write_idx


def test_a_folder_that_is_opened_twice_is_in_memory_once(tmp_path: Path) -> None:
    data = DataConfig(folder=str(write_dataset(tmp_path / "digits")))
    assert open_dataset(data) is open_dataset(data)


def test_the_bundled_digits_are_the_same_under_their_own_name_and_by_their_folder() -> None:
    assert open_dataset(DataConfig()) is open_dataset(DataConfig(folder=str(bundled_mnist())))


def test_threads_that_open_a_folder_at_once_get_one_copy(tmp_path: Path) -> None:
    data = DataConfig(folder=str(write_dataset(tmp_path / "digits")))
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_dataset(data), range(8)))
    assert len({id(each) for each in opened}) == 1


@pytest.mark.parametrize("is_replaced", [False, True], ids=["written over", "replaced"])
def test_files_that_changed_are_read_anew_and_who_has_the_old_ones_keeps_them(
    tmp_path: Path, is_replaced: bool
) -> None:
    folder = write_dataset(tmp_path / "digits")
    data, changed = DataConfig(folder=str(folder)), folder / NAMES[0]
    before = open_dataset(data)
    stat = changed.stat()
    other = tmp_path / "other" if is_replaced else changed
    write_idx(other, pictures(6, seed=5))
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    if is_replaced:
        other.replace(changed)
    after = open_dataset(data)
    np.testing.assert_array_equal(after.train_images, pictures(6, seed=5))
    np.testing.assert_array_equal(before.train_images, pictures(6))


def test_a_dataset_that_nobody_has_any_more_is_let_go(tmp_path: Path) -> None:
    gone = weakref.ref(open_dataset(DataConfig(folder=str(write_dataset(tmp_path / "digits")))))
    gc.collect()
    assert gone() is None


def test_a_file_that_vanished_is_missed_though_its_digits_are_in_memory(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "digits")
    opened = open_dataset(DataConfig(folder=str(folder)))
    (folder / NAMES[3]).unlink()
    with pytest.raises(DatasetError, match="1 of 4 files missing"):
        open_dataset(DataConfig(folder=str(folder)))
    assert len(opened.test_labels) == 3
