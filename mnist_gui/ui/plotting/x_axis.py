"""What the curves' x axis counts: epochs, steps or seconds of training; from steps to places on it, and back."""

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mnist_gui.training.history import History
from mnist_gui.ui.plotting.auto_range import epoch_range, nice_ceiling

Unit = Literal["epoch", "step", "seconds"]
UNITS: tuple[Unit, ...] = get_args(Unit)
LABELS: dict[Unit, str] = {"epoch": "epoch", "step": "step", "seconds": "seconds of training"}


def steps_per_epoch(history: History) -> int:
    """Minibatches in an epoch of the newest schedule; before any, in those that a saved network had been trained for,
    and 1 where that is not known."""
    if history.starts:
        return history.starts[-1].steps_per_epoch
    before = history.begun_with
    return max(1, round(before.step / before.epoch)) if before and before.epoch else 1


def _epochs(history: History, steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many epochs were done after so many steps (n,). A saved network goes on from the epoch that its file says,
    however many minibatches an epoch has had before."""
    before = history.begun_with
    first_step, first_epoch = (before.step, before.epoch) if before else (0, 0)
    return first_epoch + (steps - first_step) / steps_per_epoch(history)


def _steps(history: History, epochs: NDArray[np.float64]) -> NDArray[np.float64]:
    """After how many steps so many epochs (n,) are done: the other way round."""
    before = history.begun_with
    first_step, first_epoch = (before.step, before.epoch) if before else (0, 0)
    return first_step + (epochs - first_epoch) * steps_per_epoch(history)


def places(history: History, unit: Unit, steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where steps (n,) are on the axis. Seconds of steps still to come are guessed from those that were."""
    if unit == "step":
        return steps
    if unit == "epoch":
        return _epochs(history, steps)
    seconds = history.seconds
    if not len(seconds):
        return np.zeros(len(steps))
    made = np.asarray(steps, np.int64) - history.first_step
    past = seconds[np.clip(made, 1, len(seconds)) - 1].astype(np.float64)
    to_come = np.maximum(made - len(seconds), 0) * (float(seconds[-1]) / len(seconds))
    return np.where(made <= 0, 0.0, past + to_come)


def place(history: History, unit: Unit, step: float) -> float:
    """Where one step is on the axis."""
    return float(places(history, unit, np.array([step], np.float64))[0])


def step_at(history: History, unit: Unit, x: float) -> int | None:
    """The step nearest to a place on the axis; None beyond either end of the curve, or before there is one."""
    if not len(history):
        return None
    if unit == "seconds":
        step = history.first_step + 1 + _steps_before(history, x)
        step = min(step, history.last_step) if x <= float(history.seconds[-1]) * 1.01 else step
    else:
        step = round(float(_steps(history, np.array(x)))) if unit == "epoch" else round(x)
    return step if history.first_step < step <= history.last_step else None


def steps_between(history: History, unit: Unit, low: float, high: float) -> tuple[int, int]:
    """First and last of the steps made from one place on the axis to another, with one more at either end."""
    if unit == "seconds":
        first, last = (history.first_step + _steps_before(history, x) for x in (low, high))
    else:
        ends = np.array([low, high])
        ends = np.clip(_steps(history, ends) if unit == "epoch" else ends, history.first_step, history.last_step)
        first, last = math.floor(ends[0]), math.ceil(ends[1])
    return max(first, history.first_step + 1), min(last + 1, history.last_step)


def _steps_before(history: History, seconds: float) -> int:
    """How many minibatches had ended before so many seconds. As a float32, lest all seconds be made float64."""
    return int(np.searchsorted(history.seconds, np.float32(np.clip(seconds, 0.0, 1e30))))


def x_range(history: History, unit: Unit) -> tuple[float, float]:
    """How much of the axis to show: from the first step to the last planned one, in steps that seldom change."""
    first, reached, planned = (
        place(history, unit, step) for step in (history.first_step, history.last_step, history.planned_step)
    )
    if unit == "seconds":
        return 0.0, nice_ceiling(max(reached, planned, 1.0))
    if unit == "step":
        per_epoch = steps_per_epoch(history)
        low, high = epoch_range(first / per_epoch, reached / per_epoch, planned / per_epoch)
        return low * per_epoch, high * per_epoch
    return epoch_range(first, reached, planned)
