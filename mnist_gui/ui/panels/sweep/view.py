"""The panel of sweeps: what to try, what it gave, and the buttons that run it."""

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from mnist_gui.experiments.sweep_runs import Outcome, SweepRuns
from mnist_gui.inspection.sweep_axes import Axis
from mnist_gui.ui.panels.sweep.plan_view import SweepPlanView
from mnist_gui.ui.panels.sweep.results_view import SweepResultsView
from mnist_gui.ui.widgets.application_style import set_text_role
from mnist_gui.ui.widgets.buttons import WAIT, push_button
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.theme import Theme

START_TIP = "Make all runs of this plan, in processes of their own"
RESUME_TIP = "Make the runs that are still to do in Results, with their own settings"


class SweepView(QWidget):
    """start_asked(): what is planned. resume_asked(): what is missing of the sweep that is shown. cancel_asked()."""

    start_asked = Signal()
    resume_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sweep")
        self.plan, self.results = SweepPlanView(), SweepResultsView()
        self._caption = FixedHeightLabel("sweep_caption", 2)
        self._caption.setTextFormat(Qt.TextFormat.PlainText)
        self._start = push_button("sweep_start", "Start", START_TIP)
        self._resume = push_button("sweep_resume", "Resume", RESUME_TIP)
        self._cancel = push_button("sweep_cancel", "Cancel", "End the runs under way; what is done is kept")
        self._start.clicked.connect(self.start_asked)
        self._resume.clicked.connect(self.resume_asked)
        self._cancel.clicked.connect(self.cancel_asked)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("sweep_tabs")
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self.plan, "Plan")
        self._tabs.addTab(self.results, "Results")
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._start, self._resume, self._cancel):
            buttons.addWidget(button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addLayout(buttons)
        layout.addWidget(self._caption)
        layout.addWidget(self._tabs, 1)
        self.show_state(can_start=False, can_resume=False, can_cancel=False)

    @property
    def caption(self) -> str:
        """How far the sweep is, or what is planned."""
        return self._caption.text()

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self.results.show_theme(theme)

    def show_state(self, *, can_start: bool, can_resume: bool, can_cancel: bool, busy: str = "") -> None:
        """What can be done now. busy: what else has need of the processes, such as "A search"."""
        self._start.setToolTip(f"<p>{WAIT.format(busy) if busy else START_TIP}</p>")
        self._resume.setToolTip(f"<p>{WAIT.format(busy) if busy else RESUME_TIP}</p>")
        self._start.setEnabled(can_start)
        self._resume.setEnabled(can_resume)
        self._cancel.setEnabled(can_cancel)

    def show_caption(self, text: str, *, is_error: bool = False) -> None:
        """Say how far the sweep is, or what is planned."""
        set_text_role(self._caption, "error" if is_error else "muted")
        self._caption.setText(text)
        self._caption.setToolTip(f"<p>{escape(text)}</p>")

    def show_runs(self, runs: SweepRuns, axes: Mapping[str, Axis]) -> None:
        """Another sweep with its axes, and its results in front."""
        self.results.show_runs(runs, axes)
        self._tabs.setCurrentWidget(self.results)

    def show_outcomes(self, outcomes: Sequence[Outcome | None]) -> None:
        """What its runs gave so far."""
        self.results.show_outcomes(outcomes)
