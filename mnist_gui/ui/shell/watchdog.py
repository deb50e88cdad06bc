"""A window that does not answer explains itself in the log: what all threads are doing, from where."""

import faulthandler
import logging
from time import monotonic
from typing import TextIO

from PySide6.QtCore import QObject, QTimer, Slot

# After so long without an answer the window is held to hang, in seconds.
LIMIT_SECONDS = 2.0
CHECK_MS = 500

# Closing waits for what is written and for threads, each for some seconds at most, while the window answers nothing.
CLOSING_SECONDS = 20.0


class Watchdog(QObject):
    """Writes all stacks to `log`, a real file, when the event loop has not come round for `limit` seconds.

    It is a thread of faulthandler's, not of Python's, that writes: also where the interpreter itself is held up.
    """

    def __init__(self, log: TextIO, parent: QObject, *, limit: float = LIMIT_SECONDS) -> None:
        super().__init__(parent)
        self._log, self._limit, self._last = log, limit, monotonic()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start(CHECK_MS)
        self._arm()

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()
        faulthandler.cancel_dump_traceback_later()

    @Slot(bool)
    def expect_closing(self, is_closing: bool) -> None:
        """The window begins to close, which may take longer than an answer; or it stays open after all."""
        if is_closing and self._timer.isActive():
            self._timer.stop()
            faulthandler.dump_traceback_later(max(self._limit, CLOSING_SECONDS), file=self._log)
        elif not is_closing:
            self._last = monotonic()
            self._timer.start()
            self._arm()

    def _arm(self) -> None:
        faulthandler.dump_traceback_later(self._limit, file=self._log)

    @Slot()
    def _on_timer_timeout(self) -> None:
        seconds, self._last = monotonic() - self._last, monotonic()
        self._arm()
        if seconds > self._limit + CHECK_MS / 1000:
            logging.getLogger(__name__).warning("the window did not answer for %.1f s: see the stacks above", seconds)
