"""Model files that are damaged or made to harm: each is refused by name, at no cost, and nothing in it is executed."""

import io
import json
import os
import pickle
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config.run_config import RunConfig
from mnist_gui.storage.atomic_file import write_atomically
from mnist_gui.storage.model_file import FORMAT_VERSION, ModelError, load_model, save_model
from mnist_gui.storage.safe_npz import LARGEST_HEADER
from mnist_gui.training.snapshot import Snapshot

ROOT = Path(__file__).parent.parent.parent


def tiny_snapshot() -> Snapshot:
    """2x2 pictures, one hidden layer of three units, two classes: 5 * 3 + 4 * 2 parameters."""
    config = RunConfig().with_settings({"network.hidden": [3], "data.folder": "/digits/ä b"})
    parameters = np.random.default_rng(0).normal(size=23).astype(np.float32)
    return Snapshot.of(
        parameters,
        config=config,
        image_shape=(2, 2),
        class_names=("no", "yes"),
        step=7,
        epoch=2,
        validation_loss=0.25,
        validation_accuracy=0.875,
    )


SNAPSHOT = tiny_snapshot()


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("intact") / "m.npz"
    save_model(path, SNAPSHOT)
    return path.read_bytes()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def header(**changes: object) -> dict[str, Any]:
    """The header of SNAPSHOT, written out by hand."""
    return {
        "format_version": 1,
        "config": SNAPSHOT.config.settings(),
        "image_shape": [2, 2],
        "class_names": ["no", "yes"],
        "step": 7,
        "epoch": 2,
        "validation_loss": 0.25,
        "validation_accuracy": 0.875,
    } | changes


def write_model(path: Path, text: str | bytes | None = None, parameters: bytes | None = None) -> Path:
    """A model file by zipfile and json alone, with another header text or other bytes of parameters.npy."""
    text = json.dumps(header()) if text is None else text
    content = text.encode() if isinstance(text, str) else text
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.npy", npy(np.frombuffer(content, np.uint8)))
        archive.writestr("parameters.npy", npy(SNAPSHOT.parameters) if parameters is None else parameters)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def is_equal(one: Snapshot, other: Snapshot) -> bool:
    facts = ("config", "image_shape", "class_names", "step", "epoch", "validation_loss", "validation_accuracy")
    same = all(getattr(one, fact) == getattr(other, fact) for fact in facts)
    return same and one.parameters.tobytes() == other.parameters.tobytes()


def is_refused_or_equal(path: Path) -> bool:
    """Whether a file is refused by its name or opens as SNAPSHOT; any other error passes through."""
    try:
        return is_equal(load_model(path), SNAPSHOT)
    except ModelError as error:
        return str(error).startswith(f"{path}: ")


def test_a_file_made_by_hand_as_the_format_says_is_a_model(tmp_path: Path) -> None:
    assert is_equal(load_model(write_model(tmp_path / "m.npz")), SNAPSHOT)


@given(data=st.data())
def test_however_one_byte_is_damaged_the_model_is_read_rightly_or_refused(
    tmp_path_factory: pytest.TempPathFactory, intact: bytes, data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(intact) - 1))
    bit = data.draw(st.integers(0, 7))
    content = bytearray(intact)
    content[position] ^= 1 << bit
    path = tmp_path_factory.getbasetemp() / "flipped.npz"
    path.write_bytes(content)
    assert is_refused_or_equal(path)


def test_every_flipped_bit_of_the_array_headers_is_read_rightly_or_refused(tmp_path: Path, intact: bytes) -> None:
    path = tmp_path / "m.npz"
    starts = [position for position in range(len(intact)) if intact.startswith(b"\x93NUMPY", position)]
    assert len(starts) == 2
    for start in starts:
        for position in range(start, start + 128):
            content = bytearray(intact)
            content[position] ^= 1 << (position % 8)
            path.write_bytes(content)
            assert is_refused_or_equal(path)


def test_a_file_cut_anywhere_is_refused(tmp_path: Path, intact: bytes) -> None:
    path = tmp_path / "m.npz"
    for length in range(0, len(intact), 13):
        path.write_bytes(intact[:length])
        refusal(path)


