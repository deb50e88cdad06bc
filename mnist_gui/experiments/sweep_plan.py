"""A sweep as planned in a form, and its conversion from and to the tables of a sweep file."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_gui.config.data_settings import LARGEST_SEED
from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.experiments.sweep_file import TABLES, flattened
from mnist_gui.experiments.sweep_values import source_of, source_text, values_of, values_text

SEED = "training.seed"
EPOCHS = "training.epochs"

# Settings that the form does not offer: files and digits, which have dialogs; seeds, which have a field for their
# number; and threads, which are always 1 in a sweep.
NOT_OFFERED = ("data.folder", "data.left_out", SEED, "training.blas_threads")
OFFERED = tuple(key for key in SETTINGS if key not in NOT_OFFERED)

_DEFAULTS = RunConfig()


@dataclass(frozen=True, slots=True)
class Plan:
    """axes: settings to try, each with the text of its values (see sweep_values).

    is_random: `count` random points, otherwise every combination. epochs: of every run. seeds: number of seeds for each
    point.
    """

    axes: tuple[tuple[str, str], ...] = ()
    is_random: bool = False
    count: int = 20
    epochs: int = 3
    seeds: int = 1

    def runs(self) -> int:
        """The number of runs. ConfigError for a text that cannot be used."""
        sources = self._sources()
        if not sources:
            if self.seeds == 1:
                raise ConfigError("sweep", "no setting", "one or more to try, or several seeds")
            return self.seeds
        points = self.count if self.is_random else math.prod(len(values) for values in sources.values())
        return points * self.seeds

    def tables(self, base: RunConfig) -> dict[str, Any]:
        """The tables of a sweep file that makes these runs from this config. ConfigError for a text that cannot be
        used."""
        sources = self._sources()
        tried: dict[str, Any] = {"count": self.count, "seed": 0, **sources} if self.is_random and sources else sources
        first = min(base.training.seed, LARGEST_SEED - self.seeds + 1)
        base = base.with_settings({EPOCHS: self.epochs, "training.blas_threads": 1})
        fixed = {key: base[key] for key in base.differences(_DEFAULTS)} | {EPOCHS: base[EPOCHS]}
        tables = {
            "random" if self.is_random else "grid": tried,
            "repeat": {SEED: [first + number for number in range(self.seeds)]} if self.seeds > 1 else {},
        }
        swept = {*sources, *tables["repeat"]}
        tables["base"] = {key: value for key, value in fixed.items() if key not in swept}
        return {name: table for name, table in tables.items() if table}

    def _sources(self) -> dict[str, Any]:
        keys = [key for key, _ in self.axes]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice:
            raise ConfigError(twice, SETTINGS[twice].label, "every setting once")
        return {key: (source_of if self.is_random else values_of)(key, text) for key, text in self.axes}


def plan_of(tables: Mapping[str, Any]) -> Plan | None:
    """The form's fields for the tables of a valid file; None if the form cannot show them, such as a grid with random
    values at each point."""
    flat = {name: flattened(tables.get(name, {})) for name in TABLES}
    grid, drawn, repeated = flat["grid"], dict(flat["random"]), flat["repeat"]
    count, seed = drawn.pop("count", 1), drawn.pop("seed", 0)
    if (grid and drawn) or seed or set(repeated) - {SEED} or not {*grid, *drawn} <= set(OFFERED):
        return None
    text = source_text if drawn else values_text
    try:
        axes = tuple((key, text(key, values)) for key, values in {**grid, **drawn}.items())
        epochs = SETTINGS[EPOCHS].check(EPOCHS, flat["base"].get(EPOCHS, _DEFAULTS.training.epochs))
        return Plan(axes, bool(drawn), count, epochs, len(repeated.get(SEED, [0])))
    except ConfigError:
        return None


def sweep_toml(tables: Mapping[str, Any]) -> str:
    """The text of a sweep file with these tables."""
    lines = ["# Run it with: mnist-gui sweep THIS_FILE.toml"]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(part)}" for name, part in value.items()) + " }"
    # For texts, numbers, booleans and lists of them, JSON and TOML have the same notation.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
