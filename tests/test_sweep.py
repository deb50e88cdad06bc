"""`mnist-gui sweep`: a table of all runs, gone on with where it was cut off, and nothing run that is refused."""

import re
from pathlib import Path

import pytest

from mnist_gui.cli import main
from tests.test_cli import SMALL, records, refusal, write_stripes

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
