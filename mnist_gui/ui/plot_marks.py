"""What stands in a plot besides its curves: changes of settings, new schedules, the best epoch, the base-rate loss."""

import math
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import Qt

from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, SettingChanged
from mnist_gui.ui.theme import Theme

# Changes of one setting within this share of the x axis become one mark: a dragged slider is one thought.
MARK_MERGE = 0.015


class PlotMarks:
    """The marks of one plot. texts: those of the vertical ones, from left to right as they were made."""

    def __init__(self, item: pg.PlotItem) -> None:
        self.texts: list[str] = []
        self._item = item
        self._lines: list[pg.InfiniteLine] = []
        self._best = pg.ScatterPlotItem(symbol="star", size=15, pxMode=True)
        self._best.setZValue(2)
        item.addItem(self._best, ignoreBounds=True)

    def draw(self, history: History, place: Callable[[float], float], theme: Theme, base_rate: float) -> None:
        """Draw all lines anew. place: from a step to the x axis; base_rate: as drawn on the y axis, nan for none."""
        for line in self._lines:
            self._item.removeItem(line)
        self._lines, self.texts = [], []
        for start in history.starts[1:]:
            self._add_vertical(place(start.step), "train more", theme)
        nearness = MARK_MERGE * max(history.last_step, history.starts[-1].steps_per_epoch if history.starts else 1)
        for step, text in merged(history.changes, nearness):
            self._add_vertical(place(step), text, theme)
        if math.isfinite(base_rate):
            self._add(pg.InfiniteLine(base_rate, angle=0), "knows only how frequent each class is", 0.02, theme)

    def draw_best(self, best: EpochDone | None, place: Callable[[float], float], y: float, theme: Theme) -> None:
        """A star where the validation loss is smallest, at height y; none without a finite one."""
        if best is None or not math.isfinite(y):
            self._best.setData([], [])
            return
        self._best.setData([place(best.step)], [y], brush=pg.mkBrush(theme.validation), pen=pg.mkPen(theme.base))

    def _add_vertical(self, x: float, text: str, theme: Theme) -> None:
        height = 0.93 - 0.08 * (len(self.texts) % 3)  # neighbours at different heights
        self._add(pg.InfiniteLine(x, angle=90), text, height, theme)
        self.texts.append(text)

    def _add(self, line: pg.InfiniteLine, text: str, position: float, theme: Theme) -> None:
        line.setPen(pg.mkPen(theme.mark, style=Qt.PenStyle.DotLine))
        line.label = pg.InfLineLabel(
            line,
            text,
            position=position,
            color=theme.text,
            fill=theme.alternate,
            anchors=[(0, 0.5)] * 2 if line.angle == 90 else [(0, 1)] * 2,
        )
        line.setZValue(-1)
        self._lines.append(line)
        self._item.addItem(line, ignoreBounds=True)


def merged(changes: list[SettingChanged], nearness: float) -> list[tuple[int, str]]:
    """Changes as (step, text); a row of changes of the same setting, each soon after the one before, becomes one."""
    marks: list[tuple[int, str, float, float]] = []
    last_step = -math.inf
    for change in changes:
        name = change.key.split(".")[1].replace("_", " ")
        if marks and marks[-1][1] == name and change.step - last_step <= nearness:
            step, _, old, _ = marks[-1]
            marks[-1] = (step, name, old, change.new)
        else:
            marks.append((change.step, name, change.old, change.new))
        last_step = change.step
    return [(step, f"{name} {old:.4g} \N{RIGHTWARDS ARROW} {new:.4g}") for step, name, old, new in marks]
