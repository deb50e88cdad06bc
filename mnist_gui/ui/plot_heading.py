"""The line above a plot: its title, legend and values, the newest or those of one step."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QSizePolicy

from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone
from mnist_gui.training.series import WINDOW, Series
from mnist_gui.ui.theme import Theme
from mnist_gui.ui.x_axis import steps_per_epoch


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a plot shows of a run. is_share: from 0 to 1, shown in percent. note_of(history): what else to say of it."""

    title: str
    series_of: Callable[[History], Series]
    validation_of: Callable[[EpochDone], float]
    note_of: Callable[[History], str] = lambda history: ""
    is_share: bool = False


class PlotHeading(QLabel):
    """Title, legend and values of one quantity."""

    def __init__(self, quantity: Quantity) -> None:
        super().__init__()
        self._quantity = quantity
        self.setObjectName(f"{quantity.title.lower()}_values")
        # However much there is to read at a moment, it must not make the plot wider.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setToolTip(
            f"Line: running mean of training minibatches, over a quarter of an epoch, at most {WINDOW}. Faint behind: "
            "the least and the greatest of single minibatches. Dashed: digits kept aside for validation, measured "
            "after each epoch."
        )

    @property
    def as_read(self) -> str:
        """The line, as a person reads it."""
        return QTextDocumentFragment.fromHtml(self.text()).toPlainText()

    def show_values(self, history: History, step: int | None, theme: Theme) -> None:
        """The values of a step; of the newest one for None, or where the step is none of this history."""
        index = 0 if step is None else step - history.first_step
        has_step = step is not None and 0 < index <= len(history)
        training, validation, note = self._at(history, index) if has_step else self._now(history)
        line, dot = "\N{BOX DRAWINGS HEAVY HORIZONTAL}", "\N{BLACK CIRCLE}"
        self.setText(
            f"<b>{self._quantity.title}</b> &nbsp;&nbsp; "
            f"<span style='color:{theme.train}'>{line}</span> training {training} &nbsp;&nbsp; "
            f"<span style='color:{theme.validation}'>{dot}</span> validation {validation} &nbsp;&nbsp; {note}"
        )

    def _now(self, history: History) -> tuple[str, str, str]:
        newest = history.epochs[-1] if history.epochs else None
        validation = self._quantity.validation_of(newest) if newest else math.nan
        training = self._format(self._quantity.series_of(history).last_mean)
        return training, self._format(validation), self._quantity.note_of(history)

    def _at(self, history: History, index: int) -> tuple[str, str, str]:
        """Mean and single value of a step, the validation last measured before it, and where it is."""
        step = history.first_step + index
        series = self._quantity.series_of(history)
        epoch = history.epoch_before(step)
        single = self._format(float(series.values[index - 1]))
        where = f"step {step:,}, epoch {step / steps_per_epoch(history):.2f}, {history.seconds[index - 1]:.1f} s"
        validation = self._format(self._quantity.validation_of(epoch) if epoch else math.nan)
        note = where if self._quantity.is_share else f"{where}, rate {history.rates[index - 1]:.3g}"
        return f"{self._format(series.mean_at(index))} ({single})", validation, note

    def _format(self, value: float) -> str:
        if math.isnan(value):
            return ""
        return f"<b>{value:.2%}</b>" if self._quantity.is_share else f"<b>{value:.4f}</b>"
