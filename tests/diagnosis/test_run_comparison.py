"""Verdicts on hand-made curves."""

import dataclasses

import numpy as np
import pytest

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.run_comparison import compare, parted_at
from tests.diagnosis.recorded import recorded, with_start

BEFORE, SOUND = recorded("fault-rate_over_1000"), recorded("healthy-relu")


def validated(evidence: Evidence, loss: float, accuracy: float) -> Evidence:
    epochs = (dataclasses.replace(SOUND.epochs[0], epoch=1, validation_loss=loss, validation_accuracy=accuracy),)
    return dataclasses.replace(evidence, epochs=epochs)


def test_fixed_is_a_rule_that_fell_silent_and_a_network_that_learns_better() -> None:
    verdict = compare(validated(BEFORE, 2.2, 0.2), validated(SOUND, 0.3, 0.9), "steps_too_small")
    assert (verdict.outcome, verdict.before, verdict.after) == ("fixed", 0.2, 0.9)
    assert "20.00 %" in verdict.text
    assert "90.00 %" in verdict.text


@pytest.mark.parametrize(
    ("after", "outcome"),
    [((2.2, 0.2), "no effect"), ((2.0, 0.2), "better"), ((2.1, 0.3), "better"), ((2.2, 0.1), "worse"),
     ((2.3, 0.2), "worse"), ((2.21, 0.203), "no effect")],
)  # fmt: skip
def test_a_rule_that_still_fires_is_better_worse_or_unmoved_by_accuracy_and_then_by_loss(
    after: tuple[float, float], outcome: str
) -> None:
    assert compare(validated(BEFORE, 2.2, 0.2), validated(BEFORE, *after), "steps_too_small").outcome == outcome


def test_silence_without_learning_is_no_repair() -> None:
    verdict = compare(validated(BEFORE, 2.2, 0.2), validated(SOUND, 2.2, 0.2), "steps_too_small")
    assert verdict.outcome == "no effect"


def test_a_leak_is_mended_by_silence_and_an_honest_number_though_it_be_lower() -> None:
    leaky = validated(recorded("fault-trains_on_validation"), 0.3, 0.9)
    assert compare(leaky, validated(SOUND, 0.5, 0.8), "validation_is_trained_on").outcome == "fixed"


def test_accuracies_that_differ_by_chance_are_level() -> None:
    def outcome(validation: int) -> str:
        before = with_start(validated(BEFORE, 2.2, 0.20), validation_counts=(validation // 10,) * 10)
        return compare(before, validated(BEFORE, 2.2, 0.22), "steps_too_small").outcome

    assert outcome(200) == "no effect"  # two standard errors are 0.059 there
    assert outcome(5000) == "better"  # and 0.012 here


def test_a_network_at_chance_is_not_fixed_whatever_has_fallen_silent() -> None:
    verdict = compare(validated(BEFORE, 2.4, 0.05), validated(SOUND, 2.3, 0.12), "steps_too_small")
    assert verdict.outcome == "no effect"


def test_nothing_is_fixed_that_brings_an_error_of_its_own_which_is_told() -> None:
    leaky = validated(recorded("fault-trains_on_validation"), 0.3, 0.9)
    verdict = compare(validated(BEFORE, 2.2, 0.2), leaky, "steps_too_small")
    assert verdict.outcome == "better"
    assert "no longer found, but now validation or test digits are trained on" in verdict.text


def test_a_run_that_diverged_is_compared_with_how_far_the_other_came() -> None:
    diverged = dataclasses.replace(
        SOUND, losses=SOUND.losses[:10], accuracies=SOUND.accuracies[:10], epochs=(), state="diverged"
    )
    verdict = compare(diverged, validated(SOUND, 0.3, 0.9), "steps_too_large")
    assert (verdict.outcome, verdict.after) == ("fixed", 0.9)
    assert "It diverged at step 11; now the accuracy is 90.00 %" in verdict.text


def test_losses_of_different_functions_are_not_compared() -> None:
    other = dataclasses.replace(BEFORE, config=BEFORE.config.with_settings({"network.loss": "mse"}))
    assert compare(validated(BEFORE, 2.2, 0.2), validated(other, 0.1, 0.2), "steps_too_small").outcome == "no effect"


def test_runs_without_a_common_epoch_are_compared_over_the_end_of_their_common_steps() -> None:
    accuracies = np.linspace(0.0, 1.0, len(BEFORE.accuracies), dtype=np.float32)
    before = dataclasses.replace(BEFORE, epochs=())
    after = dataclasses.replace(BEFORE, accuracies=accuracies, epochs=())
    verdict = compare(before, after, "steps_too_small")
    assert verdict.after == pytest.approx(accuracies[-len(accuracies) // 10 :].mean(), abs=0.01)
    assert verdict.outcome == "better"


def test_runs_part_at_the_first_step_whose_losses_differ() -> None:
    losses = BEFORE.losses.copy()
    losses[41:] += 0.5
    assert parted_at(BEFORE, dataclasses.replace(BEFORE, losses=losses)) == 42
    assert parted_at(BEFORE, BEFORE) is None
    losses[20:] = np.nan
    overflown = dataclasses.replace(BEFORE, losses=losses)
    assert parted_at(BEFORE, overflown) == 21
    assert parted_at(overflown, dataclasses.replace(BEFORE, losses=losses.copy())) is None
    nothing = np.empty(0, np.float32)
    assert parted_at(BEFORE, dataclasses.replace(BEFORE, losses=nothing)) is None
