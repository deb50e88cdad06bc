"""The window as a whole: reached by keyboard and screen reader, in every size, and never in two minds about itself."""

from collections import Counter

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QHelpEvent, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QMenu,
    QSlider,
    QTabBar,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panel_registry import PANELS
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.shell.docks import RIGHT_HEIGHTS
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.theme import DARK
from tests.ui.conftest import AnsweringDialogs, MakeWindow, wait_for, wait_for_end
from tests.ui.person import button, click, line_edit, retype, turn_wheel

CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QSlider, QLineEdit, QAbstractItemView)


def controls(window: MainWindow) -> list[QWidget]:
    """Everything to be used: without the parts of Qt's own compound widgets, and the buttons of docks and menus."""
    found: dict[int, QWidget] = {}
    for kind in CONTROLS:
        for widget in window.findChildren(kind):
            parent = widget.parent()
            is_part = isinstance(parent, (QAbstractSpinBox, QComboBox, QDockWidget, QLineEdit))
            if not is_part and widget.isVisibleTo(window) and not widget.objectName().startswith("qt_"):
                found[id(widget)] = widget
    return list(found.values())


def tab_order(window: MainWindow) -> list[QWidget]:
    """What the Tab key visits in the panel of controls, from the primary button on."""
    visited = []
    widget: QWidget = button(window, "primary")
    while True:
        if (
            widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and widget.isVisibleTo(window)
            and window.controls.isAncestorOf(widget)
        ):
            visited.append(widget)
        widget = widget.nextInFocusChain()
        if widget is button(window, "primary"):
            return visited


def colours(image: QImage) -> Counter[int]:
    return Counter(image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))


def tab_bars(window: MainWindow) -> list[list[str]]:
    """The tabs of docks that can be seen."""
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [[bar.tabText(tab).rstrip() for tab in range(bar.count())] for bar in bars if bar.isVisible()]


def test_each_group_of_panels_has_one_row_of_tabs_also_when_the_layout_was_put_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    expected = [[entry.title for entry in PANELS if entry.place == place] for place in RIGHT_HEIGHTS]
    qtbot.waitUntil(lambda: tab_bars(window) == expected)
    for _ in range(2):
        window.controls_actions.reset_layout.trigger()
        qtbot.waitUntil(lambda: tab_bars(window) == expected)


# Names, keys and tips


def test_everything_that_can_be_used_has_a_name_of_its_own_and_explains_itself(window: MainWindow) -> None:
    names = Counter(widget.objectName() for widget in controls(window))
    assert len(names) > 20
    assert {name for name, count in names.items() if count > 1 or not name} == set()
    for widget in controls(window):
        text = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        assert text, widget.objectName()
        assert widget.toolTip() or isinstance(widget, QAbstractItemView), widget.objectName()


def test_every_menu_entry_is_reached_by_a_letter_of_its_own(window: MainWindow) -> None:
    for menu in [*window.menuBar().findChildren(QMenu), window.menuBar()]:
        letters = Counter(
            action.text().lower().partition("&")[2][:1] for action in menu.actions() if action.text().strip()
        )
        doubled = {letter for letter, count in letters.items() if letter and count > 1}
        assert doubled == set(), [action.text() for action in menu.actions()]


def test_no_shortcut_is_given_twice(window: MainWindow) -> None:
    shortcuts = Counter(
        action.shortcut().toString() for action in window.findChildren(QAction) if not action.shortcut().isEmpty()
    )
    assert len(shortcuts) >= 10
    assert {shortcut for shortcut, count in shortcuts.items() if count > 1} == set()


def test_the_tab_key_follows_the_eye_and_the_primary_button_comes_first(window: MainWindow) -> None:
    window.resize(1366, 2200)  # tall enough that nothing is scrolled away
    for group in ("optimizer", "network"):
        button(window, f"more_{group}").click()
    visited = tab_order(window)
    assert visited[0].objectName() == "primary"
    names = [widget.objectName() for widget in visited]
    wanted = [
        "primary",
        "pause",
        "continue",
        "stop",
        "step_batch",
        "step_epoch",
        "new_network",
        "preset",
        "hidden",
        "activation",
        "loss",
        "dropout",
        "l2",
    ]
    assert [name for name in names if name in wanted] == wanted
    heights = [widget.mapTo(window, QPoint(0, 0)).y() for widget in visited if not isinstance(widget, QSlider)]
    assert heights == sorted(heights)


def test_training_can_be_driven_by_shortcuts_alone(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 5000})
    window.activateWindow()
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(window, Qt.Key.Key_B, control)
    qtbot.waitUntil(lambda: window.run_controller.history.last_step == 1)
    qtbot.keyClick(window, Qt.Key.Key_E, control)
    qtbot.waitUntil(
        lambda: window.run_controller.history.last_step == 12 and window.run_controller.state is RunState.PAUSED
    )
    qtbot.keyClick(window, Qt.Key.Key_Return, control)
    wait_for(qtbot, window, RunState.TRAINING)
    qtbot.keyClick(window, Qt.Key.Key_H, control)
    wait_for(qtbot, window, RunState.PAUSED)
    qtbot.keyClick(window, Qt.Key.Key_Period, control)
    wait_for_end(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_W, control)
    assert window.run_controller.state is RunState.NEW
    qtbot.keyClick(window, Qt.Key.Key_T, control)
    wait_for(qtbot, window, RunState.TRAINING)


def test_scrolling_the_form_with_the_wheel_changes_no_setting(window: MainWindow) -> None:
    before = window.controls.config
    button(window, "primary").setFocus()
    for widget in controls(window):
        if window.controls.isAncestorOf(widget):
            turn_wheel(widget, -1)
    assert window.controls.config == before


# Sizes


