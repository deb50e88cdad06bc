"""Every rule on recorded runs: it names its fault first, and is silent where nothing is wrong."""

import dataclasses
import math

import numpy as np
import pytest

from mnist_gui.config.run_config import RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.diagnosis.rules import RULES
from mnist_gui.diagnosis.rules.overfitting import DISTORTIONS
from mnist_gui.faults.registry import FAULTS
from tests.diagnosis.recorded import first_steps_of, judged, names, recorded, recorded_name, with_reading
from tests.diagnosis_table import CHOSEN

HEALTHY = [name for name in names() if name.startswith("healthy")]
BY_NAME = {rule.name: rule for rule in RULES}
BAD = (math.nan, math.inf, -math.inf, 1e308, -1e308, 0.0)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_first_by_its_rule(fault: str) -> None:
    first = diagnose(recorded(f"fault-{fault}")).findings[0]
    assert first.rule == FAULTS[fault].rule
    assert first.severity in ("error", "warning")


@pytest.mark.parametrize("name", CHOSEN)
def test_what_goes_wrong_with_settings_that_people_choose_is_named_first_by_its_rule(name: str) -> None:
    first = diagnose(recorded(recorded_name("chosen", name))).findings[0]
    assert first.rule == CHOSEN[name][1]
    assert first.changes


@pytest.mark.parametrize(
    ("activation", "hidden", "changes"),
    [
        ("sigmoid", (64, 64, 64), {"network.activation": "relu", "training.learning_rate": 0.05}),
        ("relu", (64, 64, 64), {"network.hidden": (64,)}),
    ],
)
def test_a_vanishing_gradient_calls_for_steep_units_and_where_they_are_steep_for_fewer_layers(
    activation: str, hidden: tuple[int, ...], changes: dict[str, object]
) -> None:
    evidence = recorded(recorded_name("chosen", "6 sigmoid layers"))
    settings = {"network.activation": activation, "network.hidden": hidden}
    evidence = dataclasses.replace(evidence, config=evidence.config.with_settings(settings))
    finding = diagnose(evidence).finding("gradient_vanishes")
    assert finding
    assert finding.changes == changes


def test_a_gradient_that_reaches_the_first_layer_or_is_none_at_all_has_not_vanished() -> None:
    evidence = recorded(recorded_name("chosen", "6 sigmoid layers"))
    rule = BY_NAME["gradient_vanishes"]
    assert judged(rule, with_reading(evidence, gradient_rms=(0.02, *(1.0,) * 6))) is None
    assert judged(rule, with_reading(evidence, gradient_rms=(0.002, *(1.0,) * 6))) is not None
    assert judged(rule, with_reading(evidence, gradient_rms=(0.0, *(1.0,) * 6))) is None
    assert judged(rule, with_reading(evidence, update_ratios=(-3.0, *(-2.0,) * 6))) is None


@pytest.mark.parametrize(("whole", "dropout", "change"), [(0.2, 0.8, None), (0.9, 0.8, 0.5), (0.9, 0.3, 0.0)])
def test_dropout_is_blamed_where_the_whole_network_reads_much_more(
    whole: float, dropout: float, change: float | None
) -> None:
    evidence = recorded(recorded_name("chosen", "dropout 0.8, 2 layers of 64"))
    evidence = dataclasses.replace(evidence, config=evidence.config.with_settings({"training.dropout": dropout}))
    finding = judged(BY_NAME["dropout_too_strong"], with_reading(evidence, probe_accuracy=whole))
    assert (finding.changes if finding else None) == (None if change is None else {"training.dropout": change})


def test_a_momentum_that_makes_steps_long_is_what_is_to_be_changed_but_not_that_of_adam() -> None:
    evidence = recorded(recorded_name("chosen", "momentum 0.999"))
    finding = judged(BY_NAME["steps_too_large"], evidence)
    assert finding
    assert finding.changes == {"training.momentum": 0.9}
    assert "up to 1,000 times as long" in finding.text
    adam = dataclasses.replace(evidence, config=evidence.config.with_settings({"training.optimizer": "adam"}))
    finding = judged(BY_NAME["steps_too_large"], adam)
    assert finding
    assert set(finding.changes) == {"training.learning_rate"}


