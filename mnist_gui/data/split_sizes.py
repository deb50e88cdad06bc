"""How many digits go into each split: numbers and shares of a config, fitted to what the files hold."""

import dataclasses
import math
from typing import NamedTuple

from mnist_gui.config.run_config import ConfigError, DataConfig

DEFAULTS = DataConfig()
# Of all digits, where only their number is given: as MNIST's 55,000 + 5,000 + 10,000.
DEFAULT_SHARES = {"train": 55 / 70, "validation": 5 / 70, "test": 10 / 70}


class SplitSizes(NamedTuple):
    """Digits in each split."""

    train: int
    validation: int
    test: int


def split_sizes(data: DataConfig, train_held: int, test_held: int) -> SplitSizes:
    """The sizes of the splits of files with train_held and test_held digits. ConfigError, with the key, if they do not
    fit.

    A share is of data.digits, if that is given, else of the file that the split is taken from. A size at its default
    shrinks to fit smaller files; with data.digits, it is its default share of them.
    """
    data = _without_shares(data, train_held, test_held)
    train, validation, test = int(data.train), int(data.validation), int(data.test)
    if data.validation_from == "test":
        train, validation = _sizes_apart(train, validation, train_held, test_held)
        test_held -= validation
    else:
        train, validation = _sizes_together(train, validation, train_held)
    _check("data.test", test, 0, test_held, f"the test files hold {test_held:,} digits for it")
    sizes = SplitSizes(train, validation, test or test_held)
    if data.digits and sum(sizes) > data.digits:
        raise ConfigError(
            "data.digits",
            data.digits,
            f"at least {sum(sizes):,}: {train:,} for training, {validation:,} for validation, {sizes.test:,} to test",
        )
    return sizes


def _without_shares(data: DataConfig, train_held: int, test_held: int) -> DataConfig:
    """The same config with every share, and every default beside data.digits, as a number of digits."""
    validation_held = test_held if data.validation_from == "test" else train_held
    held = {"train": train_held, "validation": validation_held, "test": test_held}
    numbers: dict[str, int] = {}
    for name, of_file in held.items():
        amount: int | float = getattr(data, name)
        # Rounded down, so that shares that add up to 1 do not exceed the digits; 0.29 * 100 is a bit below 29.
        is_share = isinstance(amount, float)
        numbers[name] = max(1, math.floor(amount * (data.digits or of_file) + 1e-9)) if is_share else int(amount)
    if data.digits:
        numbers |= _defaults_of(data, numbers, held)
    return dataclasses.replace(data, train=numbers["train"], validation=numbers["validation"], test=numbers["test"])


def _defaults_of(data: DataConfig, numbers: dict[str, int], held: dict[str, int]) -> dict[str, int]:
    """The sizes left at their defaults: they share what the other sizes leave of data.digits, within their files."""
    if data.digits > held["train"] + held["test"]:
        most = f"a whole number from 0 to {held['train'] + held['test']:,} (the files hold no more)"
        raise ConfigError("data.digits", data.digits, most)
    at_default = [name for name in numbers if getattr(data, name) == getattr(DEFAULTS, name)]
    if not at_default:
        return {}
    asked = sum(number for name, number in numbers.items() if name not in at_default)
    left = data.digits - asked
    if left < len(at_default):
        at_least = asked + len(at_default)
        raise ConfigError("data.digits", data.digits, f"at least {at_least:,} beside the {asked:,} digits asked for")
    total = sum(DEFAULT_SHARES[name] for name in at_default)
    of_each = {name: DEFAULT_SHARES[name] * min(data.digits, left / total) for name in at_default}
    return {name: min(held[name], max(1, math.floor(share + 1e-9))) for name, share in of_each.items()}


def _sizes_together(train: int, validation: int, held: int) -> tuple[int, int]:
    """The sizes of both splits when both come out of the `held` digits of the training files."""
    files = f"the training files hold {held:,} digits"
    if train == DEFAULTS.train and validation == DEFAULTS.validation:
        if held < 2:
            raise ConfigError("data.validation", validation, f"0 ({files})")
        # The defaults' own proportion, 11 : 1.
        validation = min(validation, max(1, held // 12))
        return min(train, held - validation), validation
    if train == DEFAULTS.train:
        _check("data.validation", validation, 0, held - 1, files)
        return min(train, held - validation), validation
    if validation == DEFAULTS.validation:
        _check("data.train", train, 1, held - 1, f"{files}, and validation needs one or data.validation = 0")
        return train, min(validation, held - train)
    _check("data.validation", validation, 0, held - 1, files)
    _check("data.train", train, 1, held - validation, f"{files}, of which validation takes {validation:,}")
    return train, validation


def _sizes_apart(train: int, validation: int, train_held: int, test_held: int) -> tuple[int, int]:
    """The sizes when validation comes out of the test files, which keep at least one, by default half."""
    if train == DEFAULTS.train:
        train = min(train, train_held)
    if validation == DEFAULTS.validation and test_held > 1:
        validation = min(validation, test_held // 2)
    _check("data.train", train, 1, train_held, f"the training files hold {train_held:,} digits")
    _check("data.validation", validation, 0, test_held - 1, f"the test files hold {test_held:,} digits")
    return train, validation


def _check(key: str, value: int, low: int, high: int, reason: str) -> None:
    if not low <= value <= high:
        raise ConfigError(key, value, f"a whole number from {low:,} to {high:,} ({reason})")
