"""What single rules make of recorded runs that were changed by hand: each by the number that decides."""

import dataclasses
import math

import numpy as np
import pytest

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.rules import BY_NAME
from tests.diagnosis.recorded import (
    first_steps_of,
    judged,
    recorded,
    recorded_name,
    with_loss,
    with_reading,
    with_settings,
    with_start,
)

SOUND = recorded("healthy-relu")
BASE = SOUND.base_rate_loss


def severity(rule: str, evidence: Evidence) -> str | None:
    finding = judged(BY_NAME[rule], evidence)
    return finding.severity if finding else None


# Losses that start above that of knowing the shares of the classes


def test_a_loss_is_driven_up_only_where_it_is_above_that_of_the_starting_weights_too() -> None:
    evidence = with_loss(with_start(recorded("fault-rate_over_1000"), start_loss=3 * BASE), 2 * BASE)
    assert severity("steps_too_large", evidence) is None
    assert severity("steps_too_small", evidence) == "error"
    assert severity("steps_too_large", with_loss(evidence, 4 * BASE)) == "error"


def test_a_loss_far_above_the_base_rates_is_not_that_of_knowing_only_these() -> None:
    late = dataclasses.replace(SOUND, planned_steps=600, losses=np.full(600, BASE, np.float32))
    late = dataclasses.replace(late, accuracies=late.losses, rates=late.losses)
    assert severity("knows_only_base_rates", late) == "error"
    assert severity("knows_only_base_rates", with_loss(late, 1000.0)) is None


def test_a_network_that_reads_many_digits_timidly_knows_more_than_base_rates() -> None:
    timid = with_reading(with_loss(SOUND, BASE), logit_spread=0.01)
    assert severity("knows_only_base_rates", with_reading(timid, probe_accuracy=0.1)) == "warning"
    assert severity("knows_only_base_rates", with_reading(timid, probe_accuracy=0.6)) is None


# Long and short steps


@pytest.mark.parametrize(
    ("share", "settings", "before", "found"),
    [
        (0.9, {}, 0.1, "error"),
        (0.3, {}, 0.1, "warning"),
        (0.1, {}, 0.1, None),
        (0.9, {}, 0.6, None),
        (0.9, {"training.dropout": 0.3}, 0.1, None),
    ],
)
def test_units_that_died_on_the_way_while_the_loss_is_held_up_were_killed_by_long_steps(
    share: float, settings: dict[str, object], before: float, found: str | None
) -> None:
    evidence = with_settings(with_start(with_loss(SOUND, share * BASE), dead=(before,)), settings)
    assert severity("steps_too_large", with_reading(evidence, dead=(0.85,))) == found
    assert severity("steps_too_large", with_reading(evidence, dead=(0.5,))) is None


def test_a_step_is_not_long_beside_weights_that_are_hardly_there() -> None:
    thrown = with_loss(with_reading(SOUND, update_ratios=(-0.5, -3.0), weight_scales=(1.0, 1.0)), 0.97 * BASE)
    assert severity("steps_too_large", thrown) == "error"
    assert severity("steps_too_large", with_reading(thrown, weight_scales=(0.001, 1.0))) is None


def test_weights_that_are_still_hardly_there_call_for_longer_steps() -> None:
    grown = with_reading(with_loss(SOUND, 0.97 * BASE), update_ratios=(-2.0, -2.0), weight_scales=(0.5, 0.5))
    assert severity("steps_too_small", grown) is None
    finding = judged(BY_NAME["steps_too_small"], with_reading(grown, weight_scales=(0.001, 0.0005)))
    assert finding
    rate = SOUND.config.training.learning_rate
    assert finding.changes["training.learning_rate"] == pytest.approx(100 * rate, rel=0.05)


def test_steps_that_are_merely_slow_are_told_where_nothing_was_learned_in_many_of_them() -> None:
    slow = with_reading(with_loss(SOUND, 0.98 * BASE), update_ratios=(-3.5, -3.5))
    many = dataclasses.replace(slow, losses=np.full(300, 0.98 * BASE, np.float32), rates=np.ones(300, np.float32))
    assert severity("steps_too_small", many) == "warning"
    assert severity("steps_too_small", slow) is None  # after 200 steps
    assert severity("steps_too_small", with_loss(many, 0.8 * BASE)) is None


