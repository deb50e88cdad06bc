"""What a run is: one frozen, checked value with TOML in and out. Limits and texts are `settings`' business."""

import dataclasses
import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from mnist_gui.config.field_types import ConfigError
from mnist_gui.config.schema import SETTINGS
from mnist_gui.config.toml_text import load_text, parse_tables
from mnist_gui.system.printable import named, shortened

__all__ = [
    "AugmentationConfig",
    "ConfigError",
    "DataConfig",
    "LabConfig",
    "NetworkConfig",
    "RunConfig",
    "TrainingConfig",
]

# Of the settings in a log, in letters: digits to leave out may be thousands.
LONGEST_TOLD = 2_000


@dataclass(frozen=True, slots=True)
class DataConfig:
    """Which digits, how they are split and scaled. folder "" is the bundled MNIST.

    digits: how many in all, 0 for as many as there are. train, validation, test: a number of digits, or below 1 a share
    of them; test 0 is all that are left. left_out: places in the training files whose digits are not trained on.
    """

    folder: str = ""
    digits: int = 0
    train: int | float = 55_000
    validation: int | float = 5_000
    validation_from: str = "train"
    test: int | float = 0
    left_out: tuple[int, ...] = ()
    scaling: str = "unit"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class AugmentationConfig:
    """How training digits are distorted, anew each time they are seen; 0 leaves a distortion out.

    shift and elastic in pixels, rotation in degrees, scale and noise as shares.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    elastic: float = 0.0
    elastic_sigma: float = 4.0
    noise: float = 0.0

    @property
    def is_on(self) -> bool:
        """Whether any digit is changed at all."""
        return any((self.shift, self.rotation, self.scale, self.elastic, self.noise))


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The network's structure: what cannot change while it trains."""

    hidden: tuple[int, ...] = (256,)
    activation: str = "relu"
    loss: str = "cross_entropy"
    init: str = "auto"
    init_mean: float = 0.0
    init_sd: float = 0.1
    init_low: float = -0.1
    init_high: float = 0.1
    bias_init: str = "zeros"


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How it is trained. learning_rate is the peak of the schedule; batch_size 0 is the full batch.

    clip 0 clips nothing, patience 0 never stops early, blas_threads 0 chooses by itself.
    """

    optimizer: str = "momentum"
    learning_rate: float = 0.1
    momentum: float = 0.9
    schedule: str = "cosine"
    step_epochs: float = 3.0
    step_factor: float = 0.5
    warm_up: float = 0.0
    gradient: str = "mean"
    l2: float = 0.0
    dropout: float = 0.0
    clip: float = 0.0
    batch_size: int = 128
    epochs: int = 10
    patience: int = 0
    blas_threads: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LabConfig:
    """What is wrong with the run on purpose: names of faults, in the order of their table."""

    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Everything that a run depends on besides the digits themselves. Always legal: built through `with_settings`."""

    data: DataConfig = field(default_factory=DataConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    lab: LabConfig = field(default_factory=LabConfig)

    def __getitem__(self, key: str) -> Any:
        """The value of "section.key"; KeyError if there is none."""
        if key not in SETTINGS:
            raise KeyError(key)
        section, name = key.split(".")
        return getattr(getattr(self, section), name)

    def with_settings(self, values: Mapping[str, Any]) -> Self:
        """A new config with "section.key" -> value replaced. ConfigError for an unknown key or an illegal value."""
        changed: dict[str, dict[str, Any]] = {}
        for key, value in values.items():
            section, name, checked = _checked(key, value)
            changed.setdefault(section, {})[name] = checked
        sections = {section: dataclasses.replace(getattr(self, section), **names) for section, names in changed.items()}
        return dataclasses.replace(self, **sections)

    def settings(self) -> dict[str, Any]:
        """Every "section.key" -> value, in the table's order."""
        return {key: self[key] for key in SETTINGS}

    def differences(self, other: "RunConfig") -> tuple[str, ...]:
        """The keys in which two configs differ."""
        return tuple(key for key in SETTINGS if self[key] != other[key])

    def beside_defaults(self) -> str:
        """The settings that are not the defaults, in words for the log."""
        changed = {key: self[key] for key in self.differences(RunConfig())}
        return f"settings beside the defaults: {shortened(str(changed), LONGEST_TOLD) if changed else 'none'}"

    def to_toml(self) -> str:
        """This config as TOML text, which `from_toml` reads back to an equal config."""
        lines: list[str] = []
        for section in (part.name for part in dataclasses.fields(self)):
            lines.append(f"[{section}]")
            for name, value in dataclasses.asdict(getattr(self, section)).items():
                # For our texts, whole and real numbers and lists of them, JSON and TOML are written alike.
                text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # the one text JSON spares
                lines.append(f"{name} = {text}")
            lines.append("")
        return "\n".join(lines)

    @classmethod
    def from_toml(cls, text: str, *, source: str = "config") -> Self:
        """The defaults with the settings of a TOML text. ConfigError for bad syntax, keys or values."""
        return cls.from_tables(parse_tables(text, source, "..."))

    @classmethod
    def from_tables(cls, tables: Mapping[str, Any]) -> Self:
        """The defaults with the settings of {"section": {"key": value}}. ConfigError for bad keys or values."""
        return cls().with_settings(_flat(tables))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a TOML file. ConfigError if it cannot be read or used."""
        return cls.from_toml(load_text(path, "--config"), source=named(path))


def parse_assignments(assignments: Iterable[str]) -> dict[str, Any]:
    """The "section.key" -> value of command-line texts such as "training.learning_rate=0.05".

    Values are written as in TOML; a word that is not TOML is taken as a text (network.activation=tanh).
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise ConfigError("--set", assignment, "section.key=value, such as training.learning_rate=0.05")
        values[key.strip()] = _toml_value(text.strip())
    return values


def as_options(settings: Mapping[str, Any]) -> str:
    """Settings as they are typed on a command line, such as "--set training.momentum=0.9 --set training.seed=1"."""
    return " ".join(f"--set {key}={_as_typed(value)}" for key, value in settings.items())


def _as_typed(value: object) -> str:
    if isinstance(value, tuple):
        items = ",".join(f'"{item}"' if isinstance(item, str) else str(item) for item in value)
        return f"'[{items}]'"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _checked(key: str, value: Any) -> tuple[str, str, Any]:
    """The section, the name and the canonical value; ConfigError if the table has no such key or refuses the value."""
    setting = SETTINGS.get(key)
    if setting is None:
        raise ConfigError(key, value, _meant(key))
    section, name = key.split(".")
    return section, name, setting.check(key, value)


def _meant(key: str) -> str:
    """All keys, and at the end, where it is read first, the one that may be meant."""
    near = difflib.get_close_matches(key, SETTINGS, n=1, cutoff=0.75)
    return f"one of the keys {', '.join(SETTINGS)}" + (f". Did you mean {near[0]}?" if near else "")


def _flat(tables: Mapping[str, Any]) -> dict[str, Any]:
    """{"data": {"seed": 1}} -> {"data.seed": 1}; what is not in a section keeps its bare name, to be refused."""
    values: dict[str, Any] = {}
    for section, content in tables.items():
        if isinstance(content, Mapping):
            values.update({f"{section}.{name}": value for name, value in content.items()})
        else:
            values[section] = content
    return values


def _toml_value(text: str) -> Any:
    try:
        values = parse_tables(f"value = {text}", "--set", "...")
        return values["value"] if len(values) == 1 else text
    except ConfigError:  # not TOML, or a number or a nesting that no setting has
        return text
