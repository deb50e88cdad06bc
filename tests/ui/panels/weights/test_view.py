"""The panel of histograms: what is drawn is how the weights are spread, now and at the start."""

import dataclasses
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from mnist_gui.inspection.histograms import BINS
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.weights.view import WeightsView
from mnist_gui.ui.widgets.theme import DARK
from tests.support import small_config
from tests.ui.person import show_window


def snapshot_of(hidden: list[int], deviation: float = 0.1, step: int = 7) -> Snapshot:
    config = small_config({"network.hidden": hidden})
    count = sum((before + 1) * after for before, after in pairwise((64, *hidden, 10)))
    parameters = np.random.default_rng(step).normal(0, deviation, count).astype(np.float32)
    return Snapshot.of(
        parameters, config=config, image_shape=(8, 8), class_names=tuple("0123456789"), step=step, epoch=2
    )


@pytest.fixture
def view(qtbot: QtBot) -> WeightsView:
    view = WeightsView()
    qtbot.addWidget(view)
    view.resize(380, 300)
    show_window(qtbot, view)
    return view


def curves(view: WeightsView) -> list[tuple[np.ndarray, np.ndarray]]:
    """Edges and heights of what is drawn: now, and the start if it is known."""
    items = view.findChild(pg.PlotWidget).getPlotItem().items
    return [item.getData() for item in items if isinstance(item, pg.PlotCurveItem) and item.isVisible()]


def heading(view: WeightsView) -> str:
    return QTextDocumentFragment.fromHtml(view.findChild(QLabel, "histograms_values").text()).toPlainText()


def layer_box(view: WeightsView) -> QComboBox:
    found = view.findChild(QComboBox, "histograms_layer")
    assert found
    return found


def x_range(view: WeightsView) -> list[float]:
    limits: list[float] = view.findChild(pg.PlotWidget).getPlotItem().viewRange()[0]
    return limits


def test_the_weights_of_a_layer_are_drawn_now_and_as_they_began_over_the_same_bins(view: WeightsView) -> None:
    start, now = snapshot_of([30], 0.1, 0), snapshot_of([30], 0.2, 40)
    view.show_snapshot(now, ", the best", start)
    assert view.refresh()
    (bins, heights), (start_bins, start_heights) = curves(view)
    np.testing.assert_array_equal(bins, start_bins)
    for found, snapshot in ((heights, now), (start_heights, start)):
        inside = np.clip(snapshot.weights[0].reshape(-1).astype(float), bins[0], bins[-1])
        np.testing.assert_allclose(found, np.histogram(inside, bins)[0] / len(inside), atol=2e-3)
        assert len(found) == BINS
    assert view.caption == "Weights of epoch 2, step 40, the best."
    assert not view.refresh()


def test_the_heading_tells_mean_deviation_and_zeros(view: WeightsView) -> None:
    start, now = snapshot_of([30], 0.05, 0), snapshot_of([30], 0.2, 40)
    parameters = now.parameters.copy()
    parameters[: 64 * 30 : 2] = 0.0
    now = dataclasses.replace(now, parameters=parameters)
    view.show_snapshot(now, start=start)
    view.refresh()
    begun, are = start.weights[0].astype(float), now.weights[0].astype(float)
    assert f"now: mean {are.mean():z.3f}, deviation {are.std():.3f}\n" in heading(view)
    assert f"start: mean {begun.mean():z.4f}, deviation {begun.std():.4f}\n" in heading(view)
    assert "50.0% of the weights are exactly 0" in heading(view)


