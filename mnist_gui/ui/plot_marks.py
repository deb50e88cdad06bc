"""What stands in a plot besides its curves: changes, pauses, the end, gaps, the best epoch, the base-rate loss."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from mnist_gui.settings import SETTINGS
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, SettingChanged
from mnist_gui.ui.theme import Theme

# Marks of one kind within this share of the x axis become one: a dragged slider is one thought.
MARK_MERGE = 0.015

# Of more marks than this only the lines are drawn: so many texts would hide each other and the curves.
MOST_TEXTS = 12

ENDS = {"stopped_early": "stopped early", "diverged": "diverged", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened after a step."""

    step: float
    text: str


class PlotMarks:
    """The marks of one plot. texts: those of the vertical ones, from left to right."""

    def __init__(self, item: pg.PlotItem) -> None:
        self.texts: list[str] = []
        self._item = item
        self._drawn: list[pg.InfiniteLine | pg.LinearRegionItem] = []
        self._best = pg.ScatterPlotItem(symbol="star", size=15, pxMode=True)
        self._best.setZValue(2)
        item.addItem(self._best, ignoreBounds=True)

    def draw(self, history: History, place: Callable[[float], float], theme: Theme, base_rate: float) -> None:
        """Draw all anew. place: from a step to the x axis; base_rate: as drawn on the y axis, nan for none."""
        for drawn in self._drawn:
            self._item.removeItem(drawn)
        marks = all_marks(history)
        self._drawn, self.texts = [], [mark.text for mark in marks]
        for number, mark in enumerate(marks):
            height = 0.93 - 0.08 * (number % 3)  # neighbours at different heights
            text = mark.text if len(marks) <= MOST_TEXTS else ""
            self._add_line(pg.InfiniteLine(place(mark.step), angle=90), text, height, theme)
        for first, last in history.gaps[:MOST_TEXTS]:
            self._add_gap(place(first - 1), place(last), theme)
        if math.isfinite(base_rate):
            self._add_line(pg.InfiniteLine(base_rate, angle=0), "knows only how frequent each class is", 0.02, theme)

    def draw_best(self, best: EpochDone | None, place: Callable[[float], float], y: float, theme: Theme) -> None:
        """A star where the validation loss is smallest, at height y; none without a finite one."""
        if best is None or not math.isfinite(y):
            self._best.setData([], [])
            return
        self._best.setData([place(best.step)], [y], brush=pg.mkBrush(theme.validation), pen=pg.mkPen(theme.base))

    def _add_line(self, line: pg.InfiniteLine, text: str, position: float, theme: Theme) -> None:
        line.setPen(pg.mkPen(theme.mark, style=Qt.PenStyle.DotLine))
        if text:
            line.label = pg.InfLineLabel(
                line,
                text,
                position=position,
                color=theme.text,
                fill=theme.alternate,
                anchors=[(0, 0.5)] * 2 if line.angle == 90 else [(0, 1)] * 2,
            )
        self._add(line)

    def _add_gap(self, first: float, last: float, theme: Theme) -> None:
        """A shaded stretch without finite values."""
        colour = QColor(theme.error)
        colour.setAlpha(60)
        region = pg.LinearRegionItem((first, last), movable=False, brush=colour, pen=pg.mkPen(theme.error))
        pg.InfLineLabel(region.lines[0], "not finite", position=0.1, color=theme.error, anchors=[(0, 0.5)] * 2)
        self._add(region)

    def _add(self, drawn: pg.InfiniteLine | pg.LinearRegionItem) -> None:
        drawn.setZValue(-1)
        self._drawn.append(drawn)
        self._item.addItem(drawn, ignoreBounds=True)


def all_marks(history: History) -> list[Mark]:
    """What happened on the way, by step: new schedules, changes, pauses, and an end that was not planned."""
    per_epoch = history.starts[-1].steps_per_epoch if history.starts else 1
    nearness = MARK_MERGE * max(history.last_step - history.first_step, per_epoch)
    marks = [Mark(start.step, "train more") for start in history.starts[1:]]
    marks += changes(history.changes, nearness)
    marks += pauses(history.pauses, nearness)
    if history.ended and history.ended.state in ENDS:
        marks.append(Mark(history.ended.step, ENDS[history.ended.state]))
    return sorted(marks, key=lambda mark: mark.step)


def changes(changed: Iterable[SettingChanged], nearness: float) -> list[Mark]:
    """A row of changes of the same setting, each soon after the one before, becomes one."""
    rows: list[list[SettingChanged]] = []
    for change in changed:
        last = rows[-1][-1] if rows else None
        if last and last.key == change.key and change.step - last.step <= nearness:
            rows[-1].append(change)
        else:
            rows.append([change])
    arrow = "\N{RIGHTWARDS ARROW}"
    return [
        Mark(row[0].step, f"{SETTINGS[row[0].key].label.lower()} {row[0].old:.4g} {arrow} {row[-1].new:.4g}")
        for row in rows
    ]


def pauses(steps: Iterable[int], nearness: float) -> list[Mark]:
    """Pauses that are near each other, as when a person goes step by step, become one."""
    rows: list[list[int]] = []
    for step in steps:
        if rows and step - rows[-1][-1] <= nearness:
            rows[-1].append(step)
        else:
            rows.append([step])
    return [Mark(row[0], "paused" if len(row) == 1 else f"paused {len(row)} times") for row in rows]
