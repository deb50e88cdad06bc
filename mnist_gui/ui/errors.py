"""Unexpected errors: logged, and shown once each in a dialog whose details can be copied, instead of half a program."""

import atexit
import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

Report = Callable[[type[BaseException], BaseException | None, TracebackType | None], None]

# A log that has grown beyond this, in bytes, starts anew.
LARGEST_LOG = 1_000_000

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_to(path: Path) -> TextIO:
    """Send logging, Qt's messages and the traces of crashes to a file; if it cannot be written, to standard error.
    Returns where they go."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_large = path.exists() and path.stat().st_size > LARGEST_LOG
        stream: TextIO = path.open("w" if is_large else "a", encoding="utf-8")
    except OSError:
        stream = sys.stderr
    logging.basicConfig(stream=stream, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    faulthandler.enable(stream)
    qInstallMessageHandler(_log_qt_message)
    atexit.register(qInstallMessageHandler, None)  # Qt speaks even after the interpreter has ended
    return stream


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_QT_LEVELS[kind], "%s", message)


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
    a thread has no other way out.
    """

    occurred = Signal(str, str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._shown: set[str] = set()
        self.occurred.connect(self._on_occurred, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """From now on, report what would only have been printed."""
        _install(self._report)

    def _report(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        logging.getLogger(__name__).error("not caught:\n%s", details)
        self.occurred.emit(f"{kind.__name__}: {error}", details)

    def _on_occurred(self, summary: str, details: str) -> None:
        if details in self._shown:
            return
        self._shown.add(details)
        box = QMessageBox(QMessageBox.Icon.Warning, "Unexpected error", "", parent=self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)  # a message may hold what looks like markup
        box.setText(summary)
        box.setInformativeText("The program goes on. If something looks wrong, save your network and start again.")
        box.setDetailedText(details)
        copy = box.addButton("Copy details", QMessageBox.ButtonRole.ActionRole)
        copy.clicked.disconnect()  # an ordinary button would close the box
        copy.clicked.connect(lambda: QApplication.clipboard().setText(details))
        box.addButton(QMessageBox.StandardButton.Close)
        box.open()
