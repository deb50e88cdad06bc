"""The settings in which runs differ, as text for the user."""

from collections.abc import Sequence
from typing import Any

from mnist_gui.config.field_types import IndexSet, Int
from mnist_gui.config.run_config import RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.faults.registry import FAULTS
from mnist_gui.runs.run import Run

# Shown in place of the faults of a run with a hidden fault.
HIDDEN = "hidden"


def differing(configs: Sequence[RunConfig]) -> tuple[str, ...]:
    """The keys in which not all of these configs agree, in the table's order."""
    return tuple(key for key in SETTINGS if any(config[key] != configs[0][key] for config in configs[1:]))


def differing_keys(runs: Sequence[Run]) -> tuple[str, ...]:
    """The keys in which runs differ, in what they began with or in what was changed on the way."""
    begun = set(differing([run.begun_as for run in runs]))
    changed = {change.key for run in runs for change in run.history.changes}
    hidden = {"lab.faults"} if any(run.is_hidden for run in runs) else set()  # whether they differ would reveal them
    return tuple(key for key in SETTINGS if key in begun | changed | hidden)


def describe_value(run: Run, key: str) -> str:
    """A run's value of a setting, such as "0.1"; "0.1 \N{RIGHTWARDS ARROW} 0.05" where it was changed on the way."""
    if key == "lab.faults" and run.is_hidden:
        return HIDDEN
    setting = SETTINGS[key]
    if isinstance(setting, Int) and setting.zero and run.begun_as[key] == 0:
        return setting.zero
    values = [run.begun_as[key]]
    values += [change.new for change in run.history.changes if change.key == key and change.new != values[-1]]
    if isinstance(setting, IndexSet):
        return _count_text(values[0])
    if key == "lab.faults":
        return ", ".join(FAULTS[name].title.lower() for name in values[0]) or "none"
    first, last = value_text(values[0]), value_text(values[-1])
    return first if len(values) == 1 else f"{first} \N{RIGHTWARDS ARROW} {last}"


def describe_differences(run: Run, among: Sequence[Run]) -> str:
    """The differences of a run, such as "learning rate 0.5, momentum 0"; its number if there are none.

    among: the runs it is compared with, itself included.
    """
    if len(among) < 2:
        return f"run {run.number}"
    keys = differing_keys(among)
    parts = [f"{SETTINGS[key].label.lower()} {describe_value(run, key)}" for key in keys]
    return ", ".join(parts) or f"run {run.number}, same settings"


def _count_text(places: tuple[int, ...]) -> str:
    """Their number, since there may be thousands."""
    return "nothing" if not places else "1 digit" if len(places) == 1 else f"{len(places):,} digits"


def value_text(value: Any) -> str:
    """A setting's value as text."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value) or "bundled"
