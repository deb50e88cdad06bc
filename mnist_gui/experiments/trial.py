"""A trial: a short run of one configuration, without a window, with a small result that is sent between processes."""

import math
from dataclasses import dataclass
from functools import lru_cache
from queue import SimpleQueue
from threading import Lock
from typing import Any

import numpy as np

from mnist_gui.config.run_config import ConfigError, DataConfig, RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.idx import DatasetError
from mnist_gui.data.loading import open_dataset, split_dataset
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import check_size
from mnist_gui.faults.run_factory import resolve_faults, trainer_for, with_faults
from mnist_gui.training.commands import Command
from mnist_gui.training.history import History
from mnist_gui.training.loop import train
from mnist_gui.training.records import EpochDone, Record, RunEnded, State
from mnist_gui.training.run_output import RunOutput

# Points of the loss curve, for a small picture.
CURVE_POINTS = 120

# Held while digits are read, so that of two threads, as in workers of a cluster, the second uses what the first read.
_reading = Lock()


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of a run.

    state: how it ended.
    accuracy: 0..1, on validation digits with the best weights; without such digits on training digits in the last
    epoch; 0 if not measured.
    loss: of the same digits; inf if not measured or not finite.
    epochs: records of its epochs.
    steps (n,): steps of the loss curve, n <= CURVE_POINTS.
    losses (n,): running mean of the minibatch losses at these steps.
    seconds: training time.
    error: why it diverged or failed; else None.
    """

    state: State
    accuracy: float
    loss: float
    epochs: tuple[EpochDone, ...]
    steps: tuple[int, ...]
    losses: tuple[float, ...]
    seconds: float
    error: str | None = None

    @property
    def has_accuracy(self) -> bool:
        """Whether its accuracy was measured."""
        return self.accuracy > 0.0 or math.isfinite(self.loss)

    @property
    def percent(self) -> str:
        """The accuracy as text."""
        return percent(self.accuracy if self.has_accuracy else None)

    def as_json(self) -> dict[str, Any]:
        """The result as a JSON object, without the curve; None for what was not measured."""
        return {
            "state": self.state,
            "accuracy": round(self.accuracy, 6) if self.has_accuracy else None,
            "loss": round(self.loss, 6) if math.isfinite(self.loss) else None,
            "epochs": len(self.epochs),
            "seconds": round(self.seconds, 3),
            "error": self.error,
        }


def percent(accuracy: float | None) -> str:
    """An accuracy (0..1) as text; a dash if there is none, as of a run that diverged in its first epoch."""
    return "–" if accuracy is None else f"{accuracy:.2%}"


def try_out(config: RunConfig) -> Trial:
    """Train with `config`. DatasetError or ConfigError if that is impossible; later errors are in the trial.

    The digits are read once in a process, whatever the number of trials.
    """
    run_output = _HistoryOutput()
    inbox: SimpleQueue[Command] = SimpleQueue()
    config = resolve_faults(config)
    with _reading:
        splits = _splits(config.data)
    splits = with_faults(splits, config)
    check_size(config, splits.inputs, splits.classes)
    train(trainer_for(config, splits), inbox, run_output)
    return _trial_of(run_output.history, run_output.ended)


def try_or_report(config: RunConfig) -> Trial:
    """As `try_out`, but an impossible run is a failed trial with its error, so that it does not end other runs."""
    try:
        return try_out(config)
    except (ConfigError, DatasetError, MemoryError) as error:
        text = str(error) or "There is not enough memory."
        return Trial("failed", 0.0, math.inf, (), (), (), 0.0, text)


class _HistoryOutput(RunOutput):
    """An output that collects the history and ignores weights."""

    ended: RunEnded

    def __init__(self) -> None:
        super().__init__()
        self.history = History()

    def wants_snapshot(self) -> bool:
        return False

    def wants_keyframe(self) -> bool:
        return False

    def post(self, record: Record) -> None:
        self.history.add(record)
        if isinstance(record, RunEnded):
            self.ended = record


def _trial_of(history: History, ended: RunEnded) -> Trial:
    curve = history.thinned(history.losses, CURVE_POINTS)
    accuracy, loss = ended.best_validation_accuracy, ended.best_validation_loss
    if math.isnan(accuracy) and history.epochs:
        accuracy, loss = history.epochs[-1].train_accuracy, history.epochs[-1].train_loss
    return Trial(
        state=ended.state,
        accuracy=accuracy if math.isfinite(accuracy) else 0.0,
        loss=loss if math.isfinite(loss) else math.inf,
        epochs=tuple(history.epochs),
        steps=tuple(np.asarray(curve.steps, int).tolist()),
        losses=tuple(np.asarray(curve.mean, float).tolist()),
        seconds=ended.seconds,
        error=ended.error,
    )


@lru_cache(maxsize=2)
def _dataset(folder: str) -> Dataset:
    return open_dataset(DataConfig(folder=folder))


@lru_cache(maxsize=2)
def _splits(data: DataConfig) -> Splits:
    return split_dataset(_dataset(data.folder), data)
