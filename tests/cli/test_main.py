"""The command line: what goes to which stream, which exit status, and what is refused before anything starts."""

import json
import os
import re
import shlex
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_gui import __version__
from mnist_gui.cli.main import main
from mnist_gui.config.schema import SETTINGS
from mnist_gui.storage.model_file import load_model
from mnist_gui.system.paths import rescued_folder
from mnist_gui.training.snapshot import Snapshot
from tests.support import lose_current_folder

ROOT = Path(__file__).parent.parent.parent
NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
EPOCH_KEYS = [
    "record",
    "epoch",
    "step",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "seconds",
    "images_per_second",
    "penalty",
    "label_entropy",
    "held_out_digits",
    "best_has_changed",
]


def settings(values: Mapping[str, object]) -> list[str]:
    return [word for key, value in values.items() for word in ("--set", f"{key}={value}")]


SMALL = settings({"network.hidden": [8], "training.epochs": 2, "training.batch_size": 10})


def as_idx(array: np.ndarray) -> bytes:
    return struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape) + array.tobytes()


def write_stripes(folder: Path, train: int = 60, test: int = 20, size: int = 4, classes: int = 3) -> Path:
    """Pictures of one bright row each; the row is the class: easy to learn."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    for (images_name, labels_name), count in zip((NAMES[:2], NAMES[2:]), (train, test), strict=True):
        labels = (np.arange(count) % classes).astype(np.uint8)
        images = rng.integers(0, 60, (count, size, size), dtype=np.uint8)
        images[np.arange(count), labels] = 250
        (folder / images_name).write_bytes(as_idx(images))
        (folder / labels_name).write_bytes(as_idx(labels))
    return folder


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    return write_stripes(tmp_path / "stripes")


def records(text: str) -> list[dict[str, Any]]:
    """One JSON object a line, in strict JSON: no NaN, no Infinity."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def run_cli(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, with no display and only this environment."""
    return subprocess.run(
        [sys.executable, "-m", "mnist_gui", *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line on standard error of a command that is refused before it has begun."""
    assert main([str(argument) for argument in arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("mnist-gui: ")
    assert told.err.count("\n") == 1
    return told.err


def usage_error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def train_json(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> list[dict[str, Any]]:
    assert main(["train", "--json", *map(str, arguments)]) == status
    return records(capsys.readouterr().out)


# Help and version


def test_the_version_is_told_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"mnist-gui {__version__}\n"


@pytest.mark.parametrize("command", [[], ["train"], ["evaluate"], ["predict"], ["settings"], ["faults"]])
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: mnist-gui " + " ".join(command))


def test_the_help_names_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert re.search(r"0 finished, 1 .*failed or diverged, 2 .*usage, 3 .*diagnosed, 130 interrupted", told)


def test_settings_lists_every_key_with_its_legal_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == 0
    told = capsys.readouterr().out
    for key, setting in SETTINGS.items():
        assert re.search(rf"^{re.escape(key)} = .*{re.escape(setting.legal)}", told, re.MULTILINE)


@pytest.mark.parametrize("arguments", [["--nonsense"], ["nonsense"], ["train", "--epochs", "3"], ["evaluate"]])
def test_wrong_usage_ends_with_status_2_and_nothing_on_standard_output(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert "error: " in usage_error(capsys, *arguments)


# Training


def test_json_training_prints_records_from_run_started_to_run_ended(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    told = train_json(capsys, "--data", stripes, *SMALL)
    assert [record["record"] for record in told] == ["run_started", "epoch_done", "epoch_done", "run_ended"]
    started, first, second, ended = told
    assert started["config"]["data.folder"] == str(stripes)
    assert started["config"]["network.hidden"] == [8]
    assert (started["train_digits"], started["validation_digits"]) == (55, 5)
    assert (started["step"], started["last_step"], started["steps_per_epoch"]) == (0, 12, 6)
    assert started["parameters"] == (16 + 1) * 8 + (8 + 1) * 3
    assert list(first) == list(second) == EPOCH_KEYS
    assert (first["epoch"], first["step"], second["epoch"], second["step"]) == (1, 6, 2, 12)
    assert second["seconds"] > first["seconds"] > 0
    assert (ended["state"], ended["step"], ended["epoch"], ended["error"]) == ("finished", 12, 2, None)
    assert ended["best_epoch"] in (1, 2)
    assert 0 <= ended["test_accuracy"] <= 1
    assert ended["test_loss"] > 0


def test_bundled_digits_are_trained_on_by_default_and_learned(capsys: pytest.CaptureFixture[str]) -> None:
    small = settings({"data.train": 2000, "data.validation": 500, "training.epochs": 2, "training.batch_size": 50})
    ended = train_json(capsys, *small)[-1]
    assert ended["test_accuracy"] > 0.8


def test_two_runs_with_the_same_seed_tell_the_same_numbers(capsys: pytest.CaptureFixture[str], stripes: Path) -> None:
    def without_times(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {key: value for key, value in record.items() if key not in ("seconds", "images_per_second")}
            for record in told
        ]

    one, other = (without_times(train_json(capsys, "--data", stripes, *SMALL)) for _ in range(2))
    assert one == other


def test_training_for_people_tells_each_epoch_and_the_end_on_standard_output(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    assert main(["train", "--data", str(stripes), *SMALL]) == 0
    told = capsys.readouterr()
    start, first, second, end = told.out.splitlines()
    assert start.startswith("55 training and 5 validation digits; hidden layers [8] of relu units, 163 parameters; ")
    training, trend = r"training loss [\d.]+, accuracy [\d.]+ %", "(rising|falling|level)"
    assert re.fullmatch(rf"epoch 1: {training}; validation loss [\d.]+, accuracy [\d.]+ %; [\d,]+ digits/s", first)
    validation = rf"validation loss [\d.]+, {trend}, accuracy [\d.]+ %, {trend}"
    assert re.fullmatch(rf"epoch 2: {training}; {validation}; best epoch [12]; [\d,]+ digits/s", second)
    assert re.match(r"finished after 2 epochs, 12 minibatches, \d+\.\d s of training; best weights, of epoch ", end)
    assert re.search(r", test accuracy [\d.]+ %$", end)
    assert told.err == ""  # no progress bar where nobody watches a terminal


def test_people_and_programs_are_told_the_same_numbers(capsys: pytest.CaptureFixture[str], stripes: Path) -> None:
    _, _, epoch, ended = train_json(capsys, "--data", stripes, *SMALL)
    assert main(["train", "--data", str(stripes), *SMALL]) == 0
    *_, second, end = capsys.readouterr().out.splitlines()
    assert f"training loss {epoch['train_loss']:.4f}, accuracy {100 * epoch['train_accuracy']:.2f} %;" in second
    assert f"validation loss {epoch['validation_loss']:.4f}, " in second
    assert f"best epoch {ended['best_epoch']};" in second
    assert f"test accuracy {100 * ended['test_accuracy']:.2f} %" in end


def test_a_run_of_one_epoch_of_one_minibatch_is_told_in_the_singular(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    one = settings({"training.epochs": 1, "training.batch_size": 0, "network.hidden": [1]})
    assert main(["train", "--data", str(stripes), *one]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("; 1 epoch of 1 minibatch")
    assert lines[-1].startswith("finished after 1 epoch, 1 minibatch, ")


def test_beside_records_a_saved_model_is_told_on_standard_error_and_else_on_standard_output(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    model = tmp_path / "m.npz"
    said = rf"weights of epoch [12] saved to {re.escape(str(model))}\n"
    assert main(["train", "--json", "--data", str(stripes), *SMALL, "--save", str(model)]) == 0
    told = capsys.readouterr()
    assert len(records(told.out)) == 4
    assert re.fullmatch(said, told.err)
    assert main(["train", "--data", str(stripes), *SMALL, "--save", str(model)]) == 0
    told = capsys.readouterr()
    assert re.search(said, told.out)
    assert told.err == ""


def test_why_a_run_diverged_is_told_on_standard_error(capsys: pytest.CaptureFixture[str], stripes: Path) -> None:
    hostile = settings({"training.learning_rate": 100, "network.hidden": [64, 64, 64], "training.epochs": 9})
    assert main(["train", "--data", str(stripes), *SMALL, *hostile]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines()[-1].startswith("diverged after ")
    assert told.err.startswith("mnist-gui: the run diverged: at step ")
    assert told.err.count("\n") == 1


# The bell


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "records"])
def test_the_bell_rings_once_at_the_end_and_leaves_standard_output_alone(
    capsys: pytest.CaptureFixture[str], stripes: Path, form: list[str]
) -> None:
    assert main(["train", "--bell", *form, "--data", str(stripes), *SMALL]) == 0
    told = capsys.readouterr()
    assert told.err == "\a"
    assert "\a" not in told.out


def test_the_bell_rings_for_a_run_that_is_refused_or_diverges(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    assert main(["train", "--bell", "--data", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\a") == 1
    assert main(["train", "--bell", "--set", "training.epochs=0"]) == 2
    assert capsys.readouterr().err.count("\a") == 1
    hostile = settings({"training.learning_rate": 100, "network.hidden": [64, 64, 64], "training.epochs": 9})
    assert main(["train", "--bell", "--json", "--data", str(stripes), *SMALL, *hostile]) == 1
    assert capsys.readouterr().err == "\a"


def test_an_empty_validation_split_is_null_in_json(capsys: pytest.CaptureFixture[str], stripes: Path) -> None:
    told = train_json(capsys, "--data", stripes, *SMALL, "--set", "data.validation=0")
    assert [told[1][key] for key in ("validation_loss", "validation_accuracy")] == [None, None]
    ended = told[-1]
    assert (ended["state"], ended["best_epoch"]) == ("finished", 2)
    assert [ended[key] for key in ("best_validation_loss", "best_validation_accuracy")] == [None, None]
    assert ended["test_accuracy"] is not None


def test_a_person_is_not_shown_measures_of_an_empty_validation_split(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    assert main(["train", "--data", str(stripes), *SMALL, "--set", "data.validation=0"]) == 0
    told = capsys.readouterr().out
    assert "nan" not in told
    assert "validation loss" not in told
    assert re.search(r"epoch 2: training loss [\d.]+, (rising|falling|level), accuracy", told)


def test_a_diverged_run_ends_with_status_1_and_says_so_in_its_last_record(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    hostile = settings({"training.learning_rate": 100, "network.hidden": [64, 64, 64], "training.epochs": 9})
    ended = train_json(capsys, "--data", stripes, *SMALL, *hostile, status=1)[-1]
    assert (ended["record"], ended["state"]) == ("run_ended", "diverged")
    assert "step" in ended["error"]


@pytest.mark.parametrize(("hidden", "epochs"), [([512] * 20, 1), ([64] * 8, 2)], ids=["first step", "second step"])
def test_a_network_that_is_of_no_use_after_its_last_step_has_diverged(
    capsys: pytest.CaptureFixture[str], stripes: Path, hidden: list[int], epochs: int
) -> None:
    last_step_ruins_it = {
        "training.learning_rate": 100,
        "training.batch_size": 0,
        "training.epochs": epochs,
        "network.hidden": hidden,
    }
    assert main(["train", "--json", "--data", str(stripes), *settings(last_step_ruins_it)]) == 1
    told = records(capsys.readouterr().out)
    assert (told[-1]["step"], told[-1]["state"]) == (epochs, "diverged")


# What is refused


@pytest.mark.parametrize(
    ("assignment", "named"),
    [
        ("training.learning_rate=0", "training.learning_rate = 0: expected a number from 1e-07 to 100"),
        ("training.learning_rate=nan", "training.learning_rate = nan: expected a number from 1e-07 to 100"),
        ("training.momentum=1", "training.momentum = 1: expected a number from 0 to 0.9999"),
        ("training.epochs=0", "training.epochs = 0: expected a whole number from 1 to 100,000"),
        ("training.epochs=2.0", "training.epochs = 2.0: expected a whole number from 1 to 100,000"),
        ("training.epochs=true", "training.epochs = True: expected a whole number from 1 to 100,000"),
        ("training.epochs=", "training.epochs = '': expected a whole number from 1 to 100,000"),
        ("network.hidden=[0]", "network.hidden = [0]: expected a list of 0 to 20 whole numbers from 1 to 8,192"),
        ("network.activation=swish", "network.activation = 'swish': expected one of relu, tanh, sigmoid"),
        ("training.rate=0.1", "training.rate = 0.1: expected one of the keys data.folder, "),
        ("training.epochs", "--set = 'training.epochs': expected section.key=value"),
        ("network.hidden=[8192, 8192, 8192]", "expected layers that make at most 100,000,000 weights and biases"),
    ],
)
def test_a_bad_setting_is_refused_with_key_value_and_legal_range(
    capsys: pytest.CaptureFixture[str], stripes: Path, assignment: str, named: str
) -> None:
    assert named in refusal(capsys, "train", "--json", "--data", stripes, "--set", assignment)


@pytest.mark.parametrize("value", ["9" * 5000, "0x" + "f" * 5000, "[" * 3000], ids=["decimal", "hexadecimal", "nested"])
def test_a_setting_of_absurd_length_is_refused_as_any_other(capsys: pytest.CaptureFixture[str], value: str) -> None:
    assert "training.epochs = " in refusal(capsys, "train", "--set", f"training.epochs={value}")


def test_more_digits_than_there_are_is_refused_with_the_number_there_are(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    line = refusal(capsys, "train", "--data", stripes, "--set", "data.train=61", "--set", "data.validation=0")
    assert "data.train = 61: expected a whole number from 1 to 60 (the training files hold 60 digits" in line


@pytest.mark.parametrize("command", [["train"], []], ids=["train", "window"])
def test_a_bad_config_file_is_refused_with_what_is_wrong_in_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    path = tmp_path / "run.toml"
    assert "run.toml" in refusal(capsys, *command, "--config", path)
    path.write_text("[training]\nepochs = 0\n")
    assert "training.epochs = 0: expected a whole number" in refusal(capsys, *command, "--config", path)
    path.write_text("[training\n")
    line = refusal(capsys, *command, "--config", path)
    assert "run.toml" in line
    assert "line 1" in line


def test_a_missing_data_folder_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert str(tmp_path / "none") in refusal(capsys, "train", "--json", "--data", tmp_path / "none")


def test_a_damaged_data_file_is_named_with_what_was_found_and_expected(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    images = stripes / NAMES[0]
    images.write_bytes(images.read_bytes()[:-100])
    line = refusal(capsys, "train", "--json", "--data", stripes)
    assert f"{NAMES[0]}: 876 bytes, expected 976" in line


@pytest.mark.parametrize(
    "place",
    ["none/model.npz", ".", "/proc/model.npz"],
    ids=["in a missing folder", "a folder", "where nothing can be made"],
)
def test_a_place_to_save_that_cannot_be_written_is_refused_before_training(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path, place: str
) -> None:
    assert "--save" in refusal(capsys, "train", "--json", "--data", stripes, *SMALL, "--save", tmp_path / place)


# Which setting holds


def test_assignments_overrule_the_file_and_the_data_option_overrules_both(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, stripes: Path
) -> None:
    path = tmp_path / "run.toml"
    path.write_text('[data]\nfolder = "/from/file"\n[training]\nepochs = 3\nseed = 5\n[network]\nhidden = [4]\n')
    options = ["--config", path, "--set", "training.epochs=1", "--set", "data.folder=/from/set", "--data", stripes]
    config = train_json(capsys, *options)[0]["config"]
    assert (config["training.epochs"], config["training.seed"]) == (1, 5)
    assert config["network.hidden"] == [4]
    assert config["data.folder"] == str(stripes)


def test_assignments_before_the_command_hold_as_well(capsys: pytest.CaptureFixture[str], stripes: Path) -> None:
    assert main(["--data", str(stripes), *SMALL, "train", "--json"]) == 0
    assert records(capsys.readouterr().out)[0]["config"]["training.epochs"] == 2


def test_assignments_before_and_after_the_command_hold_together(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    before = ["--data", str(stripes), "--set", "training.epochs=1", "--set", "data.seed=1"]
    assert main([*before, "train", "--json", "--set", "data.seed=2"]) == 0
    config = records(capsys.readouterr().out)[0]["config"]
    assert (config["training.epochs"], config["data.seed"]) == (1, 2)


# Saving and evaluating


def test_a_saved_model_has_the_test_accuracy_that_training_told(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    model = tmp_path / "my model ä.npz"
    ended = train_json(capsys, "--data", stripes, *SMALL, "--save", model)[-1]
    assert main(["evaluate", str(model), "--json"]) == 0
    (result,) = records(capsys.readouterr().out)
    assert result["record"] == "evaluation"
    assert (result["split"], result["digits"]) == ("test", 20)
    assert (result["accuracy"], result["loss"]) == (ended["test_accuracy"], ended["test_loss"])
    assert result["epoch"] == ended["best_epoch"] == load_model(model).epoch


def test_a_run_without_some_digits_says_so_and_so_does_its_model(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    model, without = (
        tmp_path / "m.npz",
        settings({"data.train": 60, "data.validation": 0, "data.left_out": "[5, 3, 5]"}),
    )
    started = train_json(capsys, "--data", stripes, *SMALL, *without, "--save", model)[0]
    assert started["train_digits"] == 58
    assert started["config"]["data.left_out"] == [3, 5]
    assert load_model(model).config.data.left_out == (3, 5)
    assert main(["evaluate", str(model), "--json"]) == 0
    assert records(capsys.readouterr().out)[0]["left_out_of_training"] == 2
    assert main(["evaluate", str(model)]) == 0
    assert "Trained without 2 digits of the training files" in capsys.readouterr().out


def test_digits_to_leave_out_that_are_not_there_are_refused(capsys: pytest.CaptureFixture[str], stripes: Path) -> None:
    told = refusal(capsys, "train", "--data", stripes, *settings({"data.left_out": "[60]"}))
    assert "data.left_out = [60]: expected places from 0 to 59" in told


def test_the_validation_digits_of_a_model_are_those_it_was_chosen_by(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    ended = train_json(capsys, "--data", stripes, *SMALL, "--save", tmp_path / "m.npz")[-1]
    assert main(["evaluate", str(tmp_path / "m.npz"), "--split", "validation", "--json"]) == 0
    (result,) = records(capsys.readouterr().out)
    assert result["accuracy"] == ended["best_validation_accuracy"]
    assert result["loss"] == pytest.approx(ended["best_validation_loss"])


def test_a_diverged_run_saves_nothing_over_an_older_model(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    model = tmp_path / "m.npz"
    train_json(capsys, "--data", stripes, *SMALL, "--save", model)
    before = model.read_bytes()
    hostile = settings({"training.learning_rate": 100, "network.hidden": [64, 64, 64]})
    train_json(capsys, "--data", stripes, *SMALL, *hostile, "--save", model, status=1)
    assert model.read_bytes() == before
    assert [path.name for path in tmp_path.glob("*.npz*")] == ["m.npz"]


def test_a_model_that_cannot_be_written_after_all_fails_the_run_and_tells_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, stripes: Path, tmp_path: Path
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    assert main(["train", "--json", "--data", str(stripes), *SMALL, "--save", str(tmp_path / "m.npz")]) == 1
    told = capsys.readouterr()
    assert records(told.out)[-1]["record"] == "run_ended"
    assert f"{tmp_path / 'm.npz'} could not be written: No space left on device" in told.err
    assert not list(tmp_path.glob("*m.npz*"))


def test_a_network_for_whose_file_there_was_no_room_goes_to_the_rescued_ones(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, stripes: Path, tmp_path: Path
) -> None:
    replace = os.replace

    def fail(source: Path, target: Path) -> None:
        if Path(target).parent == tmp_path:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    assert main(["train", "--data", str(stripes), *SMALL, "--save", str(tmp_path / "m.npz")]) == 1
    (saved,) = rescued_folder().glob("*.npz")
    assert f"; the weights of epoch {load_model(saved).epoch} are now in {saved}" in capsys.readouterr().err


def test_a_model_remembers_its_dataset_from_wherever_it_is_opened(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, stripes: Path, tmp_path: Path
) -> None:
    monkeypatch.chdir(stripes.parent)
    train_json(capsys, "--data", stripes.name, *SMALL, "--save", tmp_path / "m.npz")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["evaluate", str(tmp_path / "m.npz")]) == 0


def test_a_model_for_pictures_of_another_size_is_refused(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    train_json(capsys, "--data", stripes, *SMALL, "--save", tmp_path / "m.npz")
    others = {
        write_stripes(tmp_path / "large", size=6): "pictures of 4x4 pixels, the dataset has 6x6",
        write_stripes(tmp_path / "four", classes=4): "tells apart 0, 1, 2; the dataset has 0, 1, 2, 3",
    }
    for folder, sentence in others.items():
        line = refusal(capsys, "evaluate", tmp_path / "m.npz", "--data", folder)
        assert "m.npz" in line
        assert sentence in line


def test_an_empty_split_cannot_be_evaluated(capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path) -> None:
    none = ["--set", "data.validation=0"]
    train_json(capsys, "--data", stripes, *SMALL, *none, "--save", tmp_path / "m.npz")
    line = refusal(capsys, "evaluate", tmp_path / "m.npz", "--split", "validation")
    assert "--split = 'validation': expected a split with digits in it" in line


def test_a_model_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert f"{tmp_path / 'm.npz'}: " in refusal(capsys, "evaluate", tmp_path / "m.npz", "--json")


@pytest.mark.parametrize("content", [b"", b"not a model"], ids=["empty", "text"])
def test_what_is_no_model_is_named_and_said_to_be_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    told = refusal(capsys, "evaluate", path, "--json")
    assert f"{path}: this is no file that this program has saved" in told
    assert "zip" not in told


# Interrupts


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """Ctrl-C is heard as in a shell's foreground; the tests may be a background job, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before or signal.SIG_DFL)  # None: it was not set from Python


@pytest.fixture
def interrupted_predictions(heeds_interrupts: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, let a person press Ctrl-C whenever a snapshot is asked for its answers."""
    original = Snapshot.predict

    def predict(snapshot: Snapshot, *arguments: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return original(snapshot, *arguments)

    return lambda: monkeypatch.setattr(Snapshot, "predict", predict)


def test_an_interrupt_while_the_test_digits_are_evaluated_still_tells_the_end(
    capsys: pytest.CaptureFixture[str], interrupted_predictions: Callable[[], None], stripes: Path
) -> None:
    interrupted_predictions()
    ended = train_json(capsys, "--data", stripes, *SMALL, status=130)[-1]
    assert ended["record"] == "run_ended"


def test_an_interrupted_evaluation_says_so_and_ends_with_status_130(
    capsys: pytest.CaptureFixture[str], interrupted_predictions: Callable[[], None], stripes: Path, tmp_path: Path
) -> None:
    train_json(capsys, "--data", stripes, *SMALL, "--save", tmp_path / "m.npz")
    capsys.readouterr()
    interrupted_predictions()
    assert main(["evaluate", str(tmp_path / "m.npz"), "--json"]) == 130
    assert capsys.readouterr() == ("", "mnist-gui: interrupted\n")


def test_the_signals_of_the_caller_are_as_they_were_when_a_run_has_ended(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    train_json(capsys, "--data", stripes, *SMALL)
    assert [signal.getsignal(number) for number in numbers] == before


def test_a_hang_up_that_nohup_has_ignored_ends_no_run(
    capsys: pytest.CaptureFixture[str], stripes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Snapshot.predict

    def predict(snapshot: Snapshot, *arguments: Any) -> Any:
        signal.raise_signal(signal.SIGHUP)
        return original(snapshot, *arguments)

    monkeypatch.setattr(Snapshot, "predict", predict)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        train_json(capsys, "--data", stripes, *SMALL, status=0)
    finally:
        signal.signal(signal.SIGHUP, before)
    train_json(capsys, "--data", stripes, *SMALL, status=130)


# Whole processes


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_terminal_shows_a_bar_that_gives_way_to_the_sentences(stripes: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mnist_gui", "train", "--data", str(stripes), *SMALL]
    with subprocess.Popen(command, cwd=ROOT, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while piece := read_terminal(ours):
            shown += piece
    os.close(ours)
    lines = shown.decode().splitlines()
    assert process.returncode == 0
    assert re.search(r"\[#+\.+\] step 6/12  loss \d\.\d{4}  \d+ s left", shown.decode())
    assert any(line.endswith("digits/s") and "\x1b[Kepoch 2: " in line for line in lines)
    assert "test accuracy" in lines[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_bar_on_a_terminal_leaves_the_text_in_a_file_alone(stripes: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mnist_gui", "train", "--data", str(stripes), *SMALL]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        shown = b""
        while piece := read_terminal(ours):
            shown += piece
        assert process.stdout
        text = process.stdout.read()
    os.close(ours)
    assert "step 6/12" in shown.decode()
    assert "epoch" not in shown.decode()
    assert not {"\r", "\x1b"} & set(text)
    assert len(text.splitlines()) == 4


def read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # on Linux, how a terminal says that nobody has the other end any more
        return b""


def run_shell(redirection: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """`train` with its streams as a shell leads them."""
    words = [sys.executable, "-m", "mnist_gui", "train", *map(str, arguments)]
    command = ["bash", "-o", "pipefail", "-c", f"{shlex.join(words)} {redirection}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


FULL = pytest.param(
    "> /dev/full",
    "mnist-gui: standard output cannot be written: No space left on device\n",
    marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device"),
)


@pytest.mark.parametrize(
    ("redirection", "said"), [("| true", ""), ("2>&1 | true", ""), (">&-", ""), FULL, ("2>&- | true", "")]
)
def test_a_model_is_saved_though_nobody_reads_what_is_told(
    stripes: Path, tmp_path: Path, redirection: str, said: str
) -> None:
    done = run_shell(redirection, "--data", stripes, *SMALL, "--save", tmp_path / "m.npz")
    epoch = load_model(tmp_path / "m.npz").epoch
    assert epoch in (1, 2)
    if "2>&" not in redirection:
        path = tmp_path / "m.npz"
        said += f"mnist-gui: weights of epoch {epoch} saved to {path}; it could not be reported on standard output\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_a_closed_standard_error_is_nothing_to_fail_for(stripes: Path, tmp_path: Path) -> None:
    done = run_shell("2>&-", "--json", "--data", stripes, *SMALL, "--save", tmp_path / "m.npz")
    assert (done.returncode, len(records(done.stdout))) == (0, 4)
    assert load_model(tmp_path / "m.npz").epoch in (1, 2)


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["settings"], 1),
        (["presets"], 1),
        (["train", "--data", "/proc/nowhere"], 2),
    ],
)
def test_no_command_needs_a_standard_stream(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str], status: int
) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert main(command) == status


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["train", "--help"]])
def test_help_that_cannot_be_written_ends_with_1(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as end:
        main(command)
    assert end.value.code == 1


def test_what_the_encoding_has_no_character_for_is_escaped(stripes: Path, tmp_path: Path) -> None:
    folder = stripes.rename(tmp_path / "数字")
    done = run_cli("train", "--json", "--data", folder, *SMALL, PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert records(done.stdout)[0]["config"]["data.folder"] == str(folder)
    model = tmp_path / "数.npz"
    done = run_cli("train", "--data", folder, *SMALL, "--save", model, PYTHONIOENCODING="latin-1")
    assert (done.returncode, model.exists()) == (0, True)
    assert "\\u6570.npz" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupted_run_ends_in_good_order_with_status_130(
    stripes: Path, tmp_path: Path, number: signal.Signals
) -> None:
    endless = [*SMALL, "--set", "training.epochs=100000", "--save", tmp_path / "m.npz"]
    command = [sys.executable, "-m", "mnist_gui", "train", "--json", "--data", stripes, *endless]
    with subprocess.Popen(
        list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        line = next(line for line in process.stdout if '"epoch_done"' in line)
        process.send_signal(number)
        told = records(line + process.stdout.read())
        complaints = process.stderr.read()
    assert process.returncode == 130
    assert (told[-1]["record"], told[-1]["state"]) == ("run_ended", "stopped")
    assert told[-1]["test_accuracy"] is not None
    assert "Traceback" not in complaints
    assert load_model(tmp_path / "m.npz").epoch == told[-1]["best_epoch"]


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "records"])
def test_a_reader_that_goes_away_ends_the_run_quietly(stripes: Path, form: list[str]) -> None:
    command = [sys.executable, "-m", "mnist_gui", "train", *form, "--data", str(stripes), *SMALL]
    with subprocess.Popen(
        [*command, "--set", "training.epochs=100000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_without_a_display_the_window_is_refused_in_one_line() -> None:
    done = run_cli()
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in done.stderr


def test_the_headless_commands_load_no_qt(stripes: Path, tmp_path: Path) -> None:
    model = str(tmp_path / "m.npz")
    commands = [["settings"], ["train", "--data", str(stripes), *SMALL, "--save", model], ["evaluate", model]]
    script = f"""
import contextlib, io, sys
from mnist_gui.cli.main import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    statuses = [main(command) for command in {commands!r}]
print(statuses, [name for name in sys.modules if name.split(".")[0] in ("PySide6", "shiboken6", "pyqtgraph")])
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[0, 0, 0] []\n"


def test_the_module_runs_as_a_program() -> None:
    done = run_cli("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"mnist-gui {__version__}\n", "")


# What is refused in a sentence, whatever it is


def test_an_older_model_that_is_read_only_is_refused_before_training(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(b"old")
    path.chmod(0o444)
    assert "read-only" in refusal(capsys, "train", "--data", stripes, *SMALL, "--save", path)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("place", ["/dev/null", "n" * 300])
def test_a_device_and_a_name_that_is_too_long_are_refused_before_training(
    capsys: pytest.CaptureFixture[str], stripes: Path, place: str
) -> None:
    assert "--save" in refusal(capsys, "train", "--data", stripes, *SMALL, "--save", place)


@pytest.mark.parametrize("command", [("train",), ("diagnose",), ("evaluate", "m.npz"), ()])
def test_an_empty_folder_of_data_is_no_default(capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    assert "--data: is empty" in usage_error(capsys, *command, "--data", "")


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("train", "--save", ""), "--save"),
        (("train", "--config", ""), "--config"),
        (("sweep", "g.toml", "--out", ""), "--out"),
        (("sweep", ""), "GRID.toml"),
        (("evaluate", ""), "MODEL"),
        (("predict", "m.npz", "a.png", ""), "IMAGE"),
        (("--open", ""), "--open"),
        (("--screenshot", ""), "--screenshot"),
    ],
)
def test_a_file_without_a_name_is_refused_with_the_option_that_it_was_given_for(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...], option: str
) -> None:
    assert f"{option}: is empty" in usage_error(capsys, *command)


def test_an_empty_preset_and_an_empty_cluster_are_no_default(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "--preset = ''" in refusal(capsys, "train", "--preset", "")
    assert "--preset = ''" in refusal(capsys, "presets", "")
    assert "--dask: is empty" in usage_error(capsys, "sweep", str(tmp_path / "g.toml"), "--dask", "")


def test_a_current_folder_that_was_deleted_is_told_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_current_folder(monkeypatch)
    assert "current folder" in refusal(capsys, "train", "--data", ".")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        MemoryError("Unable to allocate 93 GiB"),
        OSError(12, "Cannot allocate memory"),
        RuntimeError("can't start new thread"),
        SystemError("error return without exception set"),
        ImportError("libblas.so: failed to map segment from shared object"),
    ],
)
def test_too_little_memory_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("mnist_gui.cli.train.run_training", fail)
    assert main(["train"]) == 1
    assert "not enough memory" in capsys.readouterr().err


def test_a_run_that_ends_for_want_of_memory_says_so_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, stripes: Path
) -> None:
    def fail(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr("mnist_gui.training.trainer.Trainer.train_minibatch", fail)
    assert main(["train", "--data", str(stripes), *SMALL]) == 1
    told = capsys.readouterr().err
    assert "the run failed: there is not enough memory" in told
    assert "Traceback" not in told


def test_an_escape_code_in_an_argument_that_is_refused_does_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "\\x1b[2J" in usage_error(capsys, "presets", "case-a", "\x1b[2J")


def test_what_is_refused_is_not_repeated_at_any_length(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    long = "n" * 300
    for command in (
        ("evaluate", long),
        ("predict", long, "a.png"),
        ("train", "--save", long),
        ("train", "--data", long),
    ):
        assert long not in refusal(capsys, *command)
    for command in (
        ("sweep", long),
        ("train", "--config", long),
        ("evaluate", "m.npz", "--data", f"{tmp_path}/{long}"),
    ):
        assert long not in refusal(capsys, *command)
    for command in (("train", long * 3), ("--size", long), ("evaluate", "m.npz", "--worst", long)):
        assert long not in usage_error(capsys, *command)
