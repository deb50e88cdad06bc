"""The one table of settings: every key a run knows, with its legal values, label and explanation.

Forms, command line, TOML files and error sentences all read this table, so a limit is stated once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

# When a changed setting acts: at the next minibatch, when training goes on after its end, or on a network begun anew.
Acts = Literal["at once", "next training", "new network"]


LONGEST_SHOWN = 420


class ConfigError(ValueError):
    """A setting that cannot be used: names the key, the value and what would be legal."""

    def __init__(self, key: str, value: object, expected: str) -> None:
        super().__init__(f"{key} = {_shown(value)}: expected {expected}")
        self.key = key


def _shown(value: object) -> str:
    """A value as it would be typed, cut short where nobody could read it."""
    try:
        text = repr(value)
    except ValueError:  # Python prints no whole number of more than some thousand digits
        return "a very long number"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What one key may hold, how it is explained and when a change of it acts."""

    label: str
    help: str
    acts: Acts = "new network"

    @property
    def legal(self) -> str:
        """What may stand here, as the end of a sentence that begins with "expected"."""
        raise NotImplementedError

    def check(self, key: str, value: Any) -> Any:
        """The value in its canonical Python type, or ConfigError."""
        raise NotImplementedError


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
    """One name out of a few."""

    choices: tuple[str, ...]

    @property
    def legal(self) -> str:
        return "one of " + ", ".join(self.choices)

    def check(self, key: str, value: Any) -> str:
        if value not in self.choices:
            raise ConfigError(key, value, self.legal)
        return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Setting):
    """A whole number, both ends included."""

    low: int
    high: int

    @property
    def legal(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}"

    def check(self, key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise ConfigError(key, value, self.legal)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Setting):
    """A real number, both ends included; whole numbers are taken for real ones."""

    low: float
    high: float

    @property
    def legal(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def check(self, key: str, value: Any) -> float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not self.low <= value <= self.high:  # nan fails every comparison
            raise ConfigError(key, value, self.legal)
        return float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes(Setting):
    """A list of whole numbers, perhaps empty."""

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
            raise ConfigError(key, value, self.legal)
        return tuple(value)


LARGEST_SEED = 2**31 - 1

SETTINGS: Mapping[str, Setting] = {
    "data.folder": Text(
        label="Dataset",
        help="Folder with the four IDX files, plain or gzipped. Empty: the MNIST digits that come with the program.",
    ),
    "data.scaling": Choice(
        label="Pixel scaling",
        choices=("unit",),
        help="How grey levels 0..255 become inputs. unit: divided by 255, so 0..1.",
    ),
    "data.train": Whole(
        label="Training digits",
        low=1,
        high=10_000_000,
        help="Digits the network learns from. More digits: better, and every epoch takes longer. With very few it "
        "learns them by heart and fails on new ones. Left at the default it gives way to smaller files.",
    ),
    "data.validation": Whole(
        label="Validation digits",
        low=0,
        high=10_000_000,
        help="Digits kept aside to measure each epoch and to choose the best weights; never trained on. Few: a noisy "
        "measure. 0: no measure at all, and the last weights are kept.",
    ),
    "data.validation_from": Choice(
        label="Validation taken from",
        choices=("train", "test"),
        help="Files that the validation digits come from. test: the test set shrinks by as many.",
    ),
    "data.seed": Whole(
        label="Split seed",
        low=0,
        high=LARGEST_SEED,
        help="Chooses which digits are for training and which for validation. The same seed gives the same split.",
    ),
    "network.hidden": Sizes(
        label="Hidden layers",
        low=1,
        high=8192,
        most=20,
        help="Units in each hidden layer, first layer first: 256 or 128, 64. More units can tell more digits apart and "
        "take longer; one or two cannot separate ten digits. Empty: no hidden layer, a linear classifier (about 92 %).",
    ),
    "network.activation": Choice(
        label="Activation",
        choices=("relu", "tanh", "sigmoid"),
        help="What a hidden unit does with its weighted sum. relu: max(0, z), learns fastest here. tanh: -1..1. "
        "sigmoid: 0..1, learns slowly in deep networks.",
    ),
    "network.loss": Choice(
        label="Loss",
        choices=("cross_entropy",),
        help="What training makes small. cross_entropy: minus the log of the probability given to the right digit.",
    ),
    "network.init": Choice(
        label="Initialisation",
        choices=("auto", "he", "glorot"),
        help="Spread of the random starting weights. he suits relu, glorot suits tanh and sigmoid; auto chooses. "
        "The wrong one makes deep networks start slowly.",
    ),
    "training.optimizer": Choice(
        label="Optimizer",
        choices=("momentum",),
        help="The update rule. momentum: gradient descent that keeps part of its last step.",
    ),
    "training.learning_rate": Number(
        label="Learning rate",
        low=1e-7,
        high=100.0,
        acts="at once",
        help="Length of each step along the gradient. Too small: hardly moves. Too large: the loss jumps up, then "
        "becomes infinite. Acts at the next minibatch; the schedule multiplies it.",
    ),
    "training.momentum": Number(
        label="Momentum",
        low=0.0,
        high=0.9999,
        acts="at once",
        help="Share of the last step that is kept in the next one. 0: plain gradient descent. 0.9: steps add up to ten "
        "times as far. Close to 1: it overshoots and swings. Acts at the next minibatch.",
    ),
    "training.schedule": Choice(
        label="Schedule",
        acts="next training",
        choices=("cosine", "constant"),
        help="How the learning rate changes over the run. cosine: falls smoothly to zero, which ends at better "
        "weights. constant: stays.",
    ),
    "training.batch_size": Whole(
        label="Batch size",
        low=0,
        high=10_000_000,
        help="Digits averaged for one step. 1: noisy and slow. Large: few steps in an epoch. 0: all training digits at "
        "once, a single step in each epoch.",
    ),
    "training.epochs": Whole(
        label="Epochs",
        acts="next training",
        low=1,
        high=100_000,
        help="Passes over the training digits. Too few: still improving at the end. Too many: it begins to learn the "
        "training digits by heart.",
    ),
    "training.seed": Whole(
        label="Seed",
        low=0,
        high=LARGEST_SEED,
        help="Fixes the starting weights and the order of the digits. The same seed and settings give exactly the same "
        "run; another seed shows how much was luck.",
    ),
}