ILL_FORMED = {
    "not JSON": "{",
    "not UTF-8": b"\xff\xfe\x00",
    "nothing": "",
    "a list": "[1]",
    "lists in lists": "[" * 200_000,
    "objects in objects": '{"a":' * 100_000,
    "a number of 5,000 digits": json.dumps(header()).replace('"step": 7', '"step": ' + "7" * 5000),
    "a measure beyond all floats": json.dumps(header(validation_loss=10**400)),
    "spaces without end": json.dumps(header()) + " " * LARGEST_HEADER,
}


@pytest.mark.parametrize("text", ILL_FORMED.values(), ids=ILL_FORMED)
def test_a_header_that_cannot_be_parsed_is_refused(tmp_path: Path, text: str | bytes) -> None:
    refusal(write_model(tmp_path / "m.npz", text))


ILLEGAL = {
    "no config": {"config": None},
    "config is a list": {"config": []},
    "config is a list of lists": {"config": [[1, 2]]},
    "config is a text": {"config": "abc"},
    "config is a number": {"config": 3},
    "unknown key": {"config": {"network.depth": 3}},
    "illegal value": {"config": {"training.epochs": True}},
    "one dimension": {"image_shape": [2]},
    "three dimensions": {"image_shape": [2, 2, 1]},
    "no pixels": {"image_shape": [0, 4]},
    "half a pixel": {"image_shape": [2.0, 2]},
    "pictures of 10^400 pixels": {"image_shape": [10**200, 10**200]},
    "no classes": {"class_names": []},
    "one class": {"class_names": ["yes"]},
    "too many classes": {"class_names": [str(name) for name in range(257)]},
    "classes are a number": {"class_names": 2},
    "negative step": {"step": -1},
    "true as epoch": {"epoch": True},
    "text as measure": {"validation_loss": "small"},
    "list as measure": {"validation_accuracy": [1]},
    "newer format": {"format_version": FORMAT_VERSION + 1},
    "much newer format": {"format_version": 10**30},
    "no format version": {"format_version": None},
    "real format version": {"format_version": 1.5},
}


@pytest.mark.parametrize("changes", ILLEGAL.values(), ids=ILLEGAL)
def test_an_illegal_header_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    refusal(write_model(tmp_path / "m.npz", json.dumps(header(**changes))))


@pytest.mark.parametrize("name", header())
def test_a_missing_entry_of_the_header_is_named(tmp_path: Path, name: str) -> None:
    text = json.dumps({key: value for key, value in header().items() if key != name})
    assert name in refusal(write_model(tmp_path / "m.npz", text))


def test_a_newer_format_is_refused_by_both_versions(tmp_path: Path) -> None:
    message = refusal(write_model(tmp_path / "m.npz", json.dumps(header(format_version=17, config="of the future"))))
    assert f"format version 17 is newer than this program reads ({FORMAT_VERSION})" in message


class Harmful:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def test_a_pickled_array_is_refused_and_not_executed(tmp_path: Path) -> None:
    harmful = npy(np.array([Harmful(tmp_path / "harmed")], object))
    assert pickle.dumps(Harmful(tmp_path))[:1] in harmful  # it is in there
    assert "object" in refusal(write_model(tmp_path / "m.npz", parameters=harmful))
    assert not (tmp_path / "harmed").exists()


def array_header(text: str, length: int | None = None) -> bytes:
    encoded = text.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(encoded) if length is None else length) + encoded


ARRAYS = {
    "empty": b"",
    "not an array": b"hello, world",
    "values missing": npy(SNAPSHOT.parameters)[:-4],
    "bytes left over": npy(SNAPSHOT.parameters) + b"\0",
    "one value more": npy(np.append(SNAPSHOT.parameters, np.float32(0))),
    "float64": npy(SNAPSHOT.parameters.astype(np.float64)),
    "big-endian": npy(SNAPSHOT.parameters.astype(">f4")),
    "two dimensions": npy(SNAPSHOT.parameters[np.newaxis]),
    "no dimension": npy(np.array(1.0, np.float32)),
    "not a number": npy(np.full(23, np.nan, np.float32)),
    "infinite": npy(np.append(SNAPSHOT.parameters[1:], np.float32(np.inf))),
    "header of a later version": b"\x93NUMPY\x02\x00" + npy(SNAPSHOT.parameters)[8:],
    "header cut": array_header("{'descr': '<f4', ", length=500),
    "header not closed": array_header("{'descr': '<f4', 'fortran_order': False, 'shape': (23,"),
    "header is code": array_header("__import__('os').abort()"),
    "header nested": array_header("(" * 9000),
    "shape of terabytes": array_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}\n"),
    "negative shape": array_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-23,)}\n"),
}


