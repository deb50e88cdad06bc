"""What the presenters of the parts of the panel of one digit have in common: they follow the chosen digit, too."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from mnist_gui.data.splits import Split
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.panel_presenter import PanelPresenter
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController

# While a network trains, work that takes long is asked for at most so often, in seconds.
SECONDS_BETWEEN = 0.5


class TabPresenter(PanelPresenter):
    """Asks for what a part shows of the digit that is chosen. A user who waits is not kept waiting."""

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        choice: DigitSelection,
        view: QWidget,
        key: str,
        problem: str,
        seconds_between: float | None = SECONDS_BETWEEN,
    ) -> None:
        super().__init__(run_controller, playhead, view, key, problem, seconds_between)
        self._choice = choice
        choice.chosen.connect(self._on_choice_chosen)
        choice.forgotten.connect(self.forget)
        self.follow_playhead()

    def ask(self, snapshot: Snapshot, split: Split, index: int) -> None:
        """Show what these weights make of this digit, at once or by `request`."""
        raise NotImplementedError

    @property
    def has_subject(self) -> bool:
        """Whether a digit is chosen."""
        return self._choice.split is not None

    def update_panel(self, snapshot: Snapshot) -> None:
        """Show the chosen digit."""
        if self._choice.split is not None:
            self.ask(snapshot, self._choice.split, self._choice.index)

    @Slot(object, int)
    def _on_choice_chosen(self, split: Split, index: int) -> None:
        self.drop_answers()
        self.renew()
