"""A description of a network in the words of its code, and the run that corresponds to it.

For users with a program of their own and no config: each part of the program is chosen from a list. Notes report what
cannot be built exactly, and its replacement.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_gui.casebook.description_terms import UPDATES, WAYS
from mnist_gui.config.field_types import SizeList
from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.config.typed_numbers import list_readings

# Fields that are numbers -> the setting with their limits.
NUMBERS: Mapping[str, str] = {
    "batch": "training.batch_size",
    "rate": "training.learning_rate",
    "momentum": "training.momentum",
    "penalty": "training.l2",
    "digits": "data.train",
    "epochs": "training.epochs",
}
# Digits in the training files of MNIST.
ALL_DIGITS = 60_000
ALL = "all"
HIDDEN = "hidden layers as numbers of units, such as 128 or 128, 64; nothing for none"


class DescriptionError(ValueError):
    """A field that cannot be understood. what: its name; the text is a sentence for the user."""

    def __init__(self, what: str, text: str) -> None:
        self.what = what
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Description:
    """The fields of a form, as text. Those in WAYS have one of the names there.

    hidden: units of the hidden layers, "128, 64", or of all layers, "784-128-64-10".
    activation, output, start, biases, pixels, gradient, update, order: a name in the tables of description_terms.
    batch: digits in a minibatch, or "all".
    rate: learning rate.
    momentum: 0..1; ignored for updates without it.
    penalty: L2 lambda.
    digits: number of training digits.
    epochs: number of epochs.
    """

    hidden: str = "128"
    activation: str = "relu"
    output: str = "softmax, cross-entropy"
    start: str = "0.01 * randn"
    biases: str = "zeros"
    pixels: str = "0 to 1"
    batch: str = "32"
    gradient: str = "averaged"
    rate: str = "0.1"
    update: str = "plain"
    momentum: str = "0.9"
    penalty: str = "0"
    digits: str = "55000"
    epochs: str = "5"
    order: str = "shuffled"


@dataclass(frozen=True, slots=True)
class Built:
    """The run for a description. notes: sentences on what could not be built exactly, and its replacement."""

    config: RunConfig
    notes: tuple[str, ...]


def build(description: Description, inputs: int = 784, classes: int = 10) -> Built:
    """The run for a dataset with this number of inputs and classes. DescriptionError for a field that is not
    understood.

    Validation digits come from the training files, or from the test files if all training digits are used; the learning
    rate is constant.
    """
    chosen = [WAYS[what][name] for what in WAYS if (name := getattr(description, what))]
    settings: dict[str, Any] = {
        "training.schedule": "constant",
        "network.hidden": _hidden(description.hidden, inputs, classes),
    }
    for what, key in NUMBERS.items():
        if what != "momentum" or _has_momentum(description):
            settings[key] = _number(what, getattr(description, what))
    for way in chosen:
        settings |= way.settings
    if settings["data.train"] + RunConfig().data.validation > ALL_DIGITS:
        settings["data.validation_from"] = "test"
    faults = [way.fault for way in chosen if way.fault]
    config = RunConfig().with_settings({**settings, "lab.faults": faults})
    return Built(config, tuple(way.note for way in chosen if way.note))


def _has_momentum(description: Description) -> bool:
    return "training.momentum" not in UPDATES[description.update].settings


def _hidden(text: str, inputs: int, classes: int) -> list[int]:
    """The sizes of the hidden layers; of a list of all layers, inputs and outputs are left out."""
    setting = SETTINGS["network.hidden"]
    found = list_readings(text, setting.high) if isinstance(setting, SizeList) else None
    if found:
        raise DescriptionError("hidden", f"{text!r}: expected {HIDDEN}, written as {found[0]} or as {found[1]}.")
    words = re.split(r"[\s,;x\[\]()>-]+", text.strip())
    sizes = [word for word in words if word]
    if not all(word.isdecimal() and len(word) < 9 for word in sizes):
        raise DescriptionError("hidden", f"{text!r}: expected {HIDDEN}.")
    numbers = [int(word) for word in sizes]
    if len(numbers) > 1 and numbers[0] == inputs:
        numbers = numbers[1:-1] if numbers[-1] == classes else numbers[1:]
    try:
        return list(SETTINGS["network.hidden"].check("network.hidden", numbers))
    except ConfigError as error:
        raise DescriptionError("hidden", f"{error.complaint}.") from error


def _number(what: str, text: str) -> int | float:
    """A number of a field, checked by the limits of its setting."""
    key, text = NUMBERS[what], text.strip()
    if what == "batch" and text.lower() == ALL:
        return 0
    value = SETTINGS[key].read(text)
    if what == "batch" and value == 0:
        raise DescriptionError(what, f"0: expected {_legal(what)}.")
    try:
        checked: int | float = SETTINGS[key].check(key, value)
    except ConfigError as error:
        if what != "batch" and isinstance(value, str):
            raise DescriptionError(what, f"{error.complaint}.") from None
        raise DescriptionError(what, f"{text}: expected {_legal(what)}.") from None
    return checked


def _legal(what: str) -> str:
    if what == "batch":
        return f"a number of digits, or {ALL}"
    return SETTINGS[NUMBERS[what]].legal


# Descriptions of the posted networks.
POSTED: Mapping[str, Description] = {
    "case-a": Description(
        hidden="1",
        activation="sigmoid",
        start="normal around -0.1",
        biases="like the weights",
        batch=ALL,
        gradient="added up",
        rate="0.00001",
        update="momentum times the weights",
        digits="60000",
        epochs="200",
    ),
    "case-b": Description(
        hidden="32",
        output="relu, then softmax, cross-entropy",
        start="0.1 * randn",
        pixels="0 or 1",
        batch="1",
        rate="0.05",
        digits="3500",
        epochs="5",
    ),
    "case-c": Description(
        hidden="5, 5",
        activation="sigmoid",
        output="sigmoid, cross-entropy",
        start="0.01 * rand: 0 to 0.01",
        biases="like the weights",
        pixels="-1 to 1",
        batch=ALL,
        rate="2",
        penalty="1",
        digits="30000",
        epochs="5",
    ),
}
