"""Ghosts: curves of other runs behind those of the run in hand, in colours and dashes that a legend explains."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from mnist_gui.config.run_config import RunConfig
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, MinibatchesDone, RunEnded, RunStarted
from mnist_gui.ui.plotting.auto_range import FAR
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.plotting.overlay_runs import COLOURS, OverlayRun, look_of
from mnist_gui.ui.widgets.theme import DARK, LIGHT, THEMES
from tests.ui.person import show_window


def run_of(losses: Sequence[float], *, per_epoch: int = 10, epochs: int | None = None) -> History:
    """An ended run of these losses; a validation loss of 0.75 after each epoch."""
    values = np.array(losses, np.float32)
    last = (epochs or -(-len(values) // per_epoch)) * per_epoch
    history = History()
    history.add(RunStarted(RunConfig(), 0, 0, last, per_epoch, 600, 200, 1000, 1, base_rate_loss=2.3))
    history.add(MinibatchesDone(1, values, np.full_like(values, 0.5), values, np.arange(len(values), dtype=np.float32)))
    for epoch in range(1, len(values) // per_epoch + 1):
        history.add(EpochDone(epoch, epoch * per_epoch, 0.5, 0.9, 0.75, 0.9, 1.0, 1e3))
    if epochs is None:
        history.add(RunEnded("finished", len(values), 1, 1, 0.5, 0.9, 1.0))
    return history


@pytest.fixture
def view(qtbot: QtBot) -> CurvesView:
    view = CurvesView()
    qtbot.addWidget(view)
    view.resize(700, 500)
    show_window(qtbot, view)
    return view


def plot_item(view: CurvesView, name: str = "loss") -> pg.PlotItem:
    return view.findChild(pg.PlotWidget, name).getPlotItem()


def ghost_curves(view: CurvesView, name: str = "loss") -> list[pg.PlotCurveItem]:
    """Mean and validation of each ghost, in turn."""
    return [item for item in plot_item(view, name).items if isinstance(item, pg.PlotCurveItem) and item.zValue() < 0]


def legend(view: CurvesView) -> QLabel:
    label = view.findChild(QLabel, "ghost_legend")
    assert label
    return label


def test_each_ghost_draws_its_running_mean_and_its_validation_at_its_own_epochs(view: CurvesView) -> None:
    view.show_history(run_of([1.0] * 20))
    view.show_ghosts([OverlayRun("slow", run_of([2.0] * 8, per_epoch=4)), OverlayRun("fast", run_of([0.5] * 20))])
    for name in ("loss", "accuracy"):
        assert len(ghost_curves(view, name)) == 4
    mean, validation, other, _ = (curve.getData() for curve in ghost_curves(view))
    np.testing.assert_allclose(mean[0], np.arange(1, 9) / 4)
    np.testing.assert_allclose(mean[1], 2.0)
    np.testing.assert_allclose(validation[0], [1.0, 2.0])
    np.testing.assert_allclose(validation[1], 0.75)
    np.testing.assert_allclose(other[0], np.arange(1, 21) / 10)
    view.findChild(QComboBox, "x_unit").setCurrentText("over steps")
    np.testing.assert_allclose(ghost_curves(view)[0].getData()[0], np.arange(1, 9))
    view.findChild(QCheckBox, "log_loss").setChecked(True)
    np.testing.assert_allclose(ghost_curves(view)[0].getData()[1], np.log10(2.0))


def test_without_ghosts_nothing_is_left_of_them(view: CurvesView) -> None:
    view.show_history(run_of([1.0] * 20))
    assert not legend(view).isVisible()
    view.show_ghosts([OverlayRun("slow", run_of([2.0] * 8))])
    assert legend(view).isVisible()
    view.show_ghosts([])
    assert not legend(view).isVisible()
    assert ghost_curves(view) == []
    assert plot_item(view).vb.viewRange()[1][1] < 2.0


def test_ghosts_are_held_by_both_axes_until_the_run_has_curves_which_then_set_them_alone(view: CurvesView) -> None:
    view.show_ghosts([OverlayRun("long and bad", run_of([2.6] * 200))])
    (left, right), (_, top) = plot_item(view).vb.viewRange()
    assert (left, right >= 20, top > 2.6) == (0.0, True, True)
    view.show_history(run_of([1.0] * 20))
    alone = [plot_item(view, name).vb.viewRange() for name in ("loss", "accuracy")]
    assert (alone[0][0], alone[0][1][1] < 2.0) == ([0.0, 2.0], True)
    bad = run_of([2.6] * 20)
    bad.add(EpochDone(3, 30, 7.0, 0.1, 6.9, 0.1, 1.0, 1e3))
    for ghosts in ([OverlayRun("bad", bad)], [OverlayRun("good", run_of([1e-3] * 20))], []):
        view.show_ghosts(ghosts)
        assert [plot_item(view, name).vb.viewRange() for name in ("loss", "accuracy")] == alone


def test_before_the_first_run_of_ones_own_a_ghost_that_diverged_does_not_flatten_the_others(view: CurvesView) -> None:
    diverged = run_of([2.0] * 20 + [1e30] * 20)
    view.show_ghosts([OverlayRun("diverged", diverged), OverlayRun("good", run_of([0.5] * 40))])
    base_rate_loss = diverged.starts[0].base_rate_loss
    assert plot_item(view).vb.viewRange()[1][1] <= 1.5 * FAR * base_rate_loss


def test_ghosts_stay_while_the_run_before_them_begins_anew(view: CurvesView) -> None:
    view.show_ghosts([OverlayRun("slow", run_of([2.0] * 8))])
    view.show_history(History())
    hints = [label for label in view.findChildren(QLabel) if "Click Train" in label.text()]
    assert not any(hint.isVisible() for hint in hints)
    assert len(ghost_curves(view)) == 2
    assert legend(view).isVisible()


def test_a_ghost_that_still_grows_is_drawn_further(view: CurvesView) -> None:
    history = run_of([1.0] * 20, epochs=5)
    view.show_history(run_of([1.0] * 20))
    view.show_ghosts([OverlayRun("beside", history)])
    assert not view.loss.refresh()
    values = np.full(3, 2.0, np.float32)
    history.add(MinibatchesDone(21, values, values, values, values))
    assert view.loss.refresh()
    assert ghost_curves(view)[0].getData()[0][-1] == pytest.approx(2.3)


def test_texts_are_shown_as_they_are_and_in_full_in_the_tooltip(view: CurvesView) -> None:
    texts = ["<b>5 < 6</b> & so on", "x" * 500, "two\nlines"]
    view.show_ghosts([OverlayRun(text, run_of([1.0] * 5)) for text in texts])
    assert "&lt;b&gt;5 &lt; 6&lt;/b&gt; &amp; so on" in legend(view).text()
    assert "x" * 500 not in legend(view).text()
    assert "x" * 500 in legend(view).toolTip()
    assert "&lt;b&gt;" in legend(view).toolTip()
    assert "two lines" in legend(view).text() or "more" in legend(view).text()


@pytest.mark.parametrize("width", [1, 150, 400, 1500])
def test_the_legend_is_one_line_in_every_width_and_tells_how_many_it_leaves_out(view: CurvesView, width: int) -> None:
    ghosts = [OverlayRun(f"learning rate 0.{index}", run_of([1.0] * 5)) for index in range(1, 8)]
    view.show_ghosts(ghosts)
    legend(view).resize(width, 20)
    text = legend(view).text()
    shown = text.count("learning rate")
    assert "<br" not in text
    assert shown == 7 or f"and {7 - shown} more" in text or "7 other runs" in text
    assert legend(view).sizeHint().height() < 30


def contrast(one: str, other: str) -> float:
    """The ratio of relative luminances, as the Web Content Accessibility Guidelines define it."""

    def luminance(colour: str) -> float:
        channels = [getattr(QColor(colour), name)() for name in ("redF", "greenF", "blueF")]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_every_ghost_has_a_look_of_its_own_that_is_seen_on_the_ground(name: str) -> None:
    theme = THEMES[name]  # type: ignore[index]
    looks = [look_of(index, theme) for index in range(3 * len(COLOURS[theme.name]))]
    assert len(set(looks)) == len(looks)
    assert len({colour for colour, _ in looks}) == 7
    assert not {colour for colour, _ in looks} & {theme.train, theme.validation}
    assert all(contrast(colour, theme.base) >= 3.0 for colour, _ in looks)


@pytest.mark.parametrize(
    "losses",
    [[], [np.nan] * 20, [np.inf, 1.0, -np.inf], [3e38] * 30, [0.0] * 5],
    ids=["empty", "nan", "mixed", "largest", "zero"],
)
def test_any_ghost_is_drawn_without_a_warning(view: CurvesView, losses: list[float]) -> None:
    history = run_of(losses, epochs=3)
    history.add(EpochDone(1, 10, np.nan, np.nan, 1e308, np.nan, 1.0, 1.0))
    history.add(EpochDone(2, 20, np.nan, np.nan, np.inf, np.inf, 1.0, 1.0))
    for live in (History(), run_of([1.0] * 5)):
        view.show_history(live)
        view.show_ghosts([OverlayRun("odd", history)] * 9)
        for box in (True, False):
            view.findChild(QCheckBox, "log_loss").setChecked(box)
            for theme in (DARK, LIGHT):
                view.show_theme(theme)
                view.grab()
        view.show_ghosts([])


def test_a_spike_of_a_ghost_does_not_flatten_the_run(view: CurvesView) -> None:
    view.show_history(run_of([1.0] * 40))
    view.show_ghosts([OverlayRun("diverged", run_of([1.0] * 200 + [1e6] * 200))])
    assert plot_item(view).getViewBox().viewRange()[1][1] < 3.0
    view.show_ghosts([OverlayRun("diverged", run_of([1.0] * 20 + [1e6] * 20))])
    assert plot_item(view).getViewBox().viewRange()[1][1] < 3.0
