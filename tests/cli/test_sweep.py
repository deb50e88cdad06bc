"""`mnist-gui sweep`: a table of all runs, gone on with where it was cut off, and nothing run that is refused."""

import errno
import math
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_gui.cli.main import main
from mnist_gui.config.run_config import RunConfig
from mnist_gui.experiments.results_file import Results
from mnist_gui.experiments.trial import Trial
from tests.cli.test_main import SMALL, records, refusal, write_stripes
from tests.support import lose_current_folder, said_until_end

GRID = "[grid]\ntraining.learning_rate = [0.001, 0.2]\ntraining.momentum = [0.0, 0.9]\n"


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    path = tmp_path / "grid.toml"
    path.write_text(GRID, encoding="utf-8")
    return path


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    return write_stripes(tmp_path / "stripes")


def sweep(grid: Path, stripes: Path, *more: str) -> int:
    return main(["sweep", str(grid), "--data", str(stripes), *SMALL, "--jobs", "1", *more])


def test_all_runs_are_told_in_a_table_with_the_best_first(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path
) -> None:
    assert sweep(grid, stripes) == 0
    told = capsys.readouterr()
    headings, *rows = (re.split(r"\s{2,}", line.strip()) for line in told.out.splitlines())
    assert headings == ["accuracy", "loss", "training.learning_rate", "training.momentum", "state", "seconds"]
    assert {(row[2], row[3]) for row in rows} == {("0.001", "0"), ("0.001", "0.9"), ("0.2", "0"), ("0.2", "0.9")}
    accuracies = [float(row[0].rstrip("%")) for row in rows]
    assert accuracies == sorted(accuracies, reverse=True)
    assert told.err.count("accuracy") == 4


def test_a_sweep_that_was_cut_off_goes_on_where_it_was(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path
) -> None:
    assert sweep(grid, stripes, "--json") == 0
    first = records(capsys.readouterr().out)
    assert len(first) == 4
    results = grid.with_suffix(".results.jsonl")
    lines = results.read_text(encoding="utf-8").splitlines(keepends=True)
    results.write_text("".join(lines[:2]) + lines[2][:40], encoding="utf-8")
    assert sweep(grid, stripes, "--json") == 0
    told = capsys.readouterr()
    again = records(told.out)
    assert "2 of 4 runs" in told.err
    assert len(again) == 2

    def key(line: dict[str, dict[str, object]]) -> tuple[object, object]:
        return line["settings"]["training.learning_rate"], line["settings"]["training.momentum"]

    before = {key(line): line["result"]["accuracy"] for line in first}
    assert all(before[key(line)] == line["result"]["accuracy"] for line in again)


def test_what_is_asked_for_beside_a_file_holds_over_its_base(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path
) -> None:
    grid.write_text("[grid]\ntraining.momentum = [0.5]\n[base]\ntraining.seed = 3\ntraining.l2 = 2.0", encoding="utf-8")
    assert sweep(grid, stripes, "--json", "--set", "training.seed=7") == 0
    (line,) = records(capsys.readouterr().out)
    assert (line["settings"]["training.seed"], line["settings"]["training.l2"]) == (7, 2.0)


def test_what_a_file_varies_cannot_be_set_beside_it(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path
) -> None:
    said = refusal(capsys, "sweep", grid, "--data", stripes, "--set", "training.momentum=0.3")
    assert "training.momentum = 0.3: expected no value beside grid.toml" in said


