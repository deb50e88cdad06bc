"""What is said of a chosen unit while the unit's weights change."""

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import Qt

from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel

# Of the time, the share that describing a unit again for newer weights may take.
DESCRIBING_SHARE = 0.05

# Describing it should get a frame of its own where it took longer than this.
DEAR_SECONDS = 0.002

HINT = "Click a picture, or go there with the arrow keys, to read about its unit."


class UnitCaption(FixedHeightLabel):
    """What is known of one unit; without one, how to choose it."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        super().__init__("weights_unit", 3)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._clock = clock
        self._describe: Callable[[], str] | None = None
        self._is_stale = False
        self._seconds = self._next_time = 0.0

    @property
    def is_dear(self) -> bool:
        """Whether describing the unit took so long that a frame should do nothing else."""
        return self._seconds > DEAR_SECONDS

    def show_nothing(self) -> None:
        """There is no unit to choose."""
        self._describe, self._is_stale = None, False
        self._show_text("", "")

    def show_unit(self, describe: Callable[[], str] | None) -> None:
        """Say this at the next `refresh` that may; None: how to choose a unit, at once."""
        self._describe, self._is_stale = describe, describe is not None
        if describe is None:
            self._show_text(HINT, "")

    def refresh(self) -> bool:
        """Say what is new, if that would not take too much of the time; whether it was said."""
        if not self._is_stale or self._clock() < self._next_time:
            return False
        self.update_text()
        return True

    def update_text(self) -> None:
        """Say it now."""
        self._is_stale = False
        began = self._clock()
        text = self._describe() if self._describe else ""
        self._show_text(text or HINT, tip=text)
        self._seconds = self._clock() - began
        self._next_time = began + self._seconds / DESCRIBING_SHARE

    def _show_text(self, text: str, tip: str) -> None:
        self.setText(text)
        self.setToolTip(tip)  # all of it, where a narrow panel shows only the beginning
