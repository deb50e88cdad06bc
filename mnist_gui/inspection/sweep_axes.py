"""The runs of a sweep in a chart: a place along an axis for each value of a setting, a colour strength for each
result."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Up to this many different values are spaced evenly; more are placed by their numbers.
MOST_EVEN = 12

# A chart is a grid if its crossings are at most this many times the runs; else the runs are random points.
SPARSEST = 4

# Lower end of the colours of results: this many distances (best to median) below the best, so that one diverged run
# does not make all others look alike.
REACH = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One setting of N runs. names: of its different values in order. numbers (N,) int: index in names of each run.

    places (N,) float64: of each run, 0..1. ticks: labelled places with their labels, ascending.
    """

    label: str
    names: tuple[str, ...]
    numbers: NDArray[np.int64]
    places: NDArray[np.float64]
    ticks: tuple[tuple[float, str], ...]


def axis_of(label: str, values: Sequence[Any], text: Callable[[Any], str], *, is_log: bool = False) -> Axis:
    """The axis of a setting with these values, one for each run: numbers, texts, or tuples of whole numbers.

    is_log: numbers are placed by their logarithms, if there are more than MOST_EVEN, all above 0.
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
    """Whether runs are at the crossings of a few values each, so that a table of them is not mostly empty."""
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
    """The range (low, high) of results (any shape) for the colours: up to the best, down to the worst within REACH. nan
    is ignored; (0.0, 1.0) without results; low < high."""
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
    """The different values: numbers and lists of them ascending, names in their order."""
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
