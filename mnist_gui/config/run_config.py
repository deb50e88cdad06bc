"""The settings of a run: one frozen, checked value, read from and written to TOML. Limits and texts are in `schema`."""

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

# Characters of the settings in a log: there may be thousands of digits to leave out.
LONGEST_LOGGED = 2_000


@dataclass(frozen=True, slots=True)
class DataConfig:
    """Which digits are used, and how they are split and scaled.

    folder: path of a dataset's folder; "" for the bundled MNIST.
    digits: number of digits in all splits together; 0 for as many as there are.
    train, validation, test: number of digits (int), or share in 0..1 (float); test 0 for all that are left.
    validation_from: "train" or "test", the files that the validation digits come from.
    left_out: indexes in the training files, from 0, of digits that are not trained on.
    scaling: name in data.batches.SCALINGS.
    seed: of the shuffling that makes the splits.
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
    """How training digits are distorted at random each time they are used; 0 switches a distortion off.

    shift, elastic and elastic_sigma in pixels, rotation in degrees, scale as a share of the size, noise of full ink.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    elastic: float = 0.0
    elastic_sigma: float = 4.0
    noise: float = 0.0

    @property
    def is_on(self) -> bool:
        """Whether any distortion is on."""
        return any((self.shift, self.rotation, self.scale, self.elastic, self.noise))


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The network's structure and initialisation: what cannot change while it trains.

    hidden: units of each hidden layer, from the input on.
    activation, loss, init: names in the tables of engine.activations, engine.losses and engine.initializers.
    init_mean, init_sd: of the normal distribution; for init "normal" only.
    init_low, init_high: limits of the uniform distribution; for init "uniform" only.
    bias_init: "zeros" or "as_weights".
    """

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
    """How the network is trained.

    optimizer, schedule: names in the tables of engine.optimizers and engine.schedules.
    learning_rate: the schedule's peak.
    momentum: 0..1; Adam's first decay rate.
    step_epochs, step_factor: of the schedule "step" only: epochs between two steps, and the factor of each.
    warm_up: epochs over which the learning rate rises linearly from near 0.
    gradient: "mean" or "sum" over the minibatch.
    l2: lambda of the penalty lambda / (2 n) * sum of squared weights, n training digits.
    dropout: probability that a hidden unit is left out of a step, 0..1.
    clip: longest gradient (Euclidean norm); 0: no clipping.
    batch_size: digits per minibatch; 0: all training digits.
    epochs: passes over the training digits.
    patience: epochs without a smaller validation loss before training stops; 0: never.
    blas_threads: threads of matrix products; 0: chosen by measurement.
    seed: of the starting weights, the order of the digits, and dropout and distortions.
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
    """Faults that are put into the run on purpose: names, in the order of config.schema.FAULTS."""

    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunConfig:
    """All settings of a run; with the digits they determine it. Always legal: built through `with_settings`."""

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
        """The settings that differ from the defaults, as text for the log."""
        changed = {key: self[key] for key in self.differences(RunConfig())}
        return f"settings beside the defaults: {shortened(str(changed), LONGEST_LOGGED) if changed else 'none'}"

    def to_toml(self) -> str:
        """This config as TOML text, which `from_toml` reads back to an equal config."""
        lines: list[str] = []
        for section in (part.name for part in dataclasses.fields(self)):
            lines.append(f"[{section}]")
            for name, value in dataclasses.asdict(getattr(self, section)).items():
                # For our texts, whole and real numbers and lists of them, JSON and TOML are written alike.
                text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # not escaped by JSON
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
    """Settings, "section.key" -> value, of command-line texts such as "training.learning_rate=0.05".

    Values are written as in TOML; a word that is not TOML is taken as a string (network.activation=tanh).
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
    """All keys, and at the end, where it is noticed, the most similar one."""
    near = difflib.get_close_matches(key, SETTINGS, n=1, cutoff=0.75)
    return f"one of the keys {', '.join(SETTINGS)}" + (f". Did you mean {near[0]}?" if near else "")


def _flat(tables: Mapping[str, Any]) -> dict[str, Any]:
    """{"data": {"seed": 1}} -> {"data.seed": 1}; what is not in a section keeps its bare name and is refused later."""
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
    except ConfigError:  # not TOML, or a number or nesting that is too large
        return text
