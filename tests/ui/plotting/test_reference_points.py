"""Posted numbers in a plot: told apart by their filling, and read by resting on them."""

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from mnist_gui.casebook.posted_networks import Series
from mnist_gui.ui.plotting.plot_widget import PlotWidget
from mnist_gui.ui.plotting.reference_points import ReferencePoints
from mnist_gui.ui.widgets.theme import DARK, LIGHT

POSTED = Series("train_loss", "posted", (1, 3), (2.0, 1.5), "Told by <them>.")
AGAIN = Series("validation_accuracy", "again", (2,), (0.94,), "Measured.")


def make(qtbot: QtBot) -> tuple[PlotWidget, ReferencePoints]:
    plot = PlotWidget("loss", percent=False)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.getPlotItem().setRange(xRange=(0, 4), yRange=(0, 3), padding=0)
    plot.show()
    dots = ReferencePoints(plot)
    dots.show([POSTED, AGAIN])
    dots.draw(dots.epochs, dots.values)
    return plot, dots


def pixel(plot: PlotWidget, x: float, y: float) -> QPoint:
    return plot.mapFromScene(plot.getPlotItem().vb.mapViewToScene(QPointF(x, y)))


def test_resting_on_a_dot_tells_what_it_is_and_its_source(qtbot: QtBot) -> None:
    plot, dots = make(qtbot)
    assert dots.text_at(pixel(plot, 3, 1.5)) == (
        "\N{BLACK DIAMOND} Training loss 1.5 at epoch 3, as posted. Told by &lt;them&gt;."
    )
    assert "Validation accuracy 94 % at epoch 2, the same program, run again" in dots.text_at(pixel(plot, 2, 0.94))
    assert dots.text_at(pixel(plot, 0.2, 0.2)) == ""


def test_the_text_of_a_dot_is_shown_where_the_mouse_rests(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    plot, _ = make(qtbot)
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: told.append(text))
    for place in (pixel(plot, 1, 2.0), pixel(plot, 0.2, 0.2)):
        QApplication.sendEvent(plot.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, QPoint()))
    assert "Training loss 2 at epoch 1" in told[0]
    assert told[1:] == [""]


def test_dots_at_one_place_are_all_told(qtbot: QtBot) -> None:
    plot, dots = make(qtbot)
    dots.show([POSTED, POSTED])
    dots.draw(dots.epochs, dots.values)
    assert dots.text_at(pixel(plot, 1, 2.0)).count("Training loss 2 at epoch 1") == 2


def test_posted_dots_are_filled_and_those_of_another_run_hollow_in_both_themes(qtbot: QtBot) -> None:
    plot, dots = make(qtbot)
    (item,) = (each for each in plot.items() if isinstance(each, pg.ScatterPlotItem))
    for theme in (DARK, LIGHT):
        dots.show_theme(theme)
        fills = [point.brush().color().name() for point in item.points()]
        assert fills == [theme.base, theme.text, theme.text]
        assert item.opts["pen"].color().name() == theme.text


def test_at_one_place_both_kinds_are_seen(qtbot: QtBot) -> None:
    plot, _ = make(qtbot)
    (item,) = (each for each in plot.items() if isinstance(each, pg.ScatterPlotItem))
    hollow, *filled = (point.size() for point in item.points())
    assert all(hollow >= size + 4 for size in filled)


def test_without_a_place_to_be_dots_are_nowhere_and_tell_nothing(qtbot: QtBot) -> None:
    plot, dots = make(qtbot)
    dots.draw(np.empty(0), np.empty(0))
    assert dots.text_at(pixel(plot, 1, 2.0)) == ""
    dots.show_theme(DARK)
    dots.show([])
    dots.draw(np.empty(0), np.empty(0))
    assert not dots.legend.isVisibleTo(plot)
