"""The steps at which layers are measured: often at the start, then a fixed small share of the training work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from mnist_gui.engine.network import parameter_count

# Share of the training time; below the limit, since work is only estimated.
SHARE = 0.015
# Steps that are always measured, since many problems show at once and a run may be short.
FIRST = (1, 2, 3, 4, 5, 10, 20, 40, 80, 160, 320, 640)

# Work in nanoseconds, as timed on one core; only its ratios count. Each parameter is used once per digit in the forward
# pass and twice in the backward pass, is updated once a step, and is read several times in a measurement. Pixels are
# gathered and scaled.
PER_DIGIT = 0.017
PER_PIXEL = 0.4
PER_UPDATE = 0.6
PER_READING = 8.0
PER_ANSWER = 8.0
STEP_CALLS = 50_000.0
READING_CALLS = 900_000.0


@dataclass(frozen=True, slots=True)
class MeasurementSchedule:
    """every: steps from one measurement to the next, >= 1."""

    every: int

    @classmethod
    def of(cls, sizes: Sequence[int], probe: int, batch_size: int) -> Self:
        """The schedule for layers of these sizes, and this many digits in the probe and in a minibatch."""
        parameters, units = parameter_count(sizes), sum(sizes[1:])
        step = STEP_CALLS + parameters * (3 * PER_DIGIT * batch_size + PER_UPDATE) + PER_PIXEL * sizes[0] * batch_size
        reading = READING_CALLS + parameters * (PER_DIGIT * probe + PER_READING) + PER_ANSWER * probe * units
        return cls(max(1, math.ceil(reading / (SHARE * step))))

    def is_due(self, step: int) -> bool:
        """Whether a step is measured; the first one is 1."""
        return step % self.every == 0 or step in FIRST
