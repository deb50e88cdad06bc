"""Findings of code that is wrong propose to run it without the fault, if there is one, and nothing else."""

import pytest

from mnist_gui.diagnosis.findings import Diagnosis, Finding, Severity
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.experiments.repairs import together, with_repairs
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import in_force
from tests.diagnosis.recorded import names, recorded

OF_CODE = [name for name, fault in FAULTS.items() if fault.settings is None]


def recorded_fault(name: str) -> str:
    return next(each for each in names() if each.startswith(f"fault-{name}"))


@pytest.mark.parametrize("name", OF_CODE)
def test_every_fault_of_code_that_is_found_can_be_left_out_by_its_finding(name: str) -> None:
    evidence = recorded(recorded_fault(name))
    found = with_repairs(diagnose(evidence), evidence.config).finding(FAULTS[name].rule)
    assert found
    assert found.changes == {"lab.faults": ()}
    assert in_force(evidence.config.with_settings(found.changes)) == ()


def test_other_faults_stay() -> None:
    evidence = recorded(recorded_fault("frozen_layer"))
    both = evidence.config.with_settings({"lab.faults": ["frozen_layer", "best_by_reference"]})
    found = with_repairs(diagnose(evidence), both).finding("layer_is_frozen")
    assert found
    assert found.changes == {"lab.faults": ("best_by_reference",)}
    assert found.in_words == "without the bug: frozen layer"


def test_a_fault_that_changes_nothing_here_is_not_what_a_finding_names() -> None:
    evidence = recorded(recorded_fault("missing_bias_gradient"))
    idle = evidence.config.with_settings({"lab.faults": ["overwritten_preactivations"], "network.activation": "relu"})
    diagnosis = diagnose(evidence)
    assert with_repairs(diagnosis, idle) == diagnosis


@pytest.mark.parametrize("name", ["healthy-relu", "fault-zero_init", "case-C"])
def test_what_proposes_settings_or_has_no_fault_is_left_as_it_is(name: str) -> None:
    evidence = recorded(name)
    diagnosis = diagnose(evidence)
    assert with_repairs(diagnosis, evidence.config) == diagnosis


def finding(
    rule: str, changes: dict[str, object], severity: Severity = "error", cause_of: tuple[str, ...] = ()
) -> Finding:
    return Finding(rule=rule, severity=severity, text="", value=1.0, threshold=0.0, changes=changes, cause_of=cause_of)


def test_all_proposals_together_leave_out_every_bug_that_any_of_them_leaves_out() -> None:
    evidence = recorded(recorded_fault("frozen_layer"))
    bugs = ("frozen_layer", "momentum_on_weights", "best_by_reference")
    config = evidence.config.with_settings({"lab.faults": bugs})
    found = [finding("weights_decay_by_themselves", {}), finding("layer_is_frozen", {})]
    diagnosis = with_repairs(Diagnosis(tuple(found), ()), config)
    assert [set(each.changes["lab.faults"]) for each in diagnosis.findings] == [
        {"frozen_layer", "best_by_reference"},
        {"momentum_on_weights", "best_by_reference"},
    ]
    assert together(diagnosis) == {"lab.faults": ("best_by_reference",)}


def test_of_a_setting_that_several_findings_propose_the_most_upstream_wins_and_notes_come_last() -> None:
    found = (
        finding("gradient_is_summed", {"training.learning_rate": 3.0}, "note"),
        finding("bad_start", {"network.init": "auto"}, cause_of=("units_are_copies",)),
        finding("units_are_copies", {"network.init": "he", "network.bias_init": "zeros"}),
        finding("steps_too_large", {"training.learning_rate": 0.1}),
        finding("too_few_steps", {"training.learning_rate": 0.2, "training.batch_size": 128}),
    )
    assert together(Diagnosis(found, ())) == {
        "network.init": "auto",
        "training.learning_rate": 0.1,
        "training.batch_size": 128,
    }
    assert together(Diagnosis((), ())) == {}
