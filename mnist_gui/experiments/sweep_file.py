"""A sweep: one run for each point of a grid, or for random points, over any settings; the format of its file:

[grid]
training.learning_rate = [0.03, 0.1, 0.3]
network.hidden = [[32], [128]]

[random]                       # drawn again for every point of the grid
count = 5
seed = 0
training.momentum = { low = 0.5, high = 0.99 }
training.l2 = { low = 0.1, high = 100.0, log = true }

[repeat]                       # each point once with each of these
training.seed = [0, 1, 2]

[base]                         # what all runs have in common
training.epochs = 3
"""

import itertools
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.toml_text import load_text, parse_tables
from mnist_gui.system.paths import whole_path

MOST_POINTS = 10_000
RANGE = "a table such as { low = 0.01, high = 1.0, log = true }, or { choices = [...] }"

# Limit of the ends of a range: beyond all settings, and draws stay finite.
FARTHEST = 1e18

TABLES = ("grid", "random", "repeat", "base")

Point = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sweep:
    """The content of a sweep file. points: for every run its own settings, "section.key" -> value.

    keys: of all settings that are tried, in the file's order. repeated: those that only repeat a point, such as seeds.
    base: settings of every run, in place of those without the file.
    """

    points: list[Point]
    keys: tuple[str, ...]
    repeated: tuple[str, ...]
    base: Point

    @property
    def tried(self) -> tuple[str, ...]:
        """The keys that are compared: all, if there are no others than repeated ones."""
        return tuple(key for key in self.keys if key not in self.repeated) or self.keys


def load_sweep(path: Path) -> Sweep:
    """The sweep of a file. ConfigError if it cannot be read or used."""
    return sweep_of(read_tables(path))


def read_tables(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. ConfigError if it cannot be read or is not TOML."""
    return parse_tables(load_text(path, "sweep"), "sweep", path)


def sweep_of(tables: Mapping[str, Any]) -> Sweep:
    """The sweep of tables: every combination of [grid], with [random] drawn for each, times every combination of
    [repeat].

    ConfigError for tables that cannot be used; keys and values of settings are checked by `configs_of`.
    """
    unknown = set(tables) - set(TABLES)
    if unknown or not set(tables) & {"grid", "random", "repeat"}:
        raise ConfigError("sweep", ", ".join(sorted(unknown)), "a table [grid], a table [random], or both")
    grid, repeated = (_axes(name, tables.get(name, {})) for name in ("grid", "repeat"))
    count, seed, ranges = _random(tables.get("random", {}))
    base = flattened(tables.get("base", {}))
    keys = (*grid, *ranges, *repeated)
    twice = [key for key, times in Counter((*keys, *base)).items() if times > 1]
    if twice:
        raise ConfigError("sweep", twice[0], "every key in one table only")
    total = math.prod(len(values) for values in (*grid.values(), *repeated.values())) * count
    if total > MOST_POINTS:
        raise ConfigError("sweep", total, f"at most {MOST_POINTS:,} runs")
    rng = np.random.default_rng(seed)
    drawn = [
        point | {key: _draw(rng, key, value) for key, value in ranges.items()}
        for point in _combinations(grid)
        for _ in range(count)
    ]
    again = _combinations(repeated)
    return Sweep([point | other for point in drawn for other in again], keys, tuple(repeated), base)


def configs_of(base: RunConfig, points: list[Point]) -> list[RunConfig]:
    """The configuration of each point. ConfigError for an illegal key or value.

    Folders are made absolute: workers on other machines start in other folders.
    """
    configs = (base.with_settings(point) for point in points)
    return [config.with_settings({"data.folder": whole_path(config.data.folder)}) for config in configs]


def _combinations(axes: Mapping[str, list[Any]]) -> list[Point]:
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


def _axes(name: str, table: Any) -> dict[str, list[Any]]:
    axes = flattened(table)
    for key, values in axes.items():
        if not isinstance(values, list) or not values:
            raise ConfigError(f"{name}.{key}", values, "a list of values to try, such as [0.03, 0.1, 0.3]")
    return axes


def _random(table: Any) -> tuple[int, int, dict[str, Any]]:
    """Number of draws, their seed, and the range or choices by key."""
    ranges = flattened(table)
    count, seed = ranges.pop("count", 1), ranges.pop("seed", 0)
    for name, value in (("count", count), ("seed", seed)):
        if not isinstance(value, int) or isinstance(value, bool) or value < (name == "count"):
            raise ConfigError(f"random.{name}", value, "a whole number, at least 1 for count and 0 for seed")
    return count, seed, ranges


def flattened(table: Any) -> dict[str, Any]:
    """{"training": {"momentum": x}} -> {"training.momentum": x}; "training.momentum" may also be written in quotes."""
    if not isinstance(table, Mapping):
        raise ConfigError("sweep", table, "tables [grid] and [random]")
    flat: dict[str, Any] = {}
    for section, content in table.items():
        is_section = isinstance(content, Mapping) and "." not in section
        found = {f"{section}.{name}": value for name, value in content.items()} if is_section else {section: content}
        for key in found.keys() & flat.keys():
            raise ConfigError(key, found[key], "every key once, be it in quotes or not")
        flat |= found
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
        raise ConfigError(
            f"random.{key}",
            source,
            f"{RANGE} with low below high, neither beyond {FARTHEST:g}, and above 0 where log is true",
        )
    if isinstance(low, int) and isinstance(high, int) and not is_log:
        return int(rng.integers(low, high + 1))
    drawn = math.exp(rng.uniform(math.log(low), math.log(high))) if is_log else rng.uniform(low, high)
    return round(drawn) if isinstance(low, int) and isinstance(high, int) else float(f"{drawn:.6g}")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= FARTHEST
