"""To run again what was run: the schedules of a network's training, with what was changed and when, from its records.

A leg that is trained with the same digits and seed, its commands sent before its first minibatch, makes bit-equal
steps: live settings change, and BLAS uses so many threads, from the same minibatch on.
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
    """One schedule: the step before its first, its settings as it began, and what it was told on the way."""

    start: int
    config: RunConfig
    commands: tuple[At, ...]


def segments(records: Iterable[Record]) -> list[ScheduleSegment]:
    """The schedules that these records of one network tell of, in their order. The last may still be under way."""
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

    stretch: how many times as many steps an epoch has with them. What was changed on the way is changed after the same
    part of the schedule, but for the settings that `changes` fixes.
    """
    segments = list(segments)
    if not segments:
        return []
    start = segments[0].start
    kept = []
    for leg in segments:
        commands = [
            At(start + round((each.step - start) * stretch), each.command)
            for each in leg.commands
            if not (isinstance(each.command, ChangeSetting) and each.command.key in changes)
            and not (isinstance(each.command, Stop) and leg is segments[-1])
        ]
        kept.append(ScheduleSegment(leg.start, leg.config.with_settings(changes), tuple(commands)))
    return kept


def changed_on_the_way(segments: Iterable[ScheduleSegment]) -> tuple[str, ...]:
    """The keys of the settings that were changed while these schedules were trained, each once."""
    commands = (each.command for leg in segments for each in leg.commands)
    keys = (command.key for command in commands if isinstance(command, ChangeSetting))
    return tuple(dict.fromkeys(key for key in keys if key != THREADS))


def _with(leg: ScheduleSegment, command: At) -> ScheduleSegment:
    return ScheduleSegment(leg.start, leg.config, (*leg.commands, command))