@pytest.mark.parametrize(
    ("size", "names"),
    [
        ((1366, 768), ("primary", "stop", "test")),
        ((1920, 1080), ("primary", "stop", "test")),
        ((1024, 600), ("primary", "stop")),  # the rest is scrolled to
    ],
)
def test_the_chief_buttons_are_wholly_in_sight(
    qtbot: QtBot, window: MainWindow, size: tuple[int, int], names: tuple[str, ...]
) -> None:
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    QApplication.sendPostedEvents()
    for widget in (button(window, name) for name in names):
        seen = widget.visibleRegion().boundingRect()
        assert seen == widget.rect()
        assert window.rect().contains(widget.mapTo(window, seen.bottomRight()))


def test_a_window_opens_as_small_as_it_is_asked_to(make_window: MakeWindow) -> None:
    window = make_window()
    window.hide()
    window.resize(1024, 600)
    window.show()
    assert (window.width(), window.height()) == (1024, 600)


def test_nothing_jumps_when_training_begins_goes_on_and_ends(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 5000})
    window.resize(1366, 768)

    def places() -> dict[str, tuple[QPoint, int]]:
        return {
            widget.objectName(): (widget.mapTo(window, QPoint(0, 0)), widget.height())
            for widget in controls(window)
            if not window.view("diagnosis").isAncestorOf(widget)  # which has one for each finding
        }

    before = places()
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history.epochs) > 2)
    assert places() == before
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)
    assert places() == before


def test_a_long_word_in_the_note_does_not_widen_the_panel_or_push_the_form_away(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(loaded=False)
    window.resize(1366, 768)
    width = window.controls.width()
    minimum = window.minimumSizeHint()
    retype(qtbot, window, "hidden", "x" * 400)
    assert "Hidden layers 'xxx" in window.controls.note
    QApplication.sendPostedEvents()
    assert window.controls.width() == width
    assert window.minimumSizeHint().width() == minimum.width()
    assert not line_edit(window, "hidden").visibleRegion().isEmpty()


def test_a_window_can_be_made_small_and_large_while_it_trains(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 5000})
    click(qtbot, window, "primary")
    for size in ((1920, 1080), (400, 300), (3000, 500), (1366, 768)):
        window.resize(*size)
        drawn = window.curves.loss.drawn_minibatches
        qtbot.waitUntil(lambda drawn=drawn: window.curves.loss.drawn_minibatches > drawn)
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)


def test_closed_panels_cost_nothing_and_show_what_is_new_when_they_are_opened_again(
    qtbot: QtBot, window: MainWindow
) -> None:
    docks = window.findChildren(QDockWidget)
    for dock in docks:
        dock.hide()
    window.controls_actions.primary.trigger()
    wait_for_end(qtbot, window)
    assert window.view("units").mosaic is None
    for dock in docks:
        dock.show()
    window.findChild(QDockWidget, "dock_units").raise_()  # it shares its place with another panel
    qtbot.waitUntil(lambda: window.view("units").mosaic is not None)
    assert window.view("mistakes").digits


# Colours


def test_each_theme_colours_the_whole_window_and_all_its_plots(
    qtbot: QtBot, window: MainWindow, preferences: Preferences
) -> None:
    window.controls_actions.primary.trigger()
    wait_for_end(qtbot, window)
    lightness = {}
    for name in ("dark", "light"):
        window.controls_actions.themes[name].trigger()
        window.refresh_scheduler.draw_everything()
        image = window.grab().toImage()
        total = colours(image)
        lightness[name] = sum((pixel & 0xFF) * count for pixel, count in total.items()) / total.total()
    assert lightness["dark"] < 100
    assert lightness["light"] > 180


def test_a_remembered_theme_dresses_the_next_window(make_window: MakeWindow, preferences: Preferences) -> None:
    preferences.theme = DARK
    window = make_window(loaded=False)
    assert window.controls_actions.themes["dark"].isChecked()
    assert window.palette().window().color().name() == DARK.window


# What the panels tell


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
def test_hovering_over_a_weight_picture_names_the_unit(qtbot: QtBot, window: MainWindow) -> None:
    window.controls_actions.primary.trigger()
    wait_for_end(qtbot, window)
    canvas = window.findChild(QWidget, "weights")
    assert canvas
    place = QPoint(canvas.width() // 20, canvas.width() // 20)
    QApplication.sendEvent(canvas, QHelpEvent(QEvent.Type.ToolTip, place, canvas.mapToGlobal(place)))
    assert QToolTip.text().startswith("unit 0: weight norm")
    assert window.run_controller.best
    assert f"{window.run_controller.best.biases[0][0]:+.3f}" in QToolTip.text()


def test_the_status_line_tells_state_epoch_step_and_validation(qtbot: QtBot, window: MainWindow) -> None:
    window.controls_actions.primary.trigger()
    wait_for_end(qtbot, window)

    def said(name: str) -> str:
        label = window.findChild(QLabel, f"status_{name}")
        assert label
        return label.text()

    last = window.run_controller.history.epochs[-1]
    assert (said("state"), said("epoch"), said("step")) == ("finished", "epoch 2/2", "step 24/24")
    assert f"validation {last.validation_accuracy:.2%}" in said("validation")
    assert (said("speed"), said("eta")) == ("", "")


def test_a_test_that_fails_is_told_and_does_not_go_on_measuring(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.controls_actions.primary.trigger()
    wait_for_end(qtbot, window)

    def fail(*arguments: object) -> None:
        raise MemoryError("no room for the answers")

    assert window.run_controller.best
    monkeypatch.setattr(type(window.run_controller.best), "predict", fail)
    click(qtbot, window, "test")
    qtbot.waitUntil(lambda: bool(dialogs.errors))
    assert "no room for the answers" in dialogs.errors[0]
    assert "Measuring" not in window.controls.test_result
