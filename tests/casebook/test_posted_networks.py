"""The posted networks as cases: presets, numbers, remarks and pages that agree with each other."""

import re
from typing import get_args

import pytest

from mnist_gui.casebook.posted_networks import CASES, Case, Curve, are_posted_digits, case_of
from mnist_gui.config.run_config import RunConfig
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import in_force
from tests.support import dataset

each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@each_case
def test_a_case_has_a_posted_and_a_repaired_preset_that_differ_in_the_run(case: Case) -> None:
    posted, repaired = case.posted.config, case.repaired.config
    keys = set(posted.differences(repaired))
    assert keys - {"training.epochs", "data.folder"}
    assert posted.lab.faults == () or posted.lab.faults != repaired.lab.faults
    assert repaired.lab.faults == ()


@each_case
def test_the_faults_that_matter_are_in_the_posted_run_and_those_that_do_not_are_left_out(case: Case) -> None:
    in_run = {fault.name for fault in in_force(case.posted.config)}
    resolve_faults = {name for name, fault in FAULTS.items() if fault.settings}
    matter = {remark.fault for remark in case.remarks if remark.matters and remark.fault} - resolve_faults
    harmless = {remark.fault for remark in case.remarks if not remark.matters}
    assert in_run == matter
    assert not harmless & in_run
    assert matter | harmless <= set(FAULTS)


@each_case
def test_the_rule_of_every_fault_in_a_case_is_among_those_that_must_be_found(case: Case) -> None:
    assert {fault.rule for fault in in_force(case.posted.config)} <= set(case.rules)


@each_case
def test_a_cases_numbers_can_be_drawn_on_a_curve_and_say_where_they_are_from(case: Case) -> None:
    assert any(series.origin == "posted" for series in case.series)
    for series in case.series:
        assert series.curve in get_args(Curve)
        assert len(series.epochs) == len(series.values) > 0
        assert list(series.epochs) == sorted(series.epochs)
        assert series.source.endswith(".")
        if series.curve.endswith("accuracy"):
            assert all(0.0 <= value <= 1.0 for value in series.values)


@each_case
def test_a_cases_page_tells_what_was_asked_what_was_answered_and_what_the_runs_show(case: Case) -> None:
    page = case.page()
    headings = re.findall(r"^##? (.*)$", page, flags=re.MULTILINE)
    assert headings[0] == case.title
    assert headings[1] == "What was asked"
    assert headings[2].startswith("What was ")
    assert headings[3] == "What the runs show"
    assert all(len(line) <= 120 for line in page.splitlines())
    for remark in case.remarks:
        assert remark.text.endswith(".")


@each_case
def test_every_number_that_was_measured_on_a_page_has_its_source_beside_it(case: Case) -> None:
    _, explained, rest = case.page().partition("**Where the numbers are from.**")
    assert explained
    sources = {name.lower() for name in re.findall(r"\*([A-Z][a-z ]+)\*:", rest.partition("\n\n")[0])}
    assert {"posted", "here"} <= sources
    told = re.split(r"\n\n|\n\* ", rest.partition("\n## ")[2])
    for number, text in enumerate(told):
        table = "\n".join(told[max(0, number - 1) : number + 1]) if text.startswith("|") else text
        if re.search(r"\d %", text):
            assert re.search(rf"\b({'|'.join(sources)})\b", table), text


@each_case
def test_a_posted_run_is_known_for_its_case_however_long_and_on_whichever_machine(case: Case) -> None:
    assert case_of(case.posted.config) is case
    longer = {"training.epochs": 7, "data.folder": "/elsewhere", "training.blas_threads": 1}
    assert case_of(case.posted.config.with_settings(longer)) is case
    assert case_of(case.repaired.config) is None
    assert case_of(case.posted.config.with_settings({"network.hidden": [33]})) is None


def test_mnist_is_known_by_its_labels_wherever_its_files_are() -> None:
    labels = dataset().train_labels
    assert are_posted_digits(labels.copy())
    assert not are_posted_digits(labels[::-1])
    assert not are_posted_digits(labels[:30_000])


def test_other_runs_are_no_case() -> None:
    assert case_of(RunConfig()) is None


@each_case
def test_what_was_blamed_wrongly_is_a_setting(case: Case) -> None:
    for key in case.innocent:
        assert case.posted.config[key] is not None
