"""Which bugs can be hidden in a run, and how they are counted."""

import pytest

from mnist_gui.casebook.hidden_fault import Score, suspects
from mnist_gui.config.run_config import RunConfig
from mnist_gui.faults.registry import FAULTS


def test_no_setting_of_the_form_is_ever_hidden() -> None:
    names = {fault.name for fault in suspects(RunConfig())}
    assert len(names) >= 10
    assert not names & {"raw_pixels", "one_unit", "five_steps", "few_digits", "rate_times_30", "huge_penalty"}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"network.hidden": ()},
        {"data.validation": 0, "training.batch_size": 0},
        {"training.batch_size": 1, "training.optimizer": "adam", "network.activation": "sigmoid"},
    ],
)
def test_whatever_the_settings_something_can_be_hidden_and_it_changes_something(settings: dict[str, object]) -> None:
    config = RunConfig().with_settings(settings)
    found = suspects(config)
    assert len(found) >= 5
    assert all(fault.lacks(config) is None for fault in found)


def test_an_open_mystery_counts_as_given_up_but_is_not_told_as_such() -> None:
    score = Score(named=2, wrong=1, given_up=3).begun()
    assert score.given_up == 4
    assert score.text(is_open=True) == "Named 2, wrong 1, given up 3"
    assert score.answered(is_right=True) == Score(3, 1, 3)
    assert score.answered(is_right=False) == Score(2, 2, 3)


def test_the_remedy_of_a_fault_is_one_setting_that_makes_it_act() -> None:
    configs = [
        RunConfig().with_settings({"training.optimizer": "adam", "network.activation": "relu"}),
        RunConfig().with_settings({"network.hidden": ()}),
        RunConfig().with_settings({"network.activation": "tanh", "training.batch_size": 0, "data.validation": 0}),
        RunConfig().with_settings({"training.batch_size": 1, "network.loss": "mse"}),
    ]
    offered = 0
    for config in configs:
        for fault in FAULTS.values():
            remedy = fault.remedy(config)
            if remedy:
                offered += 1
                assert len(remedy) == 1
                assert fault.lacks(config) is not None
                assert fault.lacks(config.with_settings(remedy)) is None
    assert offered >= 6


def test_what_needs_two_settings_has_no_remedy() -> None:
    config = RunConfig().with_settings({"network.activation": "tanh", "network.hidden": ()})
    assert FAULTS["wrong_relu_derivative"].remedy(config) == {}
    assert FAULTS["flipped_gradient"].remedy(config) == {}
