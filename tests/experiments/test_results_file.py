"""Results of a sweep on disk: found again, whole lines only, and nothing else overwritten."""

import dataclasses
import errno
import json
import os
from pathlib import Path

import pytest

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.experiments.results_file import Results
from mnist_gui.experiments.trial import Trial

FIRST, SECOND = (RunConfig().with_settings({"training.seed": seed}) for seed in (1, 2))
TRIAL = Trial("diverged", 0.1, float("inf"), (), (), (), 1.0, "it went wrong")


def test_a_result_is_found_again_by_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    line = Results(path).add(FIRST, TRIAL)
    again = Results(path)
    assert again.find(FIRST) == json.loads(json.dumps(line))
    assert again.find(SECOND) is None
    assert line["result"] == {
        "state": "diverged",
        "accuracy": 0.1,
        "loss": None,
        "epochs": 0,
        "seconds": 1.0,
        "error": "it went wrong",
    }


def test_a_line_that_was_cut_off_is_made_again_and_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    results = Results(path)
    results.add(FIRST, TRIAL)
    results.add(SECOND, TRIAL)
    path.write_bytes(path.read_bytes()[:-20])
    cut = Results(path)
    assert cut.find(FIRST)
    assert cut.find(SECOND) is None
    cut.add(SECOND, TRIAL)
    assert Results(path).find(FIRST)
    assert Results(path).find(SECOND)


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_text("roses\nare red\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no results of a sweep"):
        Results(path)
    assert path.read_text(encoding="utf-8") == "roses\nare red\n"


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--out"):
        Results(tmp_path / "missing" / "r.jsonl")


@pytest.mark.parametrize("text", ["one line of a diary", '{"a": 1}', "[1, 2]\n"])
def test_a_line_of_something_else_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "diary.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="no results of a sweep"):
        Results(path)
    assert path.read_text(encoding="utf-8") == text


def test_the_first_line_may_be_the_one_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    Results(path).add(FIRST, TRIAL)
    path.write_bytes(path.read_bytes()[:-20])
    cut = Results(path)
    assert cut.lines == []
    cut.add(SECOND, TRIAL)
    assert Results(path).find(SECOND)


def test_nothing_is_left_of_what_could_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.jsonl"
    results = Results(path)
    results.add(FIRST, TRIAL)
    whole = path.read_bytes()

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            results.add(SECOND, TRIAL)
    assert path.read_bytes() == whole
    assert results.find(SECOND) is None
    results.add(SECOND, TRIAL)
    assert Results(path).find(SECOND)


def test_a_run_that_could_not_be_made_is_still_to_do_and_one_that_diverged_is_not(tmp_path: Path) -> None:
    results = Results(tmp_path / "r.jsonl")
    assert results.is_to_do(FIRST)
    results.add(FIRST, TRIAL)
    results.add(SECOND, dataclasses.replace(TRIAL, state="failed"))
    assert not results.is_to_do(FIRST)
    assert results.is_to_do(SECOND)
    results.add(SECOND, TRIAL)
    again = Results(results.path)
    assert not again.is_to_do(SECOND)
    assert len(again.lines) == 2


@pytest.mark.parametrize(
    "result",
    ["3", "{}", '{"state": 1, "accuracy": 0.5, "seconds": 1}', '{"state": "finished", "accuracy": NaN, "seconds": 1}'],
)
def test_a_line_without_a_trial_s_numbers_is_passed_over(tmp_path: Path, result: str) -> None:
    path = tmp_path / "r.jsonl"
    Results(path).add(FIRST, TRIAL)
    with path.open("a", encoding="utf-8") as file:
        file.write(f'{{"settings": {{}}, "result": {result}}}\n')
    assert [line["settings"]["training.seed"] for line in Results(path).lines] == [1]


@pytest.mark.parametrize(
    "result",
    [
        '{"state": "finished", "accuracy": "", "seconds": 1}',
        '{"state": "finished", "accuracy": 0.5, "loss": [], "seconds": 1}',
        '{"state": "finished", "accuracy": 0.5, "seconds": 1' + "0" * 400 + "}",
        '{"state": "finished", "accuracy": 0.5, "seconds": 1' + "0" * 5000 + "}",
        '{"state": "finished", "accuracy": 1e30, "seconds": 1}',
        '{"state": "finished", "accuracy": 0.5, "seconds": -1}',
        '{"state": "finished", "accuracy": 0.5, "seconds": 1, "epochs": -1}',
        '{"state": "finished", "accuracy": null, "seconds": 1}',
        '{"state": "x", "accuracy": 0.5, "seconds": 1}',
        '{"state": "finished", "accuracy": 0.5, "seconds": 1, "error": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "[" * 100_000,
    ],
    ids=range(11),
)
def test_a_line_with_numbers_that_no_trial_gives_is_passed_over(tmp_path: Path, result: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(f'{{"settings": {{}}, "result": {result}}}\n')
    results = Results(path)
    assert results.lines == []
    results.add(FIRST, TRIAL)
    assert len(Results(path).lines) == 1


def test_half_a_surrogate_pair_in_a_line_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(
        r'{"settings": {"a": "\ud800"}, "result": {"state": "stopped", "accuracy": 0, "seconds": 1}}' + "\n"
    )
    results = Results(path)
    results.add(FIRST, TRIAL)
    assert len(Results(path).lines) == 2


def test_results_are_looked_at_without_being_written_to(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    assert Results(path).lines == []
    assert not path.exists()
    Results(path).add(FIRST, TRIAL)
    half = path.read_bytes()[:-1]
    path.write_bytes(half)
    assert len(Results(path).lines) == 1
    assert path.read_bytes() == half


def test_a_read_only_file_of_results_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    Results(path).add(FIRST, TRIAL)
    path.chmod(0o444)
    before = path.read_bytes()
    with pytest.raises(OSError, match="read-only"):  # as root, who may write to it
        Results(path).add(SECOND, TRIAL)
    assert path.read_bytes() == before


def test_a_pipe_in_the_place_of_results_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(ConfigError, match="a device or a pipe"):
        Results(tmp_path / "pipe.jsonl")
    os.unlink(tmp_path / "pipe.jsonl")
    results = Results(tmp_path / "pipe.jsonl")
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(ConfigError, match="device or a pipe"), results.writing():
        raise AssertionError("a pipe is written to")


def test_two_sweeps_do_not_write_to_one_file_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    first, second = Results(path), Results(path)
    with first.writing():
        first.add(FIRST, TRIAL)
        with pytest.raises(ConfigError, match="no other sweep"), second.writing():
            raise AssertionError("two write")
    with second.writing():
        second.add(SECOND, TRIAL)
    assert len(Results(path).lines) == 2
