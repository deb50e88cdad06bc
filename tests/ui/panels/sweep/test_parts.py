"""The table and the charts of a sweep by themselves: order, what is meant by a point, extremes, and what is told."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from mnist_gui.experiments.sweep_runs import Outcome
from mnist_gui.inspection.sweep_axes import Axis, axis_of
from mnist_gui.ui.panels.sweep.chart import NO_RUN, SweepChart
from mnist_gui.ui.panels.sweep.heat_map import HeatMap
from mnist_gui.ui.panels.sweep.parallel_coordinates import ParallelCoordinates
from mnist_gui.ui.panels.sweep.scatter import SweepScatter
from mnist_gui.ui.panels.sweep.table import SweepTable
from mnist_gui.ui.widgets.theme import DARK

RATES = [0.1, 10.0, 0.001, 1.0]


def axis(values: Sequence[Any], label: str = "Learning rate") -> Axis:
    return axis_of(label, list(values), str, is_log=True)


def done(accuracy: float, loss: float | None = 0.5, seconds: float = 1.0) -> Outcome:
    return Outcome("finished", accuracy, loss, seconds, None)


@pytest.fixture
def table(qtbot: QtBot) -> SweepTable:
    table = SweepTable()
    qtbot.addWidget(table)
    table.show_axes([axis(RATES)])
    table.show_outcomes([done(0.7, 0.9, 3.0), None, done(0.9, None, 1.0), done(0.8, 0.2, 2.0)])
    return table


def column(table: SweepTable, heading: str) -> list[str]:
    at = table.headings.index(heading)
    return [row[at] for row in table.rows]


@pytest.mark.parametrize(
    ("heading", "order", "rates"),
    [
        ("accuracy", Qt.SortOrder.DescendingOrder, ["0.001", "1.0", "0.1", "10.0"]),
        ("accuracy", Qt.SortOrder.AscendingOrder, ["0.1", "1.0", "0.001", "10.0"]),
        ("loss", Qt.SortOrder.AscendingOrder, ["1.0", "0.1", "0.001", "10.0"]),  # one not finite, one not known
        ("loss", Qt.SortOrder.DescendingOrder, ["0.1", "1.0", "0.001", "10.0"]),
        ("time", Qt.SortOrder.AscendingOrder, ["0.001", "1.0", "0.1", "10.0"]),
        ("Learning rate", Qt.SortOrder.AscendingOrder, ["0.001", "0.1", "1.0", "10.0"]),
        ("Learning rate", Qt.SortOrder.DescendingOrder, ["10.0", "1.0", "0.1", "0.001"]),
    ],
)
def test_any_column_sorts_and_what_is_not_known_comes_last(
    table: SweepTable, heading: str, order: Qt.SortOrder, rates: list[str]
) -> None:
    table.sortByColumn(table.headings.index(heading), order)
    assert column(table, "Learning rate") == rates


def test_the_selected_run_stays_selected_when_results_move_its_row(table: SweepTable) -> None:
    chosen: list[int] = []
    table.chosen.connect(chosen.append)
    table.select(1)
    assert table.selected == 1
    table.show_outcomes([done(0.7), done(0.99), done(0.9), done(0.8)])
    assert column(table, "Learning rate")[0] == "10.0"
    assert table.selected == 1
    assert table.currentIndex().row() == 0
    assert chosen == []  # nobody chose anything


def test_arrow_keys_choose_runs_and_return_uses_one(qtbot: QtBot, table: SweepTable) -> None:
    chosen, used = list[int](), list[int]()
    table.chosen.connect(chosen.append)
    table.used.connect(used.append)
    table.show()
    table.setFocus()
    table.select(2)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert chosen == [3]
    assert used == [3]


def test_a_run_that_is_pointed_at_is_bold(table: SweepTable) -> None:
    table.hover(3)
    model = table.model()
    bold = [model.index(row, 0).data(Qt.ItemDataRole.FontRole) is not None for row in range(4)]
    assert bold == [False, True, False, False]
    table.hover(NO_RUN)
    assert model.index(1, 0).data(Qt.ItemDataRole.FontRole) is None


def test_a_run_that_is_pointed_at_elsewhere_stands_out(qtbot: QtBot) -> None:
    chart = ParallelCoordinates()
    qtbot.addWidget(chart)
    chart.resize(300, 150)
    chart.show_axes([axis(RATES)], str)
    chart.show_values(np.array([0.5, 0.6, 0.7, 0.8]))
    told: list[int] = []
    chart.pointed.connect(told.append)
    before = chart.grab().toImage()
    chart.hover(2)
    assert chart.grab().toImage() != before
    chart.hover(NO_RUN)
    assert chart.grab().toImage() == before
    assert told == []


CHARTS = [
    (HeatMap, [axis([1, 1, 2, 2]), axis([5, 6, 5, 6], "Batch size")]),
    (SweepScatter, [axis([1, 1, 2, 2])]),
    (SweepScatter, [axis(RATES), axis([5, 6, 5, 6], "Batch size")]),
    (ParallelCoordinates, [axis(RATES)]),
    (ParallelCoordinates, [axis(["relu", "tanh", "relu", "tanh"], "Activation")] * 8),
]
VALUES = [
    [0.5, 0.6, 0.7, 0.8],
    [0.5, 0.5, 0.5, 0.5],
    [0.0, 0.0, 0.0, 0.0],
    [math.nan, 0.9, math.nan, math.nan],
    [math.nan] * 4,
    [0.1, 0.98, 0.981, 0.982],
    [1.0, 1.0, 1.0, 0.0],
]


@pytest.mark.parametrize("values", VALUES, ids=str)
@pytest.mark.parametrize("size", [(1, 1), (120, 80), (380, 200)], ids=str)
@pytest.mark.parametrize(("kind", "axes"), CHARTS)
def test_any_results_are_painted_in_any_room(
    qtbot: QtBot, kind: type[SweepChart], axes: list[Axis], size: tuple[int, int], values: list[float]
) -> None:
    chart = kind()
    qtbot.addWidget(chart)
    chart.show_theme(DARK)
    chart.show_axes(axes, str)
    chart.show_values(np.array(values))
    chart.mark(2)
    chart._point(1)
    chart.setMinimumSize(1, 1)
    chart.resize(*size)
    assert chart.grab().width() == size[0]
    for place in (QPointF(0, 0), QPointF(size[0] / 2, size[1] / 2), QPointF(size[0], size[1])):
        assert NO_RUN <= chart.run_at(place) < 4


@pytest.mark.parametrize("kind", [HeatMap, SweepScatter, ParallelCoordinates])
def test_a_chart_of_nothing_is_painted_and_means_nothing(qtbot: QtBot, kind: type[SweepChart]) -> None:
    chart = kind()
    qtbot.addWidget(chart)
    chart.show()
    pointed: list[int] = []
    chart.pointed.connect(pointed.append)
    qtbot.mouseMove(chart, chart.rect().center())
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton)
    assert not chart.grab().isNull()
    assert pointed == []


def test_every_cell_of_a_heat_map_means_its_best_run(qtbot: QtBot) -> None:
    chart = HeatMap()
    qtbot.addWidget(chart)
    chart.resize(380, 200)
    columns, rows = [1, 1, 2, 2, 2], [5, 6, 5, 5, 6]
    chart.show_axes([axis(columns), axis(rows, "Batch size")], str)
    chart.show_values(np.array([0.5, 0.6, 0.7, 0.9, math.nan]))
    found = {(row, column): chart.run_at(chart.cell(row, column).center()) for row in (0, 1) for column in (0, 1)}
    assert found == {(0, 0): 0, (1, 0): 1, (0, 1): 3, (1, 1): 4}
    assert chart.describe(2) == "Learning rate 2, Batch size 5: 80.00%, the mean of 2 runs from 70.00% to 90.00%"
    assert chart.describe(4).endswith("no result yet")


def test_stronger_cells_are_better(qtbot: QtBot) -> None:
    chart = HeatMap()
    qtbot.addWidget(chart)
    chart.resize(600, 300)
    chart.show_axes([axis([1, 2, 3]), axis([5, 5, 5], "Batch size")], str)
    chart.show_values(np.array([0.5, 0.6, 0.55]))
    picture = chart.grab().toImage()
    corner = [chart.cell(0, column).topLeft() + QPointF(6, 6) for column in range(3)]
    lightness = [picture.pixelColor(point.toPoint()).lightness() for point in corner]
    assert lightness[0] > lightness[2] > lightness[1]  # in the light theme, on a white ground


def test_of_thousands_of_runs_the_best_are_drawn(qtbot: QtBot) -> None:
    values = np.random.default_rng(0).random(3000)
    chart = ParallelCoordinates()
    qtbot.addWidget(chart)
    chart.show_axes([axis(np.arange(3000.0).tolist())], str)
    chart.show_values(values)
    assert len(chart.drawn) == 500
    assert values[chart.drawn].min() >= np.sort(values)[-500]
    assert chart.drawn[-1] == np.argmax(values)
    assert not chart.grab().isNull()
    dots = SweepScatter()
    qtbot.addWidget(dots)
    dots.show_axes([axis(np.arange(3000.0).tolist())], str)
    dots.show_values(values)
    assert not dots.grab().isNull()
