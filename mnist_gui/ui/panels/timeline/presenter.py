"""Presenter of the timeline: shows where the playhead is, and moves it as the user asks."""

from PySide6.QtCore import QObject, Slot

from mnist_gui.ui.panels.timeline.view import TimelineView
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController


class TimelinePresenter(QObject):
    """Between the timeline and the playhead of a run controller."""

    def __init__(self, run_controller: RunController, playhead: Playhead, view: TimelineView) -> None:
        super().__init__(view)
        self._run_controller, self._view = run_controller, view
        playhead.set_speed(view.speed)
        playhead.moved.connect(view.show_step)
        playhead.played.connect(view.show_playing)
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        run_controller.runs_changed.connect(self._on_run_controller_runs_changed)
        view.step_chosen.connect(playhead.go_to)
        view.live_asked.connect(playhead.return_to_present)
        view.play_toggled.connect(playhead.play)
        view.speed_chosen.connect(playhead.set_speed)

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        self._view.show_run(self._run_controller.run)

    @Slot()
    def _on_run_controller_runs_changed(self) -> None:
        self._view.show_memory(self._run_controller.runs.nbytes, self._run_controller.runs.budget)
