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

from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.error_dialog import MOST_SHOWN, ErrorReporter
from mnist_gui.ui.shell.log_dialog import NO_LOG, LogDialog, end_of
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


def test_errors_that_come_while_a_box_is_open_are_told_in_it_each_once(qtbot: QtBot, window: QWidget) -> None:
    clumsy = Clumsy()
    for word in ("one", "one", *(str(number) for number in range(60)), "one"):
        clumsy.asked.emit(word)
    (box,) = wait_for_boxes(qtbot, window, 1)
    qtbot.waitUntil(lambda: "60 more" in box.informativeText())
    assert box.text() == "ValueError: no such word: one"
    assert box.detailedText().count("ValueError: no such word: one\n") == 1
    assert box.detailedText().count("Traceback") == 61


def test_of_errors_without_end_a_person_is_told_so_many(qtbot: QtBot, window: QWidget) -> None:
    clumsy = Clumsy()
    for number in range(MOST_SHOWN + 20):
        clumsy.asked.emit(str(number))
    (box,) = wait_for_boxes(qtbot, window, 1)
    qtbot.waitUntil(lambda: f"{MOST_SHOWN - 1} more" in box.informativeText())
    QApplication.processEvents()
    assert box.detailedText().count("Traceback") == MOST_SHOWN


def test_want_of_memory_is_told_as_such(qtbot: QtBot, window: QWidget) -> None:
    sys.excepthook(MemoryError, MemoryError(), None)
    (box,) = wait_for_boxes(qtbot, window, 1)
    assert box.text().startswith("There is not enough memory")


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
    (box,) = wait_for_boxes(qtbot, window, 1)
    qtbot.waitUntil(lambda: "3 more" in box.informativeText())
    assert all(f"LookupError: in thread {number}" in box.detailedText() for number in range(4))
    assert box.thread() is QApplication.instance().thread()


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


# The log of the window, in a process of its own: Qt's messages belong to the whole process

LOG = """
import logging, sys
from pathlib import Path
from PySide6.QtCore import qWarning
from mnist_gui.system.log import Log
from mnist_gui.ui.shell.error_dialog import log_qt_messages
Log(Path(sys.argv[1]))
log_qt_messages()
logging.getLogger("here").warning("hello from Python")
qWarning("hello from Qt")
"""


def test_pythons_and_qts_messages_go_into_the_log_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "state" / "mnist-gui" / "mnist-gui.log"
    done = subprocess.run(
        [sys.executable, "-c", LOG, str(path)], capture_output=True, text=True, timeout=50, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
    text = path.read_text()
    assert "WARNING here: hello from Python" in text
    assert "WARNING qt: hello from Qt" in text


def test_the_log_can_be_read_and_copied_and_says_where_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"line {number}\n" for number in range(30_000)))
    dialog = LogDialog(path, None)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.open()
    assert str(path) in [label.text() for label in dialog.findChildren(QLabel)]
    next(button for button in dialog.findChildren(QAbstractButton) if button.text() == "Copy").click()
    lines = QApplication.clipboard().text().splitlines()
    assert lines[-1] == "line 29999"
    assert lines[0] == f"line {30_000 - len(lines)}"
    assert 190_000 < len("\n".join(lines)) <= 200_000


def test_a_log_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    assert end_of(tmp_path / "log") == NO_LOG
