"""Panels are built when they are first shown: what they then show is what they had shown if built from the start."""

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDockWidget, QLabel, QLineEdit, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panel_registry import PANELS
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext, PanelEntry
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.theme import DARK
from tests.support import small_config
from tests.ui.conftest import AnsweringDialogs, MakeWindow, wait_for_end
from tests.ui.person import click

AT_START = {entry.key for entry in PANELS if entry.is_at_start}
LATER = [entry.key for entry in PANELS if not entry.is_at_start]
# A posted network's rate that is far too long a step: a run with findings and a cause.
RUN = {"training.epochs": 2, "training.learning_rate": 0.05}


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Until all that was asked for is there and drawn."""

    def is_settled() -> bool:
        window.refresh_scheduler.draw_everything()
        return not window.run_controller.is_busy

    for _ in range(3):
        qtbot.waitUntil(is_settled)
        qtbot.wait(1)  # texts that came may move what is beside them


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    settle(qtbot, window)


def read(panel: QWidget) -> list[tuple[str, str, str, bool]]:
    """All that can be read in a panel: class, name, text, and whether it can be used."""
    found = []
    for widget in panel.findChildren(QWidget):
        text = ""
        if isinstance(widget, (QLabel, QAbstractButton, QLineEdit)):
            text = widget.text()
        elif isinstance(widget, QComboBox):
            text = " | ".join(widget.itemText(place) for place in range(widget.count())) + f" > {widget.currentText()}"
        if not widget.objectName().startswith("qt_"):
            about = f"{text} {widget.accessibleDescription()}"
            found.append((type(widget).__name__, widget.objectName(), about, widget.isEnabled()))
        if isinstance(widget, pg.PlotWidget):
            curves = [curve.getData() for curve in widget.getPlotItem().curves]
            found += [("curve", str(number), str(data), True) for number, data in enumerate(curves)]
    return sorted(found)


def is_in_sight(view: QWidget) -> bool:
    return any(not widget.visibleRegion().isEmpty() for widget in (view, *view.findChildren(QWidget)))


def pixels(qtbot: QtBot, window: MainWindow, key: str) -> np.ndarray:
    view = window.view(key)
    qtbot.waitUntil(lambda: is_in_sight(view))
    settle(qtbot, window)
    image = view.grab().toImage()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1).copy()


def choose_unit_and_digit(window: MainWindow) -> None:
    splits = window.run_controller.splits
    assert splits
    window.digit_selection.choose(splits.validation, 3)
    window.unit_selection.choose(0, 1)


def test_only_panels_in_sight_are_built_when_the_window_opens(make_fresh_window: MakeWindow) -> None:
    window = make_fresh_window()
    assert {entry.key for entry in PANELS if window.panels.has(entry.key)} == AT_START
    titles = {dock.windowTitle().strip() for dock in window.findChildren(QDockWidget)}
    assert titles == {"Controls", *(entry.title for entry in PANELS)}


@pytest.mark.parametrize("key", LATER)
def test_a_panel_that_is_first_shown_after_training_shows_what_it_had_shown_from_the_start(
    qtbot: QtBot, make_fresh_window: MakeWindow, make_whole_window: MakeWindow, key: str
) -> None:
    title = key.capitalize()
    shown = []
    for make, is_built in ((make_fresh_window, False), (make_whole_window, True)):
        window = make(RUN)
        train(qtbot, window)
        assert window.panels.has(key) == is_built
        # What a click brings: a digit and a unit, whose panels are built by it.
        if key in ("digit", "unit", "robust", "map"):
            choose_unit_and_digit(window)
        window._docks.bring(title)
        drawn = pixels(qtbot, window, key)
        assert window.panels.has(key)
        shown.append((read(window.view(key)), drawn))
        window.close_without_asking()
    (late, late_pixels), (early, early_pixels) = shown
    assert [each for each in late if each not in early] == [each for each in early if each not in late] == []
    if key not in ("runs", "layers"):  # seconds in the table, and the room that pyqtgraph leaves for numbers at an axis
        np.testing.assert_array_equal(late_pixels, early_pixels)


@pytest.mark.parametrize("key", LATER)
def test_a_click_on_a_tab_builds_its_panel(qtbot: QtBot, make_fresh_window: MakeWindow, key: str) -> None:
    window = make_fresh_window()
    bars = [bar for bar in window.findChildren(QTabBar) if bar.isVisible()]
    titles = {bar.tabText(tab).strip(): (bar, tab) for bar in bars for tab in range(bar.count())}
    bar, tab = titles[key.capitalize()]
    bar.setCurrentIndex(tab)
    qtbot.waitUntil(lambda: window.panels.has(key))
    qtbot.waitUntil(lambda: is_in_sight(window.view(key)))


def test_a_layout_that_was_left_with_another_tab_in_front_has_that_panel_built(
    qtbot: QtBot, make_fresh_window: MakeWindow
) -> None:
    first = make_fresh_window()
    first._docks.bring("Layers")
    first.close_without_asking()
    second = make_fresh_window()
    qtbot.waitUntil(lambda: second.panels.has("layers"))
    qtbot.waitUntil(lambda: is_in_sight(second.view("layers")))


def test_a_panel_that_is_built_late_has_the_colours_of_the_theme(qtbot: QtBot, make_fresh_window: MakeWindow) -> None:
    window = make_fresh_window()
    window.panels.show_theme(DARK)
    window._docks.bring("Layers")
    assert window.view("layers")._plot.backgroundBrush().color().name() == DARK.base


def test_the_run_before_is_drawn_behind_a_new_one_and_findings_are_marked_though_no_panel_was_shown(
    qtbot: QtBot, make_fresh_window: MakeWindow
) -> None:
    window = make_fresh_window({**RUN, "training.learning_rate": 100.0})
    errors: list[int] = []
    window.diagnosis.counted.connect(errors.append)
    train(qtbot, window)
    first = window.run_controller.run
    click(qtbot, window, "primary")
    assert window.overlays.ghosts == [first]
    wait_for_end(qtbot, window)
    settle(qtbot, window)
    assert errors[-1] > 0
    assert window.diagnosis.report.errors == errors[-1]
    assert not window.panels.has("diagnosis")
    assert not window.panels.has("runs")


def test_a_panel_is_added_by_its_entry_alone(
    qtbot: QtBot, preferences: Preferences, dialogs: AnsweringDialogs, make_toy: Callable[[PanelContext], BuiltPanel]
) -> None:
    toy = PanelEntry("toy", "Toy", "upper right", make_toy)
    window = MainWindow(small_config(), preferences, dialogs, [*PANELS, toy])
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.run_controller.dataset is not None)
    assert "Toy" in [dock.toggleViewAction().text() for dock in window._docks.docks]
    assert not window.panels.has("toy")
    window._docks.bring("Toy")
    train(qtbot, window)
    label = window.findChild(QLabel, "toy_label")
    assert label
    assert label.text() == f"step {len(window.run_controller.history)}"
    window.close_without_asking()


@pytest.fixture
def make_toy() -> Callable[[PanelContext], BuiltPanel]:
    """A panel that tells the step of the weights that are shown."""

    def build(context: PanelContext) -> BuiltPanel:
        label = QLabel()
        label.setObjectName("toy_label")
        context.playhead.subscribe(
            lambda snapshot, note, start: label.setText(f"step {snapshot.step}"), lambda: label.setText("")
        )
        return BuiltPanel(label)

    return build
