"""`mnist-gui evaluate --data`: which digits are dealt, and whether the network may have learned from them."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_gui.cli.evaluation_data import EvaluatedDigits, digits_for
from mnist_gui.storage.model_file import load_model
from tests.cli.test_evaluate import Evaluate, evaluate, save_reader, tell
from tests.cli.test_main import NAMES, as_idx, write_stripes
from tests.ui.letters import write_letters

__all__ = ["evaluate"]  # a fixture

FAULTY = {"lab.faults": ["trains_on_validation"]}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write_stripes(tmp_path / "own", train=60, test=60)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Fewer digits than the other set has, and none of them."""
    folder = write_stripes(tmp_path / "other", train=24, test=12)
    for name in (NAMES[0], NAMES[2]):
        content = bytearray((folder / name).read_bytes())
        content[16:] = bytes(max(0, value - 1) for value in content[16:])
        (folder / name).write_bytes(content)
    return folder


def digits(model: Path, folder: Path | None = None, split: Any = "test") -> EvaluatedDigits:
    return digits_for(load_model(model), folder and str(folder), split)


@pytest.mark.parametrize(
    "settings",
    [
        {"data.train": 50},
        {"data.validation": 30},
        {"data.test": 60},
        {"data.digits": 70, "data.validation": 5},
        {"data.left_out": [30, 59]},
        {"data.train": 20, "data.validation": 30, "data.validation_from": "test"},
    ],
)
def test_another_dataset_is_dealt_by_the_defaults_whatever_the_model_was_trained_on(
    evaluate: Evaluate, own: Path, other: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    told = evaluate(save_reader(tmp_path / "m.npz", own, **settings), "--data", other)
    assert (told["digits"], told["file"], told["left_out_of_training"]) == (12, "test", 0)
    found = digits(tmp_path / "m.npz", other, "train"), digits(tmp_path / "m.npz", other, "validation")
    assert [len(each.split) for each in found] == [22, 2]


def test_digits_that_were_left_out_are_told_of_the_model_s_own_dataset_only(
    capsys: pytest.CaptureFixture[str], own: Path, other: Path, tmp_path: Path
) -> None:
    model = save_reader(tmp_path / "m.npz", own, **{"data.left_out": [3, 7]})
    line = "Trained without 2 digits of the training files (data.left_out)."
    assert line in tell(capsys, model)
    assert line not in tell(capsys, model, "--data", str(other))


def test_a_dataset_that_has_moved_is_still_the_model_s_own(own: Path, tmp_path: Path) -> None:
    model = save_reader(tmp_path / "m.npz", own, **{"data.train": 20, "data.left_out": [3, 7, 9]})
    here = digits(model, None, "train")
    copy = shutil.copytree(own, tmp_path / "copy")
    there = digits(model, copy, "train")
    np.testing.assert_array_equal(there.split.rows, here.split.rows)
    assert there.left_out == here.left_out == 3
    assert not there.is_out_of_sample
    assert digits(model, copy, "validation").is_out_of_sample


def test_labels_put_right_since_do_not_make_pictures_new(own: Path, tmp_path: Path) -> None:
    model = save_reader(tmp_path / "m.npz", own, **{"data.left_out": [3]})
    mended = shutil.copytree(own, tmp_path / "mended")
    labels = np.frombuffer((own / NAMES[1]).read_bytes()[8:], np.uint8).copy()
    labels[5] = (labels[5] + 1) % 3
    (mended / NAMES[1]).write_bytes(as_idx(labels))
    found = digits(model, mended, "train")
    assert (found.left_out, found.is_out_of_sample) == (1, False)


@pytest.mark.parametrize("validation_from", ["train", "test"])
@pytest.mark.parametrize(
    ("faults", "learned"),
    [
        ([], {"train"}),
        (["shuffled_labels"], {"train"}),
        (["trains_on_validation"], {"train", "validation"}),
        (["test_digits_in_training"], {"train", "test"}),
        (["test_digits_in_training", "trains_on_validation"], {"train", "validation", "test"}),
    ],
)
def test_digits_of_its_own_are_out_of_sample_unless_it_trained_on_that_split(
    own: Path, other: Path, tmp_path: Path, faults: list[str], learned: set[str], validation_from: str
) -> None:
    settings = {"lab.faults": faults, "data.validation_from": validation_from, "data.validation": 10}
    model = save_reader(tmp_path / "m.npz", own, **settings)
    splits = ("train", "validation", "test")
    assert {split for split in splits if not digits(model, None, split).is_out_of_sample} == learned
    assert all(digits(model, other, split).is_out_of_sample for split in splits)


def test_a_fault_that_has_nothing_to_act_on_makes_no_digits_known(own: Path, tmp_path: Path) -> None:
    model = save_reader(tmp_path / "m.npz", own, **{**FAULTY, "data.validation": 0})
    assert digits(model).is_out_of_sample


def test_another_dataset_with_some_of_the_pictures_is_not_out_of_sample(own: Path, other: Path, tmp_path: Path) -> None:
    model = save_reader(tmp_path / "m.npz", own)
    images = np.frombuffer((own / NAMES[0]).read_bytes()[16:], np.uint8).reshape(-1, 4, 4)
    content = bytearray((other / NAMES[2]).read_bytes())
    content[-16:] = images[digits(model, None, "train").split.rows[0]].tobytes()
    (other / NAMES[2]).write_bytes(content)
    assert not digits(model, other).is_out_of_sample
    assert digits(model, other, "train").is_out_of_sample


def test_files_that_may_be_those_of_a_lost_dataset_may_have_been_learned(own: Path, tmp_path: Path) -> None:
    model = save_reader(tmp_path / "m.npz", own)
    faulty = save_reader(tmp_path / "faulty.npz", own, **{"lab.faults": ["test_digits_in_training"]})
    moved = own.rename(tmp_path / "moved")
    assert not digits(model, moved, "train").is_out_of_sample
    assert not digits(model, moved, "validation").is_out_of_sample
    assert digits(model, moved).is_out_of_sample
    assert not digits(faulty, moved).is_out_of_sample


def test_people_are_told_that_validation_digits_were_trained_on(
    capsys: pytest.CaptureFixture[str], own: Path, tmp_path: Path
) -> None:
    model = save_reader(tmp_path / "m.npz", own, **FAULTY)
    options = ("--split", "validation", "--label-errors", "2")
    assert "may have been trained on these digits" in "\n".join(tell(capsys, model, *options))


def test_a_network_may_have_learned_from_a_copy_though_other_digits_lie_where_its_own_did(
    own: Path, tmp_path: Path
) -> None:
    model = save_reader(tmp_path / "m.npz", own)
    copy = shutil.copytree(own, tmp_path / "copy")
    write_letters(own)  # pictures of another size
    for split in ("train", "validation"):
        assert not digits(model, copy, split).is_out_of_sample
