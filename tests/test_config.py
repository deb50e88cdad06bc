"""Settings and configs: legal defaults, refusals that name key, value and range, and a round trip through TOML."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config import ConfigError, RunConfig, parse_assignments
from mnist_gui.settings import SETTINGS, Choice, Number, Setting, Sizes, Whole


def legal_values(setting: Setting) -> st.SearchStrategy[Any]:
    match setting:
        case Choice():
            return st.sampled_from(setting.choices)
        case Whole():
            return st.integers(setting.low, setting.high)
        case Number():
            return st.floats(setting.low, setting.high)
        case Sizes():
            return st.lists(st.integers(setting.low, setting.high), max_size=setting.most).map(tuple)
        case _:
            return st.text(st.characters(codec="utf-8", exclude_characters="\x7f"))


CONFIGS = st.fixed_dictionaries({key: legal_values(setting) for key, setting in SETTINGS.items()})

ILLEGAL: list[tuple[str, Any]] = [
    ("training.learning_rate", 0),
    ("training.learning_rate", float("nan")),
    ("training.learning_rate", float("inf")),
    ("training.learning_rate", 10**400),
    ("training.learning_rate", True),
    ("training.learning_rate", "0.1"),
    ("training.momentum", 1.0),
    ("training.momentum", -0.1),
    ("training.batch_size", -1),
    ("training.batch_size", 1.5),
    ("training.epochs", 0),
    ("training.epochs", True),
    ("training.seed", -1),
    ("training.seed", 2**31),
    ("network.hidden", 256),
    ("network.hidden", [0]),
    ("network.hidden", [8, True]),
    ("network.hidden", [8.0]),
    ("network.hidden", [1] * 21),
    ("network.activation", "softplus"),
    ("network.activation", ["relu"]),
    ("data.train", 0),
    ("data.folder", 7),
]


def test_the_defaults_are_legal_and_are_those_promised() -> None:
    defaults = RunConfig()
    assert defaults.with_settings(defaults.settings()) == defaults
    assert defaults.settings() == {
        "data.folder": "",
        "data.scaling": "unit",
        "data.train": 55_000,
        "data.validation": 5_000,
        "data.validation_from": "train",
        "data.seed": 0,
        "network.hidden": (256,),
        "network.activation": "relu",
        "network.loss": "cross_entropy",
        "network.init": "auto",
        "training.optimizer": "momentum",
        "training.learning_rate": 0.1,
        "training.momentum": 0.9,
        "training.schedule": "cosine",
        "training.batch_size": 128,
        "training.epochs": 10,
        "training.seed": 0,
    }


@pytest.mark.parametrize(("key", "value"), ILLEGAL, ids=str)
def test_an_illegal_value_is_refused_with_key_value_and_legal_range(key: str, value: Any) -> None:
    with pytest.raises(ConfigError) as refusal:
        RunConfig().with_settings({key: value})
    assert str(refusal.value) == f"{key} = {value!r}: expected {SETTINGS[key].legal}"


@pytest.mark.parametrize("key", ["training.rate", "trainer.epochs", "epochs", "", "a.b.c"])
def test_an_unknown_key_is_refused_by_name(key: str) -> None:
    with pytest.raises(ConfigError, match="expected one of the keys data.folder"):
        RunConfig().with_settings({key: 1})


def test_a_whole_number_is_a_real_one_too() -> None:
    rate = RunConfig().with_settings({"training.learning_rate": 1}).training.learning_rate
    assert (rate, type(rate)) == (1.0, float)


@given(CONFIGS)
def test_toml_text_gives_back_an_equal_config(values: dict[str, Any]) -> None:
    config = RunConfig().with_settings(values)
    assert RunConfig.from_toml(config.to_toml()) == config


@given(CONFIGS)
def test_differences_are_exactly_the_keys_with_other_values(values: dict[str, Any]) -> None:
    default, config = RunConfig(), RunConfig().with_settings(values)
    differing = {key for key in SETTINGS if default[key] != config[key]}
    assert set(default.differences(config)) == differing


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RunConfig().training.epochs = 3  # type: ignore[misc]


def test_assignments_are_read_as_toml_and_bare_words_as_text() -> None:
    texts = ["training.epochs=3", "network.hidden = [128, 64]", "network.activation=tanh", 'data.folder="a=b"']
    assert parse_assignments(texts) == {
        "training.epochs": 3,
        "network.hidden": [128, 64],
        "network.activation": "tanh",
        "data.folder": "a=b",
    }


def test_an_assignment_without_an_equals_sign_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"expected section\.key=value"):
        parse_assignments(["training.epochs"])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[training\nepochs = 3", "TOML"),
        ("[training]\nepoch = 3", r"training\.epoch = 3"),
        ("epochs = 3", "epochs = 3"),
        ("[training.epochs]\nx = 1", r"training\.epochs"),
    ],
)
def test_a_bad_file_is_refused_by_what_is_wrong_in_it(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=named):
        RunConfig.load(path)


def test_a_file_that_is_no_text_or_not_there_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    with pytest.raises(ConfigError, match=r"run\.toml"):
        RunConfig.load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"run\.toml"):
        RunConfig.load(path)


def test_every_setting_explains_itself() -> None:
    for setting in SETTINGS.values():
        assert setting.label
        assert setting.help.endswith(".")
