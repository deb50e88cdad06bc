"""Frames: when the window looks for news, and which panels it draws."""

from collections.abc import Sequence
from time import perf_counter
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from mnist_gui.ui.services.run_controller import RunController

# From one frame to the next at least. Every wake-up of this thread takes the interpreter from the training thread, so
# news are looked for only when they can be drawn: at 40 instead of 20 ms training was a tenth faster.
FRAME_MS = 33

# Of all time, the most that frames may take while a network trains: training gives way to them.
DRAWING_SHARE = 0.08

# However long a frame took, the next one is drawn after at most this many seconds.
LONGEST_WAIT = 0.1


class Panel(Protocol):
    """Something that is drawn anew as training goes on."""

    def refresh(self) -> bool:
        """Draw what is new, if it would be seen; whether anything was drawn."""


class FrameStatus(Panel, Protocol):
    """Where the user reads how long frames take."""

    def count_frame(self, seconds: float) -> None:
        """A frame took so long."""


class RefreshScheduler(QObject):
    """At each frame, takes what is new from the run controller, and draws the curves and one other panel by turns.

    A frame stays short however many panels there are.
    """

    def __init__(
        self,
        run_controller: RunController,
        curves: Sequence[Panel],
        status: FrameStatus,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._run_controller, self._curves, self._status = run_controller, curves, status
        self._others: list[Panel] = []
        self._turn = -1
        self._is_for_curves = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer_timeout)

    def add(self, panel: Panel) -> None:
        """Draw this one too, at its turn."""
        self._others.append(panel)

    def start(self) -> None:
        """Begin to tick."""
        self._timer.start(FRAME_MS)

    def stop(self) -> None:
        """Tick no more."""
        self._timer.stop()

    def draw_everything(self) -> None:
        """Take and draw all that is new at once, for a picture."""
        self._run_controller.poll()
        for panel in (*self._curves, *self._others, self._status):
            panel.refresh()

    @Slot()
    def _on_timer_timeout(self) -> None:
        started = perf_counter()
        with self._run_controller.drawing():
            self._is_for_curves = not self._is_for_curves
            # Weights are copied only for frames that show them: a copy drives the network out of the processor's
            # caches, which costs the training thread more than the copying does.
            self._run_controller.poll(takes_weights=not self._is_for_curves or not self._run_controller.is_running)
            if self._is_for_curves:
                self._draw_curves()
            else:
                self._draw_other()
        seconds = perf_counter() - started
        wait = min(seconds / DRAWING_SHARE, LONGEST_WAIT) if self._run_controller.is_running else 0.0
        self._timer.setInterval(max(FRAME_MS, round(1000 * wait)))
        self._status.count_frame(seconds)

    def _draw_curves(self) -> None:
        self._status.refresh()
        for plot in self._curves:
            plot.refresh()

    def _draw_other(self) -> None:
        """Draw the next of the other panels that has something new."""
        for _ in self._others:
            self._turn = (self._turn + 1) % len(self._others)
            if self._others[self._turn].refresh():
                return
