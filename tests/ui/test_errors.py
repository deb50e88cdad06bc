"""Errors that nobody caught: each reaches the person once, from wherever it came, and the program goes on."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.ui.dialogs import Dialogs
from mnist_gui.ui.errors import LARGEST_LOG, ErrorReporter
from tests.ui.person import as_read


class Clumsy(QObject):
    """Raises in its slot."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._on_asked)

    @Slot(str)
    def _on_asked(self, word: str) -> None:
        raise ValueError(f"no such word: {word}")


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[QWidget]:
    """A window whose errors are reported. Python's hooks are put back after the test."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    ErrorReporter(window).install()
    yield window
    for box in boxes(window):
        box.close()


def boxes(window: QWidget) -> list[QMessageBox]:
    return window.findChildren(QMessageBox)


def wait_for_boxes(qtbot: QtBot, window: QWidget, count: int) -> list[QMessageBox]:
    qtbot.waitUntil(lambda: len(boxes(window)) >= count)
    QApplication.processEvents()
    assert len(boxes(window)) == count
    return boxes(window)


def button(box: QMessageBox, text: str) -> QAbstractButton:
    return next(found for found in box.buttons() if text in found.text())


def test_an_error_in_a_slot_opens_a_box_that_does_not_wait(qtbot: QtBot, window: QWidget) -> None:
    clumsy = Clumsy()
    clumsy.asked.emit("one")
    (box,) = wait_for_boxes(qtbot, window, 1)
    assert box.text() == "ValueError: no such word: one"
    assert "_on_asked" in box.detailedText()
    assert box.isVisible()


def test_the_same_error_again_opens_no_second_box_but_another_one_does(qtbot: QtBot, window: QWidget) -> None:
    clumsy = Clumsy()
    for word in ("one", "one", "two", "one", "two"):
        clumsy.asked.emit(word)
    texts = [box.text() for box in wait_for_boxes(qtbot, window, 2)]
    assert texts == ["ValueError: no such word: one", "ValueError: no such word: two"]


def test_an_error_stays_reported_once_after_its_box_was_closed(qtbot: QtBot, window: QWidget) -> None:
    clumsy = Clumsy()
    clumsy.asked.emit("one")
    (box,) = wait_for_boxes(qtbot, window, 1)
    button(box, "Close").click()
    clumsy.asked.emit("one")
    clumsy.asked.emit("two")
    qtbot.waitUntil(lambda: any(box.isVisible() for box in boxes(window)))
    assert [box.text() for box in boxes(window) if box.isVisible()] == ["ValueError: no such word: two"]


def test_copying_the_details_leaves_the_box_open(qtbot: QtBot, window: QWidget) -> None:
    clumsy = Clumsy()
    clumsy.asked.emit("one")
    (box,) = wait_for_boxes(qtbot, window, 1)
    qtbot.mouseClick(button(box, "Copy details"), Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == box.detailedText()
    assert box.isVisible()
    qtbot.mouseClick(button(box, "Close"), Qt.MouseButton.LeftButton)
    assert not box.isVisible()


def test_an_error_in_a_finalizer_is_reported(qtbot: QtBot, window: QWidget) -> None:
    class Unwilling:
        def __del__(self) -> None:
            raise OSError("still busy")

    Unwilling()
    (box,) = wait_for_boxes(qtbot, window, 1)
    assert box.text() == "OSError: still busy"


def test_errors_of_several_threads_all_arrive_in_the_gui_thread(qtbot: QtBot, window: QWidget) -> None:
    def fail(number: int) -> None:
        raise LookupError(f"in thread {number}")

    threads = [threading.Thread(target=fail, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = sorted(box.text() for box in wait_for_boxes(qtbot, window, 4))
    assert texts == [f"LookupError: in thread {number}" for number in range(4)]
    assert all(box.thread() is QApplication.instance().thread() for box in boxes(window))


def test_what_looks_like_markup_in_a_message_is_read_as_it_is(qtbot: QtBot, window: QWidget) -> None:
    clumsy = Clumsy()
    clumsy.asked.emit("<b>bold</b> & <module>")
    (box,) = wait_for_boxes(qtbot, window, 1)
    assert as_read(box.text(), box.textFormat()) == "ValueError: no such word: <b>bold</b> & <module>"


# Dialogs that do not wait


@pytest.mark.parametrize("show", [lambda dialogs: dialogs.show_error("Title", "Text"), Dialogs.show_about])
def test_a_box_that_tells_does_not_wait_and_is_gone_when_it_is_closed(
    qtbot: QtBot, show: Callable[[Dialogs], None]
) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    dialogs = Dialogs()
    dialogs.belong_to(owner)
    show(dialogs)
    (box,) = boxes(owner)
    assert box.isVisible()
    box.buttons()[0].click()
    qtbot.waitUntil(lambda: boxes(owner) == [])


def test_what_an_error_names_is_not_taken_for_markup(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    dialogs = Dialogs()
    dialogs.belong_to(owner)
    dialogs.show_error("<b>x</b>.npz cannot be opened", "/tmp/<b>x</b>.npz: not a readable model file\nSecond line")
    (box,) = boxes(owner)
    label = box.findChild(QLabel, "qt_msgbox_informativelabel")
    assert label
    assert as_read(box.text(), box.textFormat()) == "<b>x</b>.npz cannot be opened"
    assert as_read(label.text(), label.textFormat()) == "/tmp/<b>x</b>.npz: not a readable model file\nSecond line"
    box.close()


# The log. In processes of their own: it takes over things that belong to the whole process.

LOG = """
import logging, sys, warnings
from pathlib import Path
from PySide6.QtCore import qWarning
from mnist_gui.ui.errors import log_to
log_to(Path(sys.argv[1]))
logging.getLogger("here").warning("hello from Python")
qWarning("hello from Qt")
"""


def log_in_a_process(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOG, str(path)], capture_output=True, text=True, timeout=50, check=True
    )


def test_pythons_and_qts_messages_go_into_the_log_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "state" / "mnist-gui" / "mnist-gui.log"
    done = log_in_a_process(path)
    assert (done.stdout, done.stderr) == ("", "")
    text = path.read_text()
    assert "WARNING here: hello from Python" in text
    assert "WARNING qt: hello from Qt" in text


def test_a_log_goes_on_where_it_was_and_starts_anew_when_it_has_grown_large(tmp_path: Path) -> None:
    path = tmp_path / "mnist-gui.log"
    path.write_text("of yesterday\n")
    log_in_a_process(path)
    assert path.read_text().startswith("of yesterday\n")
    path.write_text("x" * (LARGEST_LOG + 1))
    log_in_a_process(path)
    assert len(path.read_text()) < 1000


def test_where_no_log_can_be_written_messages_go_to_standard_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = log_in_a_process(tmp_path / "file" / "mnist-gui.log")
    assert "hello from Python" in done.stderr
    assert "hello from Qt" in done.stderr