@pytest.mark.parametrize(
    ("loss", "accuracy", "found"), [(0.1, 0.92, None), (0.3, 0.75, "warning"), (0.8, 0.4, "error")]
)
def test_a_schedule_that_is_over_soon_is_told_where_there_is_more_to_learn(
    loss: float, accuracy: float, found: str | None
) -> None:
    rates = np.full(400, 0.01, np.float32)
    rates[:100] = 1.0
    ended = dataclasses.replace(
        SOUND,
        rates=rates,
        losses=np.full(400, loss * BASE, np.float32),
        accuracies=np.full(400, accuracy, np.float32),
        planned_steps=400,
    )
    finding = judged(BY_NAME["steps_too_small"], ended)
    assert (finding.severity if finding else None) == found
    if finding:
        assert finding.steps == (101, 400)
        assert finding.changes == {"training.schedule": "cosine"}
    assert severity("steps_too_small", with_settings(ended, {"network.hidden": []})) is None
    assert severity("steps_too_small", dataclasses.replace(ended, is_rate_changed=True)) is None
    falling = with_loss(ended, *(share * loss * BASE for share in (1.2, 1.1, 1.0, 0.9, 0.8)))
    assert severity("steps_too_small", falling) is None
    rates[:200] = 1.0
    assert severity("steps_too_small", dataclasses.replace(ended, rates=rates)) is None


# Which layer


@pytest.mark.parametrize(("rule", "kind"), [("dead_units", "dead"), ("saturated_units", "saturated")])
@pytest.mark.parametrize(
    ("shares", "layer"), [((1.0, 1.0, 0.5), 1), ((1.0, 0.6, 0.9), 2), ((0.5, 0.9, 0.9), 1), ((0.9, 0.2, 0.9), 2)]
)
def test_of_equal_layers_the_first_wide_enough_to_be_judged_is_named_with_its_units(
    rule: str, kind: str, shares: tuple[float, ...], layer: int
) -> None:
    units = ((0, 1), (3, 4, 5), (6, 7, 8, 9))
    evidence = with_settings(recorded("healthy-deep-adam"), {"network.hidden": [2, 6, 8]})
    measured = {"units": (2, 6, 8), "dead": shares, "saturated": shares, f"{kind}_units": units}
    finding = judged(BY_NAME[rule], with_reading(evidence, **measured))
    assert finding
    assert (finding.layer, finding.units, finding.value) == (layer, units[layer], shares[layer])
    assert f"hidden layer {layer + 1}" in finding.text


def test_a_gradient_has_not_vanished_where_the_last_layer_hardly_moves_either() -> None:
    evidence = recorded(recorded_name("chosen", "6 sigmoid layers"))
    assert severity("gradient_vanishes", evidence) == "error"
    assert severity("gradient_vanishes", with_reading(evidence, update_ratios=(-5.0,) * 7)) is None
    assert severity("gradient_vanishes", first_steps_of(evidence, 50)) is None  # too early to say


def test_adam_is_not_judged_by_its_first_steps_and_climbs_at_a_smaller_cosine() -> None:
    adam = with_settings(recorded("healthy-deep-adam"), {"training.optimizer": "adam"})
    climbs = with_reading(adam, downhill=-0.3)
    assert severity("uphill", climbs) == "error"
    assert severity("uphill", first_steps_of(climbs, 10)) is None
    assert severity("uphill", with_reading(adam, downhill=-0.05)) is None


@pytest.mark.parametrize(("loss", "ratio", "found"), [(0.3, 0.35, "warning"), (0.1, 0.35, None), (0.3, 0.2, None)])
def test_a_penalty_that_balances_the_digits_is_told_where_the_loss_is_held_up(
    loss: float, ratio: float, found: str | None
) -> None:
    evidence = with_settings(with_loss(SOUND, loss * BASE), {"training.l2": 1000.0})
    finding = judged(BY_NAME["penalty_dominates"], with_reading(evidence, penalty_ratio=ratio))
    assert (finding.severity if finding else None) == found
    if finding:
        assert finding.changes == {"training.l2": 10.0}


