"""What tells runs apart: only settings that differ, as people write them, with what was changed on the way."""

from typing import Any

import pytest

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.loading import split_dataset
from mnist_gui.runs.run import Run
from mnist_gui.runs.run_differences import describe_differences, describe_value, differing, differing_keys, value_text
from mnist_gui.training.records import RunStarted, SettingChanged
from tests.support import dataset, small_config


def made(number: int, settings: dict[str, Any], *changes: SettingChanged) -> Run:
    config = small_config(settings)
    run = Run(number, config, dataset(), split_dataset(dataset(), config.data))
    run.add(RunStarted(config, 0, 0, 24, 12, 600, 200, 12730, 1))
    for change in changes:
        run.add(change)
    return run


def test_runs_that_agree_differ_in_nothing() -> None:
    assert differing([RunConfig(), RunConfig(), RunConfig()]) == ()
    assert differing([RunConfig()]) == ()
    assert differing([]) == ()


def test_the_keys_in_which_any_two_differ_come_in_the_order_of_the_form() -> None:
    runs = [
        made(1, {"training.momentum": 0.5}),
        made(2, {"network.hidden": [8]}),
        made(3, {"network.hidden": [8]}),
    ]
    assert differing_keys(runs) == ("network.hidden", "training.momentum")


def test_a_setting_changed_on_the_way_is_a_difference_and_shows_both_values() -> None:
    changed = made(1, {}, SettingChanged(3, "training.learning_rate", 0.1, 0.2))
    other = made(2, {})
    assert differing_keys([changed, other]) == ("training.learning_rate",)
    assert describe_value(changed, "training.learning_rate") == "0.1 \N{RIGHTWARDS ARROW} 0.2"
    assert describe_value(other, "training.learning_rate") == "0.1"


def test_a_run_is_described_by_its_differences_alone() -> None:
    runs = [made(1, {"training.momentum": 0.0, "network.hidden": [64, 32]}), made(2, {})]
    assert describe_differences(runs[0], runs) == "hidden layers 64, 32, momentum 0"
    assert describe_differences(runs[1], runs) == "hidden layers 16, momentum 0.9"


def test_a_run_like_all_others_is_named_by_its_number() -> None:
    runs = [made(1, {}), made(2, {})]
    assert describe_differences(runs[1], runs) == "run 2, same settings"
    assert describe_differences(runs[0], [runs[0]]) == "run 1"  # there is nothing to be the same as


@pytest.mark.parametrize(
    ("value", "text"),
    [((), "none"), ((128, 64), "128, 64"), (0.1, "0.1"), (1e-5, "1e-05"), (3, "3"), ("relu", "relu"), ("", "bundled")],
)
def test_values_read_as_people_write_them(value: Any, text: str) -> None:
    assert value_text(value) == text


def test_digits_that_were_left_out_are_counted() -> None:
    runs = [made(1, {"data.left_out": [4, 9, 7]}), made(2, {"data.left_out": [4]}), made(3, {})]
    assert [describe_value(run, "data.left_out") for run in runs] == ["3 digits", "1 digit", "nothing"]
