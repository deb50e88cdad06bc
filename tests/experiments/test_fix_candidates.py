"""What is worth trying: the usual suspects that apply, what findings propose, and nothing twice."""

import pytest

from mnist_gui.config.presets import preset
from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.experiments.fix_candidates import applied, candidates_for, put_right_first


def names(config: RunConfig, train_digits: int = 30_000) -> set[str]:
    return {candidate.name for candidate in candidates_for(config, train_digits)}


def test_a_good_network_is_offered_other_rates_only() -> None:
    assert {candidate.kind for candidate in candidates_for(RunConfig(), 55_000)} == {"rate"}


def test_every_suspect_of_a_posted_network_is_offered() -> None:
    assert names(preset("case-c").config) >= {
        "weights drawn to suit the activation",
        "minibatches of 128",
        "hidden layers of 128, 128",
        "one hidden layer of 128",
        "momentum 0.9",
        "relu units",
        "no weight penalty",
        "3 times the learning rate",
        "1/10 of the learning rate",
    }


def test_the_batch_moves_together_with_the_rate_of_a_summed_gradient() -> None:
    config = preset("case-a").config
    batch = next(each for each in candidates_for(config, 60_000) if each.kind == "batch")
    changed = applied(config, [batch]).training
    assert (changed.batch_size, changed.gradient, changed.learning_rate) == (128, "mean", 0.1)


@pytest.mark.parametrize("preset_name", ["default", "case-a", "case-b", "case-c"])
def test_every_candidate_changes_something_and_none_the_digits_or_the_loss(preset_name: str) -> None:
    config = preset(preset_name).config
    changed = [applied(config, [candidate]) for candidate in candidates_for(config, 3500)]
    assert len(set(changed)) == len(changed)
    for each in changed:
        assert each != config
        kept = ("data.folder", "data.train", "data.digits", "data.seed", "network.loss", "training.seed")
        assert [each[key] for key in kept] == [config[key] for key in kept]


def test_what_a_finding_proposes_comes_first_in_its_kind_and_once() -> None:
    proposed = [{"training.batch_size": 128}, {"network.hidden": (300,)}, {"training.learning_rate": 0.5}]
    candidates = candidates_for(preset("case-c").config, 30_000, proposed)
    assert next(each for each in candidates if each.kind == "layers").name == "hidden layers 300"
    assert next(each for each in candidates if each.kind == "rate").rate_factor == 0.25
    assert len([each for each in candidates if each.kind == "batch"]) == 1


def test_of_two_changes_of_one_setting_a_search_makes_one_at_a_time_whoever_proposes_them() -> None:
    proposed = [{"training.momentum": 0.5}, {"training.l2": 0.1}, {"network.activation": "leaky_relu"}]
    candidates = candidates_for(preset("case-c").config, 30_000, proposed)
    for key in ("training.momentum", "training.l2", "network.activation"):
        kinds = [each.kind for each in candidates if key in each.changes]
        assert (len(kinds), len(set(kinds))) == (2, 1)


def test_what_would_be_illegal_is_not_offered() -> None:
    largest = RunConfig().with_settings({"training.learning_rate": 100.0})
    rates = [applied(largest, [each]).training.learning_rate for each in candidates_for(largest, 55_000)]
    assert sorted(rates) == [0.1, 10.0, 33.33]


@pytest.mark.parametrize(
    ("settings", "usual"),
    [
        ({"training.learning_rate": 30.0}, 0.1),
        ({"training.learning_rate": 1e-5}, 0.1),
        ({"training.learning_rate": 0.5}, None),
        ({"training.learning_rate": 0.1, "training.optimizer": "adam"}, 0.001),
        ({"training.learning_rate": 1e-5, "training.gradient": "sum"}, None),
    ],
)
def test_the_usual_rate_is_offered_where_that_of_the_network_is_far_from_it(
    settings: dict[str, object], usual: float | None
) -> None:
    config = RunConfig().with_settings(settings)
    offered = [each.changes for each in candidates_for(config, 55_000) if "training.learning_rate" in each.changes]
    assert offered == ([] if usual is None else [{"training.learning_rate": usual}])


def test_more_epochs_are_no_candidate_whoever_proposes_them() -> None:
    proposed = [{"training.epochs": 500}, {"training.epochs": 9, "training.momentum": 0.5}]
    candidates = candidates_for(RunConfig(), 55_000, proposed)
    assert {applied(RunConfig(), [each]).training.epochs for each in candidates} == {RunConfig().training.epochs}
    assert any(each.changes == {"training.momentum": 0.5} for each in candidates)


def test_a_search_takes_no_more_digits_and_leaves_out_faults_one_by_one() -> None:
    config = RunConfig().with_settings({"lab.faults": ["frozen_layer", "relu_on_output"]})
    proposed = [{"data.train": 55_000}, {"lab.faults": ()}, {"training.epochs": 100}]
    kinds = [candidate.kind for candidate in candidates_for(config, 200, proposed)]
    assert "data.train" not in kinds
    assert "lab.faults" not in kinds
    assert sorted(kind for kind in kinds if "fault" in kind) == ["fault frozen_layer", "fault relu_on_output"]


UNTRUE = ["test_digits_in_training", "trains_on_validation", "unshifted_softmax", "best_by_reference"]


def test_bugs_that_spoil_the_numbers_and_not_the_learning_are_put_right_first_and_no_others() -> None:
    config = RunConfig().with_settings({"lab.faults": [*UNTRUE, "frozen_layer", "relu_on_output"]})
    first = put_right_first(config)
    assert [candidate.fault for candidate in first] == [fault for fault in config.lab.faults if fault in UNTRUE]
    assert applied(config, first).lab.faults == tuple(fault for fault in config.lab.faults if fault not in UNTRUE)


def test_a_bug_that_changes_nothing_here_is_not_put_right() -> None:
    config = RunConfig().with_settings({"lab.faults": ["trains_on_validation"], "data.validation": 0})
    assert put_right_first(config) == ()


def test_what_is_proposed_for_the_sake_of_a_true_number_is_put_right_too() -> None:
    leak = Finding(
        rule="validation_is_trained_on",
        severity="error",
        text="",
        value=1.0,
        threshold=0.0,
        changes={"data.validation_from": "test", "lab.faults": ()},
    )
    harm = Finding(
        rule="bad_start", severity="error", text="", value=1.0, threshold=0.0, changes={"network.init": "he"}
    )
    (first,) = put_right_first(RunConfig(), [leak, harm])
    assert first.changes == {"data.validation_from": "test"}
