"""Settings and configs: legal values pass, everything else is refused with key, value and legal range."""

import dataclasses
import json
import math
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config.field_types import (
    Choice,
    CountOrFraction,
    IndexSet,
    Int,
    NameList,
    Number,
    Setting,
    SizeList,
    Text,
)
from mnist_gui.config.run_config import ConfigError, RunConfig, parse_assignments
from mnist_gui.config.schema import SETTINGS
from mnist_gui.storage.safe_npz import LARGEST_HEADER

OF_KIND = {kind: [key for key, setting in SETTINGS.items() if isinstance(setting, kind)] for kind in (Int, Number)}


def legal_values(setting: Setting) -> st.SearchStrategy[Any]:
    match setting:
        case Text():
            return st.text(st.characters(exclude_categories=["Cs"]))
        case Choice():
            return st.sampled_from(setting.choices)
        case Int():
            return st.integers(setting.low, setting.high)
        case Number():
            return st.floats(setting.low, setting.high)
        case CountOrFraction():
            shares = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)
            return st.integers(setting.low, setting.high) | shares
        case SizeList():
            return st.lists(st.integers(setting.low, setting.high), max_size=setting.most)
        case IndexSet():
            return st.lists(st.integers(0, setting.high), max_size=50)
        case NameList():
            return st.lists(st.sampled_from(setting.names), max_size=4)
    raise AssertionError(f"no strategy for {setting}")


LEGAL = st.fixed_dictionaries({}, optional={key: legal_values(setting) for key, setting in SETTINGS.items()})


def outside(setting: Setting) -> list[Any]:
    """Values of the right kind that are just, or far, outside of the legal range."""
    match setting:
        case Int():
            return [setting.low - 1, setting.high + 1, -(10**400), 10**400]
        case Number():
            below, above = math.nextafter(setting.low, -math.inf), math.nextafter(setting.high, math.inf)
            return [below, above, math.nan, math.inf, -math.inf, 10**400]
        case CountOrFraction():
            return [setting.low - 1, setting.high + 1, 0.0, 1.0, 1.5, -0.5, math.nan, math.inf, 10**400]
        case SizeList():
            return [[setting.low - 1], [setting.high + 1], [1] * (setting.most + 1), [10**400]]
        case IndexSet():
            return [[-1], [setting.high + 1], [10**400], [3, -4]]
        case Choice():
            return ["", setting.choices[0].upper(), setting.choices[0] + " ", "unit,relu"]
        case NameList():
            return [["nothing at all"], [setting.names[0], 1], [setting.names[:2]]]
    return []


def of_wrong_type(setting: Setting) -> list[Any]:
    anything: list[Any] = [None, True, False, "1", "", 1, 1.0, b"relu", [1.0], [True], [[1]], ["1"], "12", {}, {"a": 1}]
    match setting:
        case Text():
            return [value for value in anything if not isinstance(value, str)]
        case Choice():
            return [value for value in anything if value != ""]
        case Int() | CountOrFraction():
            return [value for value in anything if value != 1 or isinstance(value, (bool, float))]
        case Number():
            return [value for value in anything if isinstance(value, bool) or not isinstance(value, (int, float))]
    return anything


