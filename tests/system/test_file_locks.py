"""Locks between processes: one changes at a time, and whoever ends lets go."""

import os
from pathlib import Path
from threading import Thread

import pytest

from mnist_gui.system.file_locks import locked_folder, try_lock


def test_a_folder_that_is_being_changed_is_given_up_after_a_while(tmp_path: Path) -> None:
    with locked_folder(tmp_path), pytest.raises(OSError, match="another program"), locked_folder(tmp_path, seconds=0.0):
        raise AssertionError("two change it")
    with locked_folder(tmp_path, seconds=0.0):
        pass


def test_changes_of_one_folder_come_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "count"
    path.write_text("0")

    def count() -> None:
        for _ in range(20):
            with locked_folder(tmp_path):
                path.write_text(str(int(path.read_text()) + 1))

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() == "80"


def test_a_lock_ends_with_the_file(tmp_path: Path) -> None:
    first, second = (os.open(tmp_path / "file", os.O_CREAT | os.O_RDWR) for _ in range(2))
    assert try_lock(first)
    assert not try_lock(second)
    os.close(first)
    assert try_lock(second)
    os.close(second)
