"""Model files: a bit-equal round trip, files written whole or not at all, and every damage refused by name."""

import dataclasses
import io
import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_gui.storage.atomic_file import write_atomically, write_problem
from mnist_gui.storage.model_file import FORMAT_VERSION, ModelError, load_model, save_model
from mnist_gui.training.snapshot import Snapshot
from tests.support import make_trainer


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    trainer = make_trainer({"network.hidden": [5, 4]})
    for _ in range(12):
        trainer.train_minibatch()
    trainer.validate()
    assert trainer.best
    return trainer.best


@pytest.fixture
def path(tmp_path: Path, snapshot: Snapshot) -> Path:
    path = tmp_path / "modèle 1.npz"
    save_model(path, snapshot)
    return path


def members(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def rewrite(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Save again with a changed header."""
    arrays = members(path)
    header = json.loads(arrays["header"].tobytes())
    change(header)
    np.savez(path, header=np.frombuffer(json.dumps(header).encode(), np.uint8), parameters=arrays["parameters"])


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as error:
        load_model(path)
    assert str(path) in str(error.value)
    return str(error.value)


def test_a_saved_model_opens_bit_equal_with_all_that_was_known_of_it(path: Path, snapshot: Snapshot) -> None:
    opened = load_model(path)
    np.testing.assert_array_equal(opened.parameters, snapshot.parameters)
    assert not opened.parameters.flags.writeable
    for fact in ("config", "image_shape", "class_names", "step", "epoch", "validation_loss", "validation_accuracy"):
        assert getattr(opened, fact) == getattr(snapshot, fact)


def test_a_model_that_was_never_validated_opens_too(tmp_path: Path) -> None:
    save_model(tmp_path / "m.npz", make_trainer().snapshot())
    assert not load_model(tmp_path / "m.npz").is_measured


@pytest.mark.parametrize("length", [0, 10, 200, -1])
def test_a_truncated_file_is_refused(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    refusal(path)


def test_a_flipped_bit_is_found(path: Path, snapshot: Snapshot) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(snapshot.parameters[:8].tobytes()) + 2] ^= 1
    path.write_bytes(content)
    assert "CRC" in refusal(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    refusal(tmp_path / "none.npz")
    refusal(tmp_path)


def test_another_program_s_npz_is_refused_by_its_members(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", x=np.ones(3), y=np.ones(3))
    assert "holds x.npy, y.npy" in refusal(tmp_path / "other.npz")


def test_a_compressed_member_is_refused_before_it_can_inflate(path: Path) -> None:
    arrays = members(path)
    np.savez_compressed(path, header=arrays["header"], parameters=np.zeros(50_000_000, np.float32))
    assert "compressed" in refusal(path)


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        (np.zeros(7, np.float32), r"(7,)"),
        (np.zeros((5, 5), np.float32), r"(5, 5)"),
        (np.zeros(7, np.float64), "float64"),
        (np.array([{"an": "object"}], object), "object"),
    ],
)
def test_parameters_of_another_shape_or_type_are_refused(path: Path, parameters: np.ndarray, named: str) -> None:
    header = members(path)["header"]
    np.savez(path, allow_pickle=True, header=header, parameters=parameters)
    assert named in refusal(path)


def test_an_array_that_claims_more_than_its_bytes_is_refused(path: Path) -> None:
    arrays = members(path)
    lying = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        lying, {"descr": "<f4", "fortran_order": False, "shape": arrays["parameters"].shape}
    )
    header = io.BytesIO()
    np.save(header, arrays["header"])
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.npy", header.getvalue())
        archive.writestr("parameters.npy", lying.getvalue() + b"\0" * 8)
    assert "do not hold" in refusal(path)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda header: header.update(format_version=FORMAT_VERSION + 1), "is newer than this program reads"),
        (lambda header: header.pop("format_version"), "no format_version"),
        (lambda header: header["config"].update({"network.depth": 3}), "network.depth"),
        (lambda header: header["config"].update({"training.epochs": 0}), "training.epochs = 0"),
        (lambda header: header.update(config=[1]), "cannot be used"),
        (lambda header: header.update(image_shape=[28]), "cannot be used"),
        (lambda header: header.update(image_shape=[28, -28]), "-28"),
        (lambda header: header.update(image_shape=[10**9, 10**9]), "expected float32"),
        (lambda header: header.update(class_names=["0"]), "1 classes"),
        (lambda header: header.update(epoch="many"), "many"),
        (lambda header: header.pop("validation_loss"), "validation_loss"),
    ],
)
def test_a_header_that_cannot_be_used_says_why(path: Path, change: Any, named: str) -> None:
    rewrite(path, change)
    assert named in refusal(path)


def test_a_header_that_is_no_json_or_nested_too_deep_is_refused(path: Path) -> None:
    parameters = members(path)["parameters"]
    for text in (b"\xff\xfe", b"[" * 100_000):
        np.savez(path, header=np.frombuffer(text, np.uint8), parameters=parameters)
        refusal(path)


def test_weights_that_are_no_numbers_are_refused(path: Path) -> None:
    arrays = members(path)
    arrays["parameters"][3] = np.nan
    np.savez(path, **arrays)
    assert "not finite" in refusal(path)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path: Path) -> None:
    before = path.read_bytes()

    def fail(file: Any) -> None:
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, fail)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_new_file_has_the_permissions_of_any_new_file_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.write_bytes(b"")
    write_atomically(ours, lambda file: None)
    assert ours.stat().st_mode == plain.stat().st_mode
    ours.chmod(0o600)
    write_atomically(ours, lambda file: None)
    assert ours.stat().st_mode & 0o777 == 0o600


def test_a_misfit_between_network_and_digits_is_said(snapshot: Snapshot) -> None:
    splits = make_trainer().splits
    assert snapshot.misfit(splits) is None
    other_size = dataclasses.replace(splits, image_shape=(8, 8))
    assert snapshot.misfit(other_size) == "the network sees pictures of 28x28 pixels, the dataset has 8x8"
    letters = dataclasses.replace(splits, class_names=tuple("abcdefghij"))
    assert "the dataset has a, b, c" in str(snapshot.misfit(letters))


def test_a_model_of_the_first_format_opens_with_defaults_for_what_it_could_not_say(path: Path) -> None:
    old = ["hidden", "activation", "loss", "init", "optimizer", "learning_rate", "momentum", "schedule"]

    def as_then(header: dict[str, Any]) -> None:
        header["format_version"] = 1
        kept = {key: value for key, value in header["config"].items() if key.split(".")[1] in old}
        header["config"] = {**kept, "network.init": "he"}

    rewrite(path, as_then)
    config = load_model(path).config
    assert config.network.init == "he_normal"
    assert (config.training.l2, config.training.dropout, config.data.digits) == (0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("step", 10**15),
        ("epoch", 10**15),
        ("validation_loss", -1.0),
        ("validation_loss", 10**400),
        ("validation_loss", float("inf")),
        ("validation_loss", float("nan")),
        ("validation_accuracy", 1e30),
        ("validation_accuracy", -0.1),
        ("image_shape", 3),
        ("image_shape", [[28], 28]),
        ("class_names", ["\x1b[31m", "1"]),
        ("class_names", ["\ud800", "1"]),
        ("class_names", ["0\nand more", "1"]),
        ("class_names", 7),
        ("config", 7),
        ("config", {"training.epochs": {}}),
    ],
)
def test_a_fact_that_cannot_be_is_refused_in_words_that_are_not_python_s(path: Path, fact: str, value: Any) -> None:
    rewrite(path, lambda header: header.update({fact: value}))
    told = refusal(path)
    assert not [word for word in ("Error", "unpack", "iterable", "subscript", "object is", "NoneType") if word in told]
    assert "\x1b" not in told
    told.encode()


def test_a_shape_of_thousands_of_signs_is_refused(path: Path) -> None:
    def npy(shape: str) -> bytes:
        text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape},), }}\n".encode()
        return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text

    header = io.BytesIO()
    np.save(header, members(path)["header"])
    for shape in ("-" * 9000 + "1", "(" * 9000 + ")" * 9000):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("header.npy", header.getvalue())
            archive.writestr("parameters.npy", npy(shape))
        refusal(path)


def test_more_weights_than_may_be_trained_are_refused_before_they_are_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_gui.engine.components.MOST_PARAMETERS", 1000)
    assert "at most 1,000 weights and biases; these make" in refusal(path)


def test_a_model_for_pictures_larger_than_any_dataset_s_is_refused(tmp_path: Path, snapshot: Snapshot) -> None:
    config = snapshot.config.with_settings({"network.hidden": []})
    count = 300 * 300 * 10 + 10
    large = dataclasses.replace(
        snapshot, config=config, image_shape=(300, 300), parameters=np.zeros(count, np.float32), own_parts=None
    )
    save_model(tmp_path / "large.npz", large)
    assert "90,000 pixels, expected at most 65,536" in refusal(tmp_path / "large.npz")


def test_a_pipe_in_the_place_of_a_model_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npz")
    assert "a device or a pipe" in refusal(tmp_path / "pipe.npz")


# Where a file must not be written


def test_a_read_only_file_is_not_replaced_not_even_by_an_administrator(path: Path, snapshot: Snapshot) -> None:
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(OSError, match="read-only"):
        save_model(path, snapshot)
    assert path.read_bytes() == before
    assert "read-only" in write_problem(path)


@pytest.mark.parametrize("kind", ["pipe", "link to a device", "socket", "link to itself"])
def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path, snapshot: Snapshot, kind: str) -> None:
    path = tmp_path / "m.npz"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "link to a device":
            path.symlink_to("/dev/null")
        case "socket":
            os.mknod(path, 0o600 | stat.S_IFSOCK)
        case _:
            path.symlink_to(path)
    before = path.lstat()
    assert write_problem(path)
    with pytest.raises(OSError, match=r".+"):
        save_model(path, snapshot)
    assert path.lstat() == before
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "said"), [("n" * 300, "File name too long"), ("no/folder", "No such"), ("null\0", "null byte"), ("", "")]
)
def test_a_name_that_no_file_can_have_is_a_problem_and_no_error(tmp_path: Path, name: str, said: str) -> None:
    assert said in write_problem(tmp_path / name)
    assert write_problem(tmp_path / name)
