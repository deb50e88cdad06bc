"""What the desks of the parts of the panel of one digit have in common: which digit, which weights, and when to ask."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from mnist_gui.data.splits import Split
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.load_budget import Throttle
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController

# While a network trains, work that takes long is asked for at most so often, in seconds.
SECONDS_BETWEEN = 0.5

Found = TypeVar("Found")


class TabPresenter(QObject):
    """Asks for what a part shows, when it would be seen and something is new. A person who waits is not kept waiting.

    key: of its requests; problem: the title of what is told if one fails.
    """

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        choice: DigitSelection,
        view: QWidget,
        key: str,
        problem: str,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._playhead, self._choice = run_controller, playhead, choice
        self._part, self._problem = view, problem
        self._snapshot: Snapshot | None = None
        self._is_stale = False
        self._throttle = Throttle(run_controller.load_budget, SECONDS_BETWEEN)
        self.request_slot = RequestSlot(run_controller.task_runner, key, self._throttle)
        playhead.moment_chosen.connect(self.refresh_now)
        choice.chosen.connect(self._on_choice_chosen)
        choice.forgotten.connect(self._on_choice_forgotten)
        playhead.subscribe(self._on_playhead_weights_shown, self._on_choice_forgotten)

    def ask(self, snapshot: Snapshot, split: Split, index: int) -> None:
        """Show what these weights make of this digit, at once or by `request`."""
        raise NotImplementedError

    @Slot()
    def refresh(self) -> bool:
        """Show what is new, if it would be seen and training can spare the time; whether anything was done for it."""
        snapshot, split = self._snapshot, self._choice.split
        if not self._is_stale or snapshot is None or split is None or self._part.visibleRegion().isEmpty():
            return False
        if self._must_spare():
            return False
        self._is_stale = False
        self.ask(snapshot, split, self._choice.index)
        return True

    @Slot()
    def refresh_now(self) -> None:
        """A person waits for it."""
        self._throttle.force()
        self.refresh()

    @Slot()
    def renew(self) -> None:
        """A person wants to see it in another way."""
        self._is_stale = True
        self.refresh_now()

    def request(self, work: Callable[[], Found], show: Callable[[Found], None]) -> None:
        """Do the work in a helper thread, and show what it found unless another digit was chosen meanwhile."""
        wanted = self._choice.split, self._choice.index

        def answer(found: Found) -> None:
            if wanted == (self._choice.split, self._choice.index):
                show(found)

        self.request_slot.ask(work, answer, lambda error: self._run_controller.failed.emit(self._problem, str(error)))

    def _must_spare(self) -> bool:
        return self._playhead.is_live and not self._throttle.is_due

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        self._snapshot, self._is_stale = snapshot, True

    @Slot(object, int)
    def _on_choice_chosen(self, split: Split, index: int) -> None:
        self.renew()

    @Slot()
    def _on_choice_forgotten(self) -> None:
        self.request_slot.cancel()
        self._snapshot, self._is_stale = None, False
        self._throttle.force()
