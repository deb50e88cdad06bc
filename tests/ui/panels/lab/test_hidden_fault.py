"""What a run is secretly trained with is told in no part of the window."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QPlainTextEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.casebook.hidden_fault import suspects
from mnist_gui.faults.fault import Fault
from mnist_gui.faults.registry import FAULTS
from mnist_gui.runs.run_differences import HIDDEN
from mnist_gui.storage.model_file import load_model, save_model
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.search.presenter import NOT_YET
from tests.ui.conftest import MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.person import click

# What is said of the digits could tell of these.
OF_DIGITS = ["test_digits_in_training", "trains_on_validation"]


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("lab", "runs", "diagnosis", "units", "search")


def begin(qtbot: QtBot, window: MainWindow, fault: str) -> None:
    window.run_controller.begin(window.controls.config.with_settings({"lab.faults": [fault]}), is_hidden=True)
    wait_for_end(qtbot, window)
    window.presenter("runs")._refresh()


def texts(window: MainWindow, *left_out: QWidget) -> Iterator[str]:
    """All that can be read in the window, but for the lab, which lists every bug, and these panels."""
    # Also what opens a window of its own there, as a menu does.
    unread = {part for panel in (window.view("lab"), *left_out) for part in (panel, *panel.findChildren(QObject))}
    for widget in [window, *window.findChildren(QWidget)]:
        if widget in unread:
            continue
        yield from (widget.toolTip(), widget.windowTitle(), widget.accessibleName(), widget.accessibleDescription())
        if isinstance(widget, (QLabel, QAbstractButton)):
            yield widget.text()
        if isinstance(widget, (QPlainTextEdit, QTextEdit)):
            yield widget.toPlainText()
        if isinstance(widget, QAbstractItemView) and widget.model():
            yield from cells(widget.model())
    for action in window.findChildren(QAction):
        if action not in unread:
            yield from (action.text(), action.toolTip(), action.statusTip())


def cells(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(min(model.rowCount(), 50)):
        for column in range(model.columnCount()):
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                yield str(model.index(row, column).data(role))


def mentions(window: MainWindow, fault: Fault) -> Counter[str]:
    """Texts in which the name, the title or the text of a bug stands, and how often each of them is there; without
    the diagnosis, which may name what it finds, as it does for anybody."""
    words = [word.lower() for word in (fault.name, fault.title, fault.text)]
    return Counter(
        text for text in texts(window, window.view("diagnosis")) if any(word in text.lower() for word in words)
    )


def test_each_bug_that_can_be_hidden_is_told_nowhere_until_it_is_guessed(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    window = whole_window
    suspected = suspects(window.controls.config)
    assert len(suspected) >= 10
    click(qtbot, window, "primary")  # a run to compare with
    wait_for_end(qtbot, window)
    told, hidden = {}, {}
    for fault in suspected:
        known = mentions(window, fault)  # such as a preset that describes it
        window.view("lab").bugs.tick([fault.name])
        window.presenter("lab").begin_hidden_fault()
        wait_for_end(qtbot, window)
        window.presenter("runs")._refresh()
        window.training.refresh()
        if new := mentions(window, fault) - known:
            told[fault.name] = new
        assert "Faults" not in window.controls.note
        window.presenter("lab").hidden_fault.guess(fault.name)
        assert window.view("lab").bugs.text.startswith(f"Right: {fault.title.lower()}")
        window.presenter("runs")._refresh()
        if not mentions(window, fault) - known:
            hidden[fault.name] = "even though it was guessed"
    assert (told, hidden) == ({}, {})


@pytest.mark.parametrize("fault", OF_DIGITS)
@pytest.mark.parametrize("left_out", [[], [1, 2, 3]])
def test_the_bug_of_a_mystery_run_is_read_nowhere_in_the_window(
    qtbot: QtBot, make_whole_window: MakeWindow, fault: str, left_out: list[int]
) -> None:
    window = make_whole_window({"data.left_out": left_out})
    window.run_controller.begin(window.controls.config)
    wait_for_end(qtbot, window)
    begin(qtbot, window, fault)
    said = "\n".join(texts(window))
    assert fault not in said
    assert FAULTS[fault].title not in said
    assert FAULTS[fault].text not in said
    assert HIDDEN in said
    assert "training digits" not in window.controls.note
    assert window.run_controller.run
    window.run_controller.run.is_hidden = False
    window.presenter("runs")._refresh()
    assert FAULTS[fault].title.lower() in "\n".join(texts(window))


def test_a_search_that_would_tell_the_bug_waits_until_it_is_named(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window, "flipped_gradient")
    window.presenter("search").start(1)
    assert window.presenter("search")._job is None
    assert window.view("search").caption == NOT_YET


def test_a_model_of_a_mystery_run_is_a_truthful_record(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    begin(qtbot, window, "flipped_gradient")
    assert window.run_controller.best
    save_model(tmp_path / "m.npz", window.run_controller.best)
    assert load_model(tmp_path / "m.npz").config.lab.faults == ("flipped_gradient",)


def test_the_diagnosis_offers_to_run_without_a_bug_once_it_is_named_and_not_before(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({"data.train": 2000, "network.hidden": [16]})
    fault = FAULTS["relu_on_output"]
    run = window.presenter("lab")._begin(
        window.controls.config.with_settings({"lab.faults": [fault.name]}), is_hidden=True
    )
    assert run
    window.presenter("lab").hidden_fault.begin(run, fault)
    wait_for_end(qtbot, window)
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=30_000)

    def proposed() -> Mapping[str, object]:
        window.refresh_scheduler.draw_everything()
        card = window.view("diagnosis").card(fault.rule)
        assert card
        assert card.finding
        return card.finding.changes

    assert proposed() == {}
    window.presenter("lab").hidden_fault.guess("flipped_gradient")
    qtbot.waitUntil(lambda: proposed() == {"lab.faults": ()})
    click(qtbot, window, f"prove_{fault.rule}")
    wait_for_end(qtbot, window)
    assert window.run_controller.run
    assert window.run_controller.run.begun_as.lab.faults == ()
    qtbot.waitUntil(lambda: window.refresh_scheduler.draw_everything() or "fixed" in window.view("diagnosis").verdict)