def test_a_run_that_fails_ends_no_other_and_is_told(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def try_out(config: RunConfig) -> Trial:
        if config.training.momentum:
            raise MemoryError
        return Trial("diverged", 0.0, math.inf, (), (), (), 0.1)

    monkeypatch.setattr("mnist_gui.experiments.trial.try_out", try_out)
    grid.write_text("[grid]\ntraining.momentum = [0.0, 0.9]", encoding="utf-8")
    assert sweep(grid, stripes) == 1
    told = capsys.readouterr()
    assert "training.momentum 0.9: failed, There is not enough memory." in told.err
    assert "training.momentum 0: diverged, accuracy –" in told.err
    assert all(row.split()[0] == "–" for row in told.out.splitlines()[1:])
    assert sweep(grid, stripes) == 1
    assert "1 of 2 runs are in" in capsys.readouterr().err


def test_a_full_disk_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert sweep(grid, stripes) == 1
    told = capsys.readouterr().err
    assert "No space left on device" in told
    assert "Finished runs are in" in told


def test_an_illegal_point_is_refused_before_anything_is_run(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path
) -> None:
    grid.write_text("[grid]\ntraining.momentum = [0.5, 7.0]", encoding="utf-8")
    assert "training.momentum" in refusal(capsys, "sweep", grid, "--data", stripes)
    assert not grid.with_suffix(".results.jsonl").exists()


def test_more_digits_than_the_files_hold_are_refused_before_anything_is_run(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path
) -> None:
    grid.write_text("[grid]\ndata.train = [10, 7000]", encoding="utf-8")
    assert "data.train" in refusal(capsys, "sweep", grid, "--data", stripes)


def test_a_folder_in_a_file_is_found_by_workers_that_begin_elsewhere(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid.write_text('[grid]\ntraining.momentum = [0.5]\n[base]\ndata.folder = "stripes"', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", str(grid), *SMALL, "--jobs", "1", "--json"]) == 0
    (line,) = records(capsys.readouterr().out)
    assert line["settings"]["data.folder"] == str(stripes)


def test_a_current_folder_that_was_deleted_is_told_of_before_the_first_run(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_current_folder(monkeypatch)
    assert main(["sweep", str(grid), "--data", str(stripes), *SMALL, "--jobs", "2"]) == 1
    assert "the current folder" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.jsonl"))
    assert sweep(grid, stripes) == 0


def test_no_process_of_a_sweep_runs_code_of_the_current_folder(grid: Path, stripes: Path, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in ("numpy", "joblib", "multiprocessing"):
        (folder / f"{name}.py").write_text('open(__file__ + ".was_run", "w")', encoding="utf-8")
    command = [sys.executable, "-P", "-m", "mnist_gui", "sweep", grid, "--data", stripes, *SMALL, "--jobs", "2"]
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, sorted(path.name for path in folder.glob("*was_run*"))) == (0, [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_sweep_that_is_asked_to_end_keeps_what_is_done_and_leaves_nothing_behind(
    grid: Path, stripes: Path, number: signal.Signals
) -> None:
    endless = "[grid]\ntraining.epochs = [1, 100000]\n[base]\nnetwork.hidden = [512]\n"
    grid.write_text(endless, encoding="utf-8")
    command = [sys.executable, "-m", "mnist_gui", "sweep", grid, "--data", stripes, "--jobs", "2"]
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr
        assert "training.epochs 1: finished" in process.stderr.readline()
        os.killpg(process.pid, number)  # as a terminal does, all of them
        output, errors = said_until_end(process, 20)  # until none of them has these streams open any more
    assert (process.returncode, errors.count("\n")) == (130, 1)
    assert "interrupted. Finished runs are in" in errors
    assert len(output.splitlines()) == 2
    assert list(Path("/dev/shm").glob(f"*{process.pid}*")) == []


def test_a_sweep_whose_results_another_one_is_writing_is_refused(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path
) -> None:
    with Results(grid.with_suffix(".results.jsonl")).writing():
        assert sweep(grid, stripes) == 2
    assert "no other sweep" in capsys.readouterr().err


def test_a_sweep_that_is_done_is_told_without_writing(
    capsys: pytest.CaptureFixture[str], grid: Path, stripes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid.write_text("[grid]\ntraining.momentum = [0.5]\n")
    assert sweep(grid, stripes) == 0
    results = grid.with_suffix(".results.jsonl")
    before = results.stat().st_mtime_ns, results.read_bytes()
    monkeypatch.setattr(Results, "writing", None)
    assert sweep(grid, stripes) == 0
    assert (results.stat().st_mtime_ns, results.read_bytes()) == before
    assert capsys.readouterr().out.count("finished") == 2