def test_long_steps_of_a_network_that_learns_badly_are_a_warning_and_of_one_that_learns_well_nothing() -> None:
    evidence = with_reading(recorded("healthy-relu"), update_ratios=(-0.95, -0.9))
    base = evidence.base_rate_loss

    def severity(share: float) -> str | None:
        held = dataclasses.replace(evidence, losses=np.full_like(evidence.losses, share * base))
        finding = judged(BY_NAME["steps_too_large"], held)
        return finding.severity if finding else None

    assert [severity(share) for share in (0.1, 0.3, 0.8)] == [None, "warning", "error"]


def test_a_layer_that_answers_nothing_is_not_told_to_take_longer_steps() -> None:
    evidence = recorded("fault-rate_over_1000")
    assert judged(BY_NAME["steps_too_small"], evidence) is not None
    assert judged(BY_NAME["steps_too_small"], with_reading(evidence, dead=(1.0,))) is None


@pytest.mark.parametrize("name", HEALTHY)
def test_a_sound_run_has_no_finding_but_notes(name: str) -> None:
    diagnosis = diagnose(recorded(name))
    assert [finding for finding in diagnosis.findings if finding.severity != "note"] == []
    assert not diagnosis.has_errors
    assert len(diagnosis.healthy) > 15


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("steps", [1, 3, 20, 50, 99, 100, 150])
def test_a_sound_run_is_not_blamed_for_its_first_steps(name: str, steps: int) -> None:
    evidence = first_steps_of(recorded(name), steps)
    assert [finding for finding in diagnose(evidence).findings if finding.severity != "note"] == []


def test_a_run_is_judged_once_it_has_had_its_first_steps_or_all_that_are_planned() -> None:
    evidence = recorded("fault-rate_times_30")
    rule = BY_NAME["steps_too_large"]
    assert judged(rule, first_steps_of(evidence, 99)) is None
    assert judged(rule, first_steps_of(evidence, 100)) is not None
    assert judged(rule, dataclasses.replace(first_steps_of(evidence, 99), planned_steps=99)) is not None
    assert judged(rule, dataclasses.replace(first_steps_of(evidence, 99), state="diverged")) is not None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_its_own_faults_and_nothing_in_sound_runs(rule: Rule) -> None:
    for name in HEALTHY:
        finding = judged(rule, recorded(name))
        assert finding is None or finding.severity == "note"
    for fault in FAULTS.values():
        if fault.rule == rule.name:
            assert judged(rule, recorded(f"fault-{fault.name}")) is not None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_explains_itself_with_a_source_and_names_only_later_rules_as_its_consequences(rule: Rule) -> None:
    assert "\nSource: " in rule.why
    assert len(rule.why) > 200
    for sentence in (rule.healthy, rule.excludes):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert not rule.title.endswith(".")
    assert len(rule.title) <= 40
    order = [each.name for each in RULES]
    assert set(rule.explains) <= set(order[order.index(rule.name) + 1 :])


def test_rules_have_names_of_their_own_and_every_fault_has_a_rule() -> None:
    assert len(BY_NAME) == len(RULES)
    assert {fault.rule for fault in FAULTS.values()} <= set(BY_NAME)


@pytest.mark.parametrize("name", names())
def test_what_a_finding_proposes_is_legal_and_changes_something(name: str) -> None:
    evidence = recorded(name)
    for finding in diagnose(evidence).findings:
        assert set(finding.changes) <= set(SETTINGS)
        changed = evidence.config.with_settings(finding.changes)
        assert (changed != evidence.config) == bool(finding.changes)


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("name", ["healthy-relu", "healthy-no-hidden-layer"])
def test_no_rule_fails_or_warns_on_readings_of_no_number(name: str, value: float) -> None:
    evidence = recorded(name)
    bad = with_reading(
        evidence,
        **{
            field: (value,) * len(getattr(evidence.readings[0], field))
            for field in ("gradient_rms", "update_ratios", "dead", "saturated", "alike", "shrinkages")
        },
        **dict.fromkeys(("downhill", "penalty_ratio", "logit_spread", "silent_below", "silent_above"), value),
    )
    assert diagnose(bad) is not None
    with np.errstate(over="ignore"):
        lossless = dataclasses.replace(bad, losses=np.full_like(bad.losses, value))
    assert diagnose(lossless) is not None


