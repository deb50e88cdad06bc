"""A network in the words of code: every description is a legal run, and those of the posted networks are these."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.casebook.description import POSTED, Description, DescriptionError, build
from mnist_gui.casebook.description_terms import WAYS
from mnist_gui.config.presets import preset
from mnist_gui.config.run_config import RunConfig
from mnist_gui.faults.run_factory import idle

DEFAULT = Description()


@given(st.fixed_dictionaries({what: st.sampled_from(list(ways)) for what, ways in WAYS.items()}))
def test_any_choice_of_ways_is_a_legal_run(chosen: dict[str, str]) -> None:
    built = build(dataclasses.replace(DEFAULT, **chosen))
    assert RunConfig().with_settings(built.config.settings()) == built.config
    for what, name in chosen.items():
        way = WAYS[what][name]
        assert all(built.config[key] == value for key, value in way.settings.items())
        assert (way.note in built.notes) == bool(way.note)
        assert way.fault == "" or way.fault in built.config.lab.faults


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("128", (128,)),
        ("128, 64", (128, 64)),
        ("[128, 64]", (128, 64)),
        ("784-128-64-10", (128, 64)),
        ("784 -> 30 -> 10", (30,)),
        ("784x30x10", (30,)),
        ("784, 16", (16,)),
        ("10", (10,)),
        ("784", (784,)),
        ("784-10", ()),
        ("", ()),
    ],
)
def test_layers_may_be_written_in_many_ways(text: str, sizes: tuple[int, ...]) -> None:
    assert build(dataclasses.replace(DEFAULT, hidden=text)).config.network.hidden == sizes


def test_a_batch_of_all_digits_is_one_step_a_pass() -> None:
    assert build(dataclasses.replace(DEFAULT, batch=" All ")).config.training.batch_size == 0


def test_numbers_may_be_written_as_people_write_them() -> None:
    config = build(dataclasses.replace(DEFAULT, digits="30,000", rate="1e-3", epochs="1_000")).config
    assert (config.data.train, config.training.learning_rate, config.training.epochs) == (30_000, 0.001, 1000)


@pytest.mark.parametrize(
    ("text", "rate"), [("0,1", 0.1), ("0,001", 0.001), ("1,5", 1.5), (",25", 0.25), ("1e-3", 0.001), ("+2", 2.0)]
)
def test_a_comma_before_a_fraction_is_the_decimal_point_of_many_countries(text: str, rate: float) -> None:
    assert build(dataclasses.replace(DEFAULT, rate=text)).config.training.learning_rate == rate


@pytest.mark.parametrize(
    ("what", "text", "said"),
    [
        ("hidden", "a few", "'a few': expected hidden layers as numbers of units"),
        ("hidden", "0", "expected a list of 0 to 20 whole numbers from 1"),
        ("hidden", "9" * 5000, "expected hidden layers"),
        ("rate", "fast", "'fast': expected a number from 1e-07 to 100"),
        ("rate", "nan", "nan: expected a number"),
        ("rate", "1e308", "1e308: expected a number"),
        ("rate", "", "'': expected a number"),
        ("batch", "0", "0: expected a number of digits, or all"),
        ("batch", "1.5", "1.5: expected a number of digits, or all"),
        ("epochs", "-1", "-1: expected a whole number"),
        ("digits", "0", "0: expected a whole number"),
        ("penalty", "x", "'x': expected a number"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_its_field(what: str, text: str, said: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        build(dataclasses.replace(DEFAULT, **{what: text}))
    assert caught.value.what == what
    assert said in str(caught.value)


def test_momentum_is_asked_for_only_where_the_update_has_it() -> None:
    assert build(dataclasses.replace(DEFAULT, momentum="none")).config.training.momentum == 0.0
    with pytest.raises(DescriptionError, match="expected a number"):
        build(dataclasses.replace(DEFAULT, update="momentum", momentum="none"))


# What an author would not know to say of his own program.
UNKNOWN = {
    "case-a": {"lab.faults"},  # the best network is kept by reference
    "case-b": {"lab.faults", "data.digits", "data.train", "data.validation", "data.test"},  # shares of 5,000 digits
    "case-c": set(),
}


@pytest.mark.parametrize("name", POSTED)
def test_a_described_posted_network_is_the_posted_one(name: str) -> None:
    built, posted = build(POSTED[name]), preset(name).config
    assert set(built.config.differences(posted)) <= UNKNOWN[name]
    assert set(built.config.lab.faults) <= set(posted.lab.faults)
    assert idle(built.config) == {}