def refused(values: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        RunConfig().with_settings(values)
    return caught.value


def illegal_cases() -> list[Any]:
    return [
        pytest.param(key, value, id=f"{key}-{str(value)[:24]}")
        for key, setting in SETTINGS.items()
        for value in outside(setting) + of_wrong_type(setting)
    ]


@pytest.mark.parametrize("key", SETTINGS)
def test_every_default_is_legal_and_canonical(key: str) -> None:
    default = RunConfig()[key]
    checked = SETTINGS[key].check(key, default)
    assert checked == default
    assert type(checked) is type(default)


def test_the_table_and_the_config_have_the_same_keys() -> None:
    sections = {part.name: getattr(RunConfig(), part.name) for part in dataclasses.fields(RunConfig)}
    keys = [f"{name}.{field.name}" for name, section in sections.items() for field in dataclasses.fields(section)]
    assert set(keys) == set(SETTINGS)


def test_places_are_kept_in_order_and_each_once() -> None:
    assert RunConfig().with_settings({"data.left_out": [7, 3, 7]}).data.left_out == (3, 7)


def test_more_places_than_a_model_file_has_room_for_are_refused() -> None:
    setting = SETTINGS["data.left_out"]
    assert isinstance(setting, IndexSet)
    assert refused({"data.left_out": [0] * (setting.most + 1)}).key == "data.left_out"
    assert len(json.dumps([setting.high] * setting.most)) < LARGEST_HEADER / 2


def test_the_promised_names_have_the_promised_defaults() -> None:
    promised = tomllib.loads("""
        [data]
        folder = ""
        scaling = "unit"
        train = 55000
        validation = 5000
        validation_from = "train"
        seed = 0
        [network]
        hidden = [256]
        activation = "relu"
        loss = "cross_entropy"
        init = "auto"
        [training]
        optimizer = "momentum"
        learning_rate = 0.1
        momentum = 0.9
        schedule = "cosine"
        batch_size = 128
        epochs = 10
        seed = 0
    """)
    for section, values in promised.items():
        for name, value in values.items():
            found = RunConfig()[f"{section}.{name}"]
            assert (list(found) if isinstance(found, tuple) else found) == value


@pytest.mark.parametrize("key", SETTINGS)
def test_every_setting_is_explained(key: str) -> None:
    setting = SETTINGS[key]
    assert setting.label
    assert setting.help.endswith((".", ")"))
    assert setting.legal


@pytest.mark.parametrize(("key", "value"), illegal_cases())
def test_an_illegal_value_is_refused_with_key_value_and_legal_range(key: str, value: object) -> None:
    error = refused({key: value})
    assert error.key == key
    assert str(error) == f"{key} = {value!r}: expected {SETTINGS[key].legal}"


@pytest.mark.parametrize("key", [*OF_KIND[Int], *OF_KIND[Number]])
def test_the_legal_range_of_a_number_names_both_ends_and_both_are_legal(key: str) -> None:
    setting = SETTINGS[key]
    assert isinstance(setting, (Int, Number))
    low, high = (f"{end:,}" if isinstance(setting, Int) else f"{end:g}" for end in (setting.low, setting.high))
    assert f"from {low} to {high}" in setting.legal
    for end in (setting.low, setting.high):
        assert RunConfig().with_settings({key: end})[key] == end


@pytest.mark.parametrize(
    ("key", "meant"),
    [("training.batch", "training.batch_size"), ("traning.momentum", "training.momentum"), ("nonsense", None)],
)
def test_a_key_that_is_nearly_right_is_answered_with_the_right_one(key: str, meant: str | None) -> None:
    said = str(refused({key: 1}))
    assert said.endswith(f". Did you mean {meant}?" if meant else "lab.faults")


@pytest.mark.parametrize(
    "key", ["nonsense", "", "data", "training", "data.", ".seed", "data.seeds", "data.seed.more", "DATA.SEED", "seed"]
)
def test_an_unknown_key_is_refused_with_the_keys_there_are(key: str) -> None:
    error = refused({key: 1})
    assert str(error).startswith(f"{key} = 1: expected one of the keys data.folder, ")
    assert all(known in str(error) for known in SETTINGS)


@pytest.mark.parametrize("key", OF_KIND[Number])
def test_a_whole_number_is_taken_for_a_real_one(key: str) -> None:
    setting = SETTINGS[key]
    assert isinstance(setting, Number)
    whole = 1 if setting.low <= 1 <= setting.high else 0
    assert type(RunConfig().with_settings({key: whole})[key]) is float


def test_a_whole_number_too_long_to_print_is_refused_as_any_other() -> None:
    error = refused({"training.epochs": 16**5000})
    assert "expected a whole number from 1 to 100,000" in str(error)


@pytest.mark.parametrize(
    ("alias", "meant"), [("he", "he_normal"), ("glorot", "glorot_uniform"), ("xavier", "glorot_uniform")]
)
def test_another_name_in_use_for_an_initialiser_is_understood(alias: str, meant: str) -> None:
    assert RunConfig().with_settings({"network.init": alias}).network.init == meant


def test_every_alias_means_a_choice_that_there_is() -> None:
    for setting in SETTINGS.values():
        if isinstance(setting, Choice):
            assert set(setting.aliases.values()) <= set(setting.choices)
            assert not set(setting.aliases) & set(setting.choices)


def test_a_setting_depends_only_on_choices_that_there_are() -> None:
    for setting in SETTINGS.values():
        if setting.only_with:
            key, values = setting.only_with
            other = SETTINGS[key]
            assert isinstance(other, Choice)
            assert set(values) <= set(other.choices)


def test_a_share_stays_a_share_and_a_number_a_number() -> None:
    config = RunConfig().with_settings({"data.train": 0.7, "data.validation": 100})
    assert (config.data.train, config.data.validation) == (0.7, 100)
    assert type(config.data.validation) is int


def test_a_list_of_names_is_put_in_the_order_of_the_table_and_each_counts_once() -> None:
    mixed = ["best_by_reference", "raw_pixels", "best_by_reference", "frozen_layer"]
    config = RunConfig().with_settings({"lab.faults": mixed})
    assert config.lab.faults == ("raw_pixels", "frozen_layer", "best_by_reference")


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("momentum_on_weight", "(nearest to momentum_on_weight is momentum_on_weights)"),
        ("rate_times_300", "(nearest to rate_times_300 are rate_times_30, init_times_20, rate_over_1000)"),
        ("sorted", "(nearest to sorted is sorted_data)"),
    ],
)
def test_a_name_that_is_not_in_the_table_is_refused_with_the_nearest_that_are(asked: str, hint: str) -> None:
    error = refused({"lab.faults": ["raw_pixels", asked]})
    assert "expected a list, perhaps empty, of names out of raw_pixels, " in str(error)
    assert str(error).endswith(hint)


