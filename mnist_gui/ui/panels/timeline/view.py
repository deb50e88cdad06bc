"""The timeline under the curves: drag to any moment of the run, play it back, return to the present."""

from html import escape

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mnist_gui.runs.run import Run
from mnist_gui.ui.panels.timeline.track import TimelineTrack
from mnist_gui.ui.widgets.application_style import set_text_role
from mnist_gui.ui.widgets.buttons import tool_button
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox
from mnist_gui.ui.widgets.theme import Theme

# Moments a second.
SPEEDS = (2, 5, 10, 20, 40)
USUAL_SPEED = 10

# Signs that the usual fonts have.
PLAY, PAUSE = "\N{BLACK RIGHT-POINTING POINTER}", 2 * "\N{BOX DRAWINGS HEAVY VERTICAL}"

HELP = "Drag to look back: every panel then shows that moment, while training goes on."


class TimelineView(QWidget):
    """step_chosen(step), live_asked(), play_toggled(is_wanted), speed_chosen(keyframes a second), export_asked():
    what the user wants."""

    step_chosen = Signal(int)
    live_asked = Signal()
    play_toggled = Signal(bool)
    speed_chosen = Signal(int)
    export_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._drawn: tuple[object, ...] = ()
        self._shown_step: int | None = None
        self.track = TimelineTrack()
        self.track.moved_to.connect(self._on_track_moved_to)
        self._play = _button("play", PLAY, "Play the run back, moment by moment", True)
        self._play.setAccessibleName("Play back")
        self._play.setFixedWidth(self._play.fontMetrics().horizontalAdvance(PAUSE) + 18)  # whichever sign it shows
        self._play.toggled.connect(self._on_play_toggled)
        self._speed = NoWheelComboBox()
        self._speed.setObjectName("play_speed")
        self._speed.setAccessibleName("Speed of playing back")
        self._speed.setToolTip("How many of the kept moments are shown in a second")
        for speed in SPEEDS:
            self._speed.addItem(f"{speed}/s", speed)
        self._speed.setCurrentIndex(SPEEDS.index(USUAL_SPEED))
        self._speed.currentIndexChanged.connect(lambda: self.speed_chosen.emit(self.speed))
        self._speed.setMaximumWidth(self._speed.fontMetrics().horizontalAdvance("88/s") + 40)  # the rest is the track's
        self._live = _button("live", "Live", "Return to the newest weights", False)
        self._live.clicked.connect(self.live_asked)
        self._export = _button(
            "export_movie", "Movie...", "Save how the weights grew, as an animated GIF or MP4", False
        )
        self._export.clicked.connect(self.export_asked)
        self._text = QLabel(HELP)
        self._text.setObjectName("timeline_text")
        set_text_role(self._text, "muted")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (self._play, self._speed):
            row.addWidget(widget)
        row.addWidget(self.track, 1)
        for widget in (self._live, self._export):
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 4)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self._text)
        self.show_run(None)

    @property
    def speed(self) -> int:
        """How many moments a second to play back."""
        return int(self._speed.currentData())

    @property
    def text(self) -> str:
        """The line below."""
        return self._text.text()

    def show_run(self, run: Run | None) -> None:
        """The timeline of this run from now on, at its present."""
        self._run, self._drawn = run, ()
        self.show_step(None)

    def show_step(self, step: int | None, shown: int | None = None) -> None:
        """The handle at a step, where the weights of step `shown` are seen; None: at the present."""
        self._shown_step = step
        self._live.setEnabled(step is not None)
        if step is None:
            self._text.setText(HELP if self._run else "")
        else:
            near = "" if shown == step else f", the nearest kept before step {step:,}"
            self._text.setText(
                f"Looking back: the weights of step {shown:,}{near}. <b>Live</b> returns to the present."
            )
        self._drawn = ()
        self.refresh()

    def show_playing(self, is_playing: bool) -> None:
        """Whether the run is being played back."""
        self._play.blockSignals(True)
        self._play.setChecked(is_playing)
        self._play.blockSignals(False)
        self._play.setText(PAUSE if is_playing else PLAY)

    def show_memory(self, used: int, budget: int) -> None:
        """What is kept of all runs takes, in bytes."""
        count = len(self._run.timeline) if self._run else 0
        self._text.setToolTip(
            f"<p>{count:,} moments of this run are kept. What is kept of all runs together, with their "
            f"networks and their datasets after the first, takes {used / 1e6:,.0f} of {budget / 1e6:,.0f} MB (View > "
            "Timeline memory); over it, every other moment goes, but never the first, the best or the last.</p>"
        )

    def show_message(self, text: str) -> None:
        """Say something in the line below, until the next moment is shown."""
        self._text.setText(escape(text))

    def show_theme(self, theme: Theme) -> None:
        """Paint in the colours of a theme."""
        self.track.show_theme(theme)

    def refresh(self) -> bool:
        """Draw what is new; whether anything was."""
        now = self._state()
        if now == self._drawn:
            return False
        self._drawn = now
        run = self._run
        has_keyframes = run is not None and len(run.timeline) > 0
        for widget in (self.track, self._play, self._export):
            widget.setEnabled(has_keyframes)
        if run is None or not has_keyframes:
            self.track.show_steps(0, 0, 1, [], None)
            self.track.put(0)
            return True
        history, best = run.history, run.timeline.best
        reached = max(history.last_step, run.timeline.steps[-1])
        self.track.show_steps(
            history.first_step, reached, history.planned_step, run.timeline.steps, best.step if best else None
        )
        self.track.put(reached if self._shown_step is None else self._shown_step)
        return True

    def _state(self) -> tuple[object, ...]:
        """What is drawn depends on this; a step that moves the handle by less than a pixel changes nothing."""
        run = self._run
        if run is None:
            return (None,)
        history = run.history
        pixel = round(self.track.x_of(history.last_step))
        return history.first_step, history.planned_step, len(run.timeline), pixel, self._shown_step, self.track.width()

    @Slot(int)
    def _on_track_moved_to(self, step: int) -> None:
        if self._run and step >= self._run.history.last_step:
            self.live_asked.emit()
        else:
            self.step_chosen.emit(step)

    @Slot(bool)
    def _on_play_toggled(self, checked: bool) -> None:
        self.play_toggled.emit(checked)


def _button(name: str, text: str, tip: str, is_checkable: bool) -> QToolButton:
    button = tool_button(name, text, tip)
    button.setCheckable(is_checkable)
    return button
