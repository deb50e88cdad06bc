"""Values of a setting to try, as the user types them: "0.01, 0.1, 1", or for random ones a range, "0.01 .. 1"."""

import re
from itertools import pairwise
from typing import Any

from mnist_gui.config.field_types import Choice, CountOrFraction, Int, NameList, Number, Setting, SizeList
from mnist_gui.config.run_config import ConfigError
from mnist_gui.config.schema import SETTINGS
from mnist_gui.config.typed_numbers import read_whole

NONE = "none"  # no hidden layer, no fault

# Settings that are usually changed by factors: drawn on a logarithmic scale by default.
RATES = frozenset({"training.learning_rate", "training.l2", "training.clip", "training.batch_size", "network.init_sd"})

# Proposals: values, and ranges to draw from.
PROPOSED = {
    "training.learning_rate": ("0.01, 0.03, 0.1, 0.3", "0.003 .. 1"),
    "training.momentum": ("0, 0.5, 0.9", "0 .. 0.99"),
    "training.batch_size": ("32, 128, 512", "16 .. 1024"),
    "training.l2": ("0, 1, 10", "0.01 .. 100"),
    "training.dropout": ("0, 0.2, 0.5", "0 .. 0.6"),
    "training.clip": ("0, 1, 10", "0.1 .. 10"),
    "training.warm_up": ("0, 0.5, 1", "0 .. 2"),
    "training.epochs": ("3, 10", "3, 10"),
    "network.hidden": ("32, 128, 128-64", "32, 128, 256, 128-64"),
    "network.init_sd": ("0.01, 0.1, 1", "0.01 .. 1"),
    "data.train": ("1000, 10000, 55000", "1000, 10000, 55000"),
    "augmentation.shift": ("0, 1, 2", "0 .. 3"),
    "augmentation.rotation": ("0, 10, 20", "0 .. 30"),
    "augmentation.scale": ("0, 0.1, 0.2", "0 .. 0.2"),
    "augmentation.elastic": ("0, 20, 34", "0 .. 40"),
    "augmentation.noise": ("0, 0.1, 0.3", "0 .. 0.3"),
}

# Where every value ends; what is left may be values joined by commas without a blank.
_ENDS = re.compile(r"\s+|,(?=\s|$)")
_THREE_DIGITS, _UP_TO_THREE = re.compile(r"\d{3}"), re.compile(r"[+-]?[1-9]\d{0,2}")
_RANGE = re.compile(r"\s*(\S+?)\s*(?:\.\.+|…|–|\bto\b)\s*(\S+?)\s*(?:\s(log|linear))?\s*")


def values_of(key: str, text: str) -> list[Any]:
    """The different values in a text. ConfigError for an illegal one.

    Commas stand between values, or semicolons; beside those, a comma before a digit belongs to the number, as
    `typed_numbers` reads it. A text that could be one value or two is refused. A list of hidden layers is written
    128-64, faults first+second, an empty list none.
    """
    setting = SETTINGS[key]
    if ";" not in text:
        joined = (pair for part in _ENDS.split(text) for pair in pairwise(part.split(",")))
        if any(_may_be_one(setting, *pair) for pair in joined):
            raise ConfigError(key, text, f"{setting.legal}, with a semicolon between values, or a comma and a blank")
    items = [item.strip() for item in re.split(r";|,(?=\s|$)" if ";" in text else ",", text)]
    if items[-1] == "":
        items.pop()
    if not items:
        raise ConfigError(key, text, f"values with commas between them: {setting.legal}")
    values = [setting.check(key, _read(setting, item)) for item in items]
    return list(dict.fromkeys(values))


def _may_be_one(setting: Setting, left: str, right: str) -> bool:
    """Whether a comma between these, without a blank, may be part of a number: a decimal comma, or of thousands."""
    if isinstance(setting, Number):
        return left[-1:].isdigit() and right[:1].isdigit() and not set(".eE") & set(left) and "." not in right
    if isinstance(setting, (Int, CountOrFraction)):
        is_share = isinstance(setting, CountOrFraction) and left == "0"
        return is_share or bool(_UP_TO_THREE.fullmatch(left) and _THREE_DIGITS.fullmatch(right))
    return False


def source_of(key: str, text: str) -> dict[str, Any]:
    """The source of random values: a range for text such as "0.01 .. 1", else choices. ConfigError for an illegal text.

    "log" or "linear" after a range is its scale; by default it is log for settings in `RATES`.
    """
    found = _RANGE.fullmatch(text)
    if found is None:
        return {"choices": values_of(key, text)}
    setting = SETTINGS[key]
    if not isinstance(setting, (Number, Int)):
        raise ConfigError(key, text, f"values with commas between them, not a range: {setting.legal}")
    low, high = (setting.check(key, _read(setting, end)) for end in found.groups()[:2])
    is_log = key in RATES and low > 0 if found[3] is None else found[3] == "log"
    if low >= high or (is_log and low <= 0):
        raise ConfigError(key, text, "low .. high, with low below high, and above 0 on a log scale")
    return {"low": low, "high": high, "log": is_log}


def values_text(key: str, values: list[Any]) -> str:
    """Values as they are typed: what `values_of` reads."""
    return ", ".join(value_text(SETTINGS[key].check(key, value)) for value in values)


def source_text(key: str, source: dict[str, Any]) -> str:
    """A source of random values as it is typed: what `source_of` reads."""
    if "choices" in source:
        return values_text(key, source["choices"])
    low, high = (value_text(SETTINGS[key].check(key, source[end])) for end in ("low", "high"))
    is_log = source.get("log", False)
    is_usual = is_log == (key in RATES and source["low"] > 0)
    return f"{low} .. {high}" + ("" if is_usual else " log" if is_log else " linear")


def value_text(value: Any) -> str:
    """One value as it is typed, exactly."""
    if isinstance(value, tuple):
        between = "+" if value and isinstance(value[0], str) else "-"
        return between.join(map(str, value)) or NONE
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def shown_value(value: Any) -> str:
    """One value as it is shown, with 4 significant digits."""
    return f"{value:.4g}" if isinstance(value, float) else value_text(value)


def proposed(key: str, value: Any, *, is_random: bool) -> str:
    """The proposed text for a setting that has this value now."""
    if key in PROPOSED:
        return PROPOSED[key][is_random]
    setting = SETTINGS[key]
    return ", ".join(setting.choices) if isinstance(setting, Choice) else value_text(value)


def _read(setting: Setting, item: str) -> Any:
    """A value of a setting's type, or the text itself if it is not one, which the check then refuses."""
    match setting:
        case SizeList():
            sizes = [read_whole(part) for part in item.split("-")]
            return [] if item == NONE else sizes if all(isinstance(size, int) for size in sizes) else item
        case NameList():
            return [] if item == NONE else [part.strip() for part in item.split("+")]
    return setting.read(item)
