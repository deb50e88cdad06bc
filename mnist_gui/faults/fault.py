"""The type of a fault: a named mistake, the function that makes it, and lines of code with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import Parts
from mnist_gui.training.hooks import TrainerHooks

# When a diagnosis can find it: before the first step, only in the run, or in both.
Seen = Literal["pre-flight", "run", "both"]


def same_parts(parts: Parts) -> Parts:
    """The parts, unchanged."""
    return parts


def same_hooks(hooks: TrainerHooks) -> TrainerHooks:
    """The hooks, unchanged."""
    return hooks


def same_digits(splits: Splits, config: RunConfig) -> Splits:
    """The splits, unchanged."""
    return splits


@dataclass(frozen=True, slots=True)
class Need:
    """What a run must have for a fault to change anything in it.

    text: the end of a sentence that begins with "needs". is_met(config): whether a run has it. settings: settings that
    provide it in most runs, one for each condition.
    """

    text: str
    is_met: Callable[[RunConfig], bool]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One mistake.

    name: key in config.schema.FAULTS.
    title: shown to the user.
    text: its effect, in a sentence.
    rule: name of the diagnosis rule that must find it first.
    seen: whether that rule finds it before the run, in the run, or both.
    wrong: about three lines of NumPy with the mistake.
    right: the same lines without it.
    need: condition for an effect; None: it has one in every run.

    One of these makes it; each changes what it is given, so that faults combine:

    settings(config): changed settings; None if it is not a matter of settings.
    parts(parts): changed functions of the network.
    hooks(hooks): changed functions of the trainer.
    digits(splits, config): changed splits.
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
        """What this run lacks for the fault to have an effect; None if nothing."""
        return self.need.text if self.need and not self.need.is_met(config) else None

    def remedy(self, config: RunConfig) -> Mapping[str, Any]:
        """The one setting that meets the fault's need in this run; empty if it is met, or if several would be
        needed."""
        if self.need is None or self.need.is_met(config):
            return {}
        try:
            is_enough = self.need.is_met(config.with_settings(self.need.settings))
        except ConfigError:  # it contradicts other settings
            return {}
        missing = {key: value for key, value in self.need.settings.items() if config[key] != value}
        return missing if is_enough and len(missing) == 1 else {}
