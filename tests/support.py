"""What several tests need: small splits of real digits, and a reader of runs that obeys a script."""

import errno
import os
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.loading import open_dataset
from mnist_gui.faults.run_factory import split_dataset, trainer_for
from mnist_gui.training.commands import Command
from mnist_gui.training.loop import Inbox, train
from mnist_gui.training.records import LayersMeasured, MinibatchesDone, Record
from mnist_gui.training.run_output import RunOutput
from mnist_gui.training.trainer import Trainer

SMALL = {
    "data.train": 600,
    "data.validation": 200,
    "network.hidden": [16],
    "training.batch_size": 50,
    "training.epochs": 2,
}


@cache
def dataset() -> Dataset:
    """The bundled digits, read once for all tests."""
    return open_dataset(RunConfig().data)


def small_config(settings: Mapping[str, Any] | None = None) -> RunConfig:
    """A run of a fraction of a second: 12 minibatches in each of two epochs."""
    return RunConfig().with_settings({**SMALL, **(settings or {})})


def make_trainer(settings: Mapping[str, Any] | None = None) -> Trainer:
    """As the roots make it: with the faults that the settings name."""
    config = small_config(settings)
    return trainer_for(config, split_dataset(dataset(), config))


class ScriptedRunOutput(RunOutput):
    """An output that keeps all records in `records` and puts the commands that `react` returns into the inbox."""

    def __init__(self, inbox: Inbox, react: Callable[[Record], list[Command]] = lambda record: []) -> None:
        super().__init__()
        self.records: list[Record] = []
        self._inbox, self._react = inbox, react

    def post(self, record: Record) -> None:
        self.records.append(record)
        for command in self._react(record):
            self._inbox.put(command)


class StopsAfter:
    """A `should_cancel` that returns True after `times` calls; `asked` counts the calls."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked > self.times


def run(
    trainer: Trainer, *commands: Command, react: Callable[[Record], list[Command]] = lambda record: []
) -> list[Record]:
    """Train in this thread with commands already waiting; all records."""
    inbox = Inbox()
    for command in commands:
        inbox.put(command)
    run_output = ScriptedRunOutput(inbox, react)
    train(trainer, inbox, run_output)
    return run_output.records


def rates(records: list[Record]) -> list[float]:
    """The learning rate of every minibatch."""
    return [float(rate) for record in records if isinstance(record, MinibatchesDone) for rate in record.rates]


def kinds(records: list[Record]) -> list[str]:
    """The names of all records but those of values."""
    return [type(record).__name__ for record in records if not isinstance(record, (MinibatchesDone, LayersMeasured))]


def lose_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the system say what it says where the current folder was deleted.

    To delete it would also break imports of other libraries in this process: PySide6 takes part in every import, and on
    Python 3.13 fails in a folder that is gone.
    """

    def getcwd() -> str:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    monkeypatch.setattr(os, "getcwd", getcwd)


def said_until_end(process: "subprocess.Popen[str]", seconds: float) -> tuple[str, str]:
    """Standard output and error of a process that ends by itself. One that does not is killed, lest it outlive the
    test, and TimeoutExpired is raised."""
    try:
        return process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
