"""TOML text to tables. Text larger than settings can be is refused before it is parsed."""

import re
import tomllib
from pathlib import Path
from typing import Any

from mnist_gui.config.field_types import ConfigError
from mnist_gui.system.regular_files import read_regular, reason

# The longest list of digits to leave out takes half of it.
MOST_BYTES = 1_000_000

# The time that tomllib takes for a key of n parts grows with the square of n: 10 s for 32,000. No file of settings has
# this many points, besides those in lists of numbers.
MOST_POINTS = 1_000
# Tables and lists in each other. Settings have three levels, and how many Python can show depends on its version.
MOST_LEVELS = 10
_NUMBERS = re.compile(r"\[[-+\d_.eE,\s]*\]")


def load_text(path: Path, key: str) -> str:
    """What is in a TOML file. ConfigError, with this key, if it cannot be read."""
    try:
        return read_regular(path, MOST_BYTES).decode()
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a null byte in the name
        raise ConfigError(key, path, f"a readable TOML file ({reason(error)})") from error


def parse_tables(text: str, key: str, shown: str | Path) -> dict[str, Any]:
    """The tables of a TOML text. ConfigError, with this key and value, if it is not valid."""
    if len(text) > MOST_BYTES:
        raise ConfigError(key, shown, f"TOML text of at most {MOST_BYTES:,} letters")
    if text.count(".") > MOST_POINTS and _NUMBERS.sub("", text).count(".") > MOST_POINTS:
        raise ConfigError(key, shown, f"TOML text with at most {MOST_POINTS:,} points besides those in its numbers")
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(key, shown, f"TOML text: {reason(error)[:200]}") from error
    if _is_too_deep(tables):
        raise ConfigError(key, shown, f"TOML text that is not nested too deep: at most {MOST_LEVELS} levels")
    return tables


def _is_too_deep(tables: dict[str, Any]) -> bool:
    """Whether there are more levels of tables and lists than MOST_LEVELS."""
    level: list[Any] = [tables]
    for _ in range(MOST_LEVELS):
        values = [value for each in level for value in (each.values() if isinstance(each, dict) else each)]
        level = [value for value in values if isinstance(value, (dict, list))]
    return bool(level)
