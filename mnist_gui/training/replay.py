"""To run again what was run: the schedules of a network's training, with what was changed and when, from its records.

A leg that is trained with the same digits and seed, its commands sent before its first minibatch, makes bit-equal
steps: live settings change, and BLAS uses so many threads, from the same minibatch on.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mnist_gui.config import RunConfig
from mnist_gui.training.commands import At, ChangeSetting, Command, Stop
from mnist_gui.training.records import Record, RunEnded, RunStarted, SettingChanged


@dataclass(frozen=True, slots=True)
class Leg:
    """One schedule: its settings as it began, and what it was told on the way."""

    config: RunConfig
    commands: tuple[Command, ...]


def legs(records: Iterable[Record]) -> list[Leg]:
    """The schedules that these records of one network tell of, in their order. The last may still be under way."""
    found: list[Leg] = []
    for record in records:
        match record:
            case RunStarted():
                threads = ChangeSetting("training.blas_threads", record.blas_threads)
                found.append(Leg(record.config, (At(record.step, threads),)))
            case SettingChanged():
                found[-1] = _with(found[-1], At(record.step, ChangeSetting(record.key, record.new)))
            case RunEnded() if found and record.state in ("stopped", "failed"):
                found[-1] = _with(found[-1], At(record.step, Stop()))
    return found


def _with(leg: Leg, command: Command) -> Leg:
    return Leg(leg.config, (*leg.commands, command))
