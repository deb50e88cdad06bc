"""Learning-rate schedules: the factor in 0..1 that multiplies the learning rate at each step of a run."""

import math
from collections.abc import Callable

# (steps done, steps in all) -> factor
Schedule = Callable[[int, int], float]


def constant(step: int, steps: int) -> float:
    """Always 1."""
    return 1.0


def cosine(step: int, steps: int) -> float:
    """(1 + cos(pi * step / steps)) / 2: from 1 at the start down to 0 at the end (Loshchilov & Hutter 2017, eq. 5)."""
    return 0.5 * (1.0 + math.cos(math.pi * min(step / steps, 1.0)))


SCHEDULES: dict[str, Schedule] = {"cosine": cosine, "constant": constant}
