"""What presenters that ask for what a panel shows have in common: when to ask, and which answers are still wanted."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.load_budget import Throttle
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController

Found = TypeVar("Found")


class PanelPresenter(QObject):
    """Follows the playhead, and updates its panel when something is new and the panel would be seen.

    key: of its requests. problem: the title of the error if one fails. seconds_between: while a network trains, it
    updates at most so often; None: each time, as what it does takes no time. A subclass calls `follow_playhead` when
    it is ready to take what is shown already.
    """

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        view: QWidget,
        key: str,
        problem: str,
        seconds_between: float | None,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._playhead, self._panel, self._problem = run_controller, playhead, view, problem
        self._snapshot: Snapshot | None = None
        self._start: Snapshot | None = None  # the same network's before its first step, where they are known
        self._note = ""
        self._is_stale = False
        self._token = 0  # of what is wanted now; answers to what was wanted before are dropped
        self._throttle = None if seconds_between is None else Throttle(run_controller.load_budget, seconds_between)
        self.request_slot = RequestSlot(run_controller.task_runner, key, self._throttle)
        playhead.step_chosen.connect(self.refresh_now)

    def follow_playhead(self) -> None:
        """Take the weights that are shown, and those to come."""
        self._playhead.subscribe(self._on_playhead_weights_shown, self.forget)

    # What a subclass says

    def update_panel(self, snapshot: Snapshot) -> None:
        """Show what these weights make of what is looked at, at once or by `request`."""
        raise NotImplementedError

    @property
    def has_subject(self) -> bool:
        """Whether there is something to be shown, such as a chosen digit."""
        return True

    @property
    def is_in_sight(self) -> bool:
        """Whether the panel would be seen."""
        return not self._panel.visibleRegion().isEmpty()

    # When

    @Slot()
    def refresh(self) -> bool:
        """Show what is new, if it would be seen and training can spare the time; whether anything was done for it."""
        snapshot = self._snapshot
        if not self._is_stale or snapshot is None or not self.has_subject or not self.is_in_sight:
            return False
        if self._throttle is not None and self._playhead.is_live and not self._throttle.is_due:
            return False
        self._is_stale = False
        self.update_panel(snapshot)
        return True

    @Slot()
    def refresh_now(self) -> None:
        """The user waits for it."""
        if self._throttle is not None:
            self._throttle.force()
        self.refresh()

    @Slot()
    def renew(self) -> None:
        """The user wants to see it in another way."""
        self._is_stale = True
        self.refresh_now()

    @Slot()
    def forget(self) -> None:
        """What was shown, or is on its way, is not true of what is looked at any more."""
        self.drop_answers()
        self.request_slot.cancel()
        self._snapshot = self._start = None
        self._is_stale = False
        if self._throttle is not None:
            self._throttle.force()

    # Requests

    def drop_answers(self) -> None:
        """Something else is wanted: answers that are on their way come too late."""
        self._token += 1

    def request(self, work: Callable[[], Found], show: Callable[[Found], None]) -> None:
        """Do the work in a helper thread, and show what it found unless something else is wanted by then."""
        token = self._token

        def answer(found: Found) -> None:
            if token == self._token:
                show(found)

        self.request_slot.ask(work, answer, lambda error: self._run_controller.failed.emit(self._problem, str(error)))

    def do_or_request(self, is_quick: bool, work: Callable[[], Found], show: Callable[[Found], None]) -> None:
        """The same, but at once where it takes no time, in place of what is on its way."""
        if is_quick:
            self.request_slot.cancel()
            show(work())
        else:
            self.request(work, show)

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        self._snapshot, self._note, self._start, self._is_stale = snapshot, note, start, True
