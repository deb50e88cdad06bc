"""Replay: the schedules of a network's training, with the changes on the way, from its records.

A segment trained with the same digits and seed, its commands sent before its first minibatch, makes bit-equal steps:
settings and the number of BLAS threads change at the same minibatches.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_gui.config.run_config import RunConfig
from mnist_gui.training.commands import At, ChangeSetting, Stop
from mnist_gui.training.records import Record, RunEnded, RunStarted, SettingChanged

THREADS = "training.blas_threads"


@dataclass(frozen=True, slots=True)
class ScheduleSegment:
    """One schedule: the step before its first one, its settings at the start, and its commands."""

    start: int
    config: RunConfig
    commands: tuple[At, ...]


def segments(records: Iterable[Record]) -> list[ScheduleSegment]:
    """The schedules in these records of one network, in their order. The last may still be running."""
    found: list[ScheduleSegment] = []
    for record in records:
        match record:
            case RunStarted():
                threads = ChangeSetting(THREADS, record.blas_threads)
                found.append(ScheduleSegment(record.step, record.config, (At(record.step, threads),)))
            case SettingChanged():
                found[-1] = _with(found[-1], At(record.step, ChangeSetting(record.key, record.new)))
            case RunEnded() if found and record.state in ("stopped", "failed"):
                found[-1] = _with(found[-1], At(record.step, Stop()))
    return found


def altered(segments: Iterable[ScheduleSegment], changes: Mapping[str, Any], stretch: float) -> list[ScheduleSegment]:
    """The same schedules with other settings, the last one trained to its end. ConfigError where these are illegal.

    stretch: factor of the steps per epoch. Changes on the way come after the same part of the schedule, except for
    settings in `changes`.
    """
    segments = list(segments)
    if not segments:
        return []
    start = segments[0].start
    kept = []
    for segment in segments:
        commands = [
            At(start + round((each.step - start) * stretch), each.command)
            for each in segment.commands
            if not (isinstance(each.command, ChangeSetting) and each.command.key in changes)
            and not (isinstance(each.command, Stop) and segment is segments[-1])
        ]
        kept.append(ScheduleSegment(segment.start, segment.config.with_settings(changes), tuple(commands)))
    return kept


def changed_during_training(segments: Iterable[ScheduleSegment]) -> tuple[str, ...]:
    """The keys of the settings that were changed during these schedules, each once."""
    commands = (each.command for segment in segments for each in segment.commands)
    keys = (command.key for command in commands if isinstance(command, ChangeSetting))
    return tuple(dict.fromkeys(key for key in keys if key != THREADS))


def _with(segment: ScheduleSegment, command: At) -> ScheduleSegment:
    return ScheduleSegment(segment.start, segment.config, (*segment.commands, command))
