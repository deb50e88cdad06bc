"""Presets: runs that come with the program, each a TOML file with a title, an explanation and its settings."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.system.paths import presets_folder


@dataclass(frozen=True, slots=True)
class Preset:
    """A named run. about: what it shows, in plain sentences; config: its settings, for any dataset folder."""

    name: str
    title: str
    about: str
    config: RunConfig


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, in the order of their files."""
    return tuple(_read(path) for path in sorted(presets_folder().glob("*.toml")))


def preset(name: str) -> Preset:
    """The preset of this name. ConfigError, with all names, if there is none."""
    found = {each.name: each for each in presets()}
    if name not in found:
        raise ConfigError("--preset", name, "one of " + ", ".join(found))
    return found[name]


def _read(path: Path) -> Preset:
    """The preset in a file NUMBER-NAME.toml; the number orders lists of presets."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    title, about = str(tables.pop("title")), str(tables.pop("about"))
    name = path.stem.partition("-")[2]
    return Preset(name, title, " ".join(about.split()), RunConfig.from_tables(tables))
