"""How much of an axis to show: ranges that change in steps, because each change redraws axes and texts."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EMPTY_LOSS_RANGE = (0.0, 2.5)

# Losses of other runs that are so many times as large as that of knowing nothing leave the axis.
FAR = 3.0
# Below this, a loss is drawn on the lower edge of a logarithmic axis.
SMALLEST_LOSS = 1e-6
LARGEST_LOGARITHM, LARGEST_LOSS = 300.0, 1e300
# Seen from close, values that differ by less than this share are still one line.
SMALLEST_SPAN = 1e-4
ACCURACY_FLOORS = (0.98, 0.95, 0.9, 0.8, 0.5, 0.0)


@dataclass(slots=True)
class AutoRange:
    """The y axis of a plot: accuracies, or losses, whose logarithms it may show.

    is_close: whether it begins just below the smallest loss and not at 0: a curve that hardly falls can then be read.
    """

    percent: bool
    is_log: bool = False
    is_close: bool = False

    def scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values are on the axis."""
        return np.log10(np.maximum(values, SMALLEST_LOSS)) if self.is_log else values

    def place(self, value: float) -> float:
        """Where one value is on the axis."""
        return float(self.scaled(np.array([value], np.float64))[0])

    def value(self, place: float) -> float:
        """The value at a place on the axis."""
        return float(10.0 ** min(place, LARGEST_LOGARITHM)) if self.is_log else place

    def near(self, others: NDArray[np.float64], base_rate_loss: float) -> NDArray[np.float64]:
        """Those places of other runs that are worth room where no run of one's own sets the axis yet: one of them that
        diverged would flatten the others. base_rate_loss: of knowing nothing, nan where that is not known."""
        if self.percent or math.isnan(base_rate_loss):
            return others
        near: NDArray[np.float64] = others[others <= self.place(FAR * base_rate_loss)]
        return near

    def range(self, places: NDArray[np.float64]) -> tuple[float, float]:
        """How much of the axis to show, to hold these places on it."""
        if self.percent:
            return accuracy_range(places)
        if self.is_close and len(places):
            return close_range(places)
        return log_loss_range(places) if self.is_log else loss_range(places)


def settled(means: NDArray[np.float64], validation: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values that a range should hold: finite ones, without the first tenth of the running means.

    What the first tenth did, such as the fall from the first loss, must not flatten all that comes later.
    """
    values = np.concatenate([means[len(means) // 10 :], validation])
    finite: NDArray[np.float64] = values[np.isfinite(values)]
    return finite


def epoch_range(first: float, reached: float, planned: float) -> tuple[float, float]:
    """From the first epoch to the last planned one, or to a half or less of it where the curve would be a sliver."""
    if planned <= first:
        return first, max(reached, first + 1.0)
    length = planned - first
    while length > 20 and length / 2 >= (reached - first) * 1.1:
        length /= 2
    return first, max(first + length, reached)


def accuracy_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """From the highest floor that leaves all values room, up to 1."""
    lowest = float(values.min()) if len(values) else 0.0
    floor = next((floor for floor in ACCURACY_FLOORS if lowest > floor + 0.05 * (1 - floor)), 0.0)
    return floor, 1.0 + 0.02 * (1.0 - floor)


def loss_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """From 0 to a round number above all values."""
    return (0.0, nice_ceiling(min(float(values.max()), LARGEST_LOSS) * 1.15)) if len(values) else EMPTY_LOSS_RANGE


def log_loss_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """The same for base-10 logarithms of losses, in steps of half a power of ten."""
    if not len(values):
        return -2.0, 0.5
    return math.floor(float(values.min()) * 2 - 0.2) / 2, math.ceil(float(values.max()) * 2 + 0.2) / 2


def close_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """From just below the smallest to just above the largest value, in steps of a tenth to a half of what they span."""
    low, high = float(values.min()), float(values.max())
    span = max(high - low, SMALLEST_SPAN * max(abs(low), abs(high)), SMALLEST_LOSS)
    step = nice_ceiling(span / 10.0)
    return math.floor(low / step - 0.5) * step, math.ceil(high / step + 0.5) * step


def nice_ceiling(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 times a power of ten at or above a value."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(nice * power for nice in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0) if nice * power >= value * (1 - 1e-9))
