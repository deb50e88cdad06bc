"""The panel of layers: a curve for each, of the quantity that a person chose, drawn only when it is in sight."""

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtWidgets import QComboBox, QDockWidget, QLabel
from pytestqt.qtbot import QtBot

from mnist_gui.config.run_config import RunConfig
from mnist_gui.training.history import History
from mnist_gui.training.records import LayersMeasured, RunStarted
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.layers.view import MOST_POINTS, QUANTITIES, LayersView
from mnist_gui.ui.widgets.theme import DARK
from tests.ui.conftest import wait_for_end
from tests.ui.person import click, show_window


def history_of(*measured: LayersMeasured) -> History:
    history = History()
    history.add(RunStarted(RunConfig(), 0, 0, 100, 10, 600, 200, 1000, 1))
    for each in measured:
        history.add(each)
    return history


def at(step: int, shift: float = 0.0) -> LayersMeasured:
    return LayersMeasured(step, (0.1, 0.01), (-3.0 + shift, -2.0), (0.4,), (0.3,), (0.2,), (0.1,))


@pytest.fixture
def view(qtbot: QtBot) -> LayersView:
    view = LayersView()
    qtbot.addWidget(view)
    view.resize(380, 300)
    show_window(qtbot, view)
    return view


def curves(view: LayersView) -> list[tuple[np.ndarray, np.ndarray]]:
    items = view.findChild(pg.PlotWidget).getPlotItem().items
    return [item.getData() for item in items if isinstance(item, pg.PlotCurveItem) and item.isVisible()]


def heading(view: LayersView) -> str:
    return view.findChild(QLabel, "layers_values").text()


def test_every_layer_has_a_curve_at_its_epochs(view: LayersView) -> None:
    view.show_history(history_of(at(1), at(10, shift=0.5)))
    (x, first), (_, second) = curves(view)
    np.testing.assert_allclose(x, [0.1, 1.0])
    np.testing.assert_allclose(first, [-3.0, -2.5])
    np.testing.assert_allclose(second, [-2.0, -2.0])
    assert "layer 1 <b>-2.50</b>" in heading(view)
    assert "layer 2 <b>-2.00</b>" in heading(view)


@pytest.mark.parametrize("index", range(len(QUANTITIES)), ids=[quantity.name for quantity in QUANTITIES])
def test_every_quantity_can_be_chosen_and_is_explained(view: LayersView, index: int) -> None:
    view.show_history(history_of(at(1), at(2)))
    box = view.findChild(QComboBox, "layers_quantity")
    assert box
    box.setCurrentIndex(index)
    expected = QUANTITIES[index].of(at(2))
    assert [values[-1] for _, values in curves(view)] == pytest.approx(list(expected))
    assert QUANTITIES[index].help in box.toolTip()


def test_values_that_are_not_finite_are_gaps(view: LayersView) -> None:
    view.show_history(history_of(at(1), at(2, shift=-np.inf), at(3)))
    (_, first), _ = curves(view)
    assert np.isnan(first).tolist() == [False, True, False]


def test_a_linear_network_has_no_units_to_draw_and_the_panel_says_so(view: LayersView) -> None:
    view.show_history(history_of(LayersMeasured(1, (0.1,), (-3.0,), (), (), (), ())))
    assert len(curves(view)) == 1
    box = view.findChild(QComboBox, "layers_quantity")
    assert box
    box.setCurrentText("dead units, share")
    assert curves(view) == []
    assert heading(view) == "A network without hidden layers has none of these."


def test_before_there_is_a_network_the_panel_says_what_to_do(view: LayersView) -> None:
    view.show_theme(DARK)
    view.show_history(History())
    assert "click Train" in heading(view)


def test_the_panel_is_drawn_only_while_it_is_in_front(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert window.run_controller.history.layers
    assert curves(window.view("layers")) == []
    dock = window.findChild(QDockWidget, "dock_layers")
    assert dock
    dock.raise_()
    qtbot.waitUntil(lambda: not window.view("layers").visibleRegion().isEmpty())
    window.view("layers").refresh()
    assert len(curves(window.view("layers"))) == 2


def test_the_layers_are_drawn_over_the_same_part_of_the_run_as_the_curves(view: LayersView) -> None:
    view.show_history(history_of(at(10), at(20, shift=0.5)))
    view.show_x("step", (5.0, 15.0))
    assert [x.tolist() for x, _ in curves(view)] == [[10.0, 20.0]] * 2
    (low, high), _ = view.findChild(pg.PlotWidget).getPlotItem().vb.viewRange()
    assert low < 5.0 < 15.0 < high < 16.0


def test_at_a_pinned_moment_the_values_measured_last_before_it_are_told(view: LayersView) -> None:
    view.show_history(history_of(at(10), at(20, shift=0.5)))
    view.show_step(19)
    assert "layer 1 <b>-3.00</b>" in heading(view)
    (line,) = [item for item in view.findChild(pg.PlotWidget).getPlotItem().items if isinstance(item, pg.InfiniteLine)]
    assert line.isVisible()
    assert line.value() == pytest.approx(1.9)
    view.show_step(None)
    assert "layer 1 <b>-2.50</b>" in heading(view)


@pytest.mark.parametrize(
    ("shift", "text"), [(1e30, "1.00e+30"), (np.nan, "not finite"), (-np.inf, "no step"), (0.25, "-2.75")]
)
def test_any_value_is_told_in_a_few_characters(view: LayersView, shift: float, text: str) -> None:
    view.show_history(history_of(at(1, shift=shift)))
    assert f"layer 1 <b>{text}</b>" in heading(view)


def test_of_very_many_measurements_few_are_drawn_and_the_newest_is_one(view: LayersView) -> None:
    view.show_history(history_of(*(at(step) for step in range(1, 1900))))
    (x, _), _ = curves(view)
    assert len(x) <= MOST_POINTS
    assert x[-1] == pytest.approx(189.9)
