"""A sweep: one run for each point of a grid, or for points drawn at random, over any settings; what a file of it says.

[grid]
training.learning_rate = [0.03, 0.1, 0.3]
network.hidden = [[32], [128]]

[random]                       # each drawn anew for every point of the grid
count = 5
seed = 0
training.momentum = { low = 0.5, high = 0.99 }
training.l2 = { low = 0.1, high = 100.0, log = true }
"""

import itertools
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from mnist_gui.config import ConfigError, RunConfig

MOST_POINTS = 10_000
RANGE = "a table such as { low = 0.01, high = 1.0, log = true }, or { choices = [...] }"

Point = dict[str, Any]


def load_sweep(path: Path) -> list[Point]:
    """The points of a sweep file, each "section.key" -> value. ConfigError if it cannot be read or used."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("sweep", str(path), f"a readable TOML file ({error})") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError("sweep", str(path), f"TOML text: {error}") from error
    return points_of(tables)


def points_of(tables: Mapping[str, Any]) -> list[Point]:
    """The points of a sweep: of [grid] every combination, with [random] drawn for each."""
    unknown = set(tables) - {"grid", "random"}
    if unknown or not tables:
        raise ConfigError("sweep", ", ".join(sorted(unknown)), "a table [grid], a table [random], or both")
    grid, drawn = _axes(tables.get("grid", {})), dict(tables.get("random", {}))
    count, seed = drawn.pop("count", 1), drawn.pop("seed", 0)
    for name, value in (("count", count), ("seed", seed)):
        if not isinstance(value, int) or isinstance(value, bool) or value < (name == "count"):
            raise ConfigError(f"random.{name}", value, "a whole number, at least 1 for count and 0 for seed")
    ranges = _flat(drawn)
    total = math.prod(len(values) for values in grid.values()) * count
    if total > MOST_POINTS:
        raise ConfigError("sweep", total, f"at most {MOST_POINTS:,} runs")
    rng = np.random.default_rng(seed)
    combinations = itertools.product(*grid.values())
    points = [dict(zip(grid, values, strict=True)) for values in combinations for _ in range(count)]
    return [point | {key: _draw(rng, key, value) for key, value in ranges.items()} for point in points]


def configs_of(base: RunConfig, points: list[Point]) -> list[RunConfig]:
    """The configuration of each point. ConfigError for a key or a value that is not legal, before anything is run."""
    return [base.with_settings(point) for point in points]


def _axes(table: Mapping[str, Any]) -> dict[str, list[Any]]:
    axes = _flat(table)
    for key, values in axes.items():
        if not isinstance(values, list) or not values:
            raise ConfigError(f"grid.{key}", values, "a list of values to try, such as [0.03, 0.1, 0.3]")
    return axes


def _flat(table: Any) -> dict[str, Any]:
    """{"training": {"momentum": x}} -> {"training.momentum": x}; "training.momentum" may also be written in quotes."""
    if not isinstance(table, Mapping):
        raise ConfigError("sweep", table, "tables [grid] and [random]")
    flat: dict[str, Any] = {}
    for section, content in table.items():
        if isinstance(content, Mapping) and "." not in section:
            flat |= {f"{section}.{name}": value for name, value in content.items()}
        else:
            flat[section] = content
    return flat


def _draw(rng: np.random.Generator, key: str, source: Any) -> Any:
    if not isinstance(source, Mapping) or not set(source) <= {"low", "high", "log", "choices"}:
        raise ConfigError(f"random.{key}", source, RANGE)
    if "choices" in source:
        if not isinstance(source["choices"], list) or not source["choices"]:
            raise ConfigError(f"random.{key}", source, RANGE)
        return source["choices"][int(rng.integers(len(source["choices"])))]
    low, high, is_log = source.get("low"), source.get("high"), source.get("log", False)
    if not _is_number(low) or not _is_number(high) or not low < high or (is_log and low <= 0):
        raise ConfigError(f"random.{key}", source, f"{RANGE} with low below high, and above 0 where log is true")
    if isinstance(low, int) and isinstance(high, int) and not is_log:
        return int(rng.integers(low, high + 1))
    drawn = math.exp(rng.uniform(math.log(low), math.log(high))) if is_log else rng.uniform(low, high)
    return round(drawn) if isinstance(low, int) and isinstance(high, int) else float(f"{drawn:.6g}")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
