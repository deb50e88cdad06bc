"""A person before the window: clicks, types and turns the wheel on real widgets, found by their names."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtGui import QTextDocumentFragment, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

NO_BUTTON, NO_KEY = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


def button(window: QWidget, name: str) -> QAbstractButton:
    """The push or tool button of this name."""
    found = window.findChild(QPushButton, name) or window.findChild(QToolButton, name)
    assert found, name
    return found


def click(qtbot: QtBot, window: QWidget, name: str) -> None:
    """Click a button as it stands: nothing happens if it is disabled."""
    qtbot.mouseClick(button(window, name), Qt.MouseButton.LeftButton)


def show_window(qtbot: QtBot, widget: QWidget) -> None:
    """Show a widget and wait until it is on the screen, laid out."""
    with qtbot.waitExposed(widget, timeout=20_000):
        widget.show()


def line_edit(window: QWidget, name: str) -> QLineEdit:
    """The text field of this name."""
    found = window.findChild(QLineEdit, name)
    assert found, name
    return found


def retype(qtbot: QtBot, window: QWidget, name: str, text: str) -> None:
    """Replace the text of a field, key by key."""
    line = line_edit(window, name)
    line.setFocus()
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)


def retype_and_enter(qtbot: QtBot, window: QWidget, name: str, text: str) -> None:
    """Replace the text of a field and press Return."""
    retype(qtbot, window, name, text)
    qtbot.keyClick(line_edit(window, name), Qt.Key.Key_Return)


def turn_wheel(widget: QWidget, notches: int = 1) -> None:
    """Turn the mouse wheel over the middle of a widget; > 0 is away from the person."""
    place = QPointF(widget.rect().center())
    turn = QPoint(0, 120 * notches)
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), turn, NO_BUTTON, NO_KEY, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(widget, event)


def as_read(text: str, text_format: Qt.TextFormat) -> str:
    """What a person reads where Qt is given this text."""
    is_rich = text_format is Qt.TextFormat.RichText or (
        text_format is Qt.TextFormat.AutoText and GuiQt.mightBeRichText(text)
    )
    return QTextDocumentFragment.fromHtml(text).toPlainText() if is_rich else text
