"""Where the runs of a sweep stand in a chart: a place along an axis for each value of a setting, a strength for each
result."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# So many different values stand side by side, evenly; more are spread as numbers are.
MOST_EVEN = 12

# A grid may lack so many times the runs that it has, before it is held to be points at random.
SPARSEST = 4

# How far below the best, in distances from the best to the median, the colours of results end: one run that diverged
# would else make all others look alike.
REACH = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One setting of N runs. names: of its different values in order. numbers: of each run, which of them, (N,) int.

    places: of each run, 0..1, (N,) float64. ticks: places that are labelled, with their labels, ascending.
    """

    label: str
    names: tuple[str, ...]
    numbers: NDArray[np.int64]
    places: NDArray[np.float64]
    ticks: tuple[tuple[float, str], ...]


def axis_of(label: str, values: Sequence[Any], text: Callable[[Any], str], *, is_log: bool = False) -> Axis:
    """The axis of a setting with these values, one for each run: numbers, texts, or tuples of whole numbers.

    is_log: numbers are spread by their logarithms, if they are many and above 0.
    """
    distinct = _ordered(values)
    number_of = {value: number for number, value in enumerate(distinct)}
    numbers = np.array([number_of[value] for value in values], np.int64)
    names = tuple(map(text, distinct))
    if len(distinct) <= MOST_EVEN or not _is_number(distinct[0]):
        places = (np.arange(len(distinct)) + 0.5) / max(len(distinct), 1)
        step = max(len(distinct) - 1, 0) / (MOST_EVEN - 1)
        shown = sorted({round(number * step) for number in range(MOST_EVEN)}) if names else []
        return Axis(label, names, numbers, places[numbers], tuple((float(places[at]), names[at]) for at in shown))
    low, high = float(distinct[0]), float(distinct[-1])
    is_log = is_log and low > 0.0
    scale: Callable[[Any], Any] = np.log if is_log else np.asarray
    spread = scale(np.array(distinct, np.float64))
    places = (spread - spread[0]) / (spread[-1] - spread[0])
    middle = math.sqrt(low * high) if is_log else (low + high) / 2
    ticks = tuple((place, _short(value)) for place, value in ((0.0, low), (0.5, middle), (1.0, high)))
    return Axis(label, names, numbers, places[numbers], ticks)


def is_grid(axes: Sequence[Axis]) -> bool:
    """Whether runs stand at the crossings of a few values each, so that a table of them is not mostly empty."""
    crossings = math.prod(len(axis.names) for axis in axes)
    taken = len(set(zip(*(axis.numbers.tolist() for axis in axes), strict=True)))
    return crossings <= SPARSEST * taken


def cell_means(rows: Axis, columns: Axis, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean value of the runs at each crossing, (R, C); nan where there is none. Runs of value nan do not count."""
    means = np.zeros((len(rows.names), len(columns.names)))
    counts = np.zeros(means.shape)
    known = np.isfinite(values)
    at = rows.numbers[known], columns.numbers[known]
    np.add.at(means, at, values[known])
    np.add.at(counts, at, 1.0)
    means[counts == 0] = np.nan
    return means / np.maximum(counts, 1.0)


def value_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """The results (any shape) between which colours differ: the best, and the worst that is not far off. nan is no
    result. (0.0, 1.0) without any, and never empty."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    best = float(known.max())
    low = max(float(known.min()), best - REACH * (best - float(np.median(known))))
    return (low, best) if low < best else (max(best - 0.01, 0.0), best) if best > 0.0 else (0.0, 0.01)


def strengths(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """0 at low and worse, 1 at high, evenly between; nan stays nan."""
    shares: NDArray[np.float64] = np.clip((values - low) / (high - low), 0.0, 1.0)
    return shares


def _ordered(values: Sequence[Any]) -> list[Any]:
    """Each value once: numbers and lists of them ascending, names as they come."""
    distinct = list(dict.fromkeys(values))
    return distinct if any(isinstance(value, str) for value in distinct) else _ascending(distinct)


def _ascending(values: list[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:  # lists of names beside empty lists
        return values


def _short(value: float) -> str:
    return f"{value:.0f}" if 100 <= abs(value) < 1e6 else f"{value:.2g}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))