def test_without_a_run_only_what_is_known_before_it_is_judged() -> None:
    evidence = recorded("fault-zero_init")
    nothing = np.empty(0, np.float32)
    before = dataclasses.replace(
        evidence, losses=nothing, accuracies=nothing, rates=nothing, readings=(), epochs=(), state="stopped"
    )
    diagnosis = diagnose(before)
    assert [finding.rule for finding in diagnosis.findings] == [
        "units_are_copies",
        "start_variance",
        "cannot_learn_a_few",
    ]
    assert [finding.rule for finding in diagnosis.causes] == ["units_are_copies"]
    assert diagnosis.findings[0].steps is None
    assert "uphill" not in diagnosis.healthy
    assert "gradient_is_wrong" in diagnosis.healthy


def test_without_a_preflight_the_run_alone_names_what_it_can() -> None:
    evidence = dataclasses.replace(recorded("fault-rate_over_1000"), start=None)
    assert [finding.rule for finding in diagnose(evidence).findings] == ["steps_too_small"]


def test_the_frozen_layer_and_the_shrinking_weights_are_named_with_their_layer_and_share() -> None:
    frozen = diagnose(recorded("fault-frozen_layer")).findings[0]
    assert (frozen.layer, frozen.steps) == (0, (1, recorded("fault-frozen_layer").readings[-1].step))
    shrinking = diagnose(recorded("fault-momentum_on_weights")).findings[0]
    assert shrinking.value == pytest.approx(0.1, rel=1e-3)


def test_short_steps_at_the_end_of_a_schedule_are_not_judged() -> None:
    evidence = recorded("fault-rate_over_1000")
    rates = evidence.rates.copy()
    rates[:10] *= 100.0
    falling = dataclasses.replace(evidence, rates=rates)
    assert judged(BY_NAME["steps_too_small"], falling) is None


def test_full_steps_of_a_momentum_that_point_uphill_are_not_blamed_if_what_is_new_in_them_goes_down() -> None:
    sound = with_reading(recorded("healthy-relu"), downhill=0.3)
    assert judged(BY_NAME["uphill"], sound) is None
    assert judged(BY_NAME["uphill"], with_reading(sound, downhill=-0.51)) is not None


@pytest.mark.parametrize(("gap", "rise", "is_found"), [(0.2, 1.2, True), (0.02, 1.2, False), (0.1, 1.0, False)])
def test_overfitting_takes_a_lasting_rise_of_the_validation_loss_and_a_gap_in_accuracy(
    gap: float, rise: float, is_found: bool
) -> None:
    evidence = recorded("healthy-relu")
    epochs = tuple(
        dataclasses.replace(
            evidence.epochs[0],
            epoch=epoch,
            train_loss=1.0 / epoch,
            train_accuracy=0.99,
            validation_loss=0.5 * rise ** max(0, epoch - 2),
            validation_accuracy=0.99 - gap,
        )
        for epoch in range(1, 7)
    )
    finding = judged(BY_NAME["overfitting"], dataclasses.replace(evidence, epochs=epochs))
    assert (finding is not None) == is_found


@pytest.mark.parametrize(
    ("start", "settings", "changes"),
    [
        ({}, {}, {"data.train": 59_000}),
        ({}, {"training.dropout": 0.3}, {"data.train": 59_000}),
        ({"spare_digits": 199}, {}, DISTORTIONS),
        ({"held_out_digits": 1}, {"training.dropout": 0.3}, DISTORTIONS),
        ({"spare_digits": 199}, {"augmentation.rotation": 5.0, "network.hidden": [128]}, {"training.dropout": 0.5}),
        ({"spare_digits": 199}, {"augmentation.rotation": 5.0, "training.dropout": 0.3}, {}),
        ({"spare_digits": 199}, {"augmentation.rotation": 5.0, "network.hidden": [64, 128]}, {}),
    ],
)
def test_digits_learned_by_heart_call_for_more_of_them_or_else_for_distortions_or_in_wide_layers_for_dropout(
    start: dict[str, int], settings: dict[str, object], changes: dict[str, object]
) -> None:
    evidence = recorded("fault-few_digits")
    assert evidence.start
    evidence = dataclasses.replace(
        evidence,
        start=dataclasses.replace(evidence.start, **start),
        config=evidence.config.with_settings(settings),
    )
    finding = judged(BY_NAME["overfitting"], evidence)
    assert finding
    assert finding.changes == changes


def test_a_summed_gradient_whose_rate_was_chosen_for_it_is_only_noted() -> None:
    evidence = recorded("fault-summed_gradient")
    assert evidence.start is not None
    start = dataclasses.replace(evidence.start, rate=evidence.start.rate / 50)
    finding = judged(BY_NAME["gradient_is_summed"], dataclasses.replace(evidence, start=start))
    assert finding is not None
    assert finding.severity == "note"
    assert finding.changes == {}


