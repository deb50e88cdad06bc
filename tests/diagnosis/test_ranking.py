"""The order of blame, and what is folded under what."""

import dataclasses

import pytest

from mnist_gui.diagnosis.findings import Diagnosis, Finding, Severity, listed
from mnist_gui.diagnosis.ranking import diagnose, fold
from mnist_gui.diagnosis.rules import RULES
from mnist_gui.experiments.repairs import together, with_repairs
from tests.diagnosis.recorded import recorded


def found(rule: str, severity: Severity = "error") -> Finding:
    return Finding(rule=rule, severity=severity, text="", value=1.0, threshold=0.0)


def test_findings_come_from_the_digits_through_weights_gradient_and_steps_to_the_units() -> None:
    rules = ["knows_only_base_rates", "dead_units", "steps_too_large", "uphill", "bad_start", "input_range"]
    assert [finding.rule for finding in fold([found(rule) for rule in rules])] == rules[::-1]


def test_a_consequence_is_folded_under_the_first_cause_that_explains_it_and_under_no_other() -> None:
    first, second, third = fold([found("dead_units"), found("input_range"), found("steps_too_large")])
    assert first.cause_of == ("steps_too_large", "dead_units")
    assert second.cause_of == third.cause_of == ()


def test_two_causes_that_do_not_explain_each_other_both_remain() -> None:
    findings = fold([found("too_few_steps"), found("units_are_copies"), found("knows_only_base_rates")])
    assert [finding.rule for finding in Diagnosis(findings, ()).causes] == ["units_are_copies", "too_few_steps"]


def test_a_cause_of_its_own_is_explained_by_nothing() -> None:
    few = dataclasses.replace(found("too_few_steps"), is_own_cause=True)
    assert fold([found("gradient_is_wrong"), few])[0].cause_of == ()
    assert fold([found("gradient_is_wrong"), found("too_few_steps")])[0].cause_of == ("too_few_steps",)


def test_what_is_planned_in_case_a_is_not_blamed_on_its_gradient() -> None:
    wrong = diagnose(recorded("case-A-1-unit")).finding("gradient_is_wrong")
    assert wrong is not None
    assert "knows_only_base_rates" in wrong.cause_of
    assert "too_few_steps" not in wrong.cause_of


def test_a_note_explains_nothing() -> None:
    note, dead = fold([found("gradient_is_summed", "note"), found("dead_units")])
    assert note.cause_of == dead.cause_of == ()


def test_a_cause_is_as_grave_as_what_follows_from_it() -> None:
    cause, symptom = fold([found("saturated_units", "warning"), found("knows_only_base_rates", "error")])
    assert cause.cause_of == (symptom.rule,)
    assert cause.severity == "error"
    assert [each.severity for each in fold([found("saturated_units"), found("knows_only_base_rates", "warning")])] == [
        "error",
        "warning",
    ]


def test_notes_come_after_what_does_harm() -> None:
    findings = fold([found("gradient_is_summed", "note"), found("best_is_not_kept"), found("input_range")])
    causes = [finding.rule for finding in Diagnosis(findings, ()).causes]
    assert causes == ["input_range", "best_is_not_kept", "gradient_is_summed"]


def test_each_finding_is_told_with_what_it_rules_out() -> None:
    for finding in diagnose(recorded("case-C")).findings:
        assert finding.excludes == next(rule.excludes for rule in RULES if rule.name == finding.rule)


def test_only_findings_of_severity_error_are_errors() -> None:
    assert not Diagnosis((found("dead_units", "warning"),), ()).has_errors
    assert Diagnosis((found("dead_units"),), ()).has_errors


A_ALWAYS = {"gradient_is_wrong", "weights_decay_by_themselves", "too_few_steps", "best_is_not_kept"}


@pytest.mark.parametrize(
    ("case", "causes"),
    [
        ("A-1-unit", {*A_ALWAYS, "too_few_units"}),
        ("A-to-its-end", {*A_ALWAYS, "too_few_units"}),
        ("A-100-units", {*A_ALWAYS, "units_are_copies"}),
        ("A-first-series", {*A_ALWAYS, "too_few_units", "loss_over_batch"}),
        ("B", {"validation_is_trained_on", "rectified_output"}),
        ("C", {"units_are_copies", "too_few_steps", "knows_only_base_rates"}),
    ],
)
def test_the_true_causes_of_the_posted_networks_are_found(case: str, causes: set[str]) -> None:
    assert causes <= {finding.rule for finding in diagnose(recorded(f"case-{case}")).findings}


@pytest.mark.parametrize("case", ["A-1-unit", "A-100-units", "A-to-its-end", "A-first-series"])
def test_case_as_bugs_are_causes_of_their_own_and_all_are_left_out_by_what_is_proposed(case: str) -> None:
    evidence = recorded(f"case-{case}")
    diagnosis = with_repairs(diagnose(evidence), evidence.config)
    wanted = {"gradient_is_wrong", "weights_decay_by_themselves", "best_is_not_kept", "too_few_steps"}
    assert wanted <= {finding.rule for finding in diagnosis.causes}
    assert together(diagnosis)["lab.faults"] == ()


def test_case_cs_penalty_is_not_blamed() -> None:
    diagnosis = diagnose(recorded("case-C"))
    assert diagnosis.finding("penalty_dominates") is None
    assert "penalty_dominates" in diagnosis.healthy


def test_case_c_rests_at_the_base_rates_because_its_units_are_copies() -> None:
    copies = diagnose(recorded("case-C")).finding("units_are_copies")
    assert copies is not None
    assert "knows_only_base_rates" in copies.cause_of
    rests = diagnose(recorded("case-C")).finding("knows_only_base_rates")
    assert rests is not None
    assert rests.value == pytest.approx(3.249, abs=0.002)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("", ""),
        ("a", "a"),
        ("ab", "a and b"),
        ("abcdefgh", "a, b, c, d, e, f, g and h"),
        ("abcdefghi", "a, b, c, d, e, f, g and 2 more"),
    ],
)
def test_names_in_a_row_are_told_as_people_do_and_not_without_end(names: str, told: str) -> None:
    assert listed(list(names)) == told


@pytest.mark.parametrize(
    ("steps", "told"),
    [(None, "before the first step"), ((7, 7), "step 7"), ((1, 1200), "steps 1 to 1,200")],
)
def test_a_finding_says_when_it_shows(steps: tuple[int, int] | None, told: str) -> None:
    assert dataclasses.replace(found("dead_units"), steps=steps).when == told