def test_training_that_ends_while_the_loss_still_falls_is_too_short() -> None:
    falling = dataclasses.replace(with_loss(SOUND, 2.2, 2.1, 1.9, 1.7, 1.5), planned_steps=SOUND.steps)
    finding = judged(BY_NAME["too_few_steps"], falling)
    assert finding
    assert finding.severity == "warning"
    assert finding.changes == {"training.epochs": 4 * SOUND.config.training.epochs}
    assert severity("too_few_steps", dataclasses.replace(falling, planned_steps=SOUND.steps + 1)) is None
    assert severity("too_few_steps", with_loss(falling, 2.2, 2.1, 1.9, 1.9, 1.88)) is None


# Before the first step


def test_weights_too_large_for_the_start_are_a_warning_once_the_network_has_learned_with_them() -> None:
    bad = with_settings(with_start(SOUND, start_loss=9 * BASE), {"network.init": "normal"})
    assert severity("bad_start", with_loss(bad, 0.9 * BASE)) == "error"
    finding = judged(BY_NAME["bad_start"], with_loss(bad, 0.1 * BASE))
    assert finding
    assert (finding.severity, finding.changes) == ("warning", {"network.init": "auto"})
    assert "it learns all the same" in finding.text
    by_inputs = judged(BY_NAME["bad_start"], with_settings(bad, {"network.init": "auto", "data.scaling": "standard"}))
    assert by_inputs
    assert by_inputs.changes == {"data.scaling": "unit"}


@pytest.mark.parametrize(
    ("settings", "rate"),
    [
        ({"training.learning_rate": 1e-7}, 1e-7 * 255**2),
        ({"training.learning_rate": 1e-4}, 0.05),
        ({"training.learning_rate": 0.05}, None),
        ({"training.learning_rate": 1e-4, "training.gradient": "sum"}, None),
        ({"training.learning_rate": 1e-6, "training.optimizer": "adam"}, 255e-6),
        ({"training.learning_rate": 0.001, "training.optimizer": "adam"}, None),
    ],
)
def test_a_rate_that_was_chosen_for_large_inputs_is_to_grow_when_they_are_scaled(
    settings: dict[str, object], rate: float | None
) -> None:
    raw = with_start(SOUND, lowest_input=0.0, highest_input=255.0)
    finding = judged(BY_NAME["input_range"], with_settings(raw, {**settings, "data.scaling": "raw"}))
    assert finding
    assert finding.severity == "warning"  # of a network that has learned all the same
    assert finding.changes.get("training.learning_rate") == (None if rate is None else pytest.approx(rate, rel=0.02))


def test_copies_are_told_to_have_parted_or_died() -> None:
    copies = with_loss(with_start(SOUND, alike=(0.99,)), 0.9 * BASE)
    parted = judged(BY_NAME["units_are_copies"], with_reading(copies, alike=(0.1,)))
    died = judged(BY_NAME["units_are_copies"], with_reading(copies, alike=(math.nan,)))
    assert parted
    assert died
    assert parted.severity == "warning"
    assert parted.text.endswith("and have separated since, which took steps.")
    assert died.severity == "error"
    assert "none of them distinguishes digits any more" in died.text


def test_a_layer_above_one_of_one_unit_is_not_blamed_for_saying_what_that_one_says() -> None:
    copies = with_start(with_loss(SOUND, BASE), alike=(math.nan, 0.99), units=(1, 32))
    copies = with_reading(copies, alike=(math.nan, 0.99))
    assert severity("units_are_copies", copies) is None
    assert severity("units_are_copies", with_start(copies, units=(3, 32))) == "error"


def test_weights_that_vanish_by_other_shares_in_every_step_do_not_decay_by_themselves() -> None:
    def shrinking(*shares: float) -> Evidence:
        readings = [dataclasses.replace(SOUND.readings[0], shrinkages=(share, 0.0)) for share in shares]
        return dataclasses.replace(SOUND, readings=tuple(readings))

    rule = "weights_decay_by_themselves"
    assert severity(rule, shrinking(0.1, 0.1, 0.1, 0.1)) == "error"
    assert severity(rule, shrinking(0.1, 0.1, 0.1)) is None  # too few readings
    assert severity(rule, shrinking(0.001, 0.2, 5.0, 26.0)) is None
    assert severity(rule, shrinking(26.4, 26.4, 26.4, 26.4)) is None


