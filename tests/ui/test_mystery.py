"""What a run is secretly trained with is told in no part of the window."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QPlainTextEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.lab.faults import FAULTS
from mnist_gui.runs.compare import HIDDEN
from mnist_gui.runs.model_file import load_model, save_model
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.search_desk import NOT_YET
from tests.ui.conftest import MakeWindow, wait_for_end
from tests.ui.person import click

SECRETS = ["flipped_gradient", "wrong_relu_derivative", "test_digits_in_training", "trains_on_validation"]


def begin(qtbot: QtBot, window: MainWindow, fault: str) -> None:
    window.bridge.begin(window.controls.config.with_settings({"lab.faults": [fault]}), is_secret=True)
    wait_for_end(qtbot, window)
    window.run_desk._refresh()


def texts(window: MainWindow) -> Iterator[str]:
    """All that can be read in the window, but for the lab, which lists every bug."""
    for widget in [window, *window.findChildren(QWidget)]:
        if is_in(window.panels.lab, widget):
            continue
        yield from (widget.toolTip(), widget.windowTitle(), widget.accessibleName(), widget.accessibleDescription())
        if isinstance(widget, (QLabel, QAbstractButton)):
            yield widget.text()
        if isinstance(widget, (QPlainTextEdit, QTextEdit)):
            yield widget.toPlainText()
        if isinstance(widget, QAbstractItemView) and widget.model():
            yield from cells(widget.model())
    for action in window.findChildren(QAction):
        if not is_in(window.panels.lab, action):
            yield from (action.text(), action.toolTip(), action.statusTip())


def is_in(panel: QWidget, child: QObject | None) -> bool:
    """Also where it opens a window of its own, as a menu does."""
    while child is not None and child is not panel:
        child = child.parent()
    return child is panel


def cells(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(min(model.rowCount(), 50)):
        for column in range(model.columnCount()):
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                yield str(model.index(row, column).data(role))


@pytest.mark.parametrize("fault", SECRETS)
@pytest.mark.parametrize("left_out", [[], [1, 2, 3]])
def test_the_bug_of_a_mystery_run_is_read_nowhere_in_the_window(
    qtbot: QtBot, make_window: MakeWindow, fault: str, left_out: list[int]
) -> None:
    window = make_window({"data.left_out": left_out})
    window.bridge.begin(window.controls.config)
    wait_for_end(qtbot, window)
    begin(qtbot, window, fault)
    said = "\n".join(texts(window))
    assert fault not in said
    assert FAULTS[fault].title not in said
    assert FAULTS[fault].text not in said
    assert HIDDEN in said
    assert "training digits" not in window.controls.note
    assert window.bridge.run
    window.bridge.run.is_secret = False
    window.run_desk._refresh()
    assert FAULTS[fault].title.lower() in "\n".join(texts(window))


def test_a_search_that_would_tell_the_bug_waits_until_it_is_named(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window, "flipped_gradient")
    window.search_desk.start(1)
    assert window.search_desk._job is None
    assert window.panels.search.caption == NOT_YET


def test_a_model_of_a_mystery_run_is_a_truthful_record(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    begin(qtbot, window, "flipped_gradient")
    assert window.bridge.best
    save_model(tmp_path / "m.npz", window.bridge.best)
    assert load_model(tmp_path / "m.npz").config.lab.faults == ("flipped_gradient",)


def test_the_diagnosis_offers_to_run_without_a_bug_once_it_is_named_and_not_before(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({"data.train": 2000, "network.hidden": [16]})
    fault = FAULTS["relu_on_output"]
    run = window.lab_desk._begin(window.controls.config.with_settings({"lab.faults": [fault.name]}), is_secret=True)
    assert run
    window.lab_desk.mystery.begin(run, fault)
    wait_for_end(qtbot, window)
    qtbot.waitUntil(lambda: not window.bridge.is_busy, timeout=30_000)

    def proposed() -> Mapping[str, object]:
        window.frames.draw_everything()
        card = window.panels.diagnosis.card(fault.rule)
        assert card
        assert card.finding
        return card.finding.changes

    assert proposed() == {}
    window.lab_desk.mystery.guess("flipped_gradient")
    qtbot.waitUntil(lambda: proposed() == {"lab.faults": ()}, timeout=10_000)
    click(qtbot, window, f"prove_{fault.rule}")
    wait_for_end(qtbot, window)
    assert window.bridge.run
    assert window.bridge.run.begun_as.lab.faults == ()
    qtbot.waitUntil(lambda: window.frames.draw_everything() or "fixed" in window.panels.diagnosis.verdict)