def test_fewer_steps_of_a_summed_gradient_are_mended_by_those_of_the_mean_with_its_rate() -> None:
    finding = diagnose(recorded("case-A-1-unit")).finding("too_few_steps")
    assert finding is not None
    assert finding.changes["training.batch_size"] == 128
    assert finding.changes["training.gradient"] == "mean"
    assert finding.changes["training.learning_rate"] == 0.1


def test_a_finding_tells_of_itself_as_json_with_the_promised_keys() -> None:
    told = diagnose(recorded("fault-one_unit")).findings[0].as_json()
    assert list(told) == [
        *("rule", "severity", "cause_of", "value", "threshold", "steps", "layer", "units", "text", "excludes"),
        "changes",
    ]
    assert (told["layer"], told["units"]) == (0, [0])
    assert told["excludes"] == BY_NAME["too_few_units"].excludes
    assert told["changes"] == {"network.hidden": [64]}
    assert RunConfig().with_settings(told["changes"]).network.hidden == (64,)


def test_a_run_that_diverged_at_its_very_first_step_made_steps_too_large() -> None:
    nothing = np.empty(0, np.float32)
    evidence = dataclasses.replace(
        recorded("healthy-relu"), losses=nothing, accuracies=nothing, rates=nothing, readings=(), state="diverged"
    )
    finding = judged(BY_NAME["steps_too_large"], evidence)
    assert finding is not None
    assert finding.steps == (1, 1)
    assert finding.as_json()["value"] is None


def test_five_units_that_come_to_rest_are_too_few_only_while_they_are_sound() -> None:
    evidence = recorded("healthy-relu")
    at_rest = dataclasses.replace(evidence, losses=np.full(800, 2.0, np.float32))
    narrow = with_reading(at_rest, units=(4,), alike=(0.5,), dead=(0.0,), saturated=(0.0,))
    finding = judged(BY_NAME["too_few_units"], narrow)
    assert finding is not None
    assert (finding.severity, finding.value) == ("warning", 4.0)
    assert judged(BY_NAME["too_few_units"], with_reading(narrow, alike=(0.99,))) is None
    assert judged(BY_NAME["too_few_units"], with_reading(narrow, units=(32,))) is None


@pytest.mark.parametrize(
    ("run", "rule", "units"),
    [
        ("fault-zero_init", "units_are_copies", tuple(range(32))),
        ("fault-frozen_layer", "layer_is_frozen", tuple(range(32))),
        ("fault-rate_times_30", "dead_units", tuple(range(32))),
        ("case-A-100-units", "saturated_units", tuple(range(100))),
        ("fault-one_unit", "too_few_units", (0,)),
    ],
)
def test_a_finding_about_units_says_which(run: str, rule: str, units: tuple[int, ...]) -> None:
    finding = diagnose(recorded(run)).finding(rule)
    assert finding is not None
    assert (finding.layer, finding.units) == (0, units)


def test_as_many_units_are_named_as_the_share_of_dead_ones_says() -> None:
    finding = diagnose(recorded("fault-huge_penalty")).finding("dead_units")
    assert finding is not None
    assert len(finding.units) / 32 == finding.value


def test_a_finding_names_no_more_units_than_anybody_looks_at() -> None:
    wide = dataclasses.replace(recorded("fault-zero_init"), config=RunConfig().with_settings({"network.hidden": [800]}))
    finding = judged(BY_NAME["units_are_copies"], wide)
    assert finding is not None
    assert finding.units == tuple(range(256))


def test_rectified_outputs_are_told_with_the_classes_that_are_lost() -> None:
    evidence = recorded("fault-relu_on_output")
    lost = evidence.readings[-1].silent_classes
    assert lost
    finding = judged(BY_NAME["rectified_output"], evidence)
    assert finding is not None
    assert (finding.layer, finding.units) == (evidence.layers - 1, lost)
    one = dataclasses.replace(evidence.readings[-1], silent_classes=(1,))
    assert evidence.start is not None
    letters = dataclasses.replace(evidence.start, class_names=("a", "b"))
    told = judged(
        BY_NAME["rectified_output"],
        dataclasses.replace(evidence, start=letters, readings=(*evidence.readings[:-1], one)),
    )
    assert told is not None
    assert told.text.endswith("Class b: most of its own digits have this output.")


