"""The line at the bottom: where the run stands, in fields that keep their places."""

from dataclasses import dataclass
from time import perf_counter

from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from mnist_gui.training.history import History
from mnist_gui.ui.services.run_controller import RunState

# Field -> the widest text it usually holds: its width never changes, so that nothing jumps.
FIELDS = {
    "state": "loading dataset",
    "epoch": "epoch 888/888",
    "step": "step 8,888,888/8,888,888",
    "speed": "8,888,888 digits/s",
    "eta": "88:88:88 left",
    "validation": "validation 88.88% (kept 88.88% @ 888)",
    "frame": "frame 8888 ms",
}


@dataclass(frozen=True, slots=True)
class _Moment:
    seconds: float
    step: int


class StatusBar(QStatusBar):
    """Shows state, progress, speed, time left, validation accuracy and how long a frame takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._labels = {name: QLabel() for name in FIELDS}
        for name, label in self._labels.items():
            label.setObjectName(f"status_{name}")
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(FIELDS[name]) + 14)
            label.setContentsMargins(4, 0, 4, 0)
            self.addWidget(label)
        self._labels["validation"].setToolTip(
            "Accuracy after the last epoch, and of the kept weights: those of the smallest loss"
        )
        self._labels["frame"].setToolTip("The longest the window worked on one frame in the last second")
        self._history = History()
        self._state = RunState.NEW
        self._before = _Moment(0.0, 0)
        self._speed = 0.0
        self._longest_frame = 0.0
        self._frames_since = 0.0

    def show_history(self, history: History) -> None:
        """Tell of this history from now on."""
        self._history = history
        self._before = _Moment(perf_counter(), history.last_step)
        self._speed = 0.0
        self._set("state", self._state_text())
        self.refresh()

    def show_state(self, state: RunState) -> None:
        """Tell what the run is doing."""
        self._state = state
        self._before = _Moment(perf_counter(), self._history.last_step)
        self._set("state", self._state_text())
        self.refresh()

    def show_text(self, text: str) -> None:
        """Say this in place of the state, until that changes; "" for the state again."""
        self._set("state", text or self._state_text())

    def count_frame(self, seconds: float) -> None:
        """Take in how long the window worked on a frame."""
        self._longest_frame = max(self._longest_frame, seconds)
        now = perf_counter()
        if now - self._frames_since >= 1.0:
            self._set("frame", f"frame {1000 * self._longest_frame:.0f} ms")
            self._frames_since, self._longest_frame = now, 0.0

    def refresh(self) -> bool:
        """Tell what is new. Counts as no drawing worth a frame of its own."""
        history = self._history
        if not history.starts:
            for name in ("epoch", "step", "speed", "eta", "validation"):
                self._set(name, "")
            return False
        start = history.starts[-1]
        step = history.last_step
        self._measure_speed(step)
        planned = start.epoch + start.config.training.epochs
        under_way = start.epoch + -(-(step - start.step) // start.steps_per_epoch)
        self._set("epoch", f"epoch {under_way}/{planned}")
        self._set("step", f"step {step:,}/{start.last_step:,}")
        is_training = self._state is RunState.TRAINING and self._speed > 0
        batch = start.train_digits / start.steps_per_epoch
        self._set("speed", f"{self._speed * batch:,.0f} digits/s" if is_training else "")
        self._set("eta", _time_left((start.last_step - step) / self._speed) if is_training else "")
        self._set("validation", _describe_validation(history))
        return False

    def _state_text(self) -> str:
        """How the run ended, if it has; "ready" for an opened network that was not trained here."""
        ended = self._history.ended
        has_ended = self._state in (RunState.ENDED, RunState.NEW) and ended is not None
        return ended.state.replace("_", " ") if ended and has_ended else self._state.value

    def _measure_speed(self, step: int) -> None:
        """Minibatches a second, over at least half a second at a time."""
        now = perf_counter()
        if now - self._before.seconds >= 0.5:
            self._speed = (step - self._before.step) / (now - self._before.seconds)
            self._before = _Moment(now, step)

    def _set(self, name: str, text: str) -> None:
        self._labels[name].setText(text)


def _time_left(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} left" if hours else f"{minutes}:{rest:02} left"


def _describe_validation(history: History) -> str:
    best = history.best_epoch
    if best is None:
        return ""
    newest = history.epochs[-1] if history.epochs else best
    return f"validation {newest.validation_accuracy:.2%} (kept {best.validation_accuracy:.2%} @ {best.epoch})"
