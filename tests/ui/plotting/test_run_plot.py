"""The plots on their own: any history is drawn, drawn values are the history's, and axes hold them."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.config.run_config import RunConfig
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, MinibatchesDone, RunEnded, RunStarted, SettingChanged
from mnist_gui.ui.plotting.auto_range import accuracy_range, epoch_range, log_loss_range, loss_range, settled
from mnist_gui.ui.plotting.axes import LogAxis
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.plotting.live_curves import MOST_DOTS
from mnist_gui.ui.plotting.marker_items import MarkerItems
from mnist_gui.ui.plotting.plot_widget import PlotWidget
from mnist_gui.ui.plotting.run_plot import GO_ON_HINT, HINT
from mnist_gui.ui.widgets.theme import DARK, LIGHT
from tests.ui.person import show_window, turn_wheel

LARGEST = float(np.finfo(np.float32).max)


def started(*, step: int = 0, epochs: int = 10, steps_per_epoch: int = 10) -> RunStarted:
    config = RunConfig().with_settings({"training.epochs": epochs})
    return RunStarted(
        config, step, step // steps_per_epoch, step + epochs * steps_per_epoch, steps_per_epoch, 600, 200, 1000, 1
    )


def minibatches(losses: Sequence[float], first_step: int = 1) -> MinibatchesDone:
    values = np.array(losses, np.float32)
    return MinibatchesDone(first_step, values, np.full_like(values, 0.5), np.full_like(values, 0.1), values)


def epoch_done(epoch: int, *, loss: float = 0.5, accuracy: float = 0.9, steps_per_epoch: int = 10) -> EpochDone:
    return EpochDone(epoch, epoch * steps_per_epoch, 0.5, 0.9, loss, accuracy, 1.0, 1000.0)


@pytest.fixture
def view(qtbot: QtBot) -> CurvesView:
    view = CurvesView()
    qtbot.addWidget(view)
    view.resize(700, 500)
    show_window(qtbot, view)
    return view


def plot_item(view: CurvesView, name: str) -> pg.PlotItem:
    widget = view.findChild(QWidget, name)
    assert isinstance(widget, pg.PlotWidget)
    return widget.getPlotItem()


def drawn(view: CurvesView, name: str = "loss") -> list[tuple[np.ndarray, np.ndarray]]:
    """The points of all curves with any: raw, mean, validation."""
    items = [item for item in plot_item(view, name).items if isinstance(item, (pg.PlotCurveItem, pg.PlotDataItem))]
    return [item.getData() for item in items if item.getData()[0] is not None and len(item.getData()[0])]


def mark_lines(view: CurvesView, name: str = "loss") -> MarkerItems:
    return next(item for item in plot_item(view, name).items if isinstance(item, MarkerItems))


def lines(view: CurvesView, name: str = "loss") -> list[tuple[float, str]]:
    """Place and text of every vertical mark."""
    return [(mark.x, mark.text) for mark in mark_lines(view, name).marks]


def picture_of(view: CurvesView) -> bytes:
    image = view.grab().toImage()
    return bytes(image.constBits())


# What is drawn


def test_an_empty_history_says_what_to_do(view: CurvesView) -> None:
    view.show_history(History())
    hints = [label for label in view.findChildren(QLabel) if "Click Train" in label.text()]
    assert all(hint.isVisible() for hint in hints)
    history = History()
    history.add(started())
    history.add(minibatches([1.0]))
    view.show_history(history)
    assert not any(hint.isVisible() for hint in hints)


def test_a_network_from_a_file_is_said_to_be_there_to_go_on_with(view: CurvesView) -> None:
    view.show_history(History(EpochDone(10, 4300, np.nan, np.nan, 0.1, 0.97, 0.0, np.nan)))
    hints = [label for label in view.findChildren(QLabel) if label.text() == GO_ON_HINT]
    assert len(hints) == 2
    assert all(hint.isVisible() for hint in hints)
    assert view.loss.x_range[0] == 10.0
    view.show_history(History())
    assert all(hint.text() == HINT for hint in hints)


def test_values_that_come_later_are_drawn_at_the_next_refresh_and_only_then(view: CurvesView) -> None:
    history = History()
    view.show_history(history)
    history.add(started())
    history.add(minibatches([2.0, 1.0, 0.5]))
    assert view.loss.refresh()
    assert view.loss.drawn_minibatches == 3
    assert not view.loss.refresh()
    history.add(epoch_done(1))
    assert view.loss.refresh()


def test_a_run_without_epochs_shows_nothing_of_the_validation_of_the_run_before(view: CurvesView) -> None:
    def validation_pixels() -> int:
        plot = view.loss.findChild(PlotWidget)
        assert plot
        image = plot.grab().toImage()
        wanted = QColor(LIGHT.validation).rgb()
        return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))

    history = History()
    history.add(started())
    history.add(minibatches([2.0] * 10 + [1.0] * 10))
    history.add(epoch_done(1, loss=1.4))
    history.add(epoch_done(2, loss=1.1))
    view.show_theme(LIGHT)
    view.show_history(history)
    view.loss.refresh()
    assert validation_pixels() > 20
    begun = History()
    begun.add(started())
    begun.add(minibatches([2.0, 1.9]))
    view.show_history(begun)
    view.loss.refresh()
    assert validation_pixels() == 0


def test_the_mean_and_the_validation_are_drawn_at_their_epochs(view: CurvesView) -> None:
    history = History()
    history.add(started())
    history.add(minibatches([2.0] * 10 + [1.0] * 10))
    history.add(epoch_done(1, loss=1.4))
    history.add(epoch_done(2, loss=1.1))
    view.show_history(history)
    _, (x, mean), (at, validation) = drawn(view)
    np.testing.assert_allclose(x, np.arange(1, 21) / 10)
    np.testing.assert_allclose(mean[[0, 9, 19]], [2.0, 2.0, 1.0])
    np.testing.assert_allclose(at, [1, 2])
    np.testing.assert_allclose(validation, [1.4, 1.1])


def test_many_epochs_are_a_line_without_the_dots_of_the_first_few(view: CurvesView) -> None:
    def dots() -> int:
        items = plot_item(view, "loss").items
        (validation,) = (item for item in items if isinstance(item, pg.PlotDataItem) and item.opts["symbolSize"] == 5)
        return len(validation.scatter.data)

    history = History()
    history.add(started(epochs=300))
    for epoch in range(1, 1 + 2 * MOST_DOTS):
        history.add(minibatches([1.0] * 10, 10 * epoch - 9))
        history.add(epoch_done(epoch))
        if epoch == MOST_DOTS:
            view.show_history(history)
            view.loss.refresh()
            assert dots() == MOST_DOTS
    view.loss.refresh()
    assert dots() == 0


def test_a_long_history_keeps_its_one_spike_in_few_points(view: CurvesView) -> None:
    losses = np.full(200_000, 0.5)
    losses[123_456] = 0.9
    history = History()
    history.add(started(epochs=100, steps_per_epoch=2000))
    history.add(minibatches(losses))
    view.show_history(history)
    (x, raw), *_ = drawn(view)
    assert len(x) <= 2000
    assert raw.max() == np.float32(0.9)


def test_a_short_run_after_a_long_one_is_drawn_in_as_many_points_as_at_first(view: CurvesView) -> None:
    short, long = History(), History()
    for history, epochs in ((short, 40), (long, 4000)):
        history.add(started(epochs=epochs))
        history.add(minibatches(np.random.default_rng(0).random(10 * epochs).tolist()))
    view.show_history(short)
    points = [len(x) for x, _ in drawn(view)]
    view.show_history(long)
    view.show_history(short)
    assert [len(x) for x, _ in drawn(view)] == points
    combo = view.findChild(QComboBox, "x_unit")
    assert isinstance(combo, QComboBox)
    combo.setCurrentText("over steps")
    assert [len(x) for x, _ in drawn(view)] == points


def test_the_heading_tells_the_newest_values(view: CurvesView) -> None:
    history = History()
    history.add(started())
    history.add(minibatches([1.0, 0.5]))
    history.add(epoch_done(1, loss=0.25, accuracy=0.875))
    view.show_history(history)
    texts = {name: view.findChild(QLabel, f"{name}_values").text() for name in ("loss", "accuracy")}
    assert "0.7500" in texts["loss"]
    assert "0.2500" in texts["loss"]
    assert "50.00%" in texts["accuracy"]
    assert "87.50%" in texts["accuracy"]


def test_training_more_and_changed_settings_are_marked_where_they_happened(view: CurvesView) -> None:
    history = History()
    history.add(started(epochs=10))
    history.add(minibatches([1.0] * 100))
    history.add(SettingChanged(40, "training.momentum", 0.9, 0.5))
    history.add(started(step=100, epochs=10))
    history.add(minibatches([1.0] * 50, 101))
    view.show_history(history)
    arrow = "\N{RIGHTWARDS ARROW}"
    assert sorted(lines(view)) == [(4.0, f"momentum 0.9 {arrow} 0.5"), (10.0, "continued")]
    assert sorted(lines(view, "accuracy")) == sorted(lines(view))


def test_marks_go_with_their_history(view: CurvesView) -> None:
    history = History()
    history.add(started())
    history.add(minibatches([1.0] * 10))
    history.add(SettingChanged(5, "training.momentum", 0.9, 0.5))
    view.show_history(history)
    view.show_history(History())
    assert lines(view) == []
    assert drawn(view) == []


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize(
    "losses",
    [
        [1.0, np.nan, 0.5],
        [np.nan] * 20,
        [np.inf] * 20,
        [1.0, -np.inf, np.inf, np.nan] * 5,
        [LARGEST] * 20,
        [1.0] * 19 + [LARGEST],
        [0.0] * 20,
        [1e-45] * 20,
    ],
    ids=["gap", "nan", "inf", "mixed", "largest", "one largest", "zero", "smallest"],
)
def test_any_losses_are_drawn_on_both_scales_without_a_warning(
    view: CurvesView, losses: list[float], is_log: bool
) -> None:
    box = view.findChild(QCheckBox, "log_loss")
    assert box
    box.setChecked(is_log)
    history = History()
    history.add(started())
    for step, loss in enumerate(losses, 1):
        history.add(minibatches([loss], step))
        view.loss.refresh()
    view.show_history(history)
    view.grab()
    for low, high in plot_item(view, "loss").viewRange():
        assert np.isfinite([low, high]).all()
        assert low < high


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf, 1e308, LARGEST, 0.0])
def test_any_validation_loss_is_drawn_or_left_out_without_a_warning(view: CurvesView, loss: float) -> None:
    history = History()
    history.add(started())
    history.add(minibatches([1.0] * 30))
    history.add(epoch_done(1, loss=loss, accuracy=np.nan))
    history.add(epoch_done(2, loss=0.75))
    view.show_history(history)
    view.findChild(QCheckBox, "log_loss").setChecked(True)
    view.grab()
    view.findChild(QCheckBox, "log_loss").setChecked(False)
    view.grab()
    _, _, (at, values) = drawn(view)
    assert (at[-1], values[-1]) == (2.0, 0.75)


def test_the_logarithmic_scale_draws_logarithms_and_can_be_left_again(view: CurvesView) -> None:
    history = History()
    history.add(started())
    history.add(minibatches([0.01] * 30))
    history.add(epoch_done(1, loss=0.1))
    view.show_history(history)
    box = view.findChild(QCheckBox, "log_loss")
    assert box
    plain = picture_of(view)
    box.setChecked(True)
    _, (_, mean), (_, validation) = drawn(view)
    np.testing.assert_allclose(mean, -2.0, rtol=1e-6)
    np.testing.assert_allclose(validation, [-1.0])
    assert picture_of(view) != plain
    box.setChecked(False)
    assert picture_of(view) == plain


def test_curves_are_drawn_in_every_size_and_theme(view: CurvesView) -> None:
    history = History()
    history.add(started())
    history.add(minibatches(np.linspace(2.0, 0.1, 100)))
    history.add(SettingChanged(50, "training.momentum", 0.9, 0.5))
    view.show_history(history)
    for size in ((1, 1), (30, 2000), (2500, 60), (700, 500)):
        view.resize(*size)
        history.add(minibatches([0.1] * 3, len(history) + 1))
        for theme in (DARK, LIGHT):
            view.show_theme(theme)
            view.loss.refresh()
            view.grab()
    assert view.loss.drawn_minibatches == len(history)


def test_a_run_that_ended_early_fills_the_axis(view: CurvesView) -> None:
    history = History()
    history.add(started(epochs=1000))
    history.add(minibatches([1.0] * 30))
    history.add(RunEnded("stopped", 30, 3, 3, 0.5, 0.9, 1.0))
    view.show_history(history)
    (low, high), _ = plot_item(view, "loss").viewRange()
    assert (low, high) == (0.0, 3.0)


# Axis ranges


@pytest.mark.parametrize("values", [[0.001], [2.3, 0.4], [1e-7, 1e30], [0.0], [], [0.98, 0.975, 0.9999]])
def test_every_range_holds_its_values(values: list[float]) -> None:
    array = np.array(values)
    low, high = loss_range(array)
    assert low == 0.0
    assert all(value < high for value in values)
    low, high = accuracy_range(np.minimum(array, 1.0))
    assert all(low <= min(value, 1.0) < high for value in values)
    logarithms = np.log10(np.maximum(array, 1e-6))
    low, high = log_loss_range(logarithms)
    assert low < high
    assert all(low < value < high for value in logarithms)


def test_the_accuracy_axis_zooms_to_what_was_reached() -> None:
    assert accuracy_range(np.array([0.3, 0.9]))[0] == 0.0
    assert accuracy_range(np.array([0.93, 0.97]))[0] == 0.9
    assert accuracy_range(np.array([0.99]))[0] == 0.98


def test_the_epoch_axis_grows_by_halves_of_what_is_planned() -> None:
    assert epoch_range(0, 0.1, 10) == (0, 10)
    assert epoch_range(0, 1, 1000) == (0, 15.625)
    assert epoch_range(0, 400, 1000) == (0, 500)
    assert epoch_range(5, 5, 5) == (5, 6)


def test_the_first_fall_of_the_loss_does_not_set_its_axis() -> None:
    means = np.concatenate([[2.3, 2.0], np.full(30, 0.2)])
    assert settled(means, np.array([0.25, np.nan, np.inf])).max() == 0.25


# Reading and zooming


def test_the_loss_can_be_seen_from_close_and_from_0_again(view: CurvesView) -> None:
    history = History()
    history.add(started(epochs=1))
    history.add(minibatches([2.30 - 0.001 * step for step in range(10)]))
    view.show_history(history)
    box = plot_item(view, "loss").vb
    from_0 = box.viewRange()[1]
    button = view.findChild(QToolButton, "close_loss")
    button.click()
    low, high = box.viewRange()[1]
    assert 2.28 < low < 2.291
    assert 2.299 < high < 2.32
    button.click()
    assert box.viewRange()[1] == from_0
    assert from_0[0] == 0.0


def point_at(qtbot: QtBot, view: CurvesView, name: str, x: float) -> None:
    """Move the mouse over a plot to a place on its x axis."""
    widget = view.findChild(QWidget, name)
    assert isinstance(widget, pg.PlotWidget)
    box = widget.getPlotItem().vb
    qtbot.mouseMove(widget.viewport(), QPoint(0, 0))  # which lets layouts settle, too
    middle = sum(box.viewRange()[1]) / 2
    place = widget.mapFromScene(box.mapViewToScene(QPointF(x, middle)))
    qtbot.mouseMove(widget.viewport(), place)


def run_of_two_epochs() -> History:
    history = History()
    history.add(dataclasses.replace(started(epochs=2), base_rate_loss=2.3))
    history.add(minibatches([float(step) for step in range(20, 0, -1)]))
    history.add(epoch_done(1, loss=1.5, accuracy=0.8))
    history.add(epoch_done(2, loss=1.7, accuracy=0.9))
    return history


def test_the_mouse_reads_every_value_of_the_step_under_it_in_both_plots(qtbot: QtBot, view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    point_at(qtbot, view, "accuracy", 1.2)
    # step 12 of losses 20, 19, ...: 9; the mean of the last two, a quarter of an epoch, is 9.5
    assert "training 9.5000 (9.0000)" in view.loss.heading
    assert "validation 1.5000" in view.loss.heading
    assert "step 12" in view.loss.heading
    assert "epoch 1.20, 9.0 s, rate 0.1" in view.accuracy.heading
    assert "validation 80.00%" in view.accuracy.heading


def test_the_newest_values_are_back_when_the_mouse_leaves_the_curve(qtbot: QtBot, view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    newest = view.loss.heading
    point_at(qtbot, view, "loss", 0.5)
    assert view.loss.heading != newest
    widget = view.findChild(QWidget, "loss")
    assert isinstance(widget, pg.PlotWidget)
    QApplication.sendEvent(widget.viewport(), QEvent(QEvent.Type.Leave))
    assert view.loss.heading == newest


def turn_wheel_in(view: CurvesView, name: str) -> None:
    widget = view.findChild(QWidget, name)
    assert isinstance(widget, pg.PlotWidget)
    turn_wheel(widget.viewport(), 3)


def shown_range(view: CurvesView, name: str) -> tuple[float, float]:
    low, high = plot_item(view, name).vb.viewRange()[0]
    return float(low), float(high)


def test_a_zoom_holds_for_both_plots_until_the_run_is_followed_again(qtbot: QtBot, view: CurvesView) -> None:
    history = run_of_two_epochs()
    view.show_history(history)
    follow = view.findChild(QPushButton, "follow")
    assert follow
    assert not follow.isVisible()
    whole = shown_range(view, "loss")
    turn_wheel_in(view, "loss")
    zoomed = shown_range(view, "loss")
    assert zoomed != whole
    assert shown_range(view, "accuracy") == pytest.approx(zoomed)
    history.add(dataclasses.replace(started(step=20), base_rate_loss=2.3))
    history.add(minibatches([3.0] * 40, first_step=21))
    for plot in view.plots:
        plot.refresh()
    assert shown_range(view, "loss") == pytest.approx(zoomed)
    qtbot.mouseClick(follow, Qt.MouseButton.LeftButton)
    assert shown_range(view, "loss")[1] >= 6
    assert shown_range(view, "accuracy") == shown_range(view, "loss")
    assert not follow.isVisible()


def test_another_unit_draws_the_same_values_at_other_places(view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    box = view.findChild(QComboBox, "x_unit")
    assert box
    expected = {"over epochs": np.arange(1, 21) / 10, "over steps": np.arange(1, 21)}
    for text in ("over steps", "over epochs"):
        box.setCurrentText(text)
        _, (x, mean), (at, validation) = drawn(view)[:3]
        np.testing.assert_allclose(x, expected[text])
        np.testing.assert_allclose(at, expected[text][[9, 19]])
        np.testing.assert_allclose(validation, [1.5, 1.7])
        assert mean[0] == 20.0


def test_the_base_rate_loss_is_a_line_in_the_loss_plot_and_follows_the_scale(view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    assert mark_lines(view, "loss").base_rate == pytest.approx(2.3)
    assert np.isnan(mark_lines(view, "accuracy").base_rate)
    view.findChild(QCheckBox, "log_loss").click()
    assert mark_lines(view, "loss").base_rate == pytest.approx(np.log10(2.3))


def test_the_best_epoch_is_starred_in_both_plots(view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    for name, height in (("loss", 1.5), ("accuracy", 0.8)):
        stars = [item for item in plot_item(view, name).items if isinstance(item, pg.ScatterPlotItem)]
        x, y = stars[-1].getData()
        assert (list(x), list(y)) == ([1.0], [height])


# Long runs


def zoom_to(view: CurvesView, low: float, high: float) -> None:
    """Put a part of the x axis into sight, as dragging does."""
    box = plot_item(view, "loss").vb
    box.setXRange(low, high, padding=0)
    box.sigRangeChangedManually.emit([True, True])
    for plot in view.plots:
        plot.refresh()


def test_zooming_in_shows_single_minibatches_of_a_long_run(view: CurvesView) -> None:
    losses = np.random.default_rng(0).random(400_000).astype(np.float32)
    history = History()
    history.add(started(epochs=100, steps_per_epoch=4000))
    history.add(minibatches(losses))
    view.show_history(history)
    zoom_to(view, 50.0, 50.05)
    (x, raw), *_ = drawn(view)
    in_sight = (x >= 50.0) & (x <= 50.05)
    np.testing.assert_allclose(np.unique(x[in_sight] * 4000), np.arange(200_000, 200_201))
    np.testing.assert_array_equal(raw[in_sight][::2], losses[199_999:200_200])
    assert len(x) <= 2 * 2000
    (x, _), *_ = drawn(view, "accuracy")
    assert ((x >= 50.0) & (x <= 50.05)).sum() == 402


@pytest.mark.parametrize("unit", ["over epochs", "over steps", "over seconds"])
def test_any_part_of_the_axis_can_be_looked_at_without_a_warning(view: CurvesView, unit: str) -> None:
    view.findChild(QComboBox, "x_unit").setCurrentText(unit)
    for history in (run_of_two_epochs(), History()):
        view.show_history(history)
        for low, high in ((-1e6, -1e5), (1e5, 1e9), (0.5, 0.5001), (-1e12, 1e12)):
            zoom_to(view, low, high)
            view.grab()


def test_of_very_many_epochs_the_least_and_the_greatest_are_still_drawn(view: CurvesView) -> None:
    history = History()
    history.add(started(epochs=20_000, steps_per_epoch=1))
    history.add(minibatches([1.0] * 20_000))
    for epoch in range(1, 20_001):
        loss = {777: 0.25, 12_345: 1.75}.get(epoch, 1.0)
        history.add(epoch_done(epoch, loss=loss, steps_per_epoch=1))
    view.show_history(history)
    _, _, (_, validation) = drawn(view)
    assert len(validation) <= 1000
    assert (validation.min(), validation.max()) == (0.25, 1.75)
    assert "validation 1.0000" in view.loss.heading


def test_a_run_that_goes_on_from_earlier_epochs_draws_only_those(view: CurvesView) -> None:
    history = run_of_two_epochs()
    view.show_history(history)
    history.add(started(step=10))
    view.loss.refresh()
    _, _, (at, validation) = drawn(view)
    assert (at.tolist(), validation.tolist()) == ([1.0], [1.5])


# A pinned moment


def line_of(view: CurvesView, plot: str, name: str) -> QWidget:
    line = view.findChild(QWidget, plot).findChild(QWidget, name)
    assert line
    return line


def place_of(view: CurvesView, name: str, x: float) -> float:
    """Where a place on the x axis is in a plot's picture, in pixels."""
    return float(plot_item(view, name).vb.mapViewToScene(QPointF(x, 0.0)).x())


