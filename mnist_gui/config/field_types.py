"""The types of settings: the legal values of each, and the error for any other value."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mnist_gui.config.typed_numbers import list_readings, read_amount, read_number, read_whole, readings
from mnist_gui.system.printable import shortened
from mnist_gui.system.user_errors import RefusedError

# When a changed setting takes effect: at the next minibatch, when training is continued, or with a new network.
Acts = Literal["at once", "next training", "new network"]


LONGEST_SHOWN = 420


class ConfigError(RefusedError, ValueError):
    """A setting that cannot be used: its text has the key, the value and what is legal."""

    def __init__(self, key: str, value: object, expected: str) -> None:
        self.key, self.complaint = key, f"{_shown(value)}: expected {expected}"
        super().__init__(key, value, expected)  # the arguments it is unpickled with in another process

    def __str__(self) -> str:
        return f"{_cut(self.key)} = {self.complaint}"


def _shown(value: object) -> str:
    """A value as it would be typed, shortened if it is very long."""
    try:
        text = repr(shortened(str(value)) if isinstance(value, Path) else value)
    except ValueError:  # Python prints no whole number of more than some thousand digits
        return "a very long number"
    except RecursionError:
        return "tables or lists that are nested too deep"
    return _cut(text)


def _cut(text: str) -> str:
    return shortened(text, LONGEST_SHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What one key may hold, how it is explained and when a change of it takes effect.

    only_with: another key and those of its values for which this setting has an effect; None: always.
    """

    label: str
    help: str
    acts: Acts = "new network"
    only_with: tuple[str, tuple[str, ...]] | None = None

    @property
    def legal(self) -> str:
        """The legal values, as the end of a sentence that begins with "expected"."""
        raise NotImplementedError

    def check(self, key: str, value: Any) -> Any:
        """The value in its canonical Python type, or ConfigError."""
        raise NotImplementedError

    def read(self, text: str) -> Any:
        """The value of a text that the user typed, unchecked; the text itself if it has none, which `check` then
        refuses."""
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Setting):
    """Any text."""

    @property
    def legal(self) -> str:
        return "a text in quotes"

    def check(self, key: str, value: Any) -> str:
        if not isinstance(value, str):
            raise ConfigError(key, value, self.legal)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Setting):
    """One name out of a few. aliases: other accepted names -> the name that each stands for."""

    choices: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def legal(self) -> str:
        return "one of " + ", ".join(self.choices)

    def check(self, key: str, value: Any) -> str:
        if isinstance(value, str):
            value = self.aliases.get(value, value)
        if value not in self.choices:
            raise ConfigError(key, value, self.legal)
        return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Int(Setting):
    """A whole number, both ends included. zero: what 0 means, where it is not a count."""

    low: int
    high: int
    zero: str = ""

    @property
    def legal(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}"

    def check(self, key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise ConfigError(key, value, self.legal)
        return value

    def read(self, text: str) -> int | str:
        return read_whole(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Setting):
    """A real number, both ends included; whole numbers are accepted."""

    low: float
    high: float

    @property
    def legal(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def check(self, key: str, value: Any) -> float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not self.low <= value <= self.high:  # nan fails every comparison
            raise ConfigError(key, value, self.legal + _which(value))
        return float(value)

    def read(self, text: str) -> float | str:
        return read_number(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOrFraction(Setting):
    """A whole number, both ends included, or a share between 0 and 1."""

    low: int
    high: int

    @property
    def legal(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}, or a share between 0 and 1, such as 0.7"

    def check(self, key: str, value: Any) -> int | float:
        is_whole = isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high
        if not is_whole and not (isinstance(value, float) and 0.0 < value < 1.0):
            raise ConfigError(key, value, self.legal)
        return int(value) if is_whole else float(value)

    def read(self, text: str) -> int | float | str:
        return read_amount(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeList(Setting):
    """A list of whole numbers; it may be empty."""

    low: int
    high: int
    most: int

    @property
    def legal(self) -> str:
        return (
            f"a list of 0 to {self.most} whole numbers from {self.low:,} to {self.high:,}, such as [256] or [128, 64]"
        )

    def check(self, key: str, value: Any) -> tuple[int, ...]:
        def legal(size: Any) -> bool:
            return isinstance(size, int) and not isinstance(size, bool) and self.low <= size <= self.high

        if not isinstance(value, (list, tuple)) or len(value) > self.most or not all(map(legal, value)):
            found = list_readings(value, self.high) if isinstance(value, str) else None
            raise ConfigError(key, value, self.legal + (f", written as {found[0]} or as {found[1]}" if found else ""))
        return tuple(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSet(Setting):
    """A set of whole numbers from 0, such as positions in a file; kept in ascending order."""

    high: int
    most: int

    @property
    def legal(self) -> str:
        return f"a list of 0 to {self.most:,} whole numbers from 0 to {self.high:,}, such as [17, 4203]"

    def check(self, key: str, value: Any) -> tuple[int, ...]:
        def legal(place: Any) -> bool:
            return isinstance(place, int) and not isinstance(place, bool) and 0 <= place <= self.high

        if not isinstance(value, (list, tuple)) or len(value) > self.most or not all(map(legal, value)):
            raise ConfigError(key, value, self.legal)
        return tuple(sorted(set(value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NameList(Setting):
    """A list of names out of a table; it may be empty. Kept without duplicates and in the table's order."""

    names: tuple[str, ...]

    @property
    def legal(self) -> str:
        return "a list, perhaps empty, of names out of " + ", ".join(self.names)

    def check(self, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)):
            raise ConfigError(key, value, self.legal)
        unknown = [name for name in value if name not in self.names]
        if unknown:
            raise ConfigError(key, value, self.legal + self._nearest(unknown))
        return tuple(name for name in self.names if name in value)

    def _nearest(self, unknown: list[Any]) -> str:
        """The most similar legal names, as the end of the sentence; "" if none is similar."""
        texts = [name for name in unknown if isinstance(name, str)]
        near = {name: difflib.get_close_matches(name, self.names) for name in texts}
        hints = [f"nearest to {name} {_is_or_are(found)}" for name, found in near.items() if found]
        return f" ({'; '.join(hints)})" if hints else ""


def _which(value: object) -> str:
    """How to write a text that could be two numbers, as the end of the sentence; "" for any other value."""
    found = readings(value) if isinstance(value, str) else None
    return f", written as {found[0]} or as {found[1]}" if found else ""


def _is_or_are(names: list[str]) -> str:
    return f"is {names[0]}" if len(names) == 1 else "are " + ", ".join(names)
