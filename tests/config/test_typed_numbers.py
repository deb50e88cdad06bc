"""Numbers as people type them: each text is one number everywhere, or refused with how to write it."""

import dataclasses
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.casebook.description import Description, DescriptionError, build
from mnist_gui.config.field_types import CountOrFraction, Int, Number
from mnist_gui.config.run_config import ConfigError
from mnist_gui.config.schema import SETTINGS
from mnist_gui.config.typed_numbers import list_readings, read_amount, read_number, read_whole, readings
from mnist_gui.experiments.sweep_values import source_of, values_of

NUMERIC = [key for key, setting in SETTINGS.items() if isinstance(setting, (Int, Number, CountOrFraction))]
# As people write numbers in one country or another, and as they mistype them.
TEXTS = st.from_regex(r"[+-]?[0-9]{0,4}([.,_' ][0-9]{1,3}){0,3}( ?%)?", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "whole", "number"),
    [
        ("1500", 1500, 1500.0),
        ("1,500", 1500, "1,500"),  # here it could be either
        ("1.500", "1.500", 1.5),
        ("1 500", 1500, 1500.0),
        ("1_500", 1500, 1500.0),
        ("1'500", 1500, 1500.0),
        ("1,500,000", 1_500_000, 1_500_000.0),
        ("1,500.25", "1,500.25", 1500.25),
        ("1,500,000.25", "1,500,000.25", 1_500_000.25),
        ("0,1", "0,1", 0.1),
        ("0,125", "0,125", 0.125),
        (",25", ",25", 0.25),
        ("1,5", "1,5", 1.5),
        ("1,5000", "1,5000", 1.5),
        ("12,34,567", "12,34,567", "12,34,567"),
        ("1.500,25", "1.500,25", "1.500,25"),
        ("-3", -3, -3.0),
        ("+2", 2, 2.0),
        ("1e-3", "1e-3", 0.001),
        ("1_5", "1_5", "1_5"),
        ("", "", ""),
        ("few", "few", "few"),
        ("\N{SUPERSCRIPT TWO}", "\N{SUPERSCRIPT TWO}", "\N{SUPERSCRIPT TWO}"),
    ],
)
def test_a_text_is_a_number_by_one_rule(text: str, whole: int | str, number: float | str) -> None:
    assert read_whole(text) == whole
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "amount"),
    [("55,000", 55_000), ("70 %", 0.7), ("12,5 %", 0.125), ("0,7", 0.7), ("55.000", 55.0), ("1,500 %", "1,500 %")],
)
def test_an_amount_is_a_whole_number_or_a_share(text: str, amount: object) -> None:
    assert read_amount(text) == amount
    assert type(read_amount(text)) is type(amount)


def test_what_could_be_two_numbers_is_refused_with_both_as_they_can_be_written() -> None:
    assert readings("1,500") == ("1500", "1.5")
    assert readings("-2,000") == ("-2000", "-2.0")
    assert readings("0,125") is None
    with pytest.raises(ConfigError, match=r"'1,500': expected a number from .*, written as 1500 or as 1\.5$"):
        SETTINGS["training.l2"].check("training.l2", "1,500")
    with pytest.raises(DescriptionError, match=r"written as 1500 or as 1\.5\.$"):
        build(dataclasses.replace(Description(), penalty="1,500"))


@given(TEXTS)
def test_no_text_is_one_number_in_one_field_and_another_in_another(text: str) -> None:
    found = set()
    for key in NUMERIC:
        value = SETTINGS[key].read(text)
        with suppress(ConfigError):
            found.add(float(SETTINGS[key].check(key, value)))
    assert len(found) <= 1


@given(TEXTS.filter(lambda text: "," not in text), st.sampled_from(["penalty", "epochs", "digits"]))
def test_fields_of_a_description_and_of_a_sweep_read_a_number_as_the_form_does(text: str, what: str) -> None:
    key = {"penalty": "training.l2", "epochs": "training.epochs", "digits": "data.train"}[what]
    found = []
    with suppress(ConfigError):
        found.append(SETTINGS[key].check(key, SETTINGS[key].read(text)))
    with suppress(DescriptionError):
        found.append(build(dataclasses.replace(Description(), **{what: text})).config[key])
    with suppress(ConfigError):
        found += values_of(key, text)
    assert len(found) in (0, 3)
    assert len(set(found)) <= 1


def test_between_semicolons_a_comma_is_a_decimal_one_and_alone_between_digits_it_is_refused() -> None:
    assert values_of("training.momentum", "0,1; 0,9") == [0.1, 0.9]
    assert values_of("training.momentum", "0, 0.5,0.9") == [0.0, 0.5, 0.9]
    assert values_of("training.batch_size", "32, 128") == values_of("training.batch_size", "32;128") == [32, 128]
    assert source_of("training.momentum", "0,1 .. 0,9") == {"low": 0.1, "high": 0.9, "log": False}
    for key, text in (("training.momentum", "0,1"), ("training.batch_size", "32,128")):
        with pytest.raises(ConfigError, match="with a semicolon between values, or a comma and a blank"):
            values_of(key, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,500", ("1500", "1, 500")),
        ("64, 2,048", ("2048", "2, 048")),
        ("1, 500", None),
        ("1500", None),
        ("128,64", None),
        ("128,128", None),  # no layer has 128,128 units
        ("0,500", None),
        ("1024,512", None),
    ],
)
def test_a_comma_in_a_list_that_could_group_the_digits_of_one_number_is_seen(
    text: str, expected: tuple[str, str] | None
) -> None:
    assert list_readings(text, 8192) == expected


def test_hidden_layers_that_could_be_one_or_two_are_refused_in_the_form_and_in_a_description() -> None:
    hint = "written as 1500 or as 1, 500"
    with pytest.raises(ConfigError, match=hint):
        SETTINGS["network.hidden"].check("network.hidden", "1,500")
    with pytest.raises(DescriptionError, match=hint):
        build(Description(hidden="1,500"))
