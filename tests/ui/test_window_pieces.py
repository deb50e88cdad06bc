"""The parts around the run: fields, theme, preferences, errors, the helper thread, and odd values in the plots."""

import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, QSettings, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.config.schema import SETTINGS
from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, MinibatchesDone, SettingChanged
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.controls.view import GROUPS
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.plotting.run_plot import RunPlot
from mnist_gui.ui.shell.error_dialog import ErrorReporter, report_to_stderr
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.theme import DARK, LIGHT
from tests.ui.conftest import AnsweringDialogs, MakeWindow, wait_for_end

# Fields and layout


def test_every_field_is_named_by_its_key_and_explains_itself(window: MainWindow) -> None:
    for title in GROUPS:
        window.controls.findChild(QToolButton, f"more_{title.lower()}").click()
    for key in (key for group in GROUPS.values() for key in (*group.keys, *group.more)):
        section, name = key.split(".")
        widget = window.controls.findChild(QWidget, f"{section}_{name}" if key in ("data.seed", "data.test") else name)
        assert widget, key
        assert widget.accessibleName() == SETTINGS[key].label
        assert SETTINGS[key].help in widget.toolTip()


def test_the_wheel_changes_no_field_that_has_no_focus(window: MainWindow) -> None:
    box = window.findChild(QSpinBox, "epochs")
    assert box
    window.controls.primary.setFocus()
    before = box.value()
    nowhere = QPointF(5, 5)
    event = QWheelEvent(
        nowhere,
        box.mapToGlobal(nowhere),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, event)
    assert box.value() == before


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_every_button_is_inside_the_window_at_usual_sizes(
    qtbot: QtBot, window: MainWindow, size: tuple[int, int]
) -> None:
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    for name in ("primary", "pause", "continue", "step_batch", "step_epoch", "stop", "new_network", "test"):
        button = window.controls.findChild(QWidget, name)
        assert button
        assert not button.visibleRegion().isEmpty()
        assert window.rect().contains(button.mapTo(window, button.rect().bottomRight()))


def test_the_theme_can_be_changed_at_any_time_and_is_remembered(
    qtbot: QtBot, window: MainWindow, preferences: Preferences
) -> None:
    window.controls_actions.primary.trigger()
    wait_for_end(qtbot, window)
    for name, theme in (("dark", DARK), ("light", LIGHT), ("system", None)):
        window.controls_actions.themes[name].trigger()
        assert preferences.theme == theme
        window.grab()
    assert window.curves.loss.drawn_minibatches == 24


def test_a_moved_layout_is_remembered_and_can_be_reset(make_window: MakeWindow, preferences: Preferences) -> None:
    first = make_window(loaded=False)
    first._docks.docks[1].hide()
    first.close_without_asking()
    second = make_window(loaded=False)
    assert not second._docks.docks[1].isVisible()
    second.controls_actions.reset_layout.trigger()
    assert second._docks.docks[1].isVisible()


def test_a_settings_file_full_of_nonsense_is_ignored(tmp_path: Path, make_window: MakeWindow) -> None:
    settings = QSettings(str(tmp_path / "nonsense.ini"), QSettings.Format.IniFormat)
    for key, value in {"theme": 17, "layout/version": 1, "layout/geometry": "x", "folder/model": [1, 2]}.items():
        settings.setValue(key, value)
    preferences = Preferences(settings)
    assert preferences.theme is None
    assert preferences.layout is None
    assert preferences.folder("model") == Path.home()
    assert preferences.folder("dataset") == Path.home()


# Curves


def history_of(values: list[float]) -> History:
    history = History()
    block = np.array(values, np.float32)
    history.add(MinibatchesDone(1, block, block, block, block))
    history.planned_step = len(values)
    return history


