"""The mystery of the lab: a run whose bug is not shown until the user names it, gives up, or leaves the run."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.casebook import hidden_fault as hidden_fault
from mnist_gui.casebook.hidden_fault import Score, suspects
from mnist_gui.config.run_config import RunConfig
from mnist_gui.faults.fault import Fault
from mnist_gui.faults.registry import FAULTS
from mnist_gui.runs.run import Run
from mnist_gui.ui.panels.lab.faults_page import FaultsPage
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.shell.preferences import Preferences


class HiddenFaultPresenter(QObject):
    """message(text): the user has left the run and may look elsewhere: which bug it was."""

    message = Signal(str)

    def __init__(
        self, run_controller: RunController, curves: CurvesView, view: FaultsPage, preferences: Preferences
    ) -> None:
        super().__init__(view)
        self._run_controller, self._curves, self._view = run_controller, curves, view
        self._preferences, self._rng = preferences, hidden_fault.chance()
        self._open: tuple[Run, Fault] | None = None
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        view.guessed.connect(self.guess)
        view.given_up.connect(self.give_up)
        view.reset_asked.connect(self._on_view_reset_asked)
        self._show_score()

    def draw(self, config: RunConfig, chosen: Sequence[str] = ()) -> Fault | None:
        """A fault that can be hidden in a run of these settings, each as likely as the others; if someone has chosen
        some by name, as a teacher does, one of those. None if none of them can be."""
        possible = [fault for fault in suspects(config) if not chosen or fault.name in chosen]
        return possible[int(self._rng.integers(len(possible)))] if possible else None

    def begin(self, run: Run, fault: Fault) -> None:
        """This one is in this run, which is shown: ask which it is."""
        self._open = run, fault
        self._view.tick(())
        self._curves.be_discreet(True)
        self._preferences.count_hidden_fault(Score.begun)
        possible = suspects(run.begun_as)
        self._view.show_hidden_fault(possible)
        self._view.show_caption(
            f"One of {len(possible)} bugs is in this run. Watch it, then say which. To leave the run is to give up."
        )
        self._show_score()

    @Slot(str)
    def guess(self, name: str) -> None:
        """The user's answer: shown whether it is right, with the lines, and counted."""
        if self._open is None:
            return
        _, fault = self._open
        is_right = name == fault.name
        self._preferences.count_hidden_fault(lambda score: score.answered(is_right=is_right))
        self._reveal("Right" if is_right else f"No, not {FAULTS[name].title.lower()}")

    @Slot()
    def give_up(self) -> None:
        """Tell which it is; it was counted when it began."""
        if self._open:
            self._reveal("Given up")

    def _reveal(self, how: str) -> None:
        assert self._open
        run, fault = self._open
        self._open, run.is_hidden = None, False
        self._curves.be_discreet(False)
        self._run_controller.runs_changed.emit()
        self._view.show_hidden_fault(())
        self._view.show_fault(fault)
        self._view.show_caption(f"{how}: {fault.title.lower()}. {fault.text}")
        self._show_score()

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        if self._open and self._run_controller.run is not self._open[0]:
            run, fault = self._open
            self.give_up()
            self.message.emit(f"The hidden bug of run {run.number} is given up. It was: {fault.title.lower()}.")

    @Slot()
    def _on_view_reset_asked(self) -> None:
        self._preferences.hidden_faults = Score().begun() if self._open else Score()
        self._show_score()

    def _show_score(self) -> None:
        self._view.show_score(self._preferences.hidden_faults.text(is_open=self._open is not None))
