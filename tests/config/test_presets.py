"""The runs that come with the program: each loads, trains, says what it is, and is what was posted."""

import json
from pathlib import Path

import numpy as np
import pytest

from mnist_gui.cli.main import main
from mnist_gui.config.presets import Preset, preset, presets
from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import parts_of, split_dataset, trainer_for
from mnist_gui.system.paths import presets_folder
from mnist_gui.training.gradient_check import check_gradient
from tests.support import dataset

PROMISED = [
    *("default", "plain", "distortions", "smallest"),
    *("case-a", "case-a-repaired", "case-b", "case-b-repaired", "case-c", "case-c-repaired"),
]


def test_all_promised_presets_are_there_in_their_order() -> None:
    assert [each.name for each in presets()] == PROMISED
    assert len(list(presets_folder().iterdir())) == len(PROMISED)


@pytest.mark.parametrize("each", presets(), ids=PROMISED)
def test_every_preset_trains_a_step_on_the_bundled_digits(each: Preset) -> None:
    trainer = trainer_for(each.config, split_dataset(dataset(), each.config))
    before = trainer.snapshot().parameters
    minibatch = trainer.train_minibatch()
    assert minibatch is not None
    assert np.isfinite(minibatch.loss)
    assert (trainer.snapshot().parameters != before).any()


@pytest.mark.parametrize("each", presets(), ids=PROMISED)
def test_every_presets_gradient_is_right_in_both_precisions_but_for_bugs_of_the_gradient(each: Preset) -> None:
    has_bug = any(FAULTS[name].rule == "gradient_is_wrong" for name in each.config.lab.faults)
    checks = check_gradient(each.config, split_dataset(dataset(), each.config), parts=parts_of(each.config))
    assert {check.is_right for check in checks} == {not has_bug}
    assert has_bug == (each.name == "case-a")
    if not has_bug:
        assert max(check.error64 for check in checks) < 1e-4, checks
        assert max(check.error32 for check in checks) < 0.02, checks


@pytest.mark.parametrize("each", presets(), ids=PROMISED)
def test_every_preset_says_what_it_is_and_names_no_folder(each: Preset) -> None:
    assert each.title
    assert each.about.endswith(".")
    assert each.config.data.folder == ""


def test_the_good_default_is_what_the_program_starts_with() -> None:
    assert preset("default").config == RunConfig()


def test_case_b_repaired_differs_only_by_the_programs_bugs() -> None:
    posted, repaired = preset("case-b").config, preset("case-b-repaired").config
    assert posted.differences(repaired) == ("lab.faults",)


def test_an_unknown_preset_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ConfigError, match=r"--preset = 'case-d': expected one of default, plain, .*case-c-repaired"):
        preset("case-d")


def test_presets_are_listed_with_title_and_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    told = capsys.readouterr().out
    for each in presets():
        assert f"{each.name}   ({each.title})\n    {each.about[:40]}" in told


def test_presets_are_listed_as_json_with_all_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["preset"] for each in told] == PROMISED
    for each in told:
        assert RunConfig().with_settings(each["settings"]) == preset(each["preset"]).config


def test_one_preset_is_printed_as_a_config_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets", "case-c"]) == 0
    assert RunConfig.from_toml(capsys.readouterr().out) == preset("case-c").config


def test_a_preset_is_trained_with_further_settings_on_top(capsys: pytest.CaptureFixture[str]) -> None:
    smaller = ["--set", "data.train=200", "--set", "data.validation=50", "--set", "training.epochs=2"]
    assert main(["train", "--json", "--preset", "case-c", *smaller]) == 0
    started = json.loads(capsys.readouterr().out.splitlines()[0])
    expected = preset("case-c").config.with_settings({"data.train": 200, "data.validation": 50, "training.epochs": 2})
    assert RunConfig().with_settings(started["config"]) == expected


def test_a_preset_and_a_config_file_together_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("")
    assert main(["train", "--preset", "case-a", "--config", str(path)]) == 2
    assert "--preset = 'case-a': expected no --config beside it" in capsys.readouterr().err