@pytest.mark.parametrize(
    "values",
    [[], [np.nan] * 3, [1.0], [np.inf, 1.0, -np.inf], [1e38, 1.0, 0.0], [0.0] * 5, list(range(5000))],
    ids=["empty", "nan", "one", "inf", "huge", "zero", "long"],
)
def test_any_values_are_drawn_without_a_warning(qtbot: QtBot, values: list[float]) -> None:
    view = CurvesView()
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    view.show_history(history_of(values))
    view.loss._log_button.setChecked(True)
    view.show_theme(DARK)
    view.grab()
    assert view.loss.drawn_minibatches == len(values)


def test_a_validation_value_that_is_no_number_is_left_out(qtbot: QtBot) -> None:
    view = CurvesView()
    qtbot.addWidget(view)
    view.show()
    history = history_of([1.0, 0.5])
    history.add(EpochDone(1, 1, 1.0, 0.5, float("nan"), float("nan"), 0.1, 1.0))
    history.add(EpochDone(2, 2, 1.0, 0.5, 0.7, 0.6, 0.1, 1.0))
    view.show_history(history)
    view.grab()
    assert view.loss._validation.getData()[1].tolist() == [0.7]


def test_a_dragged_slider_leaves_one_mark(qtbot: QtBot) -> None:
    plot = RunPlot("Loss", lambda history: history.losses, lambda epoch: epoch.validation_loss)
    qtbot.addWidget(plot)
    plot.show()
    history = history_of([1.0] * 1000)
    for step, old, new in ((500, 0.1, 0.09), (503, 0.09, 0.05), (506, 0.05, 0.02), (900, 0.02, 0.1)):
        history.add(SettingChanged(step, "training.learning_rate", old, new))
    plot.show_history(history)
    arrow = "\N{RIGHTWARDS ARROW}"
    assert plot.marks == [f"learning rate 0.1 {arrow} 0.02", f"learning rate 0.02 {arrow} 0.1"]


# Errors


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put Python's hooks back after the test."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)


def raised() -> ValueError:
    try:
        raise ValueError("out of luck")
    except ValueError as error:
        return error


@pytest.mark.usefixtures("hooks")
def test_an_uncaught_error_opens_one_box_however_often_it_happens(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    ErrorReporter(window).install()
    error = raised()
    for _ in range(3):
        sys.excepthook(ValueError, error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    (box,) = window.findChildren(QMessageBox)
    assert "out of luck" in box.text()
    assert "test_window_pieces" in box.detailedText()
    box.close()


@pytest.mark.usefixtures("hooks")
def test_an_error_in_a_thread_opens_a_box_too(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    ErrorReporter(window).install()
    thread = threading.Thread(target=lambda: {}["missing"])
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    (box,) = window.findChildren(QMessageBox)
    assert "KeyError" in box.text()
    box.close()


@pytest.mark.usefixtures("hooks")
def test_without_a_person_errors_are_printed_once_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    errors = report_to_stderr()
    error = raised()
    for _ in range(2):
        sys.excepthook(ValueError, error, error.__traceback__)
    assert len(errors) == 1
    assert capsys.readouterr().err.count("Traceback") == 1


def test_the_window_shows_errors_though_another_program_is_in_front(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs
) -> None:
    from mnist_gui.ui.shell.dialogs import Dialogs

    real = Dialogs()
    real.belong_to(window)
    window.clearFocus()
    real.show_error("Title", "What happened")
    (box,) = window.findChildren(QMessageBox)
    assert box.isVisible()
    box.close()


# Guards


class Emitter(QObject):
    happened = Signal(bool, object)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True and None are immortal there")
def test_signals_and_repaints_lose_no_reference_to_true(qtbot: QtBot, window: MainWindow) -> None:
    """Some PySide6 releases do, until the interpreter aborts."""
    emitter = Emitter()
    emitter.happened.connect(lambda flag, nothing: None)
    before = sys.getrefcount(True)
    for _ in range(100):
        emitter.happened.emit(True, None)
        window.curves.loss.repaint()
        window.repaint()
    assert sys.getrefcount(True) >= before - 20
