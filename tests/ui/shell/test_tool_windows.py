"""The windows beside the window: the gradient check and the preview of distortions, opened by a person."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from mnist_gui.config.run_config import AugmentationConfig
from mnist_gui.engine.activations import ACTIVATIONS, Activation, sigmoid_backward, tanh
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.shell.augmentation_preview import COLUMNS, ROWS, distorted_digits
from tests.support import dataset
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.person import click, retype_and_enter


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("none")


def check(qtbot: QtBot, window: MainWindow) -> list[list[str]]:
    """Ask for the check by its action; the table when it is filled."""
    window.controls_actions.check_gradient.trigger()
    view = window.tool_windows.gradient
    assert view.isVisible()
    qtbot.waitUntil(lambda: view.verdict not in ("", "Checking..."), timeout=20_000)
    table = view.table
    return [
        [table.item(row, column).text() for column in range(table.columnCount())] for row in range(table.rowCount())
    ]


def what(window: MainWindow) -> str:
    return window.tool_windows.gradient.findChildren(QLabel)[0].text()


def test_the_network_of_the_form_is_checked_before_there_is_one(qtbot: QtBot, whole_window: MainWindow) -> None:
    rows = check(qtbot, whole_window)
    assert [row[0] for row in rows] == ["weights 1", "biases 1", "weights 2", "biases 2"]
    assert all(float(row[2]) < 1e-7 and float(row[3]) < 1e-3 for row in rows)
    assert whole_window.tool_windows.gradient.verdict.startswith("The gradient is right")
    assert "a new network, as the form says" in what(whole_window)


def test_the_trained_network_is_checked_once_there_is_one(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    check(qtbot, window)
    assert "weights of epoch 2" in what(window)


def test_a_wrong_gradient_is_said_to_be_wrong_and_where(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACTIVATIONS, "tanh", Activation(tanh, sigmoid_backward))
    window = make_window({"network.activation": "tanh"})
    check(qtbot, window)
    assert window.tool_windows.gradient.verdict.startswith("The gradient is wrong: weights 1, biases 1 disagree")


def test_the_check_can_be_asked_for_again(qtbot: QtBot, window: MainWindow) -> None:
    check(qtbot, window)
    again = window.tool_windows.gradient.findChild(QPushButton, "check_again")
    assert again
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert window.tool_windows.gradient.verdict == "Checking..."
    qtbot.waitUntil(lambda: window.tool_windows.gradient.verdict.startswith("The gradient is right"))


def test_a_network_too_large_for_memory_is_not_checked_and_its_size_is_named(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs
) -> None:
    retype_and_enter(qtbot, window, "hidden", "8192, 8192, 8192")
    window.controls_actions.check_gradient.trigger()
    qtbot.waitUntil(lambda: bool(dialogs.errors))
    assert "at most 100,000,000 weights" in dialogs.errors[0]


def test_closing_the_check_gives_it_up_without_a_word(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs
) -> None:
    window = make_window({"network.hidden": [2048, 2048]})
    window.controls_actions.check_gradient.trigger()
    window.tool_windows.gradient.close()
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
    assert dialogs.errors == []
    assert window.tool_windows.gradient.verdict == "Checking..."


def test_a_form_that_cannot_be_used_is_not_checked_and_said_to_be_wrong(qtbot: QtBot, window: MainWindow) -> None:
    retype_and_enter(qtbot, window, "hidden", "none of them")
    window.controls_actions.check_gradient.trigger()
    assert not window.tool_windows.gradient.isVisible()
    assert "Hidden layers" in window.controls.note


def picture(window: MainWindow) -> bytes:
    sheet = window.tool_windows.distortions.findChild(QLabel, "distortions_sheet")
    assert sheet
    pixmap = sheet.pixmap()
    return b"" if pixmap.isNull() else pixmap.toImage().constBits().tobytes()


def test_the_preview_shows_digits_and_follows_the_form(qtbot: QtBot, whole_window: MainWindow) -> None:
    click(qtbot, whole_window, "more_distortions")
    click(qtbot, whole_window, "preview_distortions")
    qtbot.waitUntil(lambda: bool(picture(whole_window)))
    plain = picture(whole_window)
    retype_and_enter(qtbot, whole_window, "rotation", "40")
    qtbot.waitUntil(lambda: picture(whole_window) != plain)
    turned = picture(whole_window)
    other = whole_window.tool_windows.distortions.findChild(QPushButton, "other_digits")
    assert other
    qtbot.mouseClick(other, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: picture(whole_window) != turned)


def test_the_sheet_has_the_originals_first_and_each_digits_distortions_below_it() -> None:
    plain = distorted_digits(dataset(), AugmentationConfig(), np.random.default_rng(0))
    assert plain.shape == (1 + ROWS, COLUMNS, 28, 28)
    for row in plain[1:]:
        np.testing.assert_array_equal(row, plain[0])
    bent = distorted_digits(dataset(), AugmentationConfig(rotation=10.0), np.random.default_rng(0))
    np.testing.assert_array_equal(bent[0], plain[0])
    differences = np.abs(bent[1:].astype(int) - plain[1:]).mean(axis=(2, 3))
    assert np.mean(differences > 1) > 0.9  # a turn by nearly nothing may occur
    likeness_of_rows = {bent[1 + row, 0].tobytes() for row in range(ROWS)}
    assert len(likeness_of_rows) == ROWS
    likeness = [[np.corrcoef(bent[1, a].ravel(), plain[0, b].ravel())[0, 1] for b in range(COLUMNS)] for a in range(3)]
    assert [int(np.argmax(row)) for row in likeness] == [0, 1, 2]
