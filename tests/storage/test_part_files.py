"""Half-written files of programs that were killed are removed by the next one that writes; others are left alone."""

import os
from pathlib import Path

import pytest

from mnist_gui.storage.atomic_file import write_atomically, write_problem
from mnist_gui.storage.part_files import part_of, remove_parts

LEFT = ".m.npz.0123456789abcdef.part"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_left_of_the_same_file_is_removed_when_it_is_written(tmp_path: Path) -> None:
    for name in (LEFT, ".other.npz.0123456789abcdef.part", ".m.npz.part", "m.npz.0123456789abcdef.part"):
        (tmp_path / name).touch()
    write_atomically(tmp_path / "m.npz", lambda file: file.write(b"new") and None)
    others = [".m.npz.part", ".other.npz.0123456789abcdef.part", "m.npz", "m.npz.0123456789abcdef.part"]
    assert names(tmp_path) == others
    assert (tmp_path / "m.npz").read_bytes() == b"new"


def test_asking_whether_a_file_can_be_written_removes_them_too(tmp_path: Path) -> None:
    (tmp_path / LEFT).touch()
    assert not write_problem(tmp_path / "m.npz")
    assert names(tmp_path) == []


def test_a_file_that_is_being_written_is_not_taken_for_left_behind(tmp_path: Path) -> None:
    with part_of(tmp_path / "m.npz") as (part, file):
        remove_parts(tmp_path)
        write_atomically(tmp_path / "m.npz", lambda other: other.write(b"quicker") and None)
        assert part.exists()
        file.close()  # and it is not before it is renamed either
        remove_parts(tmp_path)
        os.replace(part, tmp_path / "m.npz")
    assert names(tmp_path) == ["m.npz"]


def test_a_file_that_was_taken_for_left_behind_before_it_was_locked_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, removed = os.open, list[Path]()

    def open_and_lose(path: Path, *arguments: int) -> int:
        descriptor = original(path, *arguments)
        if not removed:
            removed.append(path)
            path.unlink()
        return descriptor

    monkeypatch.setattr(os, "open", open_and_lose)
    write_atomically(tmp_path / "m.npz", lambda file: file.write(b"whole") and None)
    assert removed
    assert (tmp_path / "m.npz").read_bytes() == b"whole"


def test_a_link_of_such_a_name_is_nothing_that_was_left(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("text")
    (tmp_path / LEFT).symlink_to(kept)
    write_atomically(tmp_path / "m.npz", lambda file: None)
    assert names(tmp_path) == [LEFT, "kept", "m.npz"]
    remove_parts(tmp_path / "nowhere")