def test_a_list_of_sizes_becomes_a_tuple() -> None:
    config = RunConfig().with_settings({"network.hidden": [128, 64]})
    assert config.network.hidden == (128, 64)
    assert RunConfig().with_settings({"network.hidden": []}).network.hidden == ()


@pytest.mark.parametrize("part", [RunConfig(), RunConfig().data, RunConfig().network, RunConfig().training])
def test_a_config_never_changes(part: Any) -> None:
    name = dataclasses.fields(part)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(part, name, None)


def test_with_settings_replaces_what_is_named_and_nothing_else() -> None:
    before = RunConfig()
    after = before.with_settings({"data.seed": 7, "training.epochs": 3, "training.momentum": 0.5})
    assert after.differences(before) == ("data.seed", "training.momentum", "training.epochs")
    assert (after.data.seed, after.training.epochs, after.training.momentum) == (7, 3, 0.5)
    assert before == RunConfig()
    assert after.with_settings({}) == after


def test_one_illegal_value_among_legal_ones_refuses_them_all() -> None:
    assert refused({"data.seed": 7, "training.epochs": 0}).key == "training.epochs"


def test_settings_lists_every_key_in_the_order_of_the_table() -> None:
    assert list(RunConfig().settings()) == list(SETTINGS)


@given(LEGAL)
def test_differences_are_exactly_the_keys_with_other_values(values: dict[str, Any]) -> None:
    default, config = RunConfig(), RunConfig().with_settings(values)
    assert set(default.differences(config)) == {key for key in SETTINGS if default[key] != config[key]}


@given(LEGAL)
def test_every_legal_config_survives_its_settings_and_json(values: dict[str, Any]) -> None:
    config = RunConfig().with_settings(values)
    assert RunConfig().with_settings(config.settings()) == config
    assert RunConfig().with_settings(json.loads(json.dumps(config.settings()))) == config
    assert hash(config) == hash(RunConfig().with_settings(config.settings()))


@given(LEGAL)
def test_every_legal_config_survives_toml(values: dict[str, Any]) -> None:
    config = RunConfig().with_settings(values)
    assert RunConfig.from_toml(config.to_toml()) == config


@pytest.mark.parametrize("folder", ["del \x7f", 'quote " and \\', "tab\tand\nline", "\u2028 é 数 \U0001f600", "\0"])
def test_any_folder_name_survives_toml(folder: str) -> None:
    config = RunConfig().with_settings({"data.folder": folder})
    assert RunConfig.from_toml(config.to_toml()) == config


