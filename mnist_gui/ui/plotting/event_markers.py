"""What is worth a mark in the curves: changed settings, schedules, pauses, ends, stretches without finite losses."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.schema import SETTINGS
from mnist_gui.training.history import History

# What happened within this share of the x axis becomes one mark: a dragged slider is one thought.
MARK_MERGE = 0.015

ENDS = {"diverged": "diverged", "stopped_early": "stopped early"}

IndexSet = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class EventMarker:
    """Something that happened at x of the axis, or from x to `until`. Of a heap, those of low rank are labelled."""

    x: float
    text: str
    rank: int
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that shows from one step to another, both included. is_shaded: all of it, not only where it begins."""

    steps: tuple[int, int]
    text: str
    is_shaded: bool


def marks_of(history: History, places: IndexSet, width: float, stretches: Sequence[Stretch] = ()) -> list[EventMarker]:
    """All marks from left to right. places: of steps on the x axis; width: how much of the axis is in sight."""
    near = MARK_MERGE * width
    marks = [
        *_stretches(stretches, places),
        *_ends(history, places),
        *_gaps(history, places, near),
        *_schedules(history, places),
        *_changes(history, places, near),
        *_pauses(history, places, near),
    ]
    return sorted(marks, key=lambda mark: mark.x)


def name_of(key: str) -> str:
    """A setting's name within a sentence, as its label has it: "learning rate", but "L2 penalty"."""
    label = SETTINGS[key].label if key in SETTINGS else key.rsplit(".", 1)[-1].replace("_", " ")
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _stretches(stretches: Sequence[Stretch], places: IndexSet) -> list[EventMarker]:
    marks = []
    for stretch in stretches:
        start, end = (_place(places, step) for step in (stretch.steps[0] - 1, stretch.steps[1]))
        marks.append(EventMarker(start, stretch.text, 1, end if stretch.is_shaded else None))
    return marks


def _ends(history: History, places: IndexSet) -> list[EventMarker]:
    if history.ended is None or history.ended.state not in ENDS:
        return []
    return [EventMarker(_place(places, history.ended.step), ENDS[history.ended.state], 0)]


def _gaps(history: History, places: IndexSet, near: float) -> list[EventMarker]:
    """Each stretch begins where the step before its first one ended."""
    if not history.gaps:
        return []
    starts = places(np.array([first - 1 for first, _ in history.gaps], np.float64))
    ends = places(np.array([last for _, last in history.gaps], np.float64))
    marks: list[EventMarker] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if marks and marks[-1].until is not None and start - marks[-1].until <= near / 10:
            marks[-1] = EventMarker(marks[-1].x, "not finite", 1, end)
        else:
            marks.append(EventMarker(start, "not finite", 1, end))
    return marks


def _schedules(history: History, places: IndexSet) -> list[EventMarker]:
    return [EventMarker(_place(places, start.step), "continued", 2) for start in history.starts[1:]]


def _changes(history: History, places: IndexSet, near: float) -> list[EventMarker]:
    """A row of changes of the same setting, each soon after the one before, becomes one mark."""
    at = places(np.array([change.step for change in history.changes], np.float64)).tolist()
    rows: list[tuple[str, float, float, float]] = []  # key, place, old and new value
    last = -math.inf
    for change, x in zip(history.changes, at, strict=True):
        if rows and rows[-1][0] == change.key and x - last <= near:
            rows[-1] = (*rows[-1][:3], change.new)
        else:
            rows.append((change.key, x, change.old, change.new))
        last = x
    arrow = "\N{RIGHTWARDS ARROW}"
    return [EventMarker(x, f"{name_of(key)} {old:.4g} {arrow} {new:.4g}", 3) for key, x, old, new in rows]


def _pauses(history: History, places: IndexSet, near: float) -> list[EventMarker]:
    """Pauses near each other become one mark, where the first of them was."""
    rows: list[tuple[float, int]] = []
    last = -math.inf
    for x in places(np.array(history.pauses, np.float64)).tolist():
        if rows and x - last <= near:
            rows[-1] = (rows[-1][0], rows[-1][1] + 1)
        else:
            rows.append((x, 1))
        last = x
    return [EventMarker(x, "paused" if times == 1 else f"paused {times} times", 4) for x, times in rows]


def _place(places: IndexSet, step: int) -> float:
    return float(places(np.array([step], np.float64))[0])
