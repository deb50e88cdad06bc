"""Builds the records of a run's start, epochs and end from its trainer and meters."""

import math

from mnist_gui.engine.inference import Predictions
from mnist_gui.training.meters import EpochMeter
from mnist_gui.training.records import EpochDone, RunEnded, RunStarted, State
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.training.trainer import Trainer


def run_started(trainer: Trainer, blas_threads: int) -> RunStarted:
    """The record of a schedule that begins at the trainer's present step."""
    return RunStarted(
        config=trainer.config,
        step=trainer.step,
        epoch=trainer.epoch,
        last_step=trainer.last_step,
        steps_per_epoch=trainer.steps_per_epoch,
        train_digits=len(trainer.splits.train),
        validation_digits=len(trainer.splits.validation),
        parameters=trainer.parameter_count,
        blas_threads=blas_threads,
        base_rate_loss=trainer.base_rate_loss,
    )


def epoch_done(trainer: Trainer, meter: EpochMeter, validation: Predictions, seconds: float) -> EpochDone:
    """The record of the epoch that the trainer has just validated. seconds: training time."""
    return EpochDone(
        epoch=trainer.epoch,
        step=trainer.step,
        train_loss=meter.loss,
        train_accuracy=meter.accuracy,
        validation_loss=validation.loss,
        validation_accuracy=validation.accuracy,
        seconds=seconds,
        images_per_second=meter.images_per_second,
        penalty=trainer.penalty,
        **trainer.integrity,
    )


def run_ended(trainer: Trainer, state: State, best: Snapshot | None, seconds: float, error: str | None) -> RunEnded:
    """The last record of a run. best: its best weights, None for none. seconds: training time."""
    return RunEnded(
        state=state,
        step=trainer.step,
        epoch=trainer.epoch,
        best_epoch=best.epoch if best and best.epoch else None,
        best_validation_loss=best.validation_loss if best else math.nan,
        best_validation_accuracy=best.validation_accuracy if best else math.nan,
        seconds=seconds,
        error=error,
    )
