"""The runs of a sweep on disk: begun, gone on with, opened from either of its files."""

import math
from pathlib import Path

import pytest

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.experiments.sweep_plan import Plan
from mnist_gui.experiments.sweep_runs import SweepRuns, new_sweep, open_sweep, results_of
from mnist_gui.experiments.trial import Trial
from tests.support import small_config

PLAN = Plan((("training.learning_rate", "0.01, 0.1"),), seeds=2)
TRIAL = Trial("finished", 0.9, 0.3, (), (), (), 1.5)
FAILED = Trial("failed", 0.0, math.inf, (), (), (), 0.0, "There is not enough memory.")


def begin(folder: Path) -> SweepRuns:
    return new_sweep(folder, "sweep", PLAN.tables(small_config()), small_config())


def test_a_new_sweep_has_all_to_do(tmp_path: Path) -> None:
    runs = begin(tmp_path / "made")
    assert runs.left == [0, 1, 2, 3]
    assert (runs.tried, runs.repeated, runs.keys) == (
        ("training.learning_rate",),
        ("training.seed",),
        ("training.learning_rate", "training.seed"),
    )
    assert runs.configs[0] == small_config(
        {"training.learning_rate": 0.01, "training.epochs": 3, "training.blas_threads": 1}
    )


@pytest.mark.parametrize("name", ["sweep.toml", "sweep.results.jsonl"])
def test_a_sweep_goes_on_where_it_was_whatever_the_form_says_now(tmp_path: Path, name: str) -> None:
    runs = begin(tmp_path)
    runs.keep(2, TRIAL)
    again = open_sweep(tmp_path / name, RunConfig().with_settings({"training.learning_rate": 7.0}))
    assert again.left == [0, 1, 3]
    assert again.configs == runs.configs
    outcome = again.outcomes[2]
    assert outcome
    assert (outcome.state, outcome.accuracy, outcome.loss, outcome.seconds) == ("finished", 0.9, 0.3, 1.5)
    plan = again.plan()
    assert plan
    assert plan.runs() == 4


def test_results_alone_tell_what_was_tried(tmp_path: Path) -> None:
    runs = begin(tmp_path)
    for place in runs.left:
        runs.keep(place, TRIAL)
    alone = results_of(tmp_path / "sweep.toml").rename(tmp_path / "alone.jsonl")
    found = open_sweep(alone, RunConfig())
    assert (found.left, found.tried, found.repeated) == ([], runs.tried, runs.repeated)
    assert found.configs == runs.configs
    assert found.plan() is None


def test_runs_that_could_not_be_made_are_made_again_when_asked_for(tmp_path: Path) -> None:
    runs = begin(tmp_path)
    for place in runs.left:
        runs.outcomes[place] = runs.keep(place, FAILED if place == 1 else TRIAL)
    assert (runs.left, runs.failed) == ([], 1)
    runs.forget_failed()
    assert (runs.left, runs.failed) == ([1], 0)
    runs.keep(1, TRIAL)
    again = open_sweep(tmp_path / "sweep.toml", RunConfig())
    assert (again.left, again.failed) == ([], 0)


def test_a_run_that_ended_before_anything_was_measured_has_no_accuracy(tmp_path: Path) -> None:
    outcome = begin(tmp_path).keep(0, Trial("diverged", 0.0, math.inf, (), (), (), 0.1))
    assert (outcome.accuracy, outcome.loss) == (None, None)


def test_a_second_sweep_of_a_name_takes_nothing_from_the_first(tmp_path: Path) -> None:
    begin(tmp_path).keep(0, TRIAL)
    assert begin(tmp_path).left == [0, 1, 2, 3]
    assert {path.name for path in tmp_path.glob("*.toml")} == {"sweep.toml", "sweep-2.toml"}


@pytest.mark.parametrize("name", ["none.toml", "none.jsonl", "poem.jsonl", "poem.toml", "."])
def test_what_is_no_sweep_is_refused_and_nothing_is_begun(tmp_path: Path, name: str) -> None:
    (tmp_path / "poem.jsonl").write_text("roses\nare red\n", encoding="utf-8")
    (tmp_path / "poem.toml").write_text("roses\nare red\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ConfigError):
        open_sweep(tmp_path / name, RunConfig())
    assert sorted(tmp_path.iterdir()) == before


def test_results_whose_settings_are_not_legal_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text(
        '{"settings": {"training.magic": 1}, "result": {"state": "stopped", "accuracy": 0, "seconds": 1}}\n'
    )
    with pytest.raises(ConfigError, match=r"training\.magic"):
        open_sweep(path, RunConfig())


def test_runs_that_are_the_same_are_made_once(tmp_path: Path) -> None:
    tables = {"grid": {"network.init": ["he", "he_normal"]}}
    assert len(new_sweep(tmp_path, "sweep", tables, RunConfig()).configs) == 1


@pytest.mark.parametrize("opens", [True, False])
def test_a_folder_in_the_base_of_a_file_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    tables = {"grid": {"training.momentum": [0.5]}, "base": {"data.folder": "letters"}}
    runs = new_sweep(tmp_path, "sweep", tables, RunConfig())
    if opens:
        runs = open_sweep(tmp_path / "sweep.toml", RunConfig())
    assert [config.data.folder for config in runs.configs] == [str(tmp_path / "letters")]
