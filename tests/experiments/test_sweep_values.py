"""What a person types as values to try: read as meant, refused by what is wrong, and written back as it is read."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.experiments.sweep_plan import OFFERED
from mnist_gui.experiments.sweep_values import proposed, source_of, source_text, values_of, values_text


@pytest.mark.parametrize(
    ("key", "text", "values"),
    [
        ("training.learning_rate", "0.01, 0.1, 1", [0.01, 0.1, 1.0]),
        ("training.learning_rate", " 1e-3;0.5 , ", [0.001, 0.5]),
        ("training.learning_rate", "0.1, 0.1, 1e-1", [0.1]),
        ("training.learning_rate", "1e-3,1e-2", [0.001, 0.01]),
        ("training.momentum", "0,0.9", [0.0, 0.9]),
        ("training.learning_rate", "0,1; 0,3", [0.1, 0.3]),
        ("training.batch_size", "0, 32", [0, 32]),
        ("training.batch_size", "32,1024", [32, 1024]),
        ("training.seed", "1,500; 2,000", [1500, 2000]),
        ("data.train", "1000,5000", [1000, 5000]),
        ("network.hidden", "none, 32, 128-64, 5 - 6", [(), (32,), (128, 64), (5, 6)]),
        ("network.activation", "relu, tanh", ["relu", "tanh"]),
        ("network.init", "he, zeros", ["he_normal", "zeros"]),
        ("data.train", "1000, 0.5, 70 %", [1000, 0.5, 0.7]),
        ("lab.faults", "none, one_unit+momentum_on_weights", [(), ("one_unit", "momentum_on_weights")]),
    ],
)
def test_values_are_read_as_they_are_meant(key: str, text: str, values: list[Any]) -> None:
    assert values_of(key, text) == values
    assert values_of(key, values_text(key, values)) == values


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("training.learning_rate", ""),
        ("training.learning_rate", ", ,"),
        ("training.learning_rate", "0.1,, 0.2"),
        ("training.learning_rate", "fast"),
        ("training.learning_rate", "nan"),
        ("training.learning_rate", "inf"),
        ("training.learning_rate", "1e308"),
        ("training.learning_rate", "0.01 .. 1"),
        ("training.learning_rate", "0,1"),
        ("training.learning_rate", "0.5, 0,1"),
        ("training.learning_rate", "1,5e-3"),
        ("training.seed", "1,500"),
        ("training.batch_size", "32, 64,128"),
        ("data.train", "1,000, 5,000"),
        ("data.train", "0,5"),
        ("training.batch_size", "1.5"),
        ("training.batch_size", "9" * 5000),
        ("training.batch_size", "\N{SUPERSCRIPT TWO}"),
        ("network.hidden", "0"),
        ("network.hidden", "32-"),
        ("network.activation", "softplus"),
        ("data.train", "150 %"),
        ("lab.faults", "gremlins"),
    ],
)
def test_what_is_not_legal_is_refused_by_what_would_be(key: str, text: str) -> None:
    with pytest.raises(ConfigError, match="expected") as refused:
        values_of(key, text)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("key", "text", "source"),
    [
        ("training.learning_rate", "0.01 .. 1", {"low": 0.01, "high": 1.0, "log": True}),
        ("training.learning_rate", "0.01..1 linear", {"low": 0.01, "high": 1.0, "log": False}),
        ("training.momentum", "0 to 0.9", {"low": 0.0, "high": 0.9, "log": False}),
        ("training.l2", "0...10", {"low": 0.0, "high": 10.0, "log": False}),
        ("training.batch_size", "8 .. 512", {"low": 8, "high": 512, "log": True}),
        ("training.epochs", "1 .. 5 log", {"low": 1, "high": 5, "log": True}),
        ("network.hidden", "32, 64", {"choices": [(32,), (64,)]}),
    ],
)
def test_sources_of_random_values_are_ranges_or_choices(key: str, text: str, source: dict[str, Any]) -> None:
    assert source_of(key, text) == source
    assert source_of(key, source_text(key, source)) == source


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("training.momentum", "0.9 .. 0.5"),
        ("training.momentum", "0.5 .. 0.5"),
        ("training.momentum", "0 .. 1"),
        ("training.momentum", "0 .. 0.9 log"),
        ("training.momentum", "nan .. 0.9"),
        ("training.learning_rate", "0 .. 1e308"),
        ("network.activation", "relu .. tanh"),
        ("network.hidden", "16 .. 64"),
    ],
)
def test_a_range_that_cannot_be_drawn_from_is_refused(key: str, text: str) -> None:
    with pytest.raises(ConfigError, match="expected"):
        source_of(key, text)


@pytest.mark.parametrize("key", OFFERED)
def test_what_is_proposed_is_legal(key: str) -> None:
    value = RunConfig()[key]
    assert values_of(key, proposed(key, value, is_random=False))
    assert source_of(key, proposed(key, value, is_random=True))


@given(st.lists(st.floats(1e-7, 100.0), min_size=1))
def test_numbers_are_written_so_exactly_that_they_are_read_back(values: list[float]) -> None:
    distinct = list(dict.fromkeys(values))
    assert values_of("training.learning_rate", values_text("training.learning_rate", distinct)) == distinct


@given(st.text(max_size=30), st.sampled_from(OFFERED))
def test_any_text_is_read_or_refused(text: str, key: str) -> None:
    for read in (values_of, source_of):
        with suppress(ConfigError):
            assert read(key, text)