def with_start(evidence: Evidence, **values: object) -> Evidence:
    """The same with these values measured before the first step."""
    assert evidence.start is not None
    return dataclasses.replace(evidence, start=dataclasses.replace(evidence.start, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sizes", "severity", "layer"),
    [
        ((0.1, 0.1), None, None),
        ((0.2, 0.29), None, None),  # within three times
        ((0.031, 0.1), "note", 0),
        ((0.1, 0.61), "note", 1),
        ((0.1, 0.009), "warning", 1),
        ((0.0, 0.1), "warning", 0),
        ((0.1, math.inf), "warning", 1),
        ((math.nan, math.nan), None, None),
    ],
)
def test_starting_weights_are_held_against_the_size_that_suits_their_layer(
    sizes: tuple[float, float], severity: str | None, layer: int | None
) -> None:
    evidence = with_start(recorded("healthy-deep-adam"), weight_sizes=sizes, ideal_sizes=((0.1, 0.2), (0.1, 0.2)))
    begun = dataclasses.replace(evidence, losses=np.empty(0, np.float32))
    finding = judged(BY_NAME["start_variance"], begun)
    assert (finding.severity if finding else None) == severity
    assert (finding.layer if finding else None) == layer
    if severity == "warning":
        assert finding is not None
        assert finding.changes == {"network.init": "auto"}
        learned = judged(BY_NAME["start_variance"], evidence)
        assert learned is not None
        assert learned.severity == "note"


def counts(**held: object) -> Evidence:
    return with_start(recorded("fault-rate_over_1000"), **held)


NAMES = ("a", "b", "c")


@pytest.mark.parametrize(
    ("shown", "asked", "severity", "said"),
    [
        ((30, 30, 40), (5, 5, 5), None, ""),
        ((9, 90, 1), (5, 5, 5), "warning", "90 % of the training digits are of class b"),
        ((60, 39, 1), (5, 5, 5), "note", "Class a has 60 times as many training digits as class c"),
        ((50, 0, 50), (5, 1, 5), "warning", "1 class of the validation digits (b) never occurs"),
        ((100, 0, 0), (5, 1, 5), "warning", "2 classes of the validation digits (b and c) never occur among"),
        ((50, 0, 50), (5, 0, 5), None, ""),  # a class that is never asked for is not missed
    ],
)
def test_classes_are_counted_and_those_without_a_training_digit_are_named(
    shown: tuple[int, ...], asked: tuple[int, ...], severity: str | None, said: str
) -> None:
    evidence = counts(digits=100, classes=3, class_names=NAMES, class_counts=shown, validation_counts=asked)
    finding = judged(BY_NAME["labels_unbalanced"], evidence)
    assert (finding.severity if finding else None) == severity
    if finding:
        assert finding.text.startswith(said)


def test_two_classes_may_be_three_to_one() -> None:
    evidence = counts(digits=100, classes=2, class_names=NAMES[:2], class_counts=(75, 25), validation_counts=(1, 1))
    assert judged(BY_NAME["labels_unbalanced"], evidence) is None
    single = counts(digits=100, classes=1, class_names=NAMES[:1], class_counts=(100,), validation_counts=(1,))
    with pytest.raises(NotJudged):
        BY_NAME["labels_unbalanced"].judge(single)


def thrown_out(rates: tuple[float, float]) -> Evidence:
    """A healthy run that goes on for as many steps with a loss of 2.302, at the second of two learning rates."""
    sound = recorded("healthy-relu")
    count = len(sound.losses)
    losses = np.concatenate([sound.losses, np.full(count, 2.302, np.float32)])
    both = np.repeat(np.array(rates, np.float32), count)
    return dataclasses.replace(sound, losses=losses, accuracies=np.full_like(losses, 0.1), rates=both, state=None)


def test_what_was_learned_and_lost_after_a_raised_rate_is_blamed_on_that() -> None:
    evidence = thrown_out((0.1, 50.0))
    count = len(evidence.losses) // 2
    finding = judged(BY_NAME["steps_too_large"], evidence)
    assert finding is not None
    assert "the learning rate went from 0.1 to 50" in finding.text
    assert finding.changes == {"training.learning_rate": pytest.approx(0.1)}
    assert finding.steps is not None
    assert count < finding.steps[0] <= count + 2 * evidence.recent
    short = with_reading(evidence, update_ratios=(-8.0, -8.0))
    assert judged(BY_NAME["steps_too_small"], short) is None  # the weights did come far


def test_what_was_lost_at_the_same_rate_wants_a_smaller_one() -> None:
    finding = judged(BY_NAME["steps_too_large"], thrown_out((0.1, 0.1)))
    assert finding is not None
    assert "went from" not in finding.text
    assert finding.changes["training.learning_rate"] <= 0.1 / 30


def test_a_proposed_rate_makes_steps_as_long_as_healthy_ones() -> None:
    evidence = recorded("fault-rate_over_1000")
    finding = judged(BY_NAME["steps_too_small"], evidence)
    assert finding is not None
    rate = finding.changes["training.learning_rate"]
    assert math.log10(rate / evidence.config.training.learning_rate) + finding.value == pytest.approx(-2.5, abs=0.02)


def thrown_at_first(losses: np.ndarray) -> Evidence:
    """A run whose first step was a third as long as the weights, with these losses in shares of the base rate's."""
    run = recorded("healthy-sigmoid")
    losses = (losses * run.base_rate_loss).astype(np.float32)
    first = dataclasses.replace(run.readings[0], update_ratios=tuple(-0.5 for _ in run.readings[0].update_ratios))
    return dataclasses.replace(
        first_steps_of(run, len(losses)), losses=losses, readings=(first, *run.readings[1:]), epochs=()
    )


def test_a_network_that_still_learns_was_not_thrown_by_a_long_first_step() -> None:
    assert judged(BY_NAME["steps_too_large"], thrown_at_first(np.linspace(1.0, 0.6, 600))) is None


@pytest.mark.parametrize(("rest", "severity"), [(0.8, "warning"), (1.0, "error")])
def test_a_long_first_step_is_to_blame_where_nothing_is_learned_after_it_the_more_gravely_the_less_is_left(
    rest: float, severity: str
) -> None:
    evidence = thrown_at_first(np.full(600, rest))
    finding = judged(BY_NAME["steps_too_large"], evidence)
    assert finding
    assert finding.severity == severity
    down = evidence.config.training.learning_rate / finding.changes["training.learning_rate"]
    assert down == pytest.approx(10.0) if severity == "warning" else down > 20.0


@pytest.mark.parametrize("rest", [0.96, 1.018, 1.1])
def test_a_loss_that_is_no_lower_than_base_rates_after_hundreds_of_steps_is_an_error(rest: float) -> None:
    run = recorded("healthy-sigmoid")
    losses = np.full(800, rest * run.base_rate_loss, np.float32)
    late = dataclasses.replace(first_steps_of(run, 800), losses=losses)
    finding = judged(BY_NAME["knows_only_base_rates"], late)
    assert finding
    assert finding.severity == "error"
    assert judged(BY_NAME["knows_only_base_rates"], first_steps_of(late, 400)) is None


def test_where_clipping_makes_the_steps_short_it_is_to_be_left_out() -> None:
    run = recorded("fault-rate_over_1000")
    changes = diagnose(run).findings[0].changes
    assert set(changes) == {"training.learning_rate"}
    clipped = dataclasses.replace(run, config=run.config.with_settings({"training.clip": 1e-6}))
    finding = diagnose(clipped).findings[0]
    assert finding.changes == {"training.clip": 0.0}
    assert "clipped to a length of 1e-06" in finding.text


def test_more_steps_of_few_digits_come_from_batches_that_fit_them() -> None:
    run = recorded("case-A-1-unit")
    assert run.start
    few = dataclasses.replace(run, start=dataclasses.replace(run.start, digits=100))
    finding = judged(BY_NAME["too_few_steps"], few)
    assert finding
    batch, epochs = finding.changes["training.batch_size"], finding.changes.get("training.epochs", 0)
    assert batch == 10
    assert epochs in (0, 50)


def test_whether_a_layer_without_a_gradient_is_left_out_of_the_update_is_not_said() -> None:
    run = recorded("fault-frozen_layer")
    still = with_reading(run, gradient_rms=(0.0, 0.0))
    with pytest.raises(NotJudged):
        BY_NAME["layer_is_frozen"].judge(still)


def test_of_a_single_class_there_is_nothing_to_learn() -> None:
    run = dataclasses.replace(recorded("case-A-1-unit"), base_rate_loss=0.0)
    run = dataclasses.replace(run, losses=np.zeros_like(run.losses))
    assert judged(BY_NAME["too_few_steps"], run) is None
