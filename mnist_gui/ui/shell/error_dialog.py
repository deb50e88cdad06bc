"""Unexpected errors: logged, and shown once each in a dialog whose details can be copied, instead of half a program."""

import atexit
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, Slot, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from mnist_gui.system.user_errors import NO_MEMORY, is_lack_of_memory

Report = Callable[[type[BaseException], BaseException | None, TracebackType | None], None]

# Different errors that the user is shown; later ones are in the log alone.
MOST_SHOWN = 100

# What Qt says last when the Wayland compositor has gone: then it ends the process, without a word to Python.
LAST_WORDS = ("The Wayland connection broke", "The Wayland connection experienced a fatal error")

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_qt_messages(before_the_end: Callable[[], object] | None = None) -> None:
    """Send what Qt says to the log.

    before_the_end: called when Qt is about to end the process because its display has gone.
    """

    def log(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        logging.getLogger("qt").log(_QT_LEVELS[kind], "%s", message)
        if before_the_end and message.startswith(LAST_WORDS):
            before_the_end()

    qInstallMessageHandler(log)
    atexit.register(qInstallMessageHandler, None)  # Qt speaks even after the interpreter has ended


def report_to_stderr() -> list[str]:
    """Print what nobody caught, from any thread, where no dialog can be shown. Returns the list it is kept in too."""
    errors: list[str] = []

    def report(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        if details not in errors:
            errors.append(details)
            sys.stderr.write(details)

    _install(report)
    return errors


def _install(report: Report) -> None:
    """From now on, call `report` with what would only have been printed."""

    def report_unraisable(unraisable: Any) -> None:
        report(unraisable.exc_type, unraisable.exc_value, unraisable.exc_traceback)

    sys.excepthook = report
    threading.excepthook = lambda args: report(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = report_unraisable


class ErrorReporter(QObject):
    """Takes over Python's three hooks for exceptions that nobody caught, from any thread.

    The dialog opens in the GUI thread through a queued signal: the rare one that crosses threads, since an error in
    a thread has no other way out. There is one box at a time: what comes while it is open is added to it.
    """

    occurred = Signal(str, str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._shown: set[str] = set()
        self._box: _ErrorBox | None = None
        self.occurred.connect(self._on_occurred, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """From now on, report what would only have been printed."""
        _install(self._report)

    def _report(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        where = (kind, error or kind(), trace)
        logging.getLogger(__name__).error("not caught", exc_info=where)
        if error is not None and is_lack_of_memory(error):
            self.occurred.emit(NO_MEMORY[0].upper() + NO_MEMORY[1:], details)
        else:
            self.occurred.emit(f"{kind.__name__}: {error}", details)

    def _on_occurred(self, summary: str, details: str) -> None:
        if details in self._shown or len(self._shown) >= MOST_SHOWN:
            return
        self._shown.add(details)
        if self._box is None:
            self._box = _ErrorBox(self._window)
            self._box.finished.connect(self._on_box_finished)
            self._box.open()
        self._box.add(summary, details)

    @Slot()
    def _on_box_finished(self) -> None:
        self._box = None


class _ErrorBox(QMessageBox):
    """Errors that nobody caught, the first one in large letters."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(QMessageBox.Icon.Warning, "Unexpected error", "", parent=window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setTextFormat(Qt.TextFormat.PlainText)  # a message may hold what looks like markup
        self._details: list[str] = []
        copy = self.addButton("Copy details", QMessageBox.ButtonRole.ActionRole)
        copy.clicked.disconnect()  # an ordinary button would close the box
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.detailedText()))
        self.addButton(QMessageBox.StandardButton.Close)

    def add(self, summary: str, details: str) -> None:
        """Tell of one more."""
        self._details.append(details)
        others = len(self._details) - 1
        if not others:
            self.setText(summary)
        more = f"{others:,} more came after it; all are in the details.\n\n" if others else ""
        self.setInformativeText(
            f"{more}The program goes on. If something looks wrong, save your network and start again. "
            "The log has more: Help > Open log."
        )
        self.setDetailedText("\n".join(self._details))