def test_a_pinned_moment_is_read_and_marked_in_both_plots_until_it_is_let_go(view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    newest = view.loss.heading
    view.show_step(12)
    assert "training 9.5000 (9.0000)" in view.loss.heading
    assert "validation 80.00%" in view.accuracy.heading
    for name in ("loss", "accuracy"):
        line = line_of(view, name, "shown_step_line")
        assert line.isVisible()
        assert line.geometry().center().x() == pytest.approx(place_of(view, name, 1.2), abs=1.5)
    view.show_step(None)
    assert view.loss.heading == newest
    assert not line_of(view, "loss", "shown_step_line").isVisible()


def test_the_mouse_is_read_before_the_pinned_moment(qtbot: QtBot, view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    view.show_step(12)
    pinned = view.loss.heading
    point_at(qtbot, view, "loss", 0.5)
    assert view.loss.heading.endswith("step 5")
    widget = view.findChild(QWidget, "loss")
    assert isinstance(widget, pg.PlotWidget)
    QApplication.sendEvent(widget.viewport(), QEvent(QEvent.Type.Leave))
    assert view.loss.heading == pinned


def test_the_moment_before_the_first_minibatch_has_no_training_values(view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    view.show_step(0)
    assert view.loss.heading.split() == ["Loss", "━", "training", "●", "validation", "step", "0"]
    assert line_of(view, "loss", "shown_step_line").isVisible()


def test_the_line_of_a_moment_goes_with_the_axis(view: CurvesView) -> None:
    history = run_of_two_epochs()
    view.show_history(history)
    view.show_step(15)
    line = line_of(view, "loss", "shown_step_line")
    view.resize(1000, 600)
    QApplication.processEvents()
    assert line.geometry().center().x() == pytest.approx(place_of(view, "loss", 1.5), abs=1.5)
    zoom_to(view, 1.4, 1.6)
    assert line.geometry().center().x() == pytest.approx(place_of(view, "loss", 1.5), abs=1.5)
    zoom_to(view, 0.1, 0.2)
    assert not line.isVisible()
    view.findChild(QPushButton, "follow").click()
    view.findChild(QComboBox, "x_unit").setCurrentText("over steps")
    assert line.geometry().center().x() == pytest.approx(place_of(view, "loss", 15), abs=1.5)
    view.show_history(History())
    assert not line.isVisible()


def click_at(qtbot: QtBot, view: CurvesView, name: str, x: float) -> None:
    widget = view.findChild(QWidget, name)
    assert isinstance(widget, pg.PlotWidget)
    box = widget.getPlotItem().vb
    place = widget.mapFromScene(box.mapViewToScene(QPointF(x, sum(box.viewRange()[1]) / 2)))
    qtbot.mouseClick(widget.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_chooses_the_moment_under_it(qtbot: QtBot, view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    chosen: list[int] = []
    view.step_chosen.connect(chosen.append)
    click_at(qtbot, view, "loss", 0.7)
    click_at(qtbot, view, "accuracy", 1.3)
    assert chosen == [7, 13]


def test_dragging_and_clicking_beside_the_curve_choose_nothing(qtbot: QtBot, view: CurvesView) -> None:
    history = run_of_two_epochs()
    history.add(started(step=20, epochs=2))
    view.show_history(history)
    chosen: list[int] = []
    view.step_chosen.connect(chosen.append)
    click_at(qtbot, view, "loss", 3.5)
    viewport = view.findChild(pg.PlotWidget, "loss").viewport()
    middle = viewport.rect().center()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=middle)
    for step in range(1, 6):
        place = QPointF(middle + QPoint(-10 * step, 0))
        buttons = Qt.MouseButton.LeftButton
        move = QMouseEvent(
            QEvent.Type.MouseMove, place, viewport.mapToGlobal(place), buttons, buttons, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(viewport, move)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=middle + QPoint(-50, 0))
    assert chosen == []
    assert view.findChild(QPushButton, "follow").isVisible()


def test_what_is_under_a_moved_line_looks_as_it_does_without_the_line(view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    before = picture_of(view)
    for step in (3, 9, 14):
        view.show_step(step)
        QApplication.processEvents()
        assert picture_of(view) != before
    view.show_step(None)
    assert picture_of(view) == before


def test_a_single_minibatch_is_a_point(view: CurvesView) -> None:
    history = History()
    history.add(started(epochs=2))
    history.add(minibatches([2.0]))
    view.show_history(history)
    view.loss.refresh()
    widget = view.findChild(QWidget, "loss")
    assert isinstance(widget, pg.PlotWidget)
    points = [item for item in widget.items() if isinstance(item, pg.ScatterPlotItem) and len(item.points())]
    assert [(point.pos().x(), point.pos().y()) for point in points[0].points()] == [(0.1, 2.0)]


@pytest.mark.usefixtures("qapp")  # an axis measures text
@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-2.0, 0.5, ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]),
        (-6.0, 1.0, ["1e-06", "1e-05", "0.0001", "0.001", "0.01", "0.1", "1", "10"]),
        (math.log10(0.11), math.log10(0.16), ["0.11", "0.12", "0.13", "0.14", "0.15", "0.16"]),
    ],
)
def test_labels_of_a_logarithmic_axis_are_few_and_round(low: float, high: float, texts: list[str]) -> None:
    axis = LogAxis("left")
    [(spacing, values)] = axis.logTickValues(low, high, 200.0, None)
    assert axis.logTickStrings(values, 1.0, spacing) == texts


def test_the_wheel_over_the_curves_zooms_time_and_leaves_the_values_in_sight(view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    view.loss.refresh()
    widget = view.findChild(QWidget, "loss")
    assert isinstance(widget, pg.PlotWidget)
    x_before, y_before = widget.getPlotItem().vb.viewRange()
    turn_wheel(widget.viewport(), 3)
    x_after, y_after = widget.getPlotItem().vb.viewRange()
    assert x_after[1] - x_after[0] < 0.9 * (x_before[1] - x_before[0])
    assert y_after == y_before


def x_range_of(view: CurvesView, name: str) -> tuple[float, float]:
    widget = view.findChild(QWidget, name)
    assert isinstance(widget, pg.PlotWidget)
    low, high = widget.getPlotItem().vb.viewRange()[0]
    return low, high


def test_what_a_person_zoomed_to_stays_on_another_scale_and_in_another_unit(view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    view.loss.refresh()
    widget = view.findChild(QWidget, "loss")
    assert isinstance(widget, pg.PlotWidget)
    turn_wheel(widget.viewport(), 5)
    before = x_range_of(view, "loss")
    log = view.findChild(QCheckBox, "log_loss")
    assert log
    log.setChecked(True)
    assert x_range_of(view, "loss") == before
    unit = view.findChild(QComboBox, "x_unit")
    assert unit
    unit.setCurrentText("over steps")
    low, high = x_range_of(view, "loss")
    # whole steps, ten in an epoch, with at most two more at either end
    assert 10 * before[0] - 2 <= low <= 10 * before[0]
    assert 10 * before[1] <= high <= 10 * before[1] + 2
    assert x_range_of(view, "accuracy") == (low, high)
    follow = view.findChild(QPushButton, "follow")
    assert follow
    assert follow.isVisible()


@pytest.mark.parametrize("width", [120, 160, 200, 260, 320, 420, 640, 900])
def test_no_number_in_the_heading_is_cut_however_narrow_it_is(view: CurvesView, width: int) -> None:
    history = run_of_two_epochs()
    heading = view.loss._heading
    view.show_history(history)
    heading.setFixedWidth(width)
    QApplication.sendPostedEvents()
    lines = heading.plain_text.splitlines()
    if width >= 160:
        assert all(heading.fontMetrics().horizontalAdvance(line) <= width for line in lines)
    assert f"{history.losses.last_mean:.4f}" in heading.plain_text
    assert f"{history.epochs[-1].validation_loss:.4f}" in heading.plain_text


def test_the_window_of_the_running_mean_is_told(view: CurvesView) -> None:
    view.show_history(run_of_two_epochs())
    assert "training 1.5000 (mean of 2)" in view.loss.heading