def test_every_layer_can_be_chosen_and_all_together(view: WeightsView) -> None:
    snapshot = snapshot_of([30, 5])
    snapshot = dataclasses.replace(snapshot, parameters=snapshot.parameters.copy())
    for layer, weights in enumerate(snapshot.weights):
        weights[...] = 0.1 * (layer + 1)
    view.show_snapshot(snapshot)
    box = layer_box(view)
    assert [box.itemText(index) for index in range(box.count())] == [
        "layer 1",
        "layer 2",
        "layer 3",
        "all layers together",
    ]
    for index, expected in enumerate(("0.10", "0.20", "0.30")):
        box.setCurrentIndex(index)
        view.refresh()
        ((bins, heights),) = curves(view)
        assert heights.max() == 1.0
        middle = bins[heights.argmax()] / 2 + bins[heights.argmax() + 1] / 2
        assert f"{middle:.1f}0" == expected
    box.setCurrentIndex(3)
    ((_, heights),) = curves(view)
    sizes = np.array([weights.size for weights in snapshot.weights])
    np.testing.assert_allclose(heights[heights > 0], sizes / sizes.sum())


def test_a_network_of_one_layer_has_none_to_choose(view: WeightsView) -> None:
    view.show_snapshot(snapshot_of([]))
    assert not layer_box(view).isEnabled()
    assert view.refresh()


def test_where_the_start_is_not_known_that_is_said(view: WeightsView) -> None:
    view.show_snapshot(snapshot_of([4]), start=snapshot_of([4], step=0))
    view.refresh()
    assert len(curves(view)) == 2
    for start in (None, snapshot_of([5])):  # of another network
        view.show_snapshot(snapshot_of([4]), start=start)
        view.refresh()
        assert len(curves(view)) == 1
        assert "at the start: not known" in heading(view)


def test_the_axis_stays_while_the_weights_change_a_little_and_follows_when_they_change_much(
    view: WeightsView,
) -> None:
    seen = []
    for step, deviation in enumerate((0.1, 0.101, 0.097, 0.103)):
        view.show_snapshot(snapshot_of([30], deviation, step))
        view.refresh()
        seen.append(x_range(view))
    assert all(limits == seen[0] for limits in seen)
    view.show_snapshot(snapshot_of([30], 1.0, 9))
    view.refresh()
    assert x_range(view)[1] > 2 * seen[0][1]
    view.show_snapshot(snapshot_of([30], 0.1, 10))
    view.refresh()
    assert x_range(view) == pytest.approx(seen[0])


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, 3e38, -3e38, 1e-45])
def test_constant_and_ruined_weights_are_drawn_without_a_warning(view: WeightsView, value: float) -> None:
    start = snapshot_of([3])
    ruined = dataclasses.replace(start, parameters=np.full_like(start.parameters, value))
    view.show_snapshot(ruined, start=start)
    assert view.refresh()
    view.grab()
    view.show_snapshot(start, start=ruined)
    assert view.refresh()
    view.grab()


def test_weights_that_are_not_finite_are_counted(view: WeightsView) -> None:
    snapshot = snapshot_of([3])
    parameters = snapshot.parameters.copy()
    parameters[:5] = np.nan
    view.show_snapshot(dataclasses.replace(snapshot, parameters=parameters))
    view.refresh()
    assert "5 of 192 are not finite" in heading(view)


def test_what_nobody_sees_is_not_drawn(view: WeightsView) -> None:
    view.hide()
    view.show_snapshot(snapshot_of([3]))
    assert not view.refresh()
    view.show()
    assert view.refresh()
    view.show_theme(DARK)
    assert view.refresh()


def test_before_there_is_a_network_the_panel_says_what_to_do(view: WeightsView) -> None:
    assert "click Train" in view.caption
    view.show_theme(DARK)
    assert not view.refresh()
    view.show_snapshot(snapshot_of([3]))
    view.refresh()
    view.show_nothing()
    assert "click Train" in view.caption
    assert heading(view) == ""
    assert not view.refresh()


def test_the_panel_fits_into_a_narrow_dock_and_its_control_is_explained(view: WeightsView) -> None:
    view.show_snapshot(snapshot_of([3]), start=snapshot_of([3], step=0))
    view.refresh()
    assert view.minimumSizeHint().width() <= 300
    assert layer_box(view).toolTip()
    assert layer_box(view).accessibleName()
