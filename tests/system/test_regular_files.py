"""What is read whole: regular files of a sensible size, and nothing that has no end or nobody at its other end."""

import os
from pathlib import Path

import pytest

from mnist_gui.system.regular_files import open_regular, read_regular


def test_a_file_is_read_whole_if_it_has_as_many_bytes_as_it_may_have(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1234")
    assert read_regular(tmp_path / "a", 4) == b"1234"
    with pytest.raises(OSError, match="4 bytes, more than the 3"):
        read_regular(tmp_path / "a", 3)


def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="a device or a pipe"):
        open_regular(tmp_path / "pipe")


@pytest.mark.parametrize(("path", "said"), [("/dev/zero", "a device"), ("/", "directory"), ("/no/file", "No such")])
def test_a_device_a_folder_and_what_is_not_there_are_refused(path: str, said: str) -> None:
    with pytest.raises(OSError, match=said):
        read_regular(Path(path), 10)


def test_a_pipe_that_comes_to_the_place_of_a_file_is_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"1")
    os.mkfifo(tmp_path / "pipe")
    found = (tmp_path / "file").stat()
    monkeypatch.setattr(Path, "stat", lambda path: found)
    with pytest.raises(OSError, match="a device or a pipe"):
        open_regular(tmp_path / "pipe")
