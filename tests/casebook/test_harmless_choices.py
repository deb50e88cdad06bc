"""What looks wrong in a posted network and is harmless there, as far as its run shows."""

import dataclasses

from mnist_gui.casebook.harmless_choices import describe_harmless, harmless_in
from mnist_gui.casebook.posted_networks import CASES
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Diagnosis
from mnist_gui.diagnosis.ranking import diagnose
from tests.diagnosis.recorded import names, recorded


def of(evidence: Evidence) -> set[str]:
    return {each.fault for each in harmless_in(evidence, diagnose(evidence))}


def test_of_case_bs_five_oddities_three_are_harmless_and_said_with_what_was_measured() -> None:
    evidence = recorded("case-B")
    found = harmless_in(evidence, diagnose(evidence))
    expected = [remark.fault for remark in CASES["case-b"].remarks if not remark.matters]
    assert [each.fault for each in found] == expected
    assert len(found) == 3
    highest = max(reading.highest_logit for reading in evidence.readings)
    assert found[2].measured == f"Measured here: the largest sum so far, of 256 digits, is {highest:.3g}."
    assert all("The gradient agrees with" in each.measured for each in found[:2])
    assert describe_harmless(found)[0].startswith(
        "A wrong derivative of relu is listed. The backward pass never calls it."
    )
    assert set(found[0].as_json()) == {"fault", "title", "text"}


def test_nothing_is_called_harmless_that_the_run_does_not_show() -> None:
    evidence = recorded("case-B")
    large = dataclasses.replace(evidence.readings[0], highest_logit=89.0)
    assert "unshifted_softmax" not in of(dataclasses.replace(evidence, readings=(large,)))
    assert "unshifted_softmax" not in of(dataclasses.replace(evidence, readings=()))
    assert harmless_in(dataclasses.replace(evidence, readings=()), Diagnosis((), ())) == ()


def test_other_runs_have_nothing_to_be_called_harmless() -> None:
    assert of(recorded("case-A-1-unit")) == {"softmax_over_batch"}  # which the listing no longer has
    for name in names():
        if name not in ("case-A-1-unit", "case-A-to-its-end", "case-B"):
            assert of(recorded(name)) == set()
