"""Learning-rate schedules: the factor in 0..1 that multiplies the learning rate at each step of a run.

To add one: write its function and enter it in SCHEDULES.
"""

import math
from collections.abc import Callable

from mnist_gui.config.run_config import TrainingConfig

# (epochs done, a real number; the settings with the numbers of the schedule) -> factor
Schedule = Callable[[float, TrainingConfig], float]


def constant(done: float, settings: TrainingConfig) -> float:
    """Always 1."""
    return 1.0


def cosine(done: float, settings: TrainingConfig) -> float:
    """(1 + cos(pi * done / epochs)) / 2: from 1 at the start down to 0 at the end (Loshchilov & Hutter 2017, eq. 5)."""
    return 0.5 * (1.0 + math.cos(math.pi * min(done / settings.epochs, 1.0)))


def step(done: float, settings: TrainingConfig) -> float:
    """step_factor ^ floor(done / step_epochs): falls at once, every step_epochs epochs."""
    # The tiny share keeps a whole number of epochs, summed up from minibatches, from being rounded down.
    return float(settings.step_factor ** math.floor(done / settings.step_epochs + 1e-9))


def warm_up(done: float, one_step: float, settings: TrainingConfig) -> float:
    """The factor before any schedule: min(1, (done + one_step) / warm_up), a straight rise (Goyal et al. 2017, 2.2).

    one_step: the share of an epoch that a minibatch is, so that the first step is above 0.
    """
    return min(1.0, (done + one_step) / settings.warm_up) if settings.warm_up else 1.0


SCHEDULES: dict[str, Schedule] = {"cosine": cosine, "constant": constant, "step": step}