@pytest.mark.parametrize("content", ARRAYS.values(), ids=ARRAYS)
def test_parameters_that_are_not_the_array_the_header_promises_are_refused(tmp_path: Path, content: bytes) -> None:
    refusal(write_model(tmp_path / "m.npz", parameters=content))


@pytest.mark.parametrize("name", ["more.npy", "../outside.npy", "header.npy.bak", "parameters"])
def test_a_further_member_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = write_model(tmp_path / "m.npz")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    assert name in refusal(path)


@pytest.mark.parametrize("kept", ["header.npy", "parameters.npy"])
def test_a_missing_member_is_refused(tmp_path: Path, kept: str) -> None:
    with zipfile.ZipFile(write_model(tmp_path / "whole.npz")) as whole, zipfile.ZipFile(tmp_path / "m.npz", "w") as cut:
        cut.writestr(kept, whole.read(kept))
    assert f"holds {kept}; expected" in refusal(tmp_path / "m.npz")


def test_a_member_that_would_inflate_a_thousandfold_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", npy(np.full(50_000_000, 32, np.uint8)))
        archive.writestr("parameters.npy", npy(SNAPSHOT.parameters))
    assert path.stat().st_size < 200_000
    tracemalloc.start()
    try:
        assert "compressed" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("field", "value"), [(6, 99), (8, 1), (10, 99)], ids=["version needed", "encrypted", "compression"]
)
def test_a_zip_entry_that_needs_what_we_do_not_have_is_refused(
    tmp_path: Path, intact: bytes, field: int, value: int
) -> None:
    content = bytearray(intact)
    content[content.index(b"PK\x01\x02") + field] = value
    (tmp_path / "m.npz").write_bytes(content)
    refusal(tmp_path / "m.npz")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless device")
def test_an_endless_device_is_refused_before_it_fills_the_memory() -> None:
    script = """
import resource
from pathlib import Path
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
from mnist_gui.storage.model_file import ModelError, load_model
try:
    load_model(Path("/dev/zero"))
except ModelError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("/dev/zero: ")


# Writing


def test_saving_replaces_an_older_model_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "Modell Nr. 1 – ä.npz"
    path.write_bytes(b"older")
    save_model(path, SNAPSHOT)
    assert is_equal(load_model(path), SNAPSHOT)
    assert list(tmp_path.iterdir()) == [path]


def test_saving_twice_gives_the_same_facts_and_keeps_the_name_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "no-suffix"
    save_model(path, SNAPSHOT)
    save_model(path, load_model(path))
    assert is_equal(load_model(path), SNAPSHOT)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError("disk full"), ValueError("a bug"), KeyboardInterrupt()], ids=repr)
def test_whatever_interrupts_a_write_the_old_file_stays_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"older")

    def write(file: Any) -> None:
        file.write(b"half of it")
        raise error

    with pytest.raises(type(error)):
        write_atomically(path, write)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_at_the_end_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"older")

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, lambda file: None)
    monkeypatch.undo()
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save_model(tmp_path / "none" / "m.npz", SNAPSHOT)
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "m.npz", tmp_path / "latest.npz"
    target.write_bytes(b"older")
    link.symlink_to(target)
    save_model(link, SNAPSHOT)
    assert link.is_symlink()
    assert is_equal(load_model(target), SNAPSHOT)


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        save_model(tmp_path / "m.npz", SNAPSHOT)
    finally:
        assert os.umask(before) == mask
    assert (tmp_path / "m.npz").stat().st_mode & 0o777 == mode
