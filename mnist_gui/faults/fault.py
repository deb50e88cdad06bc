"""What a fault is: a mistake with a name, the part that it takes the place of, and the lines of code it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import Parts
from mnist_gui.training.hooks import TrainerHooks

# Before the first step, from what the network is made of; or only from what it does.
Seen = Literal["pre-flight", "run", "both"]


def same_parts(parts: Parts) -> Parts:
    """The parts as they are."""
    return parts


def same_hooks(hooks: TrainerHooks) -> TrainerHooks:
    """The assembly as it is."""
    return hooks


def same_digits(splits: Splits, config: RunConfig) -> Splits:
    """The digits as they are."""
    return splits


@dataclass(frozen=True, slots=True)
class Need:
    """What a run must have for a fault to change anything in it.

    text: the end of a sentence that begins with "needs". settings: those that give it to most runs, one for each thing.
    """

    text: str
    is_met: Callable[[RunConfig], bool]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One mistake.

    text: what it does, in a sentence. rule: the name of the diagnosis that must name it first, which can be seen before
    the run, in it, or both. wrong, right: about three lines of NumPy that make the mistake, and the same without it.
    need: None where it acts in every run; where it is not met, the fault changes nothing.

    It is made by one of these. settings(config): other settings, where it is only those. parts(parts): other functions;
    assembly(assembly): other habits of the trainer; digits(splits, config): other digits. Functions that alter one part
    alter whatever part they are given, so that faults combine.
    """

    name: str
    title: str
    text: str
    rule: str
    seen: Seen
    wrong: str
    right: str
    need: Need | None = None
    settings: Callable[[RunConfig], Mapping[str, Any]] | None = None
    parts: Callable[[Parts], Parts] = same_parts
    hooks: Callable[[TrainerHooks], TrainerHooks] = same_hooks
    digits: Callable[[Splits, RunConfig], Splits] = same_digits

    def lacks(self, config: RunConfig) -> str | None:
        """What this run lacks for the fault to change anything; None if it lacks nothing."""
        return self.need.text if self.need and not self.need.is_met(config) else None

    def remedy(self, config: RunConfig) -> Mapping[str, Any]:
        """The one setting that gives this run what the fault needs; empty if nothing is missing, or more is."""
        if self.need is None or self.need.is_met(config):
            return {}
        try:
            is_enough = self.need.is_met(config.with_settings(self.need.settings))
        except ConfigError:  # it does not go with the others
            return {}
        missing = {key: value for key, value in self.need.settings.items() if config[key] != value}
        return missing if is_enough and len(missing) == 1 else {}