def test_classes_of_which_one_has_most_digits_are_not_taken_for_chance() -> None:
    counts = {"class_counts": (790, 210), "digits": 1000, "chance": 0.79**2 + 0.21**2}
    uneven = with_start(SOUND, neighbour_agreement=math.nan, validation_agreement=math.nan, **counts)
    last = dataclasses.replace(SOUND.epochs[-1], validation_accuracy=0.98)
    learned = dataclasses.replace(with_reading(uneven, probe_accuracy=1.0), epochs=(last,))
    assert severity("labels_do_not_match", learned) is None
    by_chance = dataclasses.replace(last, validation_accuracy=0.79)
    assert severity("labels_do_not_match", dataclasses.replace(learned, epochs=(by_chance,))) == "error"


def test_labels_of_validation_digits_that_do_not_match_are_told() -> None:
    finding = judged(BY_NAME["labels_do_not_match"], with_start(SOUND, validation_agreement=0.1))
    assert finding
    assert finding.severity == "error"
    assert "of the validation digits do not belong together" in finding.text
    assert severity("labels_do_not_match", with_start(SOUND, validation_agreement=0.85)) is None


@pytest.mark.parametrize(
    ("train", "validation", "found"), [(0.9, 0.1, "error"), (0.3, 0.1, None), (0.9, 0.3, None), (0.9, math.nan, None)]
)
def test_digits_learned_by_heart_while_others_stay_at_chance_have_labels_of_others(
    train: float, validation: float, found: str | None
) -> None:
    few = with_start(SOUND, neighbour_agreement=math.nan, validation_agreement=math.nan)
    last = dataclasses.replace(SOUND.epochs[-1], train_accuracy=0.9, validation_accuracy=validation)
    known = with_reading(few, probe_accuracy=train)
    assert severity("labels_do_not_match", dataclasses.replace(known, epochs=(last,))) == found


@pytest.mark.parametrize(
    ("agreement", "loss", "found"), [(0.6, 0.9, None), (0.2, 0.98, "error"), (0.2, 0.5, "warning"), (0.2, 0.1, None)]
)
def test_distortions_that_leave_digits_unlike_their_class_are_blamed_where_they_are_not_learned(
    agreement: float, loss: float, found: str | None
) -> None:
    strong = {"augmentation.shift": 9.0, "augmentation.rotation": 5.0, "augmentation.elastic": 10.0}
    evidence = with_settings(with_start(SOUND, distorted_agreement=agreement), strong)
    evidence = with_settings(with_loss(evidence, loss * BASE), {"augmentation.elastic_sigma": 2.0})
    finding = judged(BY_NAME["distortions_too_strong"], evidence)
    assert (finding.severity if finding else None) == found
    if finding:
        assert finding.changes == {"augmentation.shift": 1.0, "augmentation.elastic_sigma": 4.0}


@pytest.mark.parametrize(("copied", "found"), [(0, None), (10, "note"), (100, "error")])
def test_pictures_that_are_in_two_splits_are_a_leak_where_they_are_many(copied: int, found: str | None) -> None:
    evidence = with_start(SOUND, copied_digits=copied)
    assert severity("validation_is_trained_on", evidence) == found


def test_a_loss_of_squares_that_has_stopped_falling_with_all_digits_known_is_learned_by_heart() -> None:
    def epochs(accuracy: float, fall: float) -> Evidence:
        return dataclasses.replace(
            SOUND,
            epochs=tuple(
                dataclasses.replace(
                    SOUND.epochs[0],
                    epoch=epoch,
                    train_accuracy=0.99,
                    validation_loss=0.05 * fall**epoch,
                    validation_accuracy=accuracy,
                )
                for epoch in range(1, 7)
            ),
        )

    assert severity("overfitting", epochs(0.75, 1.0)) == "warning"
    assert severity("overfitting", epochs(0.75, 0.9)) is None
    assert severity("overfitting", epochs(0.9, 1.0)) is None
