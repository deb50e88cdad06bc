"""Builds digits and trainers from a config, with its faults. Without faults they are those of `data` and `training`.

The window and every command build their runs here.
"""

from typing import Any

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data import loading as source
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import Parts
from mnist_gui.faults.fault import Fault
from mnist_gui.faults.registry import FAULTS
from mnist_gui.training.hooks import DEFAULT_HOOKS, TrainerHooks
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.trainer import Trainer


def resolve_faults(config: RunConfig) -> RunConfig:
    """The config with every fault that is a matter of settings replaced by these settings."""
    others = []
    for name in config.lab.faults:
        fault = FAULTS[name]
        if fault.settings is None or fault.lacks(config):
            others.append(name)
        else:
            config = config.with_settings(fault.settings(config))
    return config.with_settings({"lab.faults": others})


def resolved_settings(config: RunConfig) -> dict[str, Any]:
    """The settings that `resolve_faults` changes. A proposed change to the resolved config must include them, since the
    faults would be applied again."""
    full = resolve_faults(config)
    return {key: full[key] for key in full.differences(config)}


def in_force(config: RunConfig) -> tuple[Fault, ...]:
    """The faults that have an effect in this run, in the order of application."""
    faults = (FAULTS[name] for name in config.lab.faults)
    return tuple(fault for fault in faults if fault.lacks(config) is None)


def idle(config: RunConfig) -> dict[str, str]:
    """The titles of the faults without effect in this run -> what each needs."""
    faults = (FAULTS[name] for name in config.lab.faults)
    return {fault.title: lacks for fault in faults if (lacks := fault.lacks(config))}


def split_dataset(dataset: Dataset, config: RunConfig) -> Splits:
    """The splits of a dataset by a config, faults included. ConfigError if the files hold too few digits."""
    config = resolve_faults(config)
    return with_faults(source.split_dataset(dataset, config.data), config)


def with_faults(splits: Splits, config: RunConfig) -> Splits:
    """Splits made by a config, with the config's faults of digits."""
    for fault in in_force(config):
        splits = fault.digits(splits, config)
    return splits


def parts_of(config: RunConfig) -> Parts:
    """The parts that a config names, faults included."""
    parts = Parts.of(config)
    for fault in in_force(config):
        parts = fault.parts(parts)
    return parts


def hooks_for(config: RunConfig) -> TrainerHooks:
    """The functions of the trainer, faults included."""
    faults = in_force(config)
    if not faults:
        return DEFAULT_HOOKS
    hooks = TrainerHooks(parts=parts_of)
    for fault in faults:
        hooks = fault.hooks(hooks)
    return hooks


def trainer_for(config: RunConfig, splits: Splits, start: Snapshot | None = None) -> Trainer:
    """A trainer of this run, on splits from `split_dataset`. start: the weights to continue from."""
    config = resolve_faults(config)
    return Trainer(config, splits, start, hooks_for(config))