def test_settings_that_a_toml_text_does_not_name_have_their_defaults() -> None:
    config = RunConfig.from_toml("[training]\nlearning_rate = 1\n")
    assert config == RunConfig().with_settings({"training.learning_rate": 1.0})
    assert RunConfig.from_toml("") == RunConfig()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[training]\nepochs = ten", "run.toml = '...': expected TOML text: Invalid value (at line 2, column 10)"),
        ("epochs = 10", "epochs = 10: expected one of the keys"),
        ("data = 3", "data = 3: expected one of the keys"),
        ("[data.train]\nx = 1", "data.train = {'x': 1}: expected a whole number from 1 to 10,000,000"),
        ("[[data]]\ntrain = 1", "data = [{'train': 1}]: expected one of the keys"),
        ("[lab]\nfault = 1", "lab.fault = 1: expected one of the keys"),
        ("[training]\nlearning_rate = nan", "training.learning_rate = nan: expected a number from 1e-07 to 100"),
        ("[training]\nlearning_rate = -inf", "training.learning_rate = -inf: expected a number from 1e-07 to 100"),
        ("[training]\nepochs = true", "training.epochs = True: expected a whole number from 1 to 100,000"),
        ("[training]\nepochs = 2.0", "training.epochs = 2.0: expected a whole number from 1 to 100,000"),
        ("[data]\nseed = 2024-01-01", "expected a whole number from 0 to 2,147,483,647"),
    ],
)
def test_a_toml_text_that_cannot_be_used_is_refused_with_what_would_be_legal(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_toml(text, source="run.toml")
    assert message in str(caught.value)


HOSTILE = {"a number of 5,000 digits": "9" * 5000, "3,000 lists in each other": "[" * 3000}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_toml_value_that_the_parser_gives_up_on_is_refused_as_any_other(value: str) -> None:
    with pytest.raises(ConfigError):
        RunConfig.from_toml(f"[training]\nepochs = {value}")


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_an_assignment_that_the_parser_gives_up_on_is_refused_as_any_other(value: str) -> None:
    with pytest.raises(ConfigError):
        RunConfig().with_settings(parse_assignments([f"training.epochs={value}"]))


def test_a_file_is_read_over_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "Mein Lauf ä.toml"
    path.write_text('[data]\nfolder = "/Ziffern/ä"\n[network]\nhidden = []\n', encoding="utf-8")
    expected = RunConfig().with_settings({"data.folder": "/Ziffern/ä", "network.hidden": []})
    assert RunConfig.load(path) == expected


def test_a_file_with_bad_syntax_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("[training\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"run\.toml = .*TOML text: .*line 1"):
        RunConfig.load(path)


@pytest.mark.parametrize("kind", ["missing", "a folder", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "a folder" else tmp_path / "run.toml"
    if kind == "not UTF-8":
        path.write_bytes("[data]\nfolder = 'ä'".encode("latin-1"))
    with pytest.raises(ConfigError, match="a readable TOML file") as caught:
        RunConfig.load(path)
    assert repr(str(path)) in str(caught.value)


@pytest.mark.parametrize(
    ("assignment", "key", "value"),
    [
        ("training.learning_rate=0.05", "training.learning_rate", 0.05),
        (" training.epochs = 3 ", "training.epochs", 3),
        ("training.epochs=1_000", "training.epochs", 1000),
        ("network.hidden=[128, 64]", "network.hidden", [128, 64]),
        ("network.hidden=[]", "network.hidden", []),
        ("network.activation=tanh", "network.activation", "tanh"),
        ('network.activation="tanh"', "network.activation", "tanh"),
        ("data.folder=/a/b=c d", "data.folder", "/a/b=c d"),
        ("data.folder=", "data.folder", ""),
    ],
)
def test_an_assignment_is_read_as_toml_or_else_as_a_word(assignment: str, key: str, value: object) -> None:
    assert parse_assignments([assignment]) == {key: value}


def test_the_last_of_several_assignments_to_a_key_holds() -> None:
    assert parse_assignments(["data.seed=1", "training.epochs=2", "data.seed=3"]) == {
        "data.seed": 3,
        "training.epochs": 2,
    }


def test_an_assignment_cannot_smuggle_in_a_second_one() -> None:
    smuggled = "1\nvalue2 = 2"
    assert parse_assignments([f"data.seed={smuggled}"]) == {"data.seed": smuggled}


@pytest.mark.parametrize("assignment", ["training.learning_rate", "", "0.05"])
def test_an_assignment_without_a_value_is_refused_with_an_example(assignment: str) -> None:
    with pytest.raises(ConfigError, match=r"section\.key=value, such as training\.learning_rate=0\.05"):
        parse_assignments([assignment])


def test_a_key_that_does_not_exist_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError):
        RunConfig()["data.nothing"]


def test_a_key_of_a_thousand_parts_is_refused_in_a_short_sentence(tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(".".join(["a"] * 1000) + " = 1\n")
    with pytest.raises(ConfigError, match="nested too deep") as caught:
        RunConfig.load(path)
    assert len(str(caught.value)) < 5000


@pytest.mark.parametrize(
    "text",
    ["x = [" + "1, " * 400_000 + "]", "k" * 1_000_001 + " = 1", ".".join(["a"] * 5000) + " = 1"],
    ids=["a list of a megabyte", "a key of a megabyte", "a key of 5,000 parts"],
)
def test_a_file_that_would_take_long_to_parse_is_refused_before_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    def parse(text: str) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(tomllib, "loads", parse)
    path = tmp_path / "large.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        RunConfig.load(path)


def test_a_file_may_leave_out_as_many_digits_as_a_run_may() -> None:
    config = RunConfig().with_settings({"data.left_out": range_of(SETTINGS["data.left_out"])})
    assert RunConfig.from_toml(config.to_toml()) == config


def range_of(setting: Setting) -> list[int]:
    assert isinstance(setting, IndexSet)
    return list(range(setting.high - setting.most + 1, setting.high + 1))


def test_an_unknown_key_of_any_length_is_told_in_a_short_sentence() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig().with_settings({"a" * 900_000: 1})
    assert len(str(caught.value)) < 3000


def test_a_pipe_in_the_place_of_a_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(ConfigError, match="a device or a pipe"):
        RunConfig.load(tmp_path / "pipe.toml")
