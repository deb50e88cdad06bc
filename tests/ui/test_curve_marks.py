"""What stands in and behind the curves: marks, gaps, ghosts with their legend, the moment that is looked back at."""

import math

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.config import RunConfig
from mnist_gui.training.history import History
from mnist_gui.training.records import (
    EpochDone,
    MinibatchesDone,
    RunEnded,
    RunPaused,
    RunStarted,
    SettingChanged,
    State,
)
from mnist_gui.ui.curves_view import CurvesView
from mnist_gui.ui.ghosts import COLOURS, Ghost, legend
from mnist_gui.ui.plot import MOST_POINTS_ZOOMED
from mnist_gui.ui.plot_marks import MOST_TEXTS, all_marks
from mnist_gui.ui.theme import DARK

ARROW = "\N{RIGHTWARDS ARROW}"


def trained(losses: list[float], *, epochs: int = 10, steps_per_epoch: int = 10) -> History:
    history = History()
    config = RunConfig().with_settings({"training.epochs": epochs})
    history.add(RunStarted(config, 0, 0, epochs * steps_per_epoch, steps_per_epoch, 600, 200, 1000, 1))
    values = np.array(losses, np.float32)
    seconds = np.arange(1, len(values) + 1, dtype=np.float32) / 100
    history.add(MinibatchesDone(1, values, np.full_like(values, 0.5), np.full_like(values, 0.1), seconds))
    for epoch in range(1, len(losses) // steps_per_epoch + 1):
        history.add(EpochDone(epoch, epoch * steps_per_epoch, 0.5, 0.9, 0.4, 0.9, 1.0, 1000.0))
    return history


def ended(state: State, step: int) -> RunEnded:
    return RunEnded(state, step, 0, None, math.nan, math.nan, 1.0)


@pytest.fixture
def view(qtbot: QtBot) -> CurvesView:
    view = CurvesView()
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    return view


def plot_widget(view: CurvesView, name: str) -> pg.PlotWidget:
    widget = view.findChild(QWidget, name)
    assert isinstance(widget, pg.PlotWidget)
    return widget


def refresh(view: CurvesView) -> None:
    for plot in view.plots:
        plot.refresh()


def heading(view: CurvesView, name: str) -> str:
    return view.findChild(QLabel, f"{name}_values").as_read  # type: ignore[union-attr]


def curves_behind(view: CurvesView, name: str) -> list[pg.PlotCurveItem]:
    items = plot_widget(view, name).getPlotItem().items
    return [item for item in items if isinstance(item, pg.PlotCurveItem) and item.zValue() < -1]


# Marks


def test_changes_pauses_and_an_early_end_are_marked_by_the_names_that_people_know() -> None:
    history = trained([1.0] * 80)
    history.add(RunPaused(10))
    history.add(SettingChanged(40, "training.learning_rate", 0.1, 0.05))
    history.add(ended("stopped_early", 80))
    marks = [(mark.step, mark.text) for mark in all_marks(history)]
    assert marks == [(10, "paused"), (40, f"learning rate 0.1 {ARROW} 0.05"), (80, "stopped early")]


def test_pauses_of_going_step_by_step_are_one_mark() -> None:
    history = trained([1.0] * 80, steps_per_epoch=400)
    for step in (1, 2, 3, 60):
        history.add(RunPaused(step))
    assert [(mark.step, mark.text) for mark in all_marks(history)] == [(1, "paused 3 times"), (60, "paused")]


def test_a_planned_end_and_a_stop_by_hand_leave_no_mark() -> None:
    for state in ("finished", "stopped"):
        history = trained([1.0] * 80)
        history.add(ended(state, 80))  # type: ignore[arg-type]
        assert all_marks(history) == []


def test_marks_appear_as_they_happen(view: CurvesView) -> None:
    history = trained([1.0] * 30)
    view.show_history(history)
    assert view.loss.marks == []
    history.add(RunPaused(30))
    refresh(view)
    assert view.loss.marks == view.accuracy.marks == ["paused"]
    history.add(ended("diverged", 30))
    refresh(view)
    assert view.loss.marks == ["paused", "diverged"]


def test_very_many_marks_are_lines_without_texts(view: CurvesView) -> None:
    history = trained([1.0] * 1000, steps_per_epoch=100)
    for step in range(0, 1000, 40):
        history.add(SettingChanged(step, "training.momentum", 0.9, 0.5))
    view.show_history(history)
    lines = [item for item in plot_widget(view, "loss").getPlotItem().items if isinstance(item, pg.InfiniteLine)]
    assert len([line for line in lines if line.angle == 90]) == 25 > MOST_TEXTS
    assert not [line for line in lines if line.angle == 90 and hasattr(line, "label")]


def test_values_that_are_not_finite_are_a_shaded_stretch(view: CurvesView) -> None:
    view.show_history(trained([1.0, math.nan, math.inf, 1.0, 1.0, 1.0, -math.inf, 0.5, 0.5, 0.5]))
    for name in ("loss", "accuracy"):
        items = plot_widget(view, name).getPlotItem().items
        regions = [item.getRegion() for item in items if isinstance(item, pg.LinearRegionItem)]
        np.testing.assert_allclose(regions, [(0.1, 0.3), (0.6, 0.7)])


# Ghosts


def test_ghosts_are_drawn_behind_with_a_legend_of_what_differs(view: CurvesView) -> None:
    view.show_history(trained([1.0] * 30))
    ghosts = [Ghost("learning rate 0.5", trained([2.0] * 20)), Ghost("momentum <b>0", trained([3.0] * 40))]
    view.show_ghosts(ghosts)
    for name, value in (("loss", 2.0), ("accuracy", 0.5)):
        behind = curves_behind(view, name)
        assert len(behind) == 4  # a mean and a validation line each
        x, y = behind[0].getData()
        assert (x[-1], y[-1]) == (2.0, value)
        assert [item.opts["pen"].color().name() for item in behind] == [COLOURS[0]] * 2 + [COLOURS[1]] * 2
    assert view.legend.split("behind: ")[1].count("learning rate 0.5") == 1
    assert "momentum <b>0" in view.legend  # as it is written
    view.show_ghosts([])
    assert curves_behind(view, "loss") == []
    assert view.legend == ""


def test_a_ghost_is_drawn_over_its_own_epochs_steps_and_seconds(view: CurvesView) -> None:
    view.show_history(trained([1.0] * 30))
    view.show_ghosts([Ghost("other", trained([2.0] * 40, steps_per_epoch=20))])
    unit = view.findChild(QComboBox, "x_unit")
    assert unit
    ends = []
    for index in range(3):
        unit.setCurrentIndex(index)
        ends.append(round(float(curves_behind(view, "loss")[0].getData()[0][-1]), 4))
    assert ends == [2.0, 40.0, 0.4]


def test_the_axes_hold_the_ghosts_before_there_is_a_run_and_beside_it(view: CurvesView) -> None:
    view.show_history(History())
    view.show_ghosts([Ghost("other", trained([5.0] * 40))])
    (left, right), (low, high) = plot_widget(view, "loss").getPlotItem().vb.viewRange()
    assert left <= 0.1
    assert right >= 4.0
    assert low <= 5.0 <= high
    view.show_history(trained([0.1] * 30))
    _, (low, high) = plot_widget(view, "loss").getPlotItem().vb.viewRange()
    assert low <= 0.1
    assert high >= 5.0


@pytest.mark.parametrize("losses", [[], [math.nan] * 12, [math.inf] * 12, [3e38] * 12, [1e-30, 3e38] * 10], ids=str)
def test_any_ghost_is_drawn_without_a_warning_on_both_scales(view: CurvesView, losses: list[float]) -> None:
    view.show_theme(DARK)
    view.show_history(trained([1.0] * 5))
    view.show_ghosts([Ghost("odd", trained(losses))] * 9)
    view.loss._log_button.setChecked(True)
    assert not view.grab().isNull()


def test_more_ghosts_than_colours_are_told_apart_by_their_lines() -> None:
    texts = legend([Ghost(f"run {number}", History()) for number in range(2 * len(COLOURS))])
    assert texts.count(COLOURS[0]) == 2
    assert texts.count("\N{BOX DRAWINGS HEAVY TRIPLE DASH HORIZONTAL}") == len(COLOURS)


# Looking back


def test_the_moment_looked_back_at_is_read_until_the_mouse_points_elsewhere(view: CurvesView) -> None:
    view.show_history(trained([float(value) for value in range(1, 31)]))
    view.show_moment(20)
    assert "step 20," in heading(view, "loss")
    assert "(20.0000)" in heading(view, "loss")
    assert "step 20," in heading(view, "accuracy")
    for plot in view.plots:
        plot.show_moment(7)  # the mouse
    assert "step 7," in heading(view, "loss")
    for plot in view.plots:
        plot.show_moment(None)
    assert "step 20," in heading(view, "loss")
    view.show_moment(None)
    assert "step" not in heading(view, "loss")


def test_the_line_of_the_moment_stays_at_its_step_when_the_axis_counts_otherwise(view: CurvesView) -> None:
    view.show_history(trained([1.0] * 30))
    view.show_moment(20)
    assert view.loss._pin.x == 2.0
    unit = view.findChild(QComboBox, "x_unit")
    assert unit
    unit.setCurrentIndex(1)
    assert view.loss._pin.x == 20.0


def mouse(widget: pg.PlotWidget, kind: QEvent.Type, at: QPointF) -> None:
    viewport = widget.viewport()
    left = Qt.MouseButton.LeftButton
    held = left if kind != QEvent.Type.MouseButtonRelease else Qt.MouseButton.NoButton
    event = QMouseEvent(
        kind, at, QPointF(viewport.mapToGlobal(at.toPoint())), left, held, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(viewport, event)


def place_of(widget: pg.PlotWidget, x: float) -> QPointF:
    box = widget.getPlotItem().vb
    scene = box.mapViewToScene(QPointF(x, sum(box.viewRange()[1]) / 2))
    return QPointF(widget.mapFromScene(scene))


def test_a_click_in_a_plot_chooses_its_moment_and_a_drag_does_not(qtbot: QtBot, view: CurvesView) -> None:
    view.show_history(trained([1.0] * 100))
    chosen: list[int] = []
    view.moment_chosen.connect(chosen.append)
    widget = plot_widget(view, "accuracy")
    at = place_of(widget, 5.0)
    mouse(widget, QEvent.Type.MouseButtonPress, at)
    mouse(widget, QEvent.Type.MouseButtonRelease, at)
    assert len(chosen) == 1
    assert abs(chosen[0] - 50) <= 1
    mouse(widget, QEvent.Type.MouseButtonPress, at)
    mouse(widget, QEvent.Type.MouseMove, at + QPoint(30, 0))
    mouse(widget, QEvent.Type.MouseButtonRelease, at + QPoint(60, 0))
    assert len(chosen) == 1


# Zooming into a long run


def test_zooming_in_shows_single_minibatches_however_long_the_run(view: CurvesView) -> None:
    losses = np.random.default_rng(0).random(200_000)
    losses[123_456] = 77.0
    history = trained([], epochs=20, steps_per_epoch=10_000)
    values = losses.astype(np.float32)
    history.add(MinibatchesDone(1, values, values, values, np.arange(len(values), dtype=np.float32)))
    view.show_history(history)
    raw = next(item for item in plot_widget(view, "loss").getPlotItem().items if isinstance(item, pg.PlotCurveItem))
    assert np.nanmax(raw.getData()[1]) == 77.0
    box = plot_widget(view, "loss").getPlotItem().vb
    box.setXRange(12.33, 12.36, padding=0)
    box.sigRangeChangedManually.emit(box.state["mouseEnabled"])
    refresh(view)
    x, y = raw.getData()
    assert len(x) // 2 <= MOST_POINTS_ZOOMED
    in_sight = (x >= 12.33) & (x <= 12.36)
    assert in_sight.sum() // 2 >= 299
    assert 77.0 in y
