"""`mnist-gui diagnose`: what it says, on which stream, and with which exit status."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from mnist_gui.cli.main import main
from mnist_gui.diagnosis.rules import RULES
from mnist_gui.experiments.fix_search import LEAST_GAIN
from mnist_gui.system import exit_status

SMALL = {
    "data.train": 3000,
    "data.validation": 500,
    "network.hidden": "[32]",
    "training.batch_size": 30,
    "training.epochs": 2,
    "training.learning_rate": 0.02,
}
KEYS = [
    *("rule", "severity", "cause_of", "value", "threshold", "steps", "layer", "units", "text", "excludes"),
    "changes",
]


def diagnose(settings: dict[str, object], *options: str) -> int:
    words = [word for key, value in {**SMALL, **settings}.items() for word in ("--set", f"{key}={value}")]
    return main(["diagnose", *words, *options])


def test_a_sound_network_is_told_so_with_all_that_was_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose({}) == exit_status.FINISHED
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("trained 200 of 200 steps, loss 0.")
    assert "Nothing is wrong." in out
    assert "    The gradient agrees with the numerical one.\n" in out


def test_json_is_one_object_with_the_findings_and_what_is_healthy(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose({"training.learning_rate": 0.00002}, "--json") == exit_status.FOUND
    told = json.loads(capsys.readouterr().out)
    assert list(told) == [
        *("steps", "planned_steps", "loss", "accuracy", "validation_accuracy"),
        *("findings", "healthy", "changes_together"),
    ]
    assert (told["steps"], told["planned_steps"]) == (200, 200)
    assert told["loss"] > 2.0
    assert told["validation_accuracy"] < 0.5
    assert [list(finding) for finding in told["findings"]] == [KEYS] * len(told["findings"])
    first = told["findings"][0]
    assert (first["rule"], first["severity"]) == ("steps_too_small", "error")
    factor = first["changes"]["training.learning_rate"] / 0.00002  # which makes steps as long as healthy ones
    assert first["value"] + math.log10(factor) == pytest.approx(-2.5, abs=0.02)
    assert told["changes_together"] == first["changes"]
    assert set(told["healthy"]) < {rule.name for rule in RULES}


def test_epochs_of_a_search_that_was_not_asked_for_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose({}, "--fix-epochs", "2") == exit_status.USAGE
    assert "--fix-epochs = 2: expected --fix beside it" in capsys.readouterr().err


def test_a_cause_is_told_with_its_consequences_the_change_to_try_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose({"network.init": "zeros"}, "--why") == exit_status.FOUND
    out = capsys.readouterr().out
    assert out.count("ERROR  ") == 1
    assert "ERROR  Units are copies of each other (steps 1 to " in out
    assert "Try: --set network.init=auto" in out
    assert "Which explains: The loss is 2.3" in out
    assert "Source: Goodfellow, Bengio & Courville" in out
    assert "Ruled out: A lack of units" in out


def test_no_steps_is_only_what_is_known_before_the_first_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose({"data.scaling": "raw"}, "--steps", "0") == exit_status.FOUND
    out = capsys.readouterr().out
    assert out.startswith("trained 0 of 200 steps\n")
    assert "ERROR  Inputs out of range (before the first step)" in out
    assert "Enough units answer." not in out


def test_notes_and_warnings_leave_the_exit_status_at_0(capsys: pytest.CaptureFixture[str]) -> None:
    summed = {"training.gradient": "sum", "training.learning_rate": 0.001}
    assert diagnose(summed, "--json") == exit_status.FINISHED
    assert [finding["severity"] for finding in json.loads(capsys.readouterr().out)["findings"]] == ["note"]


def test_the_faults_of_a_run_are_diagnosed_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose({"lab.faults": '["flipped_gradient"]'}, "--json") == exit_status.FOUND
    assert json.loads(capsys.readouterr().out)["findings"][0]["rule"] == "gradient_is_wrong"


def test_a_proposed_change_mends_also_a_fault_that_is_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose({"lab.faults": '["rate_over_1000"]'}, "--json") == exit_status.FOUND
    changes = json.loads(capsys.readouterr().out)["findings"][0]["changes"]
    assert changes["lab.faults"] == []
    assert diagnose({"lab.faults": '["rate_over_1000"]', **changes}) == exit_status.FINISHED


def test_a_cluster_that_cannot_be_had_costs_only_the_search(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert diagnose({}, "--json", "--fix", "--dask", "tcp://127.0.0.1:1") == exit_status.FAILED
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["healthy"]
    assert told["search"]["changes"] == {}
    assert "mnist-gui: --dask" in err


def test_after_a_few_steps_it_is_not_said_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose({}, "--steps", "5") == exit_status.FINISHED
    assert "Nothing is wrong that shows so early." in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--set", "training.momentum=2"], ["--preset", "none"], ["--config", "none.toml"]])
def test_bad_input_is_refused_by_name(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnose", *wrong]) == exit_status.USAGE
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("steps", ["-1", "x", "1.5"])
def test_a_number_of_steps_that_is_none_is_refused(steps: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["diagnose", "--steps", steps])
    assert ended.value.code == exit_status.USAGE


@pytest.mark.parametrize("hidden", ["[]", "[1]", "[1024]", "[3,2]"])
@pytest.mark.parametrize("classes", [2, 47])
def test_small_pictures_and_any_number_of_classes_and_units_are_diagnosed(
    classes: int, hidden: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    for name, count in (("train", 300), ("t10k", 60)):
        labels = (np.arange(count) % classes).astype(np.uint8)
        images = rng.integers(0, 50, (count, 8, 8)).astype(np.uint8)
        images[np.arange(count), labels // 8, labels % 8] = 255
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = np.array([0x800 + array.ndim, *array.shape], ">u4").tobytes()
            (tmp_path / f"{name}-{kind}-ubyte").write_bytes(header + array.tobytes())
    settings = {"data.train": 240, "data.validation": 0, "network.hidden": hidden}
    status = diagnose(settings, "--data", str(tmp_path), "--json")
    assert status in (exit_status.FINISHED, exit_status.FOUND)
    assert json.loads(capsys.readouterr().out)["healthy"]


def test_a_fix_is_searched_for_by_running_what_may_help(capsys: pytest.CaptureFixture[str]) -> None:
    bad = {"network.init": "zeros", "training.learning_rate": 0.0001, "training.schedule": "constant"}
    assert diagnose(bad, "--fix", "--fix-epochs", "2", "--jobs", "1", "--json") == exit_status.FOUND
    out, err = capsys.readouterr()
    found = json.loads(out)["search"]
    assert list(found)[:5] == ["changes", "before", "after", "has_learned", "is_smallest"]
    assert found["before"]["accuracy"] < 0.2
    best = max(attempt["accuracy"] for attempt in found["tried"])
    assert best - LEAST_GAIN <= found["after"]["accuracy"] <= best
    assert best > 0.7
    assert found["changes"]["network.init"] == "auto"
    assert (found["epochs_a_run"], found["budget"]) == (2, 200)
    assert len(err.splitlines()) == 1 + len(found["tried"])


def test_a_network_that_learns_needs_no_fix(capsys: pytest.CaptureFixture[str]) -> None:
    good = {"data.train": 12_000, "network.hidden": "[64]", "training.learning_rate": 0.05}
    assert diagnose(good, "--fix", "--fix-epochs", "6", "--jobs", "1") == exit_status.FINISHED
    assert "No change is needed: it reaches 9" in capsys.readouterr().out


def test_a_leak_is_taken_out_before_a_fix_is_searched_for(capsys: pytest.CaptureFixture[str]) -> None:
    leak = {"lab.faults": '["trains_on_validation"]', "training.learning_rate": 0.05}
    assert diagnose(leak, "--fix", "--fix-epochs", "1", "--jobs", "1", "--json") == exit_status.FOUND
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["findings"][0]["rule"] == "validation_is_trained_on"
    assert told["search"]["changes"]["lab.faults"] == []
    assert [each["change"] for each in told["search"]["put_right"]] == ["without the bug: trains on validation"]
    assert "as it is, without the bug: trains on validation\n" in err


BUGS = {"lab.faults": '["frozen_layer", "momentum_on_weights"]'}


def test_what_several_causes_propose_is_told_together_so_that_none_brings_a_bug_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert diagnose(BUGS, "--json") == exit_status.FOUND
    told = json.loads(capsys.readouterr().out)
    together = told["changes_together"]
    assert together["lab.faults"] == []
    assert sum(bool(finding["changes"]) for finding in told["findings"]) > 1
    assert any(finding["changes"].get("lab.faults") for finding in told["findings"])
    assert diagnose(BUGS) == exit_status.FOUND
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("All together: "))
    assert "--set lab.faults='[]'" in line
    assert diagnose({**BUGS, **together}, "--json") == exit_status.FINISHED


def test_what_a_single_cause_proposes_is_not_told_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose({"network.init": "zeros"}) == exit_status.FOUND
    assert "All together" not in capsys.readouterr().out
