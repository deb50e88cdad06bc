"""Frames: when the window looks for news, and which panel it draws next."""

from collections.abc import Sequence
from time import perf_counter
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from mnist_gui.ui.bridge import Bridge
from mnist_gui.ui.status_bar import StatusBar

TICK_MS = 20

# Of all time, the most that frames may take while a network trains: training gives way to them.
DRAWING_SHARE = 0.08

# However long a frame took, the next one is drawn after at most this many seconds.
LONGEST_WAIT = 0.12


class Panel(Protocol):
    """Something that is drawn anew as training goes on."""

    def refresh(self) -> bool:
        """Draw what is new, if it would be seen; whether anything was drawn."""


class Frames(QObject):
    """Polls the bridge at every tick, and draws one panel a tick: a frame stays short however many panels there are."""

    def __init__(self, bridge: Bridge, panels: Sequence[Panel], status: StatusBar, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._panels, self._status = bridge, panels, status
        self._turn = -1
        self._next_frame = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        """Begin to tick."""
        self._timer.start(TICK_MS)

    def stop(self) -> None:
        """Tick no more."""
        self._timer.stop()

    def draw_everything(self) -> None:
        """Take and draw all that is new at once, for a picture."""
        self._bridge.poll()
        for panel in (*self._panels, self._status):
            panel.refresh()

    @Slot()
    def _on_timer_timeout(self) -> None:
        started = perf_counter()
        self._bridge.poll()
        if started < self._next_frame:
            return
        with self._bridge.drawing():
            self._draw_next()
        seconds = perf_counter() - started
        wait = min(seconds / DRAWING_SHARE, LONGEST_WAIT) if self._bridge.is_running else 0.0
        self._next_frame = started + wait
        self._status.count_frame(seconds)

    def _draw_next(self) -> None:
        """Draw the next panel in turn that has something new; the status line goes with the first of them."""
        for _ in self._panels:
            self._turn = (self._turn + 1) % len(self._panels)
            if self._turn == 0:
                self._status.refresh()
            if self._panels[self._turn].refresh():
                return
